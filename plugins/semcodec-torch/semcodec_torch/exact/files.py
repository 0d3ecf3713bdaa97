"""Exact networks as integer tensors in a safetensors file; what is read is proved again.

    NAME.form         int32 (3,)                        version 1, layers, clamp
    NAME.0.weight     int8  (outputs, inputs, k, k)
    NAME.0.vectors    int32 (4, outputs)                bias, shift, low, high
    NAME.0.form       int32 (2,)                        stride, upsampling (0 none, 1 nearest,
    NAME.1.weight     ...                               2 pixel shuffle)

One file may hold several networks, by names of their own, and other tensors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import WeightsError
from semcodec_torch.exact.layers import UPSAMPLINGS, Layer, Network, Upsampling
from semcodec_torch.weights import Arrays

__all__ = ["from_arrays", "to_arrays"]

VERSION = 1
_VECTORS = ("bias", "shift", "low", "high")


def to_arrays(network: Network, name: str) -> dict[str, NDArray[Any]]:
    """Give a network as named integer tensors."""
    made: dict[str, NDArray[Any]] = {
        f"{name}.form": np.array([VERSION, len(network.layers), network.clamp], dtype=np.int32)
    }
    for place, layer in enumerate(network.layers):
        form = [layer.stride, UPSAMPLINGS.index(layer.upsampling)]
        made[f"{name}.{place}.form"] = np.array(form, dtype=np.int32)
        made[f"{name}.{place}.vectors"] = np.stack([getattr(layer, key) for key in _VECTORS])
        made[f"{name}.{place}.weight"] = layer.weight
    return made


def from_arrays(arrays: Arrays, name: str, source: str = "weights") -> Network:
    """Make a network of named tensors and prove it exact.

    Args:
        arrays: tensors of a file.
        name: which network.
        source: what errors call the file.

    Raises:
        WeightsError: it is absent, malformed, of a later version, or might round.
    """
    try:
        return _network(arrays, name)
    except ValueError as error:
        raise WeightsError(
            f"{source}: network {name!r}: {error}",
            hint="Export it again by semcodec_torch.exact, or fetch the file again.",
        ) from None


def _network(arrays: Arrays, name: str) -> Network:
    version, count, clamp = _integers(arrays, f"{name}.form", (3,))
    if version != VERSION:
        raise ValueError(f"expected version {VERSION}, got {version}")
    if not 1 <= count <= len(arrays):
        raise ValueError(f"expected as many layers as there are tensors for, got {count}")
    return Network(layers=tuple(_layers(arrays, name, count)), clamp=clamp)


def _layers(arrays: Arrays, name: str, count: int) -> Iterable[Layer]:
    for place in range(count):
        key = f"{name}.{place}"
        stride, upsampling = _integers(arrays, f"{key}.form", (2,))
        if not 0 <= upsampling < len(UPSAMPLINGS):
            raise ValueError(f"layer {place}: expected an upsampling of 0, 1 or 2")
        weight = _array(arrays, f"{key}.weight", np.int8)
        vectors = _array(arrays, f"{key}.vectors", np.int32)
        if weight.ndim != 4 or vectors.shape != (len(_VECTORS), weight.shape[0]):
            raise ValueError(
                f"layer {place}: expected a weight (outputs, inputs, k, k) and vectors "
                f"(4, outputs), got {weight.shape} and {vectors.shape}"
            )
        bias, shift, low, high = vectors
        try:
            yield Layer(
                weight=weight,
                bias=bias,
                shift=shift,
                low=low,
                high=high,
                stride=stride,
                upsampling=cast("Upsampling", UPSAMPLINGS[upsampling]),
            )
        except ValueError as error:
            raise ValueError(f"layer {place}: {error}") from None


def _array(arrays: Arrays, key: str, dtype: Any) -> NDArray[Any]:
    found = arrays.get(key)
    if found is None:
        raise ValueError(f"there is no tensor {key!r}")
    if found.dtype != dtype:
        raise ValueError(f"expected {key!r} of {np.dtype(dtype)}, got {found.dtype}")
    return found


def _integers(arrays: Arrays, key: str, shape: tuple[int, ...]) -> list[int]:
    found = _array(arrays, key, np.int32)
    if found.shape != shape:
        raise ValueError(f"expected {key!r} of shape {shape}, got {found.shape}")
    return [int(value) for value in found]
