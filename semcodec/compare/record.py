"""Rows of results, as ``docs/comparing.md`` describes them."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec import __version__
from semcodec.compare.cells import Cell
from semcodec.compare.model import Rate
from semcodec.compare.search import Found
from semcodec.compare.versions import versions_of
from semcodec.engine.trace import Trace

if TYPE_CHECKING:
    from semcodec.compare.decoding import Decoded
    from semcodec.compare.job import Facts, Task

__all__ = ["failed", "finished", "key_of", "plain", "sha256_of"]


def key_of(
    cell: Cell, facts: Facts, rate: Rate, seed: int | None, metrics: Mapping[str, str]
) -> str:
    """Identity of a row, 16 hexadecimal digits: equal keys need no second run.

    Args:
        cell: the codec.
        facts: of the picture; its samples count and so does its name, as two may be copies.
        rate: where it is run.
        seed: seed set in the spec, or None.
        metrics: version of each metric, by name and parameters.
    """
    identity = {
        "cell": [cell.name, cell.full_digest],
        "image": [facts.item.label, facts.pixels, facts.beside],
        "rate": rate.record,
        "seed": seed,
        "metrics": dict(metrics),
    }
    text = json.dumps(identity, sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest()[:16]


def failed(task: Task, cell: Cell, error: str, hint: str = "") -> dict[str, Any]:
    """Make the row of a cell that could not code or decode a picture."""
    return {
        **_common(task, cell),
        "status": "failed",
        "error": error,
        "hint": hint,
        "bytes": 0,
        "bpp": 0.0,
        "sections": {},
        "settings": {},
        "trials": 0,
        "metrics": {},
        "encode_seconds": 0.0,
        "decode_seconds": 0.0,
        "parameters": None,
        "kmac_per_pixel": None,
        "peak_bytes": 0,
        "digest": cell.digest,
        "device": "",
        "file": "",
        "decoded": "",
        "map": None,
    }


def finished(
    task: Task,
    cell: Cell,
    *,
    trace: Trace,
    decoded: Decoded,
    found: Found | None,
    size: int,
    encode_seconds: float,
    peak: int,
    metrics: Mapping[str, Any],
    device: str,
    places: tuple[str, str],
    guide: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Make the row of a picture that was coded and decoded."""
    pixels = task.facts.width * task.facts.height
    costs = [*trace.costs.values(), *decoded.costs.values()]
    missed = found.missed if found is not None else ""
    return {
        **_common(task, cell),
        "status": "missed" if missed else "ok",
        "error": missed,
        "hint": (found.hint or found.note) if found is not None else "",
        "bytes": size,
        "bpp": 8 * size / pixels,
        "sections": dict(trace.sections),
        "settings": plain(trace.settings),
        "trials": max(found.trials if found is not None else trace.trials, 1),
        "metrics": dict(metrics),
        "encode_seconds": encode_seconds,
        "decode_seconds": decoded.seconds,
        "parameters": sum(count for count, _ in costs) if costs else None,
        "kmac_per_pixel": sum(macs for _, macs in costs) / pixels / 1000 if costs else None,
        "peak_bytes": max(peak, decoded.peak),
        "digest": trace.digest,
        "device": device,
        "file": places[0],
        "decoded": places[1],
        "map": dict(guide) if guide else None,
    }


def _common(task: Task, cell: Cell) -> dict[str, Any]:
    facts = task.facts
    return {
        "key": task.key,
        "cell": cell.name,
        "image": facts.item.label,
        "pixels_sha256": facts.pixels,
        "width": facts.width,
        "height": facts.height,
        "channels": facts.channels,
        "rate": plain(task.rate.record),
        "seed": task.seed or 0,
        "full_digest": cell.full_digest,
        "versions": {"semcodec": __version__, **versions_of(cell.providers), **cell.providers},
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
    }


def plain(value: Any) -> Any:
    """Turn NumPy's scalars and tuples into what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def sha256_of(values: Mapping[str, Any]) -> str:
    """SHA-256 over arrays and texts by name, in hexadecimal; empty for none."""
    if not values:
        return ""
    whole = hashlib.sha256()
    for name in sorted(values):
        value = values[name]
        if isinstance(value, np.ndarray):
            whole.update(f"{name} {value.dtype.str} {value.shape}".encode())
            whole.update(np.ascontiguousarray(value).tobytes())
        else:
            whole.update(f"{name} {value!r}".encode())
    return whole.hexdigest()
