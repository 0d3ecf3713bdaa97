"""Writes the spec of a codec of a user's own checkpoints."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError, WeightsError
from semcodec_anchors.zoo.catalog import FIXED, VARIABLE
from semcodec_anchors.zoo.checkpoints import architecture, read, require

__all__ = ["spec"]


def spec(paths: Sequence[str], name: str) -> dict[str, Any]:
    """See :func:`semcodec_anchors.of_checkpoints`."""
    require()
    files = [Path(path).expanduser().resolve() for path in paths]
    if not files:
        raise SettingError("expected at least one checkpoint, got none")
    weights, models = [], []
    for path in files:
        if not path.is_file():
            raise WeightsError(f"{path}: no such file", hint="Name where the checkpoint is.")
        models.append(architecture(read(path)))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        weights.append({"uri": f"file:{path}", "sha256": sha256})
    model = models[0]
    if set(models) != {model}:
        raise SettingError(f"expected one architecture, got {', '.join(map(_named, models))}")
    if model in VARIABLE and len(files) > 1:
        raise SettingError(
            f"expected one file, which {model} needs for all rates, got {len(files)}"
        )
    if model not in (*FIXED, *VARIABLE):
        raise WeightsError(
            f"{files[0]}: expected a checkpoint of an architecture of CompressAI's zoo, got others",
            hint="docs/porting.md shows how a network of your own becomes a codec.",
        )
    made: dict[str, Any] = {"semcodec": 1, "name": name}
    if model in VARIABLE:
        stage = {"use": "anchors.compressai-vbr", "model": model, "checkpoint": weights[0]}
        grid = {"min": 0.1, "max": 1, "levels": 127, "scale": "log", "bytes": "increasing"}
        return {**made, "transform": stage, "wire": {"gain": {"path": "transform.gain", **grid}}}
    made["transform"] = {"use": "anchors.compressai", "model": model, "checkpoints": weights}
    if len(files) > 1:
        grid = {"min": 1, "max": len(files), "levels": len(files), "bytes": "increasing"}
        made["wire"] = {"quality": {"path": "transform.quality", **grid}}
    return made


def _named(model: str) -> str:
    return model or "none of the zoo"
