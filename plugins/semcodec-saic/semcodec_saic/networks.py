"""The float networks: picture and saliency to latent and back, latent to hyper-latent.

Two cores have to run them, so the work stands where pixels are few: a patch of 8x8 pixels becomes
one vector at stride 4, residual blocks follow at strides 4, 8 and 16, and pixel shuffles lead back.

Two cores have to train them as well, so each direction has a linear shortcut that begins as the
discrete cosine transform of 16x16 pixels, and networks that begin by adding nothing: an untrained
model is a transform codec, and training only improves on it. What was tried is in docs/training.md.
This module imports torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

__all__ = [
    "CELL",
    "HYPER_CELL",
    "Analysis",
    "HyperAnalysis",
    "Networks",
    "Synthesis",
    "Widths",
    "costs",
    "margin",
    "scales",
]

CELL = 16
"""Pixels on a side of a cell of the latent."""

HYPER_CELL = 64
"""Pixels on a side of a cell of the hyper-latent; pictures are padded to a multiple."""

_LATENT_UNIT = 14.0
"""Steps of gain 1 in the range of a picture: orthonormal coefficients in steps of 18 levels, for
which the lambda of gains.py is the right one (D = 18²/12 for each of them)."""
_HYPER_UNIT = 4.0
_LINEAR_UNIT = 1 / 32
"""Adam moves every weight by about the learning rate, whatever its size; a basis of 768 pixels has
weights of 1/16, and moves of a thousandth, all of one sign, would shake it by several steps."""
_COARSE_UNIT = 16.0
_SLOPE = 0.1
_RARITY = (1.0, 8.0, 16.0)  # of the colour axes: how much less variance, against gray


@dataclass(frozen=True)
class Widths:
    """Sizes of the networks.

    Attributes:
        trunk: channels at strides 4, 8 and 16.
        blocks: residual blocks at these strides, in each direction.
        latent: channels of the latent.
        hyper: channels of the hyper-latent.
    """

    trunk: tuple[int, int, int] = (64, 96, 128)
    blocks: tuple[int, int, int] = (2, 1, 2)
    latent: int = 320
    hyper: int = 96


class _Block(nn.Module):  # type: ignore[misc]
    """``x + conv(act(conv(x)))``; narrow inside where pixels are many."""

    def __init__(self, width: int, *, narrow: bool) -> None:
        super().__init__()
        if narrow:
            inner = width // 2
            layers = [nn.Conv2d(width, inner, 1), _act(), nn.Conv2d(inner, inner, 3, padding=1)]
            layers += [_act(), nn.Conv2d(inner, width, 1)]
        else:
            layers = [nn.Conv2d(width, width, 3, padding=1), _act()]
            layers += [nn.Conv2d(width, width, 3, padding=1)]
        self.layers = _begun(nn.Sequential(*layers))
        # At the start a block is nearly the identity, so that depth costs no steps.
        layers[-1].weight.data.mul_(0.1)

    def forward(self, x: Any) -> Any:
        return self.layers(x).add_(x)


class Analysis(nn.Module):  # type: ignore[misc]
    """Picture and saliency map to latent, stride 16.

    Args:
        widths: sizes.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        fine, middle, coarse = widths.trunk
        self.layers = _sequence(
            nn.Conv2d(4, fine, 8, stride=4, padding=2),
            *_blocks(fine, widths.blocks[0], narrow=True),
            nn.Conv2d(fine, middle, 4, stride=2, padding=1),
            *_blocks(middle, widths.blocks[1]),
            nn.Conv2d(middle, coarse, 4, stride=2, padding=1),
            *_blocks(coarse, widths.blocks[2]),
            _silent(nn.Conv2d(coarse, widths.latent, 3, padding=1)),
        )
        self.linear = nn.Conv2d(3, widths.latent, CELL, stride=CELL, bias=False)
        self.linear.weight.data.copy_(_cosines(widths.latent) / _LINEAR_UNIT)

    def forward(self, picture: Any, saliency: Any) -> Any:
        """Analyse.

        Args:
            picture: float32 (batch, 3, height, width) in [0, 1], sides multiples of 16.
            saliency: float32 (batch, 1, height, width) in [0, 1]; zeros for a plain encoding.

        Returns:
            float32 (batch, latent, height / 16, width / 16), in steps of gain 1.
        """
        x = torch.cat([picture, saliency], dim=1).sub_(0.5)
        linear = self.linear(x[:, :3]).mul_(_LINEAR_UNIT)
        return self.layers(x).add_(linear).float().mul_(_LATENT_UNIT)


class Synthesis(nn.Module):  # type: ignore[misc]
    """Latent to picture.

    Args:
        widths: sizes.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        fine, middle, coarse = widths.trunk
        self.layers = _sequence(
            nn.Conv2d(widths.latent + 1, coarse, 3, padding=1),
            *_blocks(coarse, widths.blocks[2]),
            *_finer(coarse, middle, 2),
            *_blocks(middle, widths.blocks[1]),
            *_finer(middle, fine, 2),
        )
        # A pixel shuffle by 16, then back by 4: the picture as 48 channels at stride 4.
        self.linear = nn.Conv2d(widths.latent, 3 * CELL * CELL, 1, bias=False)
        basis = _cosines(widths.latent).flatten(1).T[..., None, None]
        self.linear.weight.data.copy_(basis / _LINEAR_UNIT)
        self.seen = _sequence(nn.Conv2d(3 * 16 + 1, fine, 1))
        self.last = _sequence(
            *_blocks(fine, widths.blocks[0], narrow=True),
            _silent(nn.Conv2d(fine, 3 * 16, 3, padding=1)),
            nn.PixelShuffle(4),
        )

    def forward(self, latent: Any, coarseness: Any) -> Any:
        """Synthesise.

        Args:
            latent: float32 (batch, latent, rows, columns), as the decoder knows it.
            coarseness: float32 (batch, 1, rows, columns): of each cell's step the logarithm to the
                base ``RATIO``, as the decoder knows it.

        Returns:
            float32 (batch, 3, 16 rows, 16 columns), about [0, 1], not clipped.
        """
        x, plane = latent / _LATENT_UNIT, coarseness / _COARSE_UNIT
        linear = nn.functional.pixel_shuffle(self.linear(x).mul_(_LINEAR_UNIT), CELL)
        blocks = nn.functional.pixel_unshuffle(linear, 4)
        fine = nn.functional.interpolate(plane, scale_factor=4.0)
        seen = self.seen(torch.cat([blocks, fine], dim=1))
        made = self.layers(torch.cat([x, plane], dim=1))
        return self.last(made.add_(seen)).add_(linear).float().add_(0.5)


class HyperAnalysis(nn.Module):  # type: ignore[misc]
    """Latent to hyper-latent, stride 4, after Ballé et al., arXiv 1802.01436, figure 4.

    It sees logarithms: of magnitudes, from which scales follow, and with signs, for the means.

    Args:
        widths: sizes.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        width = widths.hyper
        self.layers = _sequence(
            nn.Conv2d(2 * widths.latent, width, 1),
            _act(),
            nn.Conv2d(width, width, 5, stride=2, padding=2),
            _act(),
            nn.Conv2d(width, width, 5, stride=2, padding=2),
        )

    def forward(self, latent: Any) -> Any:
        """Analyse.

        Args:
            latent: float32 (batch, latent, rows, columns), rows and columns multiples of 4.

        Returns:
            float32 (batch, hyper, rows / 4, columns / 4), to be rounded to integers.
        """
        size = torch.log1p(latent.abs())
        return self.layers(torch.cat([size, size * latent.sign()], dim=1)).float() * _HYPER_UNIT


class Networks(nn.Module):  # type: ignore[misc]
    """What codes: analysis, hyper-analysis and synthesis, as one file of weights holds them.

    Args:
        widths: sizes.

    Attributes:
        margins: overlaps of tiles, as :func:`margin` gives them.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.analysis = Analysis(widths)
        self.hyper_analysis = HyperAnalysis(widths)
        self.synthesis = Synthesis(widths)
        self.margins = margin(widths)


def costs(networks: Networks, name: str, cells: tuple[int, int]) -> tuple[int, int]:
    """Count parameters and multiply-accumulate operations of one network.

    Args:
        networks: on the device ``meta``, where nothing is computed.
        name: ``"analysis"``, ``"hyper_analysis"`` or ``"synthesis"``.
        cells: rows and columns of the latent.
    """
    rows, columns = cells
    count = 0

    def add(layer: Any, _: Any, out: Any) -> None:
        nonlocal count
        count += out[0].numel() * layer.weight[0].numel()

    made = getattr(networks, name)
    convolutions = [layer for layer in made.modules() if isinstance(layer, nn.Conv2d)]
    hooks = [layer.register_forward_hook(add) for layer in convolutions]
    sides = (CELL * rows, CELL * columns)
    with torch.device("meta"), torch.no_grad():
        if name == "analysis":
            made(torch.empty(1, 3, *sides), torch.empty(1, 1, *sides))
        elif name == "synthesis":
            channels = made.linear.in_channels
            made(torch.empty(1, channels, rows, columns), torch.empty(1, 1, rows, columns))
        else:
            made(torch.empty(1, made.layers[0].in_channels // 2, rows, columns))
    for hook in hooks:
        hook.remove()
    return sum(each.numel() for each in made.parameters()), count


def margin(widths: Widths) -> tuple[int, int]:
    """Give the overlap with which tiles of these networks equal the whole.

    Returns:
        Pixels that a latent cell sees beyond its own 16, rounded up to cells, and cells that a
        pixel sees beyond the one it is in.
    """
    fine, middle, coarse = widths.blocks
    # Each block of two 3x3 convolutions reaches 2 pixels of its stride, a narrow one 1; then the
    # last convolution, the two of 4x4 (1 beyond their patch) and the patch of 8x8 (2).
    pixels = 2 + 4 * fine + 4 + 8 * 2 * middle + 8 + 16 * (2 * coarse + 1)
    # Back: the first and the widening convolutions reach 1 of their stride each.
    back = 16 * (1 + 2 * coarse + 1) + 8 * (2 * middle + 1) + 4 * (fine + 1)
    return -(-pixels // CELL) * CELL, -(-back // CELL)


def _sequence(*layers: Any) -> Any:
    return _begun(nn.Sequential(*layers))


def _begun(layers: Any) -> Any:
    """Start convolutions so that they keep the variance; torch's own start loses 2/3 of it.

    Through the ten layers of a direction hardly anything would come out at first.
    """
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
            nn.init.zeros_(layer.bias)
            if getattr(layer, "silent", False):
                nn.init.zeros_(layer.weight)
    return layers


def _silent(layer: Any) -> Any:
    """Mark a layer as one that gives zeros at the start."""
    layer.silent = True
    return layer


def scales(count: int) -> Any:
    """Give the standard deviations, in steps of gain 1, of the coefficients that an untrained
    analysis gives, over photographs, about: float32 (count,).
    """
    frequency, order = _rarest(count)
    return (20.0 * frequency.flatten()[order] ** -0.7).float()


def _cosines(count: int) -> Any:
    """Give the basis of the ``count`` coefficients that are largest in photographs.

    Orthonormal cosines of 16x16 pixels of three orthonormal colour axes: gray, red less blue, and
    green less both.

    Returns:
        float32 (count, 3, 16, 16).
    """
    place = torch.arange(CELL, dtype=torch.float64)
    cosines = torch.cos(math.pi / CELL * (place + 0.5) * place[:, None]) * math.sqrt(2 / CELL)
    cosines[0] = math.sqrt(1 / CELL)
    axes = torch.tensor([[1, 1, 1], [1, 0, -1], [1, -2, 1]], dtype=torch.float64)
    axes = axes / axes.norm(dim=1, keepdim=True)
    basis = torch.einsum("ac,uy,vx->auvcyx", axes, cosines, cosines)
    return basis.flatten(0, 2)[_rarest(count)[1]].float()


def _rarest(count: int) -> tuple[Any, Any]:
    """Order coefficients by variance, a falling power of the frequency.

    Returns:
        Squared frequencies (3, 16, 16), weighted by :data:`_RARITY`, and the places of the
        ``count`` lowest.
    """
    squares = torch.arange(CELL, dtype=torch.float64) ** 2
    weights = torch.tensor(_RARITY, dtype=torch.float64)[:, None, None]
    frequency = (squares[:, None] + squares + 0.5) * weights
    return frequency, frequency.flatten().argsort(stable=True)[:count]


def _act() -> Any:
    return nn.LeakyReLU(_SLOPE, inplace=True)


def _blocks(width: int, count: int, *, narrow: bool = False) -> list[Any]:
    return [_Block(width, narrow=narrow) for _ in range(count)]


def _finer(width: int, out: int, by: int) -> list[Any]:
    """Widen by pixel shuffle: a transposed convolution does the same work on more pixels."""
    return [nn.Conv2d(width, out * by * by, 3, padding=1), nn.PixelShuffle(by)]
