"""What an exact network is, and the proof that float32 computes it without rounding.

A layer takes integers ``x`` and gives integers ``y``:

    a = sum w * x + b                       w int8, b int32, x within the layer's bounds
    y = clamp(floor(a / 2**shift), low, high)

then repeats or shuffles pixels where it doubles the size. float32 holds every integer up to 2**24.
If ``|b| + sum |w| * max |x| < 2**24``, then every partial sum is an integer below 2**24 whatever
the order of summation, so no addition rounds, and threads, layouts, batches and instruction sets
cannot matter. Division by a power of two and the floor are exact as well. Layers but the last give
at most 8 bits, so that even a machine that feeds bfloat16 or TF32 to its multipliers rounds
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACTIVATION", "LIMIT", "Layer", "Network", "Upsampling"]

Ints: TypeAlias = NDArray[np.integer[Any]]
Upsampling: TypeAlias = Literal["none", "nearest", "shuffle"]
UPSAMPLINGS: tuple[str, ...] = get_args(Upsampling)

LIMIT = 1 << 24
"""Every partial sum of a layer lies below this; float32 holds all integers up to it."""

ACTIVATION = 255
"""Largest magnitude that a layer may take: 8 bits, which bfloat16 holds."""

_KERNELS = (1, 3, 5)
_MOST_LAYERS = 64


def _frozen(values: Any, name: str, dtype: Any, shape: tuple[int, ...]) -> Any:
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ValueError(f"expected integers as {name}, got {array.dtype}")
    info = np.iinfo(dtype)
    if array.size and (int(array.min()) < info.min or int(array.max()) > info.max):
        raise ValueError(f"expected {name} of {np.dtype(dtype)}, got a value outside it")
    if array.shape != shape:
        raise ValueError(f"expected {name} of shape {shape}, got {array.shape}")
    made = array.astype(dtype)
    made.setflags(write=False)
    return made


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """A convolution with zero padding, a floor shift and a clamp; immutable once made.

    Attributes:
        weight: int8 (outputs, inputs, kernel, kernel), kernel 1, 3 or 5.
        bias: int32 (outputs,).
        shift: int32 (outputs,), 0 to 24: sums are divided by ``2**shift``, rounding down.
        low: int32 (outputs,): least result; 0 makes a ReLU.
        high: int32 (outputs,): greatest result.
        stride: 1, or 2 to halve the size, rounding up.
        upsampling: doubles the size after the clamp: by ``"nearest"`` neighbour, or by pixel
            ``"shuffle"``, which takes four channels for one; or ``"none"``.
    """

    weight: Ints
    bias: Ints
    shift: Ints
    low: Ints
    high: Ints
    stride: int = 1
    upsampling: Upsampling = "none"

    def __post_init__(self) -> None:
        weight = np.asarray(self.weight)
        if weight.ndim != 4 or weight.shape[2] != weight.shape[3] or min(weight.shape) < 1:
            raise ValueError(
                f"expected a weight of shape (outputs, inputs, k, k), got {weight.shape}"
            )
        if weight.shape[2] not in _KERNELS:
            raise ValueError(f"expected a kernel of 1, 3 or 5, got {weight.shape[2]}")
        outputs = (weight.shape[0],)
        for name, dtype, shape in (
            ("weight", np.int8, weight.shape),
            ("bias", np.int32, outputs),
            ("shift", np.int32, outputs),
            ("low", np.int32, outputs),
            ("high", np.int32, outputs),
        ):
            object.__setattr__(self, name, _frozen(getattr(self, name), name, dtype, shape))
        if not ((self.shift >= 0) & (self.shift <= 24)).all():
            raise ValueError("expected shifts from 0 to 24")
        if (self.low > self.high).any():
            raise ValueError("expected low to be at most high")
        if self.stride not in (1, 2):
            raise ValueError(f"expected a stride of 1 or 2, got {self.stride}")
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"expected one of {', '.join(UPSAMPLINGS)} as upsampling, got {self.upsampling!r}"
            )
        if self.upsampling == "shuffle" and outputs[0] % 4:
            raise ValueError(f"expected outputs in fours to shuffle, got {outputs[0]}")

    @property
    def inputs(self) -> int:
        """Channels that it takes."""
        return int(self.weight.shape[1])

    @property
    def outputs(self) -> int:
        """Channels that it gives."""
        return int(self.weight.shape[0]) // (4 if self.upsampling == "shuffle" else 1)

    def sums(self, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bound the magnitude of every partial sum of each output, in any order.

        Args:
            bounds: int64 (inputs,): the largest magnitude of each input.

        Returns:
            int64 (kernels,): ``|b| + sum |w| * bounds``.
        """
        size = np.abs(self.weight.astype(np.int64)).sum(axis=(2, 3))
        made: NDArray[np.int64] = size @ bounds + np.abs(self.bias.astype(np.int64))
        return made

    def results(self) -> NDArray[np.int64]:
        """Bound the magnitude of each channel that it gives: int64 (outputs,)."""
        low, high = self.low.astype(np.int64), self.high.astype(np.int64)
        most = np.maximum(np.abs(low), np.abs(high))
        return most.reshape(-1, 4).max(axis=1) if self.upsampling == "shuffle" else most


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Layers one after another, proved exact when they are put together.

    Attributes:
        layers: at least one.
        clamp: what it is given is clamped to [-clamp, clamp] first, 1 to 255.
        proof: for each layer, the bound on its partial sums, each below 2**24.

    Raises:
        ValueError: layers that do not fit together, or whose sums might round.
    """

    layers: tuple[Layer, ...]
    clamp: int = 127
    proof: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.layers) <= _MOST_LAYERS:
            raise ValueError(f"expected 1 to {_MOST_LAYERS} layers, got {len(self.layers)}")
        if not 1 <= self.clamp <= ACTIVATION:
            raise ValueError(f"expected a clamp from 1 to {ACTIVATION}, got {self.clamp}")
        for place, (before, after) in enumerate(pairwise(self.layers)):
            if before.outputs != after.inputs:
                raise ValueError(
                    f"expected layer {place + 1} to take {before.outputs} channels, "
                    f"it takes {after.inputs}"
                )
        bounds = np.full(self.layers[0].inputs, self.clamp, dtype=np.int64)
        proof = []
        for place, layer in enumerate(self.layers):
            if (most := int(bounds.max())) > ACTIVATION:
                raise ValueError(
                    f"expected layer {place} to take at most {ACTIVATION} in magnitude, "
                    f"got a bound of {most}"
                )
            proof.append(int(layer.sums(bounds).max()))
            if proof[-1] >= LIMIT:
                raise ValueError(
                    f"layer {place} is not exact: its sums may reach {proof[-1]}, expected less "
                    f"than 2**24 = {LIMIT}"
                )
            bounds = layer.results()
        if (most := int(bounds.max())) >= LIMIT:
            raise ValueError(f"expected results below 2**24, got a bound of {most}")
        object.__setattr__(self, "proof", tuple(proof))

    @property
    def inputs(self) -> int:
        """Channels that it takes."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Channels that it gives."""
        return self.layers[-1].outputs

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(layer.weight.size + layer.bias.size for layer in self.layers)

    def size(self, rows: int, columns: int) -> tuple[int, int]:
        """Give the rows and columns that it makes of so many."""
        return self._walk(rows, columns)[:2]

    def operations(self, rows: int, columns: int) -> int:
        """Count the multiply-accumulate operations on so many rows and columns."""
        return self._walk(rows, columns)[2]

    def _walk(self, rows: int, columns: int) -> tuple[int, int, int]:
        work = 0
        for layer in self.layers:
            rows, columns = -(-rows // layer.stride), -(-columns // layer.stride)
            work += layer.weight.size * rows * columns
            if layer.upsampling != "none":
                rows, columns = 2 * rows, 2 * columns
        return rows, columns, work
