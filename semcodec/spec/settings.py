"""Binds settings and controls to the parameters they move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcodec.contracts.params import Parametric, parameters
from semcodec.errors import SettingError
from semcodec.graph.grid import Grid
from semcodec.graph.model import Control, Node, Setting, Target
from semcodec.spec.address import AddressError, locate
from semcodec.spec.compose import kind_of
from semcodec.spec.params import coerced, takes_whole
from semcodec.spec.problems import Problems, nearest

__all__ = ["Settings"]

MAX_LEVELS = 1 << 17
"""Most values of all settings together, for checking them takes time and memory."""


class Settings:
    """Collects the settings of a form and of the pipelines nested in it.

    Attributes:
        wire: settings sent with each file.
        encode: settings of the encoder alone.
        controls: decode-time choices.
    """

    def __init__(
        self, problems: Problems, placed: Mapping[str, Node], where: dict[str, str]
    ) -> None:
        self.problems = problems
        self.placed = placed
        self.where = where
        self.wire: list[Setting] = []
        self.encode: list[Setting] = []
        self.controls: list[Control] = []
        self.levels = 0

    def read(self, form: dict[str, Any], prefix: str, at: str) -> None:
        """Add the settings and controls of one form; ``at`` is where it stands in the text."""
        for table, made in (("wire", self.wire), ("encode", self.encode)):
            for name, entry in form.get(table, {}).items():
                setting = self._setting(form, table, name, entry, prefix, f"{at}{table}.{name}")
                if setting:
                    made.append(setting)
        for name, entry in form.get("controls", {}).items():
            here = f"{at}controls.{name}"
            found = self._target(form, entry["path"], prefix, here)
            if found is None:
                continue
            target, _, _ = found
            self.where[f"controls:{prefix}{name}"] = here
            self.controls.append(
                Control(
                    name=f"{prefix}{name}",
                    target=target,
                    low=entry.get("min"),
                    high=entry.get("max"),
                    values=tuple(entry.get("values", ())),
                    doc=entry.get("doc", ""),
                )
            )

    def _setting(
        self,
        form: dict[str, Any],
        table: str,
        name: str,
        entry: dict[str, Any],
        prefix: str,
        at: str,
    ) -> Setting | None:
        found = self._target(form, entry["path"], prefix, at)
        if found is None:
            return None
        target, value, component = found
        self.where[f"{table}:{prefix}{name}"] = at
        self.levels += entry.get("levels", 0)
        if self.levels > MAX_LEVELS:
            self.problems.add(at, f"expected at most {MAX_LEVELS} values of all settings together")
            return None
        if component is not None and "values" in entry:
            fitting = [coerced(component, target.name, listed) for listed in entry["values"]]
            entry = {**entry, "values": fitting}
        grid = Grid.of(entry, whole=component is None or takes_whole(component, target.name))
        if not grid.listed and len(set(grid.values)) < grid.levels:
            self.problems.add(
                at,
                f"expected {grid.levels} different values, its range holds {len(set(grid.values))}",
                "give fewer levels, or list the values",
            )
        try:
            default = 0 if value is None else grid.nearest(value)
        except SettingError as error:
            self.problems.add(at, f"the spec's own value is off the grid: {error.args[0]}")
            return None
        return Setting(
            name=f"{prefix}{name}",
            target=target,
            grid=grid,
            bytes=entry.get("bytes"),
            default=default,
            doc=entry.get("doc", ""),
        )

    def _target(
        self, form: dict[str, Any], address: str, prefix: str, at: str
    ) -> tuple[Target, Any, Parametric | None] | None:
        """Find the parameter a setting moves, the value it has, and its node's component."""
        try:
            place = locate(form, address, kind_of)
        except AddressError as error:
            self.problems.add(f"{at}.path", str(error))
            return None
        if place.name == "seed" and not place.node:
            if prefix:
                self.problems.add(f"{at}.path", "the seed belongs to the outermost pipeline")
                return None
            seed = form.get("seed")
            return Target(node="", name="seed"), seed if isinstance(seed, int) else None, None
        node = self.placed.get(f"{prefix}{place.node}")
        if node is None or not place.name:
            # A component that could not be built has its own problem already.
            if node is not None or not place.node or not self.problems.found:
                self.problems.add(f"{at}.path", f"{address!r} is no parameter of a component")
            return None
        value: Any = node.component
        for step in place.name.split("."):
            known = (
                [p.name for p in parameters(type(value))] if isinstance(value, Parametric) else []
            )
            if step not in known:
                self.problems.add(
                    f"{at}.path", f"{node.use!r} has no parameter {step!r}", nearest(step, known)
                )
                return None
            value = getattr(value, step)
        if isinstance(value, Parametric):
            self.problems.add(f"{at}.path", f"{address!r} is a component, expected a parameter")
            return None
        return Target(node=node.path, name=place.name), value, node.component
