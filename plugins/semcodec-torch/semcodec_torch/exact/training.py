"""Layers that are trained with the rounding they will have, and exported to exact networks.

On a CPU every forward pass, in training and after it, gives the integers of the exported network.
On a GPU cuDNN may choose Winograd's algorithm, and a sum at the edge of two integers may end on the
other side: training does not mind, and what is exported is exact.

Weights are 8-bit multiples of a power of two that each output channel has of its own, chosen in
every pass as fine as 8 bits and the bound of 2**24 on partial sums allow. Gradients go straight
through (Jacob et al., arXiv 1712.05877). This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import torch
from torch import nn

from semcodec_torch.exact.layers import ACTIVATION, LIMIT, Layer, Network, Upsampling
from semcodec_torch.straight import bounded, replaced, rounded

__all__ = ["QuantizedConv2d", "QuantizedNetwork"]

PerChannel: TypeAlias = "float | Sequence[float]"
_WEIGHT = 127
_FINEST = 20


class QuantizedConv2d(nn.Module):  # type: ignore[misc]
    """A convolution of integers, a rounding and a clamp: one layer of an exact network.

    Its weights are those of a common convolution of real numbers; ``unit_in`` integers stand for
    1 at the input and ``unit`` integers for 1 at the output.

    Args:
        inputs: channels that it takes.
        kernels: channels that the convolution gives; ``"shuffle"`` makes a quarter of them.
        kernel: 1, 3 or 5.
        stride: 1 or 2.
        upsampling: as :class:`~semcodec_torch.exact.layers.Layer` has it.
        bound: largest magnitude of an input, at most 255.
        unit_in: integers for 1 at the input, a power of two.
        unit: integers for 1 at the output, a power of two, or one for each kernel.
        low: least result, or one for each kernel.
        high: greatest result likewise; 127 by default, 7 bits.
        output: whether values outside the clamp get a gradient that leads back inside. Without
            it a layer is a ReLU as usual.
    """

    def __init__(
        self,
        inputs: int,
        kernels: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        upsampling: Upsampling = "none",
        bound: int = 127,
        unit_in: float = 16,
        unit: PerChannel = 16,
        low: PerChannel = 0,
        high: PerChannel = 127,
        output: bool = False,
    ) -> None:
        super().__init__()
        if not 1 <= bound <= ACTIVATION:
            raise ValueError(f"expected a bound from 1 to {ACTIVATION}, got {bound}")
        common = nn.Conv2d(inputs, kernels, kernel)
        nn.init.kaiming_normal_(common.weight, nonlinearity="relu")
        self.weight = common.weight
        self.bias = nn.Parameter(torch.zeros(kernels))
        for name, values in (("unit", unit), ("low", low), ("high", high)):
            column = torch.as_tensor(values, dtype=torch.float32).expand(kernels).clone()
            self.register_buffer(name, column.reshape(-1, 1, 1), persistent=False)
        self.unit_in, self.bound = unit_in, bound
        self.stride, self.upsampling, self.output = stride, upsampling, output

    def extra_repr(self) -> str:
        """Say what a printed network shows of it."""
        return f"{tuple(self.weight.shape)}, stride={self.stride}, upsampling={self.upsampling!r}"

    def integers(self) -> tuple[Any, Any, Any]:
        """Quantise the weights.

        Returns:
            float64 tensors that hold integers: weights, biases with half a unit for the rounding,
            and shifts.
        """
        with torch.no_grad():
            weight, bias = (each.detach().double() for each in self._scaled())
            size = weight.abs()
            fan = weight[0].numel()
            shift = 7 - torch.frexp(size.amax(dim=(1, 2, 3))).exponent
            # What rounding every weight up by half would add is set aside first.
            room = LIMIT - 2 - fan * self.bound / 2
            total = size.sum(dim=(1, 2, 3)) * self.bound + bias.abs() + 0.5
            shift = torch.minimum(shift, torch.frexp(room / total).exponent - 1)
            shift = shift.clamp(0, _FINEST).double()
            scale = torch.exp2(shift)
            integers = torch.floor(weight * scale.reshape(-1, 1, 1, 1) + 0.5)
            half = torch.floor(scale / 2)
            return (
                integers.clamp(-_WEIGHT, _WEIGHT),
                torch.floor(bias * scale + 0.5) + half,
                shift,
            )

    def forward(self, x: Any) -> Any:
        """Run the layer.

        Args:
            x: (batch, inputs, rows, columns) that holds integers within the bound.

        Returns:
            float32 that holds integers, those that the exported layer gives.
        """
        weight, bias, shift = self.integers()
        step = torch.exp2(-shift)
        with torch.autocast(x.device.type, enabled=False):
            real, offset = self._scaled()
            # Multiples of a power of two below 2**24 of it are exact in float32, sums included.
            weight = replaced(real, (weight * step.reshape(-1, 1, 1, 1)).float())
            bias = replaced(offset, (bias * step).float())
            sums = nn.functional.conv2d(
                x.float(), weight, stride=self.stride, padding=weight.shape[2] // 2
            )
            sums = sums + bias.reshape(-1, 1, 1)
            made = replaced(sums, torch.floor(sums.detach()))
            if self.output:
                made = bounded(made, self.low, self.high)
            else:
                made = torch.minimum(torch.maximum(made, self.low), self.high)
            if self.upsampling == "nearest":
                return made.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
            if self.upsampling == "shuffle":
                return nn.functional.pixel_shuffle(made, 2)
            return made

    def export(self) -> Layer:
        """Give the layer as integers.

        Raises:
            ValueError: weights so large that they do not fit int8 and int32.
        """
        weight, bias, shift = (each.cpu().long().numpy() for each in self.integers())
        low, high = (each.flatten().cpu().long().numpy() for each in (self.low, self.high))
        return Layer(
            weight=weight,
            bias=bias,
            shift=shift,
            low=low,
            high=high,
            stride=self.stride,
            upsampling=self.upsampling,
        )

    def _scaled(self) -> tuple[Any, Any]:
        """Weights and biases in integers of the output for integers of the input."""
        unit = self.unit.reshape(-1, 1, 1, 1)
        return self.weight * (unit / self.unit_in), self.bias * self.unit.flatten()


class QuantizedNetwork(nn.Module):  # type: ignore[misc]
    """Quantised layers one after another.

    Args:
        layers: at least one.
        clamp: what it is given is rounded, and clamped to [-clamp, clamp]; at most the first
            layer's bound.
    """

    def __init__(self, *layers: QuantizedConv2d, clamp: int = 127) -> None:
        super().__init__()
        if not layers or not 1 <= clamp <= layers[0].bound:
            most = layers[0].bound if layers else "the bound of a first layer"
            raise ValueError(f"expected layers and a clamp from 1 to {most}, got {clamp}")
        self.layers = nn.ModuleList(layers)
        self.clamp = clamp

    def forward(self, x: Any) -> Any:
        """Run the network on real numbers or integers (batch, inputs, rows, columns)."""
        x = bounded(rounded(x.float()), -self.clamp, self.clamp)
        for layer in self.layers:
            x = layer(x)
        return x

    def export(self) -> Network:
        """Give the network as integers, proved exact.

        Raises:
            ValueError: weights that do not fit, or a proof that fails; lower the learning rate or
                decay the weights.
        """
        return Network(layers=tuple(layer.export() for layer in self.layers), clamp=self.clamp)
