"""What a caller gives beside the picture: masks, label maps, captions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np

from semcodec.contracts.values import Map, Symbols, Text, ValueType
from semcodec.errors import SettingError
from semcodec.graph.model import Pipeline
from semcodec.spec.problems import nearest

__all__ = ["check_inputs", "declared", "take_input", "takes_input"]


def declared(pipeline: Pipeline) -> dict[str, str]:
    """Type of every input that a pipeline declares, by name."""
    return {
        ref[1:]: source.type
        for ref, source in pipeline.sources.items()
        if ref.startswith("@") and ref not in ("@image", "@saliency")
    }


def takes_input(pipeline: Pipeline, name: str) -> bool:
    """Whether a pipeline may use an input: it declares it, or its saliency source may read it."""
    return name in declared(pipeline) or bool(pipeline.saliency)


def check_inputs(pipeline: Pipeline, given: Iterable[str]) -> None:
    """Refuse inputs that nothing in the pipeline can use.

    Raises:
        SettingError: with the nearest name that it does take.
    """
    for name in given:
        if not takes_input(pipeline, name):
            known = declared(pipeline)
            raise SettingError(
                f"the pipeline takes no input {name!r}",
                hint=nearest(name, known) or "It takes none beside the picture.",
            )


def take_input(name: str, value: Any, shape: ValueType) -> Any:
    """Bring an input to the form that its value type has, where that loses nothing.

    Args:
        name: its name.
        value: what the caller gave: text in any normal form, labels of any integer dtype, a map as
            bool, uint8 (255 is 1) or any float in [0, 1]; a third axis of length 1 is dropped.
        shape: what is expected.

    Raises:
        SettingError: it is none of that, or of another size than the picture.
    """
    if isinstance(value, np.ndarray) and value.ndim == 3 and value.shape[2] == 1:
        value = value[..., 0]
    if isinstance(shape, Text) and isinstance(value, str):
        value = unicodedata.normalize("NFC", value)
    elif isinstance(shape, Symbols) and isinstance(value, np.ndarray) and value.dtype.kind in "iu":
        if value.shape == shape.shape:
            _fits(name, value, shape)  # before a wide integer could wrap around
        value = value.astype(np.int32)
    elif isinstance(shape, Map) and isinstance(value, np.ndarray):
        if value.dtype == np.uint8:
            value = value.astype(np.float32) / np.float32(255)
        elif value.dtype.kind in "bf":
            value = value.astype(np.float32)
    problem = shape.check(value)
    if problem:
        raise SettingError(f"input {name!r}: {problem}", hint=_advice(shape))
    return value


def _fits(name: str, value: Any, shape: Symbols) -> None:
    if value.size and (int(value.min()) < shape.low or int(value.max()) > shape.high):
        raise SettingError(
            f"input {name!r}: expected labels from {shape.low} to {shape.high}, "
            f"got {int(value.min())} to {int(value.max())}",
            hint="Renumber them, or raise 'classes' of the input in the spec.",
        )


def _advice(shape: ValueType) -> str:
    if isinstance(shape, Symbols):
        return "Give an array of whole numbers of the picture's height and width."
    if isinstance(shape, Map):
        return "Give an array of the picture's height and width: bool, uint8, or float in [0, 1]."
    return ""
