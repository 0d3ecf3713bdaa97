"""What a comparison consists of: codecs, rates, metrics, pictures. Plain data that pickles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

__all__ = ["Entry", "MetricUse", "Plan", "Rate", "Scope", "file_name"]

Scope: TypeAlias = Literal["image", "dataset"]
_ODD = re.compile(r"[^A-Za-z0-9._+=,@~-]+")


def file_name(text: str) -> str:
    """Make a name that every file system takes and that does not leave its folder."""
    return _ODD.sub("-", text).strip("-. ") or "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One point at which every codec is run.

    Attributes:
        kind: what is given: settings, or a most in bits a pixel or bytes that is never exceeded.
        value: settings as pairs of name and value, or the number.
        scope: whether a target holds for each image or, with one setting for all images, for
            their total: bits over pixels, or mean bytes.
    """

    kind: Literal["setting", "target_bpp", "target_bytes"]
    value: Any
    scope: Scope = "image"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings to code with; empty for a target."""
        return dict(self.value) if self.kind == "setting" else {}

    @property
    def record(self) -> dict[str, Any]:
        """The rate as a row names it."""
        if self.kind == "setting":
            return {"setting": self.settings}
        return {self.kind: self.value, "scope": self.scope}

    @property
    def label(self) -> str:
        """A short name, also of files."""
        if self.kind == "setting":
            return file_name(",".join(f"{k}={v}" for k, v in self.value)) or "default"
        unit = "bpp" if self.kind == "target_bpp" else "B"
        return f"{self.value:g}{unit}" + ("-dataset" if self.scope == "dataset" else "")

    def most_bytes(self, pixels: int) -> float:
        """Most bytes that a target allows an image of so many pixels; infinite for settings."""
        if self.kind == "target_bpp":
            return float(self.value) * pixels / 8
        return float(self.value) if self.kind == "target_bytes" else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A codec as it was asked for.

    Attributes:
        name: its name in results, unique, fit for a folder.
        spec: name, path or data of a spec.
        set: parameters to change, by address.
        swap: components to change, by address.
        rates: rates of its own; None for those of all.
        path: where it stands in the compare file.
    """

    name: str
    spec: str | Mapping[str, Any]
    set: Mapping[str, Any] = field(default_factory=dict)
    swap: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[Rate, ...] | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricUse:
    """A metric and its parameters.

    Attributes:
        name: its name in results.
        use: its id.
        parameters: as in YAML.
    """

    name: str
    use: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compare file, read and checked.

    Attributes:
        entries: the codecs, in order.
        rates: where they are run.
        metrics: what is measured.
        data: a data set, as ``{"use": ..., parameters}``.
        limit: most pictures to take of it; None for all.
        masks: folder of masks that metrics grade with, or None. Codecs never see them.
        inputs: folders of what codecs are given beside the picture, by input.
        seeds: seeds to set in the specs; empty leaves them as they are.
        workers: processes that code at the same time, one thread each.
        timeout: most seconds of one row, its search included; None for no limit.
        device: where networks run.
        detached: whether private codecs' files leave their lock out.
        source: where the file came from.
    """

    entries: tuple[Entry, ...]
    rates: tuple[Rate, ...]
    metrics: tuple[MetricUse, ...]
    data: Mapping[str, Any]
    limit: int | None = None
    masks: Path | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()
    workers: int = 1
    timeout: float | None = None
    device: str = "cpu"
    detached: bool = True
    source: str = "compare file"

    @property
    def resolved(self) -> dict[str, Any]:
        """The compare file that says the same with nothing left open; paths are absolute."""

        def rates(given: tuple[Rate, ...]) -> dict[str, Any]:
            made: dict[str, Any] = {}
            for rate in given:
                value = rate.settings if rate.kind == "setting" else rate.value
                made.setdefault("settings" if rate.kind == "setting" else rate.kind, []).append(
                    value
                )
                if rate.kind != "setting":
                    made["scope"] = rate.scope
            return made

        codecs = [
            {
                "use": entry.spec,
                "label": entry.name,
                **({"set": dict(entry.set)} if entry.set else {}),
                **({"swap": dict(entry.swap)} if entry.swap else {}),
                **({"rates": rates(entry.rates)} if entry.rates is not None else {}),
            }
            for entry in self.entries
        ]
        return {
            "compare": 1,
            "codecs": codecs,
            "rates": rates(self.rates),
            "metrics": [{"use": m.use, "label": m.name, **m.parameters} for m in self.metrics],
            "data": dict(self.data),
            **({"limit": self.limit} if self.limit else {}),
            **({"masks": str(self.masks)} if self.masks else {}),
            **({"inputs": {k: str(v) for k, v in self.inputs.items()}} if self.inputs else {}),
            **({"seeds": list(self.seeds)} if self.seeds else {}),
            "workers": self.workers,
            **({"timeout": self.timeout} if self.timeout else {}),
            "device": self.device,
            "detached": self.detached,
        }
