"""Asks every installed plugin what it provides, each on its own.

Whatever one plugin does wrong becomes a sentence in its ``problems``; the others never notice.
Only the modules that the entry points name are imported, no implementation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import (
    Distribution,
    EntryPoint,
    PackageMetadata,
    distributions,
    entry_points,
)
from types import ModuleType, SimpleNamespace
from typing import TypeVar

import pluggy

from semcodec.discovery import hookspecs
from semcodec.discovery.refs import CommandRef, PipelineRef, Ref, is_name
from semcodec.errors import SemcodecError

__all__ = ["CORE", "LOCAL", "Plugin", "headers", "last_line", "normalized", "scan"]

GROUP = "semcodec"
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
    found = [_Installed(entry) for entry in _entries(path)]
    names = [item.entry.name for item in found]
    plugins = []
    for item in sorted(found, key=lambda item: (item.entry.name, item.distribution)):
        name = item.entry.name
        if names.count(name) > 1:
            claims = ", ".join(sorted(i.label for i in found if i.entry.name == name))
            problem = f"plugin {name} is claimed more than once, by {claims}: all are left out"
            plugins.append(item.left_out(problem))
        else:
            plugins.append(_load(item))
    return (core, *plugins)


def normalized(distribution: str) -> str:
    """Spell a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def headers(metadata: PackageMetadata) -> dict[str, str]:
    """Read the headers of a distribution's metadata, by lower-case name."""
    # Asking for a header that is absent differs between Python's versions; listing them does not.
    return {key.lower(): metadata[key] for key in metadata}


def last_line(error: BaseException) -> str:
    """Say in one line what an exception says, as the last line of its traceback does."""
    if isinstance(error, SemcodecError):
        return " ".join(str(error.args[0]).split())
    import traceback

    lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
    return lines[-1].strip()


class _Installed:
    """An entry point and the distribution that it came with."""

    def __init__(self, entry: EntryPoint) -> None:
        self.entry = entry
        self.distribution, self.version = _name_and_version(entry.dist)

    @property
    def label(self) -> str:
        return f"{self.distribution} {self.version}".strip()

    def left_out(self, problem: str) -> Plugin:
        return Plugin(
            name=self.entry.name,
            distribution=self.distribution,
            version=self.version,
            module=self.entry.value,
            problems=(problem,),
            usable=False,
        )


def _entries(path: Sequence[str] | None) -> Iterable[EntryPoint]:
    """List the entry points; a distribution reached twice counts where it is found first."""
    if path is None:
        listed: Iterable[EntryPoint] = entry_points(group=GROUP)
    else:
        listed = (
            entry
            for dist in distributions(path=list(path))
            for entry in dist.entry_points
            if entry.group == GROUP
        )
    first: dict[str, Distribution | None] = {}
    kept: dict[tuple[str, str, str], EntryPoint] = {}
    for entry in listed:
        owner = normalized(_name_and_version(entry.dist)[0])
        if first.setdefault(owner, entry.dist) is entry.dist:
            kept.setdefault((owner, entry.name, entry.value), entry)
    return kept.values()


def _name_and_version(dist: Distribution | None) -> tuple[str, str]:
    """Read both from the metadata, which a damaged installation may lack."""
    header = {} if dist is None else headers(dist.metadata)
    return header.get("name", "(unnamed distribution)"), header.get("version", "")


def _load(item: _Installed) -> Plugin:
    name = item.entry.name
    label = f"plugin {name} ({item.label})"
    if not is_name(name) or name in {CORE, LOCAL}:
        return item.left_out(f"{label}: expected a name in lower-case kebab that is not reserved")
    try:
        module = item.entry.load()
    except (Exception, SystemExit) as error:
        return item.left_out(f"{label} does not import: {last_line(error)}")
    if not isinstance(module, ModuleType):
        return item.left_out(f"{label}: expected its entry point to name a module")
    version = vars(module).get("semcodec_api", hookspecs.API_VERSION)
    if not isinstance(version, int) or version < 1:
        return item.left_out(f"{label}: expected a positive integer semcodec_api, got {version!r}")
    if version > hookspecs.API_VERSION:
        return item.left_out(
            f"{label} needs plugin API {version}, this semcodec has {hookspecs.API_VERSION}: "
            "pip install --upgrade semcodec"
        )
    return _ask(module, name, item.distribution, item.version)


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
    """The hooks of one module, each in a manager of its own so that a bad one spoils no other."""

    def __init__(self, module: ModuleType, label: str, problems: list[str]) -> None:
        self._label = label
        self._problems = problems
        self._managers: dict[str, pluggy.PluginManager] = {}
        # Only what the module itself holds: asking it for more could set off lazy imports.
        for name, function in vars(module).items():
            if name.startswith("semcodec_") and callable(function):
                self._register(name, function)

    def _register(self, name: str, function: Callable[..., object]) -> None:
        manager = pluggy.PluginManager(GROUP)
        holder = SimpleNamespace(**{name: function})
        if manager.parse_hookimpl_opts(holder, name) is None:
            if hasattr(hookspecs, name):
                self._problems.append(f"{self._label}: {name} lacks @hookimpl")
            return
        try:
            manager.add_hookspecs(hookspecs)
            manager.register(holder)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            self._problems.append(f"{self._label}: {name} is no valid hook: {last_line(error)}")
        else:
            self._managers[name] = manager

    def __call__(self, hook: str, kind: type[R]) -> list[R]:
        if hook not in self._managers:
            return []
        try:
            results = getattr(self._managers[hook].hook, hook)()
        except (Exception, SystemExit) as error:
            self._problems.append(f"{self._label}: {hook} failed: {last_line(error)}")
            return []
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
