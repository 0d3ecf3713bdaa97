"""The components: a network of one rate chosen among several, or one network with a gain."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.params import Gt, Le, component
from semcodec.contracts.values import Blob, Image
from semcodec.contracts.weights import Weights, open_weights
from semcodec.errors import ContainerError, ImageError, IntegrityError
from semcodec_anchors.zoo.catalog import Published
from semcodec_anchors.zoo.checkpoints import load, require
from semcodec_anchors.zoo.costs import cost
from semcodec_anchors.zoo.networks import Chosen, decoding, settled
from semcodec_anchors.zoo.pictures import levels, padded, planes, refusal
from semcodec_anchors.zoo.rans import Derailed
from semcodec_anchors.zoo.running import bounded, exactly, telling
from semcodec_anchors.zoo.strings import joined, parted

__all__ = ["CompressAI", "CompressAIVbr"]


class _Zoo(Transform):
    """Codes a picture by ``compress`` and ``decompress`` of a CompressAI network.

    Gray and pictures of any size become what it takes as :mod:`semcodec_anchors.zoo.pictures` says.
    """

    consumes = Image
    produces = Blob
    determinism = "stable"

    @abstractmethod
    def network(self) -> Any:
        """Load the network."""

    def rate(self, net: Any) -> dict[str, Any]:
        """Give what ``compress`` and ``decompress`` take beside the picture or the strings."""
        return {}

    def accepts(self, shape: Image) -> str:
        """Refuse 16 bits, alpha, and pictures too large."""
        return refusal(shape)

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Blob:
        """Describe the output: bytes."""
        return Blob()

    def cost(self, shape: Image, side: Side) -> tuple[int, int]:
        """Count parameters and operations; see :func:`semcodec_anchors.zoo.costs.cost`."""
        return cost(self.network(), side, *padded(shape))

    def forward(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> bytes:
        """Encode, on the CPU whatever ``ctx.device`` is.

        Args:
            value: uint8 (height, width, 1 or 3).
            guides: none.
            ctx: the context.

        Returns:
            CompressAI's strings (:mod:`semcodec_anchors.zoo.strings`).

        Raises:
            ImageError: the picture is of another kind.
            PluginError: a package is missing; the hint says what to install.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        shape = Image.of(value)
        problem = self.accepts(shape)
        if problem:
            raise ImageError(problem)
        given = planes(value)
        places = given.shape[2] * given.shape[3] // 256
        net = self.network()
        import torch

        try:
            with exactly(), bounded(), telling(net, places, ctx.progress):
                made = net.compress(torch.from_numpy(given), **self.rate(net))
        except Derailed as error:
            raise ImageError(
                f"CompressAI: cannot encode {shape} ({error})",
                hint="Its weights may have been saved from a training that diverged.",
            ) from None
        return joined([string for [string] in made["strings"]])

    def inverse(self, value: bytes, guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Decode, on the CPU whatever ``ctx.device`` is.

        Args:
            value: what :meth:`forward` made.
            guides: none.
            ctx: ``ctx.shape`` describes the picture.

        Returns:
            uint8 (height, width, channels) as ``ctx.shape`` says.

        Raises:
            ContainerError: no strings of a network are in it.
            IntegrityError: the strings are damaged, or were coded where floats come out otherwise.
            UnknownCodec: a package is missing; the hint says what to install.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        shape = ctx.shape
        assert isinstance(shape, Image)
        problem = self.accepts(shape)
        if problem:
            raise ContainerError(problem)
        net = decoding(self.network)
        rows, columns = padded(shape)
        hyper = hasattr(net, "h_a")
        step = 64 if hyper else 16
        try:
            strings = [[string] for string in parted(value, 1 + hyper)]
        except ValueError as error:
            raise ContainerError(
                f"CompressAI: damaged data ({error})",
                hint="The file was truncated or altered: fetch it again.",
            ) from None
        try:
            with exactly(), bounded(), telling(net, rows * columns // 256, ctx.progress):
                size = (rows // step, columns // step)
                made = net.decompress(strings, size, **self.rate(net))["x_hat"][0].numpy()
        except Derailed as error:
            raise IntegrityError(
                f"CompressAI: {error}",
                hint="The file is damaged, or it was coded by another build of torch or on another "
                "kind of processor: decode it where it was coded (docs/zoo.md).",
            ) from None
        return levels(made, shape)


@component
class CompressAI(Chosen, _Zoo):
    """A codec of CompressAI's image zoo, with one network for each rate.

    Gray or RGB, 8 bits. The networks are those that CompressAI publishes, found where torch.hub
    keeps them, or checkpoints of your own. Nothing is downloaded.
    """

    model: Literal[
        "bmshj2018-factorized",
        "bmshj2018-factorized-relu",
        "bmshj2018-hyperprior",
        "cheng2020-anchor",
        "cheng2020-attn",
        "mbt2018",
        "mbt2018-mean",
    ]


@component
class CompressAIVbr(_Zoo):
    """A codec of CompressAI's image zoo with one network for all rates (arXiv:2402.18930).

    Gray or RGB, 8 bits. The network is the one that CompressAI publishes, found where torch.hub
    keeps it, or a checkpoint of your own. Nothing is downloaded.

    Attributes:
        model: architecture, by its name in the zoo.
        gain: what latents are multiplied by before rounding, CompressAI's ``inputscale``; the
            networks were trained from 0.1, the lowest rate, to 1.
        published: first 8 hexadecimal digits of the SHA-256 of the published file; left empty, they
            are those that this version knows.
        checkpoint: your own; then nothing published is used.
    """

    model: Literal["bmshj2018-hyperprior-vbr", "mbt2018-mean-vbr", "mbt2018-vbr"]
    gain: Annotated[float, Gt(0), Le(16)] = 1.0
    published: str = ""
    checkpoint: Weights | None = None

    def __post_init__(self) -> None:
        given = (self.published,) if self.published else ()
        found = settled(self.model, "mse", given, self.checkpoint is not None)
        object.__setattr__(self, "published", "".join(found))

    def network(self) -> Any:
        """Load the network."""
        require()
        if self.checkpoint is not None:
            path = open_weights(self.checkpoint)
        else:
            path = Published(self.model, "mse", 1, self.published).find()
        return load(self.model, path)

    def rate(self, net: Any) -> dict[str, Any]:
        """Set the gain; tables of the hyperprior that follow it are made anew."""
        import torch

        gain = torch.tensor(self.gain)
        if net.vr_entbttlnck:
            net.update(force=True, scale=gain)
        return {"stage": 2, "s": 0, "inputscale": gain}
