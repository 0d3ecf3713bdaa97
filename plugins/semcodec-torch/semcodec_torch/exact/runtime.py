"""Exact networks in torch: float32 convolutions on a CPU, float64 matrix products on CUDA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec_torch.devices import exact_dtype, inference, require
from semcodec_torch.exact.layers import Layer, Network

__all__ = ["Runtime"]

# From 16 pictures on torch may hand a convolution to NNPACK, which computes 3x3 and 5x5 kernels by
# Winograd's algorithm or a Fourier transform: no sum of integers any more.
_MOST = 8
_PLACES = 256  # whose neighbourhoods are copied at once: so few stay in the cache


class Runtime:
    """A network ready to run on one device. It keeps no state between calls.

    Attributes:
        network: what it runs.
        device: a ``torch.device``.
        dtype: what carries the integers there.

    Args:
        network: the network.
        device: a ``torch.device``, as :func:`~semcodec_torch.devices.device_of` gives it.
    """

    def __init__(self, network: Network, device: Any) -> None:
        torch = require()
        # Metal has no float64; what small networks lose on the CPU is little.
        self.device = device if device.type in ("cpu", "cuda") else torch.device("cpu")
        self.network = network
        self.dtype = exact_dtype(self.device)
        self._layers = [_Prepared(layer, self.device, self.dtype) for layer in network.layers]

    def __call__(self, x: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Run the network.

        Args:
            x: integers (batch, inputs, rows, columns) or (inputs, rows, columns).

        Returns:
            int32 of the same rank, equal to :func:`semcodec_torch.exact.reference.run`.
        """
        batch = x if x.ndim == 4 else x[None]
        made = self.integers(self.forward(self.tensor(batch)))
        return made if x.ndim == 4 else made[0]

    def tensor(self, x: NDArray[np.integer[Any]]) -> Any:
        """Put integers (batch, channels, rows, columns) on the device, clamped to the network's."""
        torch = require()
        clamped = np.clip(x, -self.network.clamp, self.network.clamp).astype(np.float32)
        return torch.from_numpy(clamped).to(self.device, self.dtype)

    @staticmethod
    def integers(x: Any) -> NDArray[np.int32]:
        """Take a result of :meth:`forward` back as int32."""
        torch = require()
        made: NDArray[np.int32] = x.to(torch.int32).contiguous().cpu().numpy()
        return made

    def forward(self, x: Any) -> Any:
        """Run the network on a tensor that holds integers and stay on the device.

        Args:
            x: (batch, inputs, rows, columns) of ``dtype`` on ``device``, in any memory format;
                clamped here.

        Returns:
            A tensor (batch, outputs, rows, columns) that holds integers.

        Raises:
            ValueError: another number of channels.
        """
        torch = require()
        if x.ndim != 4 or x.shape[1] != self.network.inputs:
            raise ValueError(
                f"expected (batch, {self.network.inputs}, rows, columns), got {tuple(x.shape)}"
            )
        with inference(self.device):
            parts = [self._run(part) for part in x.split(_MOST)]
            return parts[0] if len(parts) == 1 else torch.cat(parts)

    def gathered(
        self, padded: Any, places: Any, margin: int, taps: Sequence[tuple[int, int, int]]
    ) -> Any:
        """Run the network at some places, where only some of the first kernel meets anything.

        Args:
            padded: planes, (inputs or more, rows + 2 margin, columns + 2 margin) integers of any
                type on ``device``; zeros around.
            places: int64 tensor on ``device``: indexes into rows and columns as one axis.
            margin: at least half the first kernel.
            taps: rows and columns of the first layer's kernel, and how many of the planes,
                counted from the first, are to be read there; all else counts as 0.

        Returns:
            A tensor (1, outputs, 1, places): what :meth:`forward` gives there, if all layers have
            stride 1 and no upsampling, and all but the first kernels of 1.
        """
        torch = require()
        with inference(self.device):
            first, clamp, wide = self._layers[0], self.network.clamp, padded.shape[2]
            flat = padded.flatten(1)
            corner = margin - first.kernel // 2
            columns = wide - 2 * margin
            corners = (places // columns + corner) * wide + places % columns + corner
            offsets = [(row * wide + column, count) for row, column, count in taps]
            weight = torch.cat([first.weight[:, :n, row, column] for row, column, n in taps], dim=1)
            parts = []
            for part in corners.split(_PLACES):
                seen = torch.cat([flat[:n].index_select(1, part + at) for at, n in offsets])
                x = seen.to(self.dtype).clamp_(-clamp, clamp)
                made = first.bounded((weight @ x + first.bias[:, None])[None, :, None])
                for layer in self._layers[1:]:
                    made = layer(made)
                parts.append(made)
            return torch.cat(parts, dim=3)

    def _run(self, x: Any) -> Any:
        x = x.clamp(-self.network.clamp, self.network.clamp)
        for layer in self._layers:
            x = layer(x)
        return x


class _Prepared:
    """A layer as tensors.

    Weights and biases are divided by ``2**shift`` beforehand: sums then are multiples of that
    power, as exact as integers are, and one pass over them is saved.
    """

    def __init__(self, layer: Layer, device: Any, dtype: Any) -> None:
        torch = require()

        def tensor(values: Any) -> Any:
            return torch.from_numpy(np.asarray(values, dtype=np.float64)).to(device, dtype)

        scale = np.exp2(-layer.shift.astype(np.float64))
        self.weight = tensor(layer.weight * scale[:, None, None, None])
        self.bias = tensor(layer.bias * scale)
        # Runs of channels with the same bounds: clamping by numbers is ten times as quick.
        both = np.stack([layer.low, layer.high])
        edges = np.flatnonzero((both[:, 1:] != both[:, :-1]).any(axis=0)) + 1
        starts, ends = [0, *edges.tolist()], [*edges.tolist(), both.shape[1]]
        self.bounds = [
            (start, end, float(layer.low[start]), float(layer.high[start]))
            for start, end in zip(starts, ends, strict=True)
        ]
        self.kernel, self.stride = layer.weight.shape[2], layer.stride
        self.upsampling = layer.upsampling
        self.convolve = self._sliding if device.type == "cpu" else self._product

    def __call__(self, x: Any) -> Any:
        torch = require()
        made = self.bounded(self.convolve(x))
        if self.upsampling == "nearest":
            return made.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
        if self.upsampling == "shuffle":
            return torch.nn.functional.pixel_shuffle(made, 2)
        return made

    def bounded(self, sums: Any) -> Any:
        """Round sums down and clamp them, in place."""
        made = sums.floor_()
        for start, end, low, high in self.bounds:
            made[:, start:end].clamp_(low, high)
        return made

    def _sliding(self, x: Any) -> Any:
        conv2d = require("torch.nn.functional").conv2d
        return conv2d(x, self.weight, self.bias, self.stride, self.kernel // 2)

    def _product(self, x: Any) -> Any:
        """Convolve by one matrix product: cuDNN's choice of algorithm is not ours to prove."""
        unfold = require("torch.nn.functional").unfold
        rows, columns = (-(-size // self.stride) for size in x.shape[2:])
        patches = unfold(x, self.kernel, padding=self.kernel // 2, stride=self.stride)
        made = self.weight.flatten(1) @ patches + self.bias[:, None]
        return made.reshape(x.shape[0], -1, rows, columns)
