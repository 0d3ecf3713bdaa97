"""What a component needs beside its parameters and its input comes through a context argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.noise import normal, uniform
from semcodec.contracts.values import Image, Value, ValueType
from semcodec.contracts.weights import Weights, open_weights

__all__ = ["Context", "Progress", "Side", "part", "silent"]

Side: TypeAlias = Literal["encode", "decode"]
Progress: TypeAlias = Callable[[float, str], None]


def silent(done: float, what: str) -> None:
    """Tell nobody."""


def part(whole: Progress, index: int, count: int) -> Progress:
    """Give the callback of one of ``count`` equal parts; parts nest."""

    def report(done: float, what: str) -> None:
        share = min(max(done, 0.0), 1.0) if done == done else 0.0
        whole((index + share) / count, what)

    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything around a call. Components read it and never keep it.

    Attributes:
        image: the picture that the (possibly nested) pipeline codes.
        shape: the value on the picture's side of the component: what ``forward`` and ``quantize``
            take and what ``inverse`` and ``dequantize`` must give back.
        coded: the value on the bitstream's side, as ``layout`` described it.
        side: ``"encode"`` or ``"decode"``. A component may skip work by it, never give other
            values: the closed loop runs the decoder's half at the encoder too.
        inputs: what the caller gave beside the picture (masks, captions); empty at the decoder.
        steps: for the inverse of the transform right before a quantizer, what
            :meth:`~semcodec.contracts.kinds.Quantizer.steps` says; else None.
        shift: for an entropy model, what its quantizer's
            :meth:`~semcodec.contracts.kinds.Quantizer.index_shift` says, of the symbols' shape
            and read-only; None where it says nothing. The engine adds it to the indexes of every
            pass: a model takes it for what else follows from a step, or leaves it alone.
        seed: 64-bit seed of this node, equal on both sides.
        device: where a network should run, such as ``"cpu"`` or ``"cuda:0"``.
        progress: call with a share in [0, 1] and a few words during long work.
    """

    image: Image
    shape: ValueType
    coded: ValueType
    side: Side = "encode"
    inputs: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    steps: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    shift: NDArray[np.int32] | None = field(default=None, compare=False, repr=False)
    seed: int = 0
    device: str = "cpu"
    progress: Progress = silent

    def normal(self, shape: tuple[int, ...], stream: int = 0) -> NDArray[np.float32]:
        """Standard normal noise, the same on every machine (``docs/format.md``, Noise).

        Args:
            shape: shape of the array.
            stream: which of 2**32 independent sequences of this node's seed.
        """
        return normal(self.seed, shape, stream)

    def uniform(self, shape: tuple[int, ...], stream: int = 0) -> NDArray[np.float32]:
        """Noise uniform in [0, 1), the same on every machine."""
        return uniform(self.seed, shape, stream)

    def open_weights(self, weights: Weights) -> Path:
        """Find a weights file and verify its hash.

        Raises:
            WeightsError: it is absent or not what was promised; the hint is the command that
                fetches it. Nothing is downloaded here.
        """
        return open_weights(weights)
