"""The zoo's analysis and synthesis as stages: the quantizer between them is anyone's."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.params import component
from semcodec.contracts.values import Image, Latent, ValueType
from semcodec.errors import ImageError, SettingError
from semcodec_anchors.zoo.costs import part_cost
from semcodec_anchors.zoo.networks import Chosen, decoding
from semcodec_anchors.zoo.pictures import levels, padded, planes, refusal
from semcodec_anchors.zoo.running import exactly

__all__ = ["Analysis", "HyperAnalysis"]

_CELL = 16
_HYPER = 4


@component
class Analysis(Chosen, Transform):
    """Picture to latent by ``g_a`` of a zoo network with a hyperprior; its inverse is ``g_s``.

    Gray or RGB, 8 bits, up to 2**24 pixels, at once: no tiles. Gray is coded as RGB of three equal
    channels, and is their mean after decoding. The picture is padded with black on all sides to
    multiples of 64, as ``compressai.utils.eval_model`` does, so that latents are those of
    CompressAI; what guides them by place is off by 2 cells at most where there is padding.

    Networks and their files are chosen as of ``anchors.compressai``.
    """

    consumes: ClassVar[type[ValueType]] = Image
    produces: ClassVar[type[ValueType]] = Latent

    model: Literal["bmshj2018-hyperprior", "mbt2018-mean"] = "mbt2018-mean"

    def accepts(self, shape: Image) -> str:
        """Refuse 16 bits, alpha, and pictures too large."""
        return refusal(shape)

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Latent:
        """Describe the latent: as many channels as the network has, on cells of 16x16.

        Raises:
            PluginError: a package is missing; UnknownCodec at the decoder.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        rows, columns = padded(shape)
        return Latent((self.of_side(ctx.side).M, rows // _CELL, columns // _CELL), cell=_CELL)

    def forward(
        self, value: NDArray[np.uint8], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Analyse, on the CPU whatever ``ctx.device`` is.

        Args:
            value: uint8 (height, width, 1 or 3).
            guides: none.
            ctx: the context.

        Returns:
            float32 (channels, rows, columns).

        Raises:
            ImageError: the picture is of another kind, or the weights make no numbers of it.
            PluginError: a package is missing; the hint says what to install.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        shape = Image.of(value)
        problem = refusal(shape)
        if problem:
            raise ImageError(problem)
        net = self.network()
        import torch

        with exactly():
            made: NDArray[np.float32] = net.g_a(torch.from_numpy(planes(value)))[0].numpy()
        if not np.isfinite(made).all():
            raise ImageError(
                f"CompressAI: cannot encode {shape} (the network gave a latent that is no number)",
                hint="Its weights may have been saved from a training that diverged.",
            )
        return made

    def inverse(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.uint8]:
        """Synthesise, on the CPU whatever ``ctx.device`` is.

        Args:
            value: float32 (channels, rows, columns).
            guides: none.
            ctx: ``ctx.shape`` describes the picture.

        Returns:
            uint8 (height, width, channels) as ``ctx.shape`` says.

        Raises:
            UnknownCodec: a package is missing; the hint says what to install.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        assert isinstance(ctx.shape, Image)
        net = decoding(self.network)
        import torch

        with exactly():
            latent = torch.from_numpy(np.ascontiguousarray(value))[None]
            made = net.g_s(latent)[0].numpy()
        return levels(made, ctx.shape)

    def cost(self, shape: Image, side: Side) -> tuple[int, int]:
        """Count the analysis at the encoder, and the synthesis at the decoder."""
        net = self.network()
        rows, columns = padded(shape)
        if side == "encode":
            return part_cost(net, "g_a", 3, rows, columns)
        return part_cost(net, "g_s", net.M, rows // _CELL, columns // _CELL)


@component
class HyperAnalysis(Chosen, Transform):
    """Latent to hyper-latent by ``h_a`` of a zoo network; has no inverse.

    Its parameters are those of the ``anchors.compressai-analysis`` before it.
    """

    consumes: ClassVar[type[ValueType]] = Latent
    produces: ClassVar[type[ValueType]] = Latent

    model: Literal["bmshj2018-hyperprior", "mbt2018-mean"] = "mbt2018-mean"

    def accepts(self, shape: Latent) -> str:
        """Take what ``anchors.compressai-analysis`` makes: cells in fours."""
        sides = shape.shape[1:]
        if len(sides) == 2 and all(side and side % _HYPER == 0 for side in sides):
            return ""
        return f"expected a latent of (channels, rows, columns) in fours, got {shape.shape}"

    def layout(self, shape: Latent, guides: Guides, ctx: Context) -> Latent:
        """Describe the hyper-latent: a fourth of the rows and columns.

        Raises:
            SettingError: the latent is of another network.
            PluginError: a package is missing; UnknownCodec at the decoder.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        net = self.of_side(ctx.side)
        channels, rows, columns = shape.shape
        if channels != net.M:
            raise SettingError(
                f"anchors.compressai-hyper-analysis: quality {self.quality} of {self.model} takes "
                f"latents of {net.M} channels, got {channels}",
                hint="Give all stages of a network the same parameters.",
            )
        return Latent((net.N, rows // _HYPER, columns // _HYPER), cell=_HYPER * shape.cell)

    def forward(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Turn float32 (channels, rows, columns) into float32 (channels, rows / 4, columns / 4).

        Raises:
            PluginError: a package is missing; the hint says what to install.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        net = self.network()
        import torch

        with exactly():
            latent = torch.from_numpy(np.ascontiguousarray(value))[None]
            # The older network is told magnitudes alone, for it predicts scales alone.
            given = latent if self.model == "mbt2018-mean" else latent.abs()
            made: NDArray[np.float32] = net.h_a(given)[0].numpy()
        return made

    def cost(self, shape: Latent, side: Side) -> tuple[int, int]:
        """Count the hyper-analysis, which the encoder alone runs."""
        return part_cost(self.network(), "h_a", *shape.shape)
