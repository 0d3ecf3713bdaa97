"""Reads a compare file; strict as specs are: everything wrong is reported at once, with lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from semcodec.compare.matrix import entries
from semcodec.compare.model import MetricUse, Plan, Rate, Scope
from semcodec.spec.problems import Problems
from semcodec.spec.sources import read_file
from semcodec.spec.text import Document, kind_name, of_data

__all__ = ["KEYS", "MAX_WORKERS", "is_compare_file", "plan_of", "read_plan"]

KEYS = (
    *("base", "captions", "codecs", "compare", "data", "detached", "device", "exclude"),
    *("inputs", "limit", "masks", "metrics", "rates", "seeds", "set", "swap", "timeout"),
    "workers",
)
MAX_WORKERS = 256
_RATES = ("scope", "settings", "target_bpp", "target_bytes")
_SCOPES = ("dataset", "image")


def is_compare_file(path: Path) -> bool:
    """Whether a file is YAML that says of itself that it is a compare file.

    Raises:
        SpecError: it cannot be read, or is no YAML.
    """
    return "compare" in read_file(path).data


def read_plan(path: Path) -> Plan:
    """Read a compare file.

    Raises:
        SpecError: it cannot be read, or says what makes no sense; with every problem.
    """
    return plan_of(read_file(path))


def plan_of(document: Document | Mapping[str, Any]) -> Plan:
    """Check a compare file that is data already; relative paths start at its own folder.

    Raises:
        SpecError: with every problem, each with its path, its line and the nearest valid name.
    """
    if not isinstance(document, Document):
        document = of_data(document, source="compare file")
    reader = _Reader(document)
    plan = reader.plan()
    reader.problems.raise_any()
    return plan


class _Reader:
    def __init__(self, document: Document) -> None:
        self.data = document.data
        self.source = document.source
        self.problems = Problems(document.source, document.lines)
        path = Path(document.source)
        self.folder = path.parent if path.suffix else Path()

    def plan(self) -> Plan:
        for key in self.data:
            if key not in KEYS:
                self.problems.unknown(key, "key", key, KEYS)
        if self.data.get("compare") != 1:
            got = self.data.get("compare")
            self.problems.add("compare", f"expected 'compare: 1', got {got!r}")
        return Plan(
            entries=tuple(entries(self.data, self.problems, self.path, self.rates)),
            rates=self.rates(self.data.get("rates", {}), "rates"),
            metrics=self.metrics(),
            data=self.dataset(),
            limit=self.whole("limit", None, 1),
            masks=self.optional_folder("masks"),
            captions=self.optional_folder("captions"),
            inputs=self.inputs(),
            seeds=self.seeds(),
            workers=self.whole("workers", 1, 1, MAX_WORKERS) or 1,
            timeout=self.timeout(),
            device=self.text("device", "cpu"),
            detached=self.flag("detached", True),
            source=self.source,
        )

    def path(self, text: str) -> str:
        """Turn a path that starts at the file's folder into an absolute one."""
        found = Path(text).expanduser()
        return str(found if found.is_absolute() else (Path.cwd() / self.folder / found))

    def rates(self, given: Any, where: str) -> tuple[Rate, ...]:
        if not isinstance(given, dict):
            self.problems.add(where, f"expected a mapping of rates, got {kind_name(given)}")
            return ()
        for key in given:
            if key not in _RATES:
                self.problems.unknown(f"{where}.{key}", "key", key, _RATES)
        scope = given.get("scope", "image")
        if scope not in _SCOPES:
            self.problems.add(f"{where}.scope", f"expected image or dataset, got {scope!r}")
            scope = "image"
        found: list[Rate] = []
        for kind in ("target_bpp", "target_bytes"):
            for index, value in enumerate(self.sequence(given.get(kind, []), f"{where}.{kind}")):
                if not _is_number(value) or value <= 0 or not math.isfinite(value):
                    said = f"expected a number above 0, got {value!r}"
                    self.problems.add(f"{where}.{kind}.{index}", said)
                    continue
                found.append(Rate(kind=cast(Any, kind), value=value, scope=cast(Scope, scope)))
        for index, value in enumerate(
            self.sequence(given.get("settings", []), f"{where}.settings")
        ):
            if not isinstance(value, dict) or any(
                isinstance(each, (dict, list)) for each in value.values()
            ):
                said = f"expected a mapping of settings to values, got {kind_name(value)}"
                self.problems.add(f"{where}.settings.{index}", said)
                continue
            found.append(Rate(kind="setting", value=tuple(sorted(value.items()))))
        labels = [rate.label for rate in found]
        for label in sorted({label for label in labels if labels.count(label) > 1}):
            self.problems.add(where, f"rate {label} stands twice")
        # Without any rate a codec is run once, with the settings that its spec has.
        return tuple(found) or (Rate(kind="setting", value=()),)

    def metrics(self) -> tuple[MetricUse, ...]:
        found: list[MetricUse] = []
        for index, given in enumerate(self.sequence(self.data.get("metrics", ["psnr"]), "metrics")):
            where = f"metrics.{index}"
            node = {"use": given} if isinstance(given, str) else given
            if not isinstance(node, dict) or not isinstance(node.get("use"), str):
                self.problems.add(where, "expected a metric's id, or a mapping with 'use'")
                continue
            name = node.get("label", node["use"])
            if not isinstance(name, str) or any(name == other.name for other in found):
                hint = "give one a 'label'"
                self.problems.add(where, f"expected names of metrics that differ: {name!r}", hint)
                continue
            rest = {k: v for k, v in node.items() if k not in ("use", "label")}
            found.append(MetricUse(name=name, use=node["use"], parameters=rest))
        return tuple(found)

    def dataset(self) -> Mapping[str, Any]:
        given = self.data.get("data")
        if isinstance(given, str):
            return {"use": "folder", "path": self.path(given)}
        if isinstance(given, dict) and isinstance(given.get("use"), str):
            made = dict(given)
            for key in ("path", "root", "images", "labels"):
                if isinstance(made.get(key), str):
                    made[key] = self.path(made[key])
            return made
        self.problems.add(
            "data", "expected a folder of pictures, or a data set with 'use'", "or give --data"
        )
        return {}

    def optional_folder(self, key: str) -> Path | None:
        given = self.data.get(key)
        return None if given is None else self.folder_at(given, key)

    def inputs(self) -> dict[str, Path]:
        given = self.data.get("inputs", {})
        if not isinstance(given, dict):
            self.problems.add("inputs", "expected a mapping of inputs to folders")
            return {}
        found = {name: self.folder_at(where, f"inputs.{name}") for name, where in given.items()}
        return {name: path for name, path in found.items() if path is not None}

    def folder_at(self, given: Any, where: str) -> Path | None:
        if not isinstance(given, str):
            self.problems.add(where, f"expected a folder, got {kind_name(given)}")
            return None
        path = Path(self.path(given))
        if not path.is_dir():
            self.problems.add(where, f"there is no folder {path}")
        return path

    def seeds(self) -> tuple[int, ...]:
        found = []
        for index, seed in enumerate(self.sequence(self.data.get("seeds", []), "seeds")):
            if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0 or seed in found:
                said = f"expected different whole numbers of at least 0, got {seed!r}"
                self.problems.add(f"seeds.{index}", said)
            else:
                found.append(seed)
        return tuple(found)

    def sequence(self, given: Any, where: str) -> list[Any]:
        if isinstance(given, list):
            return given
        self.problems.add(where, f"expected a list, got {kind_name(given)}")
        return []

    def whole(self, key: str, default: int | None, low: int, high: int = 2**53) -> int | None:
        value = self.data.get(key, default)
        if key not in self.data:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problems.add(key, f"expected a whole number from {low} to {high}, got {value!r}")
            return default
        return value

    def timeout(self) -> float | None:
        value = self.data.get("timeout")
        if value is None or (_is_number(value) and value > 0 and math.isfinite(value)):
            return value
        self.problems.add("timeout", f"expected seconds above 0, got {value!r}")
        return None

    def text(self, key: str, default: str) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str):
            self.problems.add(key, f"expected text, got {kind_name(value)}")
            return default
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.problems.add(key, f"expected true or false, got {kind_name(value)}")
            return default
        return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
