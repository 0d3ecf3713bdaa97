"""Exact networks in 64-bit integers: the definition that every other way to run them must meet."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from semcodec_torch.exact.layers import Layer, Network

__all__ = ["run"]


def run(network: Network, x: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Run a network.

    Args:
        network: the network.
        x: integers (batch, inputs, rows, columns), clamped here.

    Returns:
        int32 (batch, outputs, rows, columns), of the size that ``network.size`` says.
    """
    value = np.clip(x.astype(np.int64), -network.clamp, network.clamp)
    for layer in network.layers:
        value = _layer(layer, value)
    return value.astype(np.int32)


def _layer(layer: Layer, x: NDArray[np.int64]) -> NDArray[np.int64]:
    kernel = layer.weight.shape[2]
    margin = kernel // 2
    padded = np.pad(x, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    windows = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    windows = windows[:, :, :: layer.stride, :: layer.stride]
    sums = np.einsum("nirckl,oikl->norc", windows, layer.weight.astype(np.int64))
    column = (slice(None), None, None)
    # >> of a negative integer rounds down, as the floor does.
    shifted = (sums + layer.bias.astype(np.int64)[column]) >> layer.shift.astype(np.int64)[column]
    made: NDArray[np.int64] = np.clip(shifted, layer.low[column], layer.high[column])
    if layer.upsampling == "nearest":
        made = made.repeat(2, axis=2).repeat(2, axis=3)
    elif layer.upsampling == "shuffle":
        batch, channels, rows, columns = made.shape
        split = made.reshape(batch, channels // 4, 2, 2, rows, columns)
        made = split.transpose(0, 1, 4, 2, 5, 3).reshape(batch, -1, 2 * rows, 2 * columns)
    return made
