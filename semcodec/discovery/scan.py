"""Asks every installed plugin what it provides, each on its own.

Whatever one plugin does wrong becomes a sentence in its ``problems``; the others never notice.
Only the modules that the entry points name are imported, no implementation.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TypeVar

import pluggy

from semcodec.discovery import hookspecs
from semcodec.discovery.metadata import GROUP, Registration, registrations
from semcodec.discovery.refs import CommandRef, PipelineRef, Ref, is_module, is_name
from semcodec.errors import SemcodecError

__all__ = ["CORE", "LOCAL", "Plugin", "last_line", "scan"]

CORE = "semcodec"
"""Name of the core's own plugin and of its distribution."""
LOCAL = "local"
"""Prefix of what :meth:`semcodec.discovery.Catalog.register` adds."""

R = TypeVar("R", Ref, PipelineRef, CommandRef)


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """One plugin and what it provides.

    Attributes:
        name: its entry-point name, which is the prefix of its ids.
        distribution: the distribution that installed it.
        version: that distribution's version.
        module: the module that the entry point names.
        refs: its components, metrics and data sets.
        pipelines: its named pipelines.
        commands: its subcommands.
        problems: what is wrong with it, each a sentence that names the distribution.
        usable: False when it was left out altogether.
    """

    name: str
    distribution: str
    version: str
    module: str
    refs: tuple[Ref, ...] = ()
    pipelines: tuple[PipelineRef, ...] = ()
    commands: tuple[CommandRef, ...] = ()
    problems: tuple[str, ...] = ()
    usable: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its components, metrics and data sets."""
        return tuple(ref.id for ref in self.refs)

    @property
    def pipeline_names(self) -> tuple[str, ...]:
        """The names of its pipelines."""
        return tuple(ref.name for ref in self.pipelines)


def scan(path: Sequence[str] | None = None) -> tuple[Plugin, ...]:
    """Find the core's own components and all installed plugins.

    Args:
        path: folders to look for distributions in; None for ``sys.path``. Their modules are
            imported from ``sys.path`` either way.

    Returns:
        The core first, then the plugins by name and distribution.
    """
    from semcodec import __version__, builtin

    core = _ask(builtin, CORE, CORE, __version__)
    found = sorted(registrations(path), key=lambda each: (each.name, each.distribution))
    names = [each.name for each in found]
    plugins = []
    for each in found:
        if names.count(each.name) > 1:
            claims = ", ".join(other.label for other in found if other.name == each.name)
            problem = f"plugin {each.name} is claimed more than once, by {claims}: all are left out"
            plugins.append(_left_out(each, problem))
        else:
            plugins.append(_load(each))
    return (core, *plugins)


def last_line(error: BaseException) -> str:
    """Say in one line what an exception says, as the last line of its traceback does."""
    if isinstance(error, SemcodecError):
        return " ".join(str(error.args[0]).split())
    import traceback

    lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    return lines[-1].strip()


def _left_out(found: Registration, problem: str) -> Plugin:
    return Plugin(
        name=found.name,
        distribution=found.distribution,
        version=found.version,
        module=found.value,
        problems=(problem,),
        usable=False,
    )


def _load(found: Registration) -> Plugin:
    name = found.name
    label = f"plugin {name} ({found.label})"
    if not is_name(name) or name in {CORE, LOCAL}:
        problem = f"{label}: expected a name in lower-case kebab that is not reserved"
        return _left_out(found, problem)
    if not is_module(found.value):
        problem = f"{label}: expected its entry point to name a module, got {found.value!r}"
        return _left_out(found, problem)
    try:
        module = importlib.import_module(found.value)
    except (Exception, SystemExit) as error:
        return _left_out(found, f"{label} does not import: {last_line(error)}")
    problem = hookspecs.api_problem(vars(module).get("semcodec_api", 1), found.distribution)
    if problem:
        return _left_out(found, f"{label} {problem}")
    return _ask(module, name, found.distribution, found.version)


def _ask(module: ModuleType, name: str, distribution: str, version: str) -> Plugin:
    """Call the hooks of one plugin, each on its own."""
    label = f"plugin {name} ({f'{distribution} {version}'.strip()})"
    problems: list[str] = []
    ask = _Hooks(module, label, problems)
    refs: list[Ref] = []
    for hook in ("semcodec_components", "semcodec_metrics", "semcodec_datasets"):
        refs += ask(hook, Ref)
    prefix = "" if name == CORE else f"{name}."
    kept = []
    for ref in dict.fromkeys(refs):
        if ref.id.rpartition(".")[0] == prefix.rstrip("."):
            kept.append(ref)
        else:
            problems.append(
                f"id {ref.id} is outside the prefix of plugin {name} (distribution {distribution})"
            )
    return Plugin(
        name=name,
        distribution=distribution,
        version=version,
        module=module.__name__,
        refs=tuple(kept),
        pipelines=tuple(ask("semcodec_pipelines", PipelineRef)),
        commands=tuple(ask("semcodec_commands", CommandRef)),
        problems=tuple(problems),
    )


class _Hooks:
    """The hooks of one module, each registered, called and forgotten on its own."""

    def __init__(self, module: ModuleType, label: str, problems: list[str]) -> None:
        self._label = label
        self._problems = problems
        self._manager = _manager()
        self._found: dict[str, ModuleType] = {}
        # Only what the module itself holds: asking it for more could set off lazy imports.
        for name, function in vars(module).items():
            if name.startswith("semcodec_") and callable(function):
                self._check(name, function)

    def _check(self, name: str, function: Callable[..., object]) -> None:
        holder = ModuleType(name)
        setattr(holder, name, function)
        if self._manager.parse_hookimpl_opts(holder, name) is None:
            if hasattr(hookspecs, name):
                self._problems.append(f"{self._label}: {name} lacks @hookimpl")
            return
        try:
            self._manager.register(holder)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            self._problems.append(f"{self._label}: {name} is no valid hook: {last_line(error)}")
            _manager.cache_clear()  # what a refused hook leaves behind differs between pluggys
            self._manager = _manager()
        else:
            self._manager.unregister(holder)
            self._found[name] = holder

    def __call__(self, hook: str, kind: type[R]) -> list[R]:
        if hook not in self._found:
            return []
        self._manager.register(self._found[hook])
        try:
            results = getattr(self._manager.hook, hook)()
        except (Exception, SystemExit) as error:
            self._problems.append(f"{self._label}: {hook} failed: {last_line(error)}")
            return []
        finally:
            self._manager.unregister(self._found[hook])
        listed = results[0] if results else None
        if not isinstance(listed, list | tuple):
            self._problems.append(
                f"{self._label}: {hook} must return a list, got {type(listed).__name__}"
            )
            return []
        for item in listed:
            if not isinstance(item, kind):
                self._problems.append(
                    f"{self._label}: {hook} must list {kind.__name__} objects, got {item!r:.60}"
                )
        return list(dict.fromkeys(item for item in listed if isinstance(item, kind)))


@cache
def _manager() -> pluggy.PluginManager:
    """Make the one manager of a process; reading the specifications is what takes it time."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager
