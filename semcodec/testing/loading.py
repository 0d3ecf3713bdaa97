"""From the name in a test class to a component's class: who lists it, and whether it loads."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from semcodec.contracts.params import Parametric
from semcodec.discovery import catalog
from semcodec.discovery.entries import Entry, component_problem
from semcodec.discovery.scan import LOCAL, Plugin, last_line
from semcodec.errors import PluginConflict, PluginError
from semcodec.testing.check import Blocked, Fault
from semcodec.testing.lines import home_of, line_of, short_path, where_raised

__all__ = ["Named", "blame_plugin", "plugin_line"]

_NAMES = re.compile(r"semcodec_[a-z]+|[a-z0-9-]+[.][a-z0-9-]+")
_BARE = re.compile(r"(?P<cls>\w+)\.(?P<field>\w+) has no annotation")


class Named:
    """A component as a test class names it; everything else is found out when it is asked for.

    Args:
        component: its class or its id.
        kind: the kind that the test class is for.
    """

    def __init__(self, component: type | str, kind: str) -> None:
        self.given = component
        self.kind = kind

    @cached_property
    def id(self) -> str:
        """Its id, or ``module:Class`` where no plugin lists the class."""
        if isinstance(self.given, str):
            return self.given
        try:
            return catalog().id_of(self.given)
        except PluginError:
            return f"{self.given.__module__}:{self.given.__qualname__}"

    @property
    def listed(self) -> bool:
        """Whether its id is one that a plugin lists or that was registered here."""
        return ":" not in self.id

    @property
    def local(self) -> bool:
        """Whether it was registered in this process only."""
        return self.id.startswith(f"{LOCAL}.")

    @cached_property
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugins that may be its owner: by prefix, or by the package of its class."""
        if self.listed:
            prefix = self.id.rpartition(".")[0] or "semcodec"
            return tuple(p for p in catalog().plugins if p.name == prefix)
        top = self.id.partition(":")[0].partition(".")[0]
        return tuple(p for p in catalog().plugins if p.module.partition(".")[0] == top)

    @cached_property
    def entry(self) -> Entry:
        """Its entry in the catalog.

        Raises:
            Blocked: nobody lists it, or several do, or its plugin was left out.
        """
        try:
            return catalog().entry(self.id)
        except PluginConflict as error:
            said = " ".join(str(error).split())
            raise Blocked("id-unique", Fault(said, plugin_line(self.plugins, said))) from error
        except PluginError as error:
            for plugin in self.plugins:
                if plugin.problems:
                    raise blame_plugin(plugin, plugin.problems[0]) from error
            fault = Fault(" ".join(str(error).split()), plugin_line(self.plugins))
            raise Blocked("id-owned", fault) from error

    @cached_property
    def target(self) -> str:
        """``module:Class``."""
        if isinstance(self.given, str):
            return self.entry.ref.target
        return f"{self.given.__module__}:{self.given.__qualname__}"

    @cached_property
    def cls(self) -> type[Parametric]:
        """Its class.

        Raises:
            Blocked: it does not import, or is no component of the kind.
        """
        found = self._found
        problem = component_problem(found)
        kind = getattr(found, "kind", "")
        if not problem and kind != self.kind:
            problem = f"is a {kind}; the test class is for a {self.kind}"
        if problem:
            fault = Fault(f"{self.target} {problem}", line_of(found) or self._module_line)
            raise Blocked("right-kind", fault)
        return found  # type: ignore[no-any-return]

    @cached_property
    def home(self) -> str:
        """Folder of the package that its class comes from."""
        return home_of(self.target.partition(":")[0])

    @cached_property
    def _found(self) -> Any:
        if not isinstance(self.given, str):
            return self.given
        module, _, name = self.target.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (Exception, SystemExit) as error:
            bare = _BARE.search(str(error)) if isinstance(error, TypeError) else None
            if bare is not None:
                where = _assignment(module, bare["cls"], bare["field"])
                fault = Fault(str(error), where or self._module_line)
                raise Blocked("fields-annotated", fault) from error
            where = where_raised(error, home_of(module))
            fault = Fault(
                f"{self.target} does not import: {last_line(error)}", where or self._module_line
            )
            raise Blocked("imports", fault) from error

    @property
    def _module_line(self) -> str:
        file = _source(self.target.partition(":")[0])
        return short_path(file, 1) if file else ""


def blame_plugin(plugin: Plugin, problem: str) -> Blocked:
    """Say which check reports a plugin's problem."""
    by = "plugin-loads"
    if "plugin API" in problem or "semcodec_api" in problem:
        by = "api-known"
    elif "outside the prefix" in problem:
        by = "id-owned"
    elif "claimed" in problem:
        by = "id-unique"
    return Blocked(by, Fault(problem, _failing_import(plugin) or plugin_line([plugin], problem)))


def _failing_import(plugin: Plugin) -> str:
    if plugin.usable:
        return ""
    try:
        importlib.import_module(plugin.module)
    except (Exception, SystemExit) as error:
        return where_raised(error, home_of(plugin.module))
    return ""


def plugin_line(plugins: Sequence[Plugin], problem: str = "") -> str:
    """Give the line that a problem is about, in the module that a plugin's entry point names.

    Args:
        plugins: the plugins; the first whose source there is counts.
        problem: names a hook, an id or the API; without any the first line is given.
    """
    for plugin in plugins:
        file = _source(plugin.module)
        if file is not None:
            lines = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
            told = [*_NAMES.findall(problem), *(["semcodec_api"] if " API " in problem else [])]
            for name in told:
                found = [n for n, line in enumerate(lines, 1) if name in line]
                if found:
                    return short_path(file, found[0])
            return short_path(file, 1)
    return ""


def _source(module: str) -> str | None:
    loaded = getattr(sys.modules.get(module), "__file__", None)
    if loaded:
        return str(loaded)
    try:
        spec = importlib.util.find_spec(module)
    except Exception:  # finding a module imports its package, which may fail in any way
        return None
    return spec.origin if spec and spec.origin and spec.origin.endswith(".py") else None


def _assignment(module: str, cls: str, field: str) -> str:
    """Find the line of a class attribute in a module that does not import."""
    file = _source(module)
    if file is None:
        return ""
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name == cls:
            for item in node.body:
                if isinstance(item, ast.Assign):
                    names = [t.id for t in item.targets if isinstance(t, ast.Name)]
                    if field in names:
                        return short_path(file, item.lineno)
    return ""
