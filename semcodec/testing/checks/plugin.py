"""Level 0: the plugin that a component or pipeline comes from."""

from __future__ import annotations

from typing import Any

from semcodec.discovery.metadata import normalized
from semcodec.discovery.scan import CORE
from semcodec.errors import RegisterError
from semcodec.registry import load_register
from semcodec.testing.check import COMPONENTS, PIPELINE, Blocked, Fault, NotApplicable, check
from semcodec.testing.loading import blame_plugin, plugin_line

__all__: list[str] = []


def _problems(subject: Any, by: str) -> None:
    """Raise the first problem of the subject's plugin that a check is to report."""
    for plugin in subject.plugins:
        for problem in plugin.problems:
            blocked = blame_plugin(plugin, problem)
            if blocked.by == by:
                raise blocked


def _is_local(subject: Any) -> bool:
    return bool(getattr(getattr(subject, "named", None), "local", False))


@check(0, COMPONENTS, PIPELINE)
def plugin_loads(subject: Any) -> None:
    """The module that the entry point names imports, and all its hooks answer as specified."""
    _problems(subject, "plugin-loads")
    if not subject.plugins:
        raise NotApplicable("no installed plugin provides it")


@check(0, COMPONENTS, PIPELINE)
def api_known(subject: Any) -> None:
    """The plugin was written for a version of the hooks that this semcodec has."""
    _problems(subject, "api-known")
    if not subject.plugins:
        raise NotApplicable("no installed plugin provides it")


@check(0, COMPONENTS, PIPELINE)
def id_unique(subject: Any) -> None:
    """One distribution provides the id, and one plugin its prefix."""
    _problems(subject, "id-unique")
    if _is_local(subject):
        raise NotApplicable("registered in this process only")
    try:
        assert subject.kind == PIPELINE or subject.named.entry
        assert subject.kind != PIPELINE or subject.entry or subject.named is None
    except Blocked as blocked:
        if blocked.by == "id-unique":
            raise


@check(0, COMPONENTS)
def id_owned(subject: Any) -> None:
    """A plugin lists the component, under its own prefix, which nobody else has registered."""
    named = subject.named
    _problems(subject, "id-owned")
    if _is_local(subject):
        raise NotApplicable("registered in this process only")
    if not named.listed:
        module, _, name = named.id.partition(":")
        raise Fault(
            f'no installed plugin lists it: add ref("prefix.name", "{module}:{name}") to '
            "semcodec_components of a plugin, and install that",
            subject.where(),
        )
    entry = named.entry
    try:
        owner = load_register().provider_of(named.id)
    except RegisterError as error:
        raise NotApplicable(f"the register is damaged: {error.args[0]}") from error
    ours = entry.distribution or CORE
    if owner is not None and normalized(owner.distribution) != normalized(ours):
        raise Fault(
            f"the prefix of {named.id} belongs to {owner.distribution}, this is {ours}: "
            "name the entry point otherwise",
            plugin_line(subject.plugins),
        )
