"""Finding things in the register and in what is installed, importing no implementation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from semcodec.registry.model import CORE, Provider, Register

__all__ = ["Found", "InstalledPlugin", "everything", "search"]


class InstalledPlugin(Protocol):
    """What is asked of an installed plugin; :class:`semcodec.discovery.scan.Plugin` is one."""

    @property
    def name(self) -> str:
        """Its prefix; ``semcodec`` for the core."""

    @property
    def distribution(self) -> str:
        """The distribution that installed it."""

    @property
    def version(self) -> str:
        """That distribution's version."""

    @property
    def ids(self) -> Sequence[str]:
        """Ids of its components, metrics and data sets."""

    @property
    def pipeline_names(self) -> Sequence[str]:
        """Names of its pipelines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that has a name.

    Attributes:
        kind: ``prefix``, ``pipeline`` or ``component`` (metrics and data sets are among these).
        name: its name.
        distribution: who provides it.
        status: as the register has it; ``unregistered`` when it is not there.
        code: wire code of a registered pipeline, else None.
        installed: version of the distribution that provides it here; empty when none does.
        install: the command that installs it; empty when it is installed, and while it is planned.
        description: what it is, as far as the register says.
    """

    kind: Literal["prefix", "pipeline", "component"]
    name: str
    distribution: str
    status: str
    code: int | None = None
    installed: str = ""
    install: str = ""
    description: str = ""


def search(register: Register, plugins: Iterable[InstalledPlugin], word: str) -> list[Found]:
    """Find what has a word in its name, its distribution's name or its description.

    Args:
        register: the register.
        plugins: what is installed.
        word: any part of a word, in whatever case; a wire code finds its pipeline.

    Returns:
        Prefixes first, then pipelines, then components, each in the order of the register and
        then by name.
    """
    wanted = word.strip().casefold()
    return [
        each
        for each in everything(register, plugins)
        if str(each.code) == wanted
        or any(wanted in text.casefold() for text in (each.name, each.distribution))
        or wanted in each.description.casefold()
    ]


def everything(register: Register, plugins: Iterable[InstalledPlugin]) -> list[Found]:
    """List all that the register and the installed plugins name; see :func:`search`."""
    here = list(plugins)
    return [*_prefixes(register, here), *_pipelines(register, here), *_components(register, here)]


def _prefix(plugin: InstalledPlugin) -> str:
    return CORE if plugin.name == "semcodec" else plugin.name


def _prefixes(register: Register, plugins: Sequence[InstalledPlugin]) -> Iterator[Found]:
    versions = {_prefix(plugin): plugin.version for plugin in plugins}
    for owner in register.providers:
        version = versions.get(owner.prefix, "")
        yield Found(
            kind="prefix",
            name=owner.prefix,
            distribution=owner.distribution,
            status=owner.status,
            installed=version,
            install="" if version else _command(owner),
            description=owner.description,
        )
    known = {owner.prefix for owner in register.providers}
    for plugin in plugins:
        if _prefix(plugin) not in known:
            yield _unregistered("prefix", plugin.name, plugin)


def _pipelines(register: Register, plugins: Sequence[InstalledPlugin]) -> Iterator[Found]:
    versions = {name: plugin.version for plugin in plugins for name in plugin.pipeline_names}
    for codec in register.codecs:
        version = versions.get(codec.name, "")
        yield Found(
            kind="pipeline",
            name=codec.name,
            distribution=codec.provider,
            status=codec.status,
            code=codec.code,
            installed=version,
            install="" if version else register.install_hint(codec.name),
            description=codec.description,
        )
    for plugin in plugins:
        for name in sorted(plugin.pipeline_names):
            if register.pipeline(name) is None:
                yield _unregistered("pipeline", name, plugin)


def _components(register: Register, plugins: Sequence[InstalledPlugin]) -> Iterator[Found]:
    for plugin in plugins:
        owner = register.provider_of("any" if _prefix(plugin) == CORE else f"{plugin.name}.any")
        for id_ in sorted(plugin.ids):
            found = _unregistered("component", id_, plugin)
            yield found if owner is None else replace(found, status=owner.status)


def _unregistered(
    kind: Literal["prefix", "pipeline", "component"], name: str, plugin: InstalledPlugin
) -> Found:
    return Found(
        kind=kind,
        name=name,
        distribution=plugin.distribution,
        status="unregistered",
        installed=plugin.version,
    )


def _command(owner: Provider) -> str:
    return owner.install if owner.status == "available" else ""
