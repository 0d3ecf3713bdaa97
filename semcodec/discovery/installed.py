"""The catalog: every id, pipeline and command that this Python can use, and who provides it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from semcodec.discovery.entries import (
    CommandEntry,
    Entry,
    PipelineEntry,
    Provider,
    component_problem,
)
from semcodec.discovery.metadata import normalized
from semcodec.discovery.refs import Ref, is_id
from semcodec.discovery.remedies import remedy
from semcodec.discovery.scan import LOCAL, Plugin, scan
from semcodec.errors import (
    ComponentNotFound,
    PluginBroken,
    PluginConflict,
    PluginError,
    RegisterError,
)

if TYPE_CHECKING:
    from semcodec.contracts.params import Parametric

__all__ = ["Catalog", "catalog", "register"]

E = TypeVar("E", Entry, PipelineEntry, CommandEntry)
C = TypeVar("C", bound="Parametric")


class Catalog:
    """What the installed plugins and this process provide; scanned on first use.

    Args:
        path: folders to look for distributions in; None for ``sys.path``.
    """

    def __init__(self, path: Sequence[str] | None = None) -> None:
        self._path = path
        self._local: dict[str, Entry] = {}
        self._classes: dict[str, type[Parametric]] = {}

    @cached_property
    def plugins(self) -> tuple[Plugin, ...]:
        """The core first, then all plugins by name, those that were left out included."""
        return scan(self._path)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, each a sentence that names the distributions."""
        return (
            *dict.fromkeys(problem for plugin in self.plugins for problem in plugin.problems),
            *_clashes("id", self._components),
            *_clashes("pipeline", self._pipelines),
            *_clashes("command", self._commands),
        )

    def ids(self) -> list[str]:
        """List the ids of components, metrics and data sets that can be used, sorted."""
        return sorted([*_usable(self._components), *self._local])

    def pipelines(self) -> list[str]:
        """List the named pipelines that can be used, sorted."""
        return sorted(_usable(self._pipelines))

    def commands(self) -> list[CommandEntry]:
        """List the subcommands that can be used, the core's included, sorted by name."""
        return [self._commands[name][0] for name in sorted(_usable(self._commands))]

    def entry(self, id: str) -> Entry:  # noqa: A002 - what specs call it
        """Find who provides an id, without importing it.

        Raises:
            ComponentNotFound: nobody installed does.
            PluginConflict: two distributions do.
            PluginBroken: the plugin of that prefix was left out.
        """
        if id in self._local:
            return self._local[id]
        found = self._components.get(id)
        if found is None:
            self._blame(id)
            raise self._absent("component", id, self.ids())
        return _only("id", id, found)

    def component(self, id: str, kind: str | None = None) -> type[Parametric]:  # noqa: A002
        """Import a component's class.

        Args:
            id: its id, without ``@format``.
            kind: the kind that it must be of; None for any.

        Raises:
            ComponentNotFound: nobody installed provides it; the hint is the command that would.
            PluginConflict: two distributions do.
            PluginBroken: it does not import or is no component.
            PluginError: it is of another kind.
        """
        found = self._classes.get(id)
        if found is None:
            found = self._classes[id] = self.entry(id).load()
        if kind is not None and found.kind != kind:
            raise PluginError(
                f"expected a component of kind {kind}, {id} is of kind {found.kind}",
                hint=f"semcodec components {kind}",
            )
        return found

    def id_of(self, cls: type[Parametric]) -> str:
        """Find the id of a class, or of the class that an earlier format was made from.

        Raises:
            ComponentNotFound: it was never loaded or registered here, nor does a plugin list it.
        """
        from semcodec.contracts.params import of_format

        for id_, loaded in self._classes.items():
            # The earlier format of a component is a subclass that only of_format makes.
            older = loaded in cls.__bases__ and 0 < cls.format < loaded.format
            if loaded is cls or (older and of_format(cast("Any", loaded), cls.format) is cls):
                return id_
        target = f"{cls.__module__}:{cls.__qualname__}"
        for id_ in _usable(self._components):
            if self._components[id_][0].ref.target == target and self.component(id_) is cls:
                return id_
        raise ComponentNotFound(
            f"class {cls.__module__}.{cls.__qualname__} is no registered component",
            hint=f"semcodec.register({cls.__name__}) gives it an id in this process.",
        )

    def pipeline(self, name: str) -> PipelineEntry:
        """Find a named pipeline.

        Raises:
            ComponentNotFound: nobody installed provides it; the hint is the command that would.
            PluginConflict: two distributions do.
            PluginBroken: its registered provider was left out.
        """
        found = self._pipelines.get(name)
        if found is None:
            self._blame_provider(name)
            raise self._absent("pipeline", name, self.pipelines())
        return _only("pipeline", name, found)

    def command(self, name: str) -> CommandEntry | None:
        """Find a subcommand; None when nobody provides it.

        Raises:
            PluginConflict: two distributions do.
        """
        found = self._commands.get(name)
        return None if found is None else _only("command", name, found)

    def register(self, cls: type[C], id: str | None = None) -> str:  # noqa: A002
        """Add a component for this process, without packaging.

        Registering an id again replaces its class, as running a notebook's cell again does.

        Args:
            cls: a class made by ``@component``.
            id: its id; None for ``local.`` and the class's name in kebab.

        Returns:
            The id.

        Raises:
            PluginError: the class is no component, or the id is malformed.
            PluginConflict: an installed distribution provides the id.
        """
        problem = component_problem(cls)
        if problem:
            raise PluginError(f"{getattr(cls, '__name__', repr(cls))} {problem}")
        id_ = f"{LOCAL}.{_kebab(cls.__name__)}" if id is None else id
        if not is_id(id_):
            raise PluginError(
                f"expected an id of the form prefix.name in lower-case kebab, got {id_!r}",
                hint=f"semcodec.register({cls.__name__}, 'local.some-name')",
            )
        if id_ in self._components:
            raise PluginConflict(
                f"id {id_} is provided by {_providers(self._components[id_])}",
                hint=f"Choose another, such as {LOCAL}.{id_.rpartition('.')[2]}.",
            )
        self._local[id_] = Entry(Ref(id_, f"{cls.__module__}:{cls.__name__}"), Provider("", ""))
        self._classes[id_] = cls
        return id_

    @cached_property
    def _components(self) -> dict[str, list[Entry]]:
        return _index((r.id, Entry(r, _provider(p))) for p in self.plugins for r in p.refs)

    @cached_property
    def _pipelines(self) -> dict[str, list[PipelineEntry]]:
        return _index(
            (r.name, PipelineEntry(r, _provider(p))) for p in self.plugins for r in p.pipelines
        )

    @cached_property
    def _commands(self) -> dict[str, list[CommandEntry]]:
        return _index(
            (r.name, CommandEntry(r, _provider(p))) for p in self.plugins for r in p.commands
        )

    def _blame(self, id_: str) -> None:
        """Say why the plugin that owns the id's prefix was left out, if it was."""
        prefix = id_.rpartition(".")[0]
        out = [p for p in self.plugins if p.name == prefix and not p.usable]
        if out:
            kind = PluginConflict if len(out) > 1 else PluginBroken
            raise kind(f"component {id_}: {out[0].problems[0]}", hint="semcodec doctor")

    def _blame_provider(self, name: str) -> None:
        """Say why the registered provider of a pipeline was left out, if it was."""
        left_out = [plugin for plugin in self.plugins if not plugin.usable]
        if not left_out:
            return
        from semcodec.registry import load_register

        with contextlib.suppress(RegisterError):
            codec = load_register().pipeline(name)
            for plugin in left_out if codec else ():
                if codec and normalized(plugin.distribution) == normalized(codec.provider):
                    raise PluginBroken(
                        f"pipeline {name}: {plugin.problems[0]}", hint="semcodec doctor"
                    )

    def _absent(self, what: str, name: str, known: Sequence[str]) -> ComponentNotFound:
        import difflib

        near = difflib.get_close_matches(name, known, n=3)
        how = remedy(name, self.plugins)
        if near and "--upgrade" in how:
            how = ""  # its provider is here, so that a slip of the pen is likelier than its age
        tail = name.rpartition(".")[2]
        near += [k for k in known if k.rpartition(".")[2] == tail and k not in near]
        listing = "semcodec plugins" if what == "pipeline" else "semcodec components"
        hints = [
            f"Did you mean {' or '.join(near[:3])}?" if near else "",
            how,
        ]
        return ComponentNotFound(
            f"no installed distribution provides the {what} {name!r}",
            hint=" ".join(filter(None, hints)) or f"See: {listing}",
        )


@cache
def catalog() -> Catalog:
    """Give this process's catalog."""
    return Catalog()


def register(cls: type[C], id: str | None = None) -> str:  # noqa: A002
    """Add a component for this process, without packaging, as a notebook needs it.

    Registering an id again replaces its class.

    Args:
        cls: a class made by ``@component``.
        id: its id; None for ``local.`` and the class's name in kebab.

    Returns:
        The id.

    Raises:
        PluginError: the class is no component, or the id is malformed.
        PluginConflict: an installed distribution provides the id.

    Example:
        >>> semcodec.register(DeadZone)  # doctest: +SKIP
        'local.dead-zone'
    """
    return catalog().register(cls, id)


def _provider(plugin: Plugin) -> Provider:
    return Provider(plugin.distribution, plugin.version)


def _index(named: Iterable[tuple[str, E]]) -> dict[str, list[E]]:
    found: dict[str, list[E]] = {}
    for name, entry in named:
        found.setdefault(name, []).append(entry)
    return found


def _usable(index: Mapping[str, Sequence[object]]) -> list[str]:
    return [name for name, entries in index.items() if len(entries) == 1]


def _providers(entries: Sequence[Entry] | Sequence[PipelineEntry] | Sequence[CommandEntry]) -> str:
    return " and ".join(str(entry.provider) for entry in entries)


def _clashes(
    what: str, index: Mapping[str, Sequence[Entry | PipelineEntry | CommandEntry]]
) -> list[str]:
    return [
        f"{what} {name} is claimed by {' and '.join(str(e.provider) for e in entries)}"
        for name, entries in sorted(index.items())
        if len(entries) > 1
    ]


def _only(what: str, name: str, entries: Sequence[E]) -> E:
    if len(entries) > 1:
        last = entries[-1].provider
        several = len({entry.provider for entry in entries}) > 1
        raise PluginConflict(
            f"{what} {name} is claimed by {_providers(entries)}",
            hint=f"pip uninstall {last.distribution}" if several else last.upgrade,
        )
    return entries[0]


def _kebab(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    return "-".join(words).lower()
