"""Metrics that compare sets of pictures: one number for a cell, a rate and a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.compare import worker
from semcodec.compare.lanes import Call, Lanes
from semcodec.errors import SemcodecError
from semcodec.image import write_bytes

__all__ = ["summarise"]


def summarise(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], lanes: Lanes, folder: Path
) -> list[dict[str, Any]]:
    """Compute what is not in ``sets.json`` yet, and write it.

    Args:
        rows: all rows of the run; failed ones take no part.
        names: the metrics that compare sets; with none of them nothing is done.
        lanes: where to compute.
        folder: the folder of results.

    Returns:
        What ``sets.json`` holds: cell, rate, seed, pictures, and metrics as in rows.
    """
    if not names:
        return []
    groups: dict[tuple[str, str, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["status"] != "failed":
            rate = json.dumps(row["rate"], sort_keys=True)
            groups.setdefault((row["cell"], rate, row["seed"]), []).append(row)
    path = folder / "sets.json"
    known = _known(path)
    made: list[dict[str, Any]] = []
    for (cell, rate, seed), members in groups.items():
        keys = "".join(sorted(row["key"] for row in members)) + json.dumps(sorted(names))
        key = hashlib.sha256(keys.encode()).hexdigest()[:16]
        if key not in known:
            pairs = tuple((f"originals/{row['image']}.png", row["decoded"]) for row in members)
            entry = {"key": key, "cell": cell, "rate": json.loads(rate), "seed": seed}
            known[key] = {**entry, "pictures": len(pairs), "metrics": {}}
            for name in names:
                [found] = lanes.map([Call(cell, worker.compare_sets, (name, pairs))])
                known[key]["metrics"][name] = (
                    {"value": None, "infinite": False, "error": str(found)}
                    if isinstance(found, SemcodecError)
                    else found
                )
        made.append(known[key])
    write_bytes(json.dumps(made, indent=1).encode() + b"\n", path)
    return made


def _known(path: Path) -> dict[str, Any]:
    """What an earlier run left; a file that is damaged is computed anew."""
    try:
        return {each["key"]: each for each in json.loads(path.read_bytes())}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
