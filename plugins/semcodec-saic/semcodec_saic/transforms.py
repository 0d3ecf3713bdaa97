"""The learned transform of SAIC: picture to latent and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from semcodec_torch.devices import device_of, inference, require
from semcodec_torch.tiling import tiled

from semcodec.coding.tables import RATIO
from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides, Port
from semcodec.contracts.params import component
from semcodec.contracts.values import Image, Latent, Map
from semcodec_saic.sizes import Sized, cells

__all__ = ["Analysis"]

_CELL = 16
_TILE = 64
"""Cells on a side of what runs at once, 1024 pixels: memory stays bounded."""


@component
class Analysis(Sized):
    """Picture, and a map that the encoder alone sees, to a latent; its inverse synthesises.

    The map is the networks' fourth input channel, as in SAIC: it tells the analysis where steps
    will be fine. Without one it is zero everywhere. The synthesis sees the step of every cell.
    Pictures are continued by their last row and column to multiples of 64 pixels; large ones run
    tile by tile.
    """

    consumes: ClassVar[type[Image]] = Image
    produces: ClassVar[type[Latent]] = Latent
    ports: ClassVar[Mapping[str, Port]] = {"saliency": Port(Map, needed_by="encode", optional=True)}

    def accepts(self, shape: Image) -> str:
        """See :meth:`Transform.accepts`."""
        fits = shape.channels in (1, 3) and shape.depth == 8
        return "" if fits else f"expected gray or RGB of 8 bits, got {shape}"

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Latent:
        """Describe the latent: whole cells of the hyper-latent in both directions."""
        return Latent((self.latent, cells(shape.height), cells(shape.width)), cell=_CELL)

    def forward(
        self, value: NDArray[np.uint8], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Turn uint8 (height, width, 1 or 3) into float32 (latent, rows, columns).

        Raises:
            WeightsError: the weights cannot be found, or are of other networks.
            PluginError: torch is missing.
        """
        torch = require()
        assert isinstance(ctx.coded, Latent)
        rows, columns = ctx.coded.shape[1:]
        height, width = value.shape[:2]
        given = np.zeros((4, height, width), np.uint8)
        given[:3] = value.transpose(2, 0, 1)
        if "saliency" in guides:
            given[3] = np.rint(guides["saliency"] * 255)
        short = [(0, 0), (0, rows * _CELL - height), (0, columns * _CELL - width)]
        planes = np.pad(given, short, mode="edge") if np.any(short) else given
        made = self.networks(ctx)

        def run(part: Any) -> Any:
            x = part.to(device_of(ctx)) / 255
            return made.analysis(x[:, :3], x[:, 3:])

        with inference(device_of(ctx)):
            margin = made.margins[0] // _CELL
            out = tiled(run, torch.from_numpy(planes)[None], size=_TILE, margin=margin, down=_CELL)
        found: NDArray[np.float32] = out[0].cpu().numpy()
        return found

    def inverse(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.uint8]:
        """Turn float32 (latent, rows, columns) into uint8 (height, width, 1 or 3).

        Raises:
            WeightsError: the weights cannot be found, or are of other networks.
            PluginError: torch is missing.
        """
        torch = require()
        made = self.networks(ctx)

        def run(part: Any) -> Any:
            x = part.to(device_of(ctx))
            x = made.synthesis(x[:, :-1], x[:, -1:])
            return x.clamp_(0, 1).mul_(255).round_().to(torch.uint8)

        given = np.empty((value.shape[0] + 1, *value.shape[1:]), np.float32)
        given[:-1] = value
        given[-1] = _coarseness(value.shape, ctx)
        latent = torch.from_numpy(given)[None]
        with inference(device_of(ctx)):
            out = tiled(run, latent, size=_TILE, margin=made.margins[1], up=_CELL)
        shape = ctx.shape
        assert isinstance(shape, Image)
        picture = out[0].cpu().numpy().transpose(1, 2, 0)[: shape.height, : shape.width]
        if shape.channels == 1:
            picture = np.rint(picture.mean(axis=2, keepdims=True)).astype(np.uint8)
        made_of: NDArray[np.uint8] = np.ascontiguousarray(picture)
        return made_of

    def cost(self, shape: Image, side: Side) -> tuple[int, int]:
        """Count the analysis at the encoder, and the synthesis at the decoder."""
        grid = (cells(shape.height), cells(shape.width))
        name = "analysis" if side == "encode" else "synthesis"
        return self.counted(name, grid)


def _coarseness(shape: tuple[int, ...], ctx: Context) -> NDArray[np.float32]:
    """Give the logarithm of each cell's step, the finest of its channels; 0 where none is known."""
    if ctx.steps is None:
        return np.zeros(shape[1:], np.float32)
    steps = np.broadcast_to(ctx.steps, shape).min(axis=0)
    made: NDArray[np.float32] = np.log(steps) / np.float32(np.log(RATIO))
    return made
