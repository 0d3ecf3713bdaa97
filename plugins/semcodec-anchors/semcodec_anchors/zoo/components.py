"""The components: a network of one rate chosen among several, or one network with a gain."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.params import Ge, Gt, Le, component
from semcodec.contracts.values import Blob, Image
from semcodec.contracts.weights import Weights, open_weights
from semcodec.errors import ContainerError, ImageError, IntegrityError, PluginError, UnknownCodec
from semcodec_anchors.zoo.catalog import Published, hashes
from semcodec_anchors.zoo.checkpoints import load, require
from semcodec_anchors.zoo.costs import cost
from semcodec_anchors.zoo.rans import Derailed
from semcodec_anchors.zoo.running import bounded, exactly, telling
from semcodec_anchors.zoo.strings import joined, parted

__all__ = ["CompressAI", "CompressAIVbr"]

_MULTIPLE = 64  # six halvings, what compressai.utils.eval_model pads to
_MOST_PIXELS = 2**24  # 192 channels of float32 at half the sides are already 3 GB
_SIDE = 16384
_LEVELS = np.float32(255)


class _Zoo(Transform):
    """Codes a picture by ``compress`` and ``decompress`` of a CompressAI network.

    Gray is coded as RGB of three equal channels, and is their mean after decoding. The picture is
    padded with black on all sides to multiples of 64, as ``compressai.utils.eval_model`` does.
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
        if shape.depth != 8:
            return (
                f"CompressAI codes 8 bits a sample, the picture has {shape.depth}: "
                "reduce it (semcodec.image.to_depth8)"
            )
        if shape.channels not in (1, 3):
            return (
                "CompressAI codes gray or RGB, the picture has alpha: "
                "lay it over a colour (semcodec.image.flatten)"
            )
        if max(shape.height, shape.width) > _SIDE or shape.pixels > _MOST_PIXELS:
            return (
                f"the networks take sides up to {_SIDE} and {_MOST_PIXELS} pixels here, "
                f"the picture is {shape.width}x{shape.height}"
            )
        return ""

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Blob:
        """Describe the output: bytes."""
        return Blob()

    def cost(self, shape: Image, side: Side) -> tuple[int, int]:
        """Count parameters and operations; see :func:`semcodec_anchors.zoo.costs.cost`."""
        top, bottom, left, right = _padding(shape)
        rows, columns = shape.height + top + bottom, shape.width + left + right
        return cost(self.network(), side, rows, columns)

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
        top, bottom, left, right = _padding(shape)
        rgb = np.broadcast_to(value, (*value.shape[:2], 3)).astype(np.float32) / _LEVELS
        padded = np.pad(rgb, ((top, bottom), (left, right), (0, 0)))
        planes = np.ascontiguousarray(padded.transpose(2, 0, 1)[None])
        places = planes.shape[2] * planes.shape[3] // 256
        net = self.network()
        import torch

        try:
            with exactly(), bounded(), telling(net, places, ctx.progress):
                made = net.compress(torch.from_numpy(planes), **self.rate(net))
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
        try:
            net = self.network()
        except PluginError as error:
            raise UnknownCodec(str(error.args[0]), hint=error.hint) from error
        top, bottom, left, right = _padding(shape)
        rows, columns = shape.height + top + bottom, shape.width + left + right
        hyper = hasattr(net, "h_a")
        step = _MULTIPLE if hyper else 16
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
                planes = net.decompress(strings, size, **self.rate(net))["x_hat"][0].numpy()
        except Derailed as error:
            raise IntegrityError(
                f"CompressAI: {error}",
                hint="The file is damaged, or it was coded by another build of torch or on another "
                "kind of processor: decode it where it was coded (docs/zoo.md).",
            ) from None
        pixels = planes.transpose(1, 2, 0)[top : top + shape.height, left : left + shape.width]
        # What random weights make of far-out symbols need not be a number.
        levels: NDArray[np.uint8] = np.rint(np.nan_to_num(pixels) * _LEVELS).astype(np.uint8)
        if shape.channels == 1:
            total = levels.sum(axis=2, keepdims=True, dtype=np.int32)
            levels = ((2 * total + 3) // 6).astype(np.uint8)
        return np.ascontiguousarray(levels)


@component
class CompressAI(_Zoo):
    """A codec of CompressAI's image zoo, with one network for each rate.

    Gray or RGB, 8 bits. The networks are those that CompressAI publishes, found where torch.hub
    keeps them, or checkpoints of your own. Nothing is downloaded.

    Attributes:
        model: architecture, by its name in the zoo.
        metric: what the published networks were trained for; of no meaning for your own.
        quality: which network, from 1, the lowest rate.
        published: first 8 hexadecimal digits of the SHA-256 of each published file, the lowest rate
            first; left empty, they are those that this version knows.
        checkpoints: your own, the lowest rate first; then nothing published is used.
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
    metric: Literal["mse", "ms-ssim"] = "mse"
    quality: Annotated[int, Ge(1), Le(64)] = 1
    published: tuple[str, ...] = ()
    checkpoints: tuple[Weights, ...] = ()

    def __post_init__(self) -> None:
        published = _settled(self.model, self.metric, self.published, bool(self.checkpoints))
        object.__setattr__(self, "published", published)
        count = len(self.checkpoints or published)
        if self.quality > count:
            raise ValueError(f"expected a quality from 1 to {count}, got {self.quality}")

    def network(self) -> Any:
        """Load the network of this quality."""
        require()
        at = self.quality - 1
        if self.checkpoints:
            path = open_weights(self.checkpoints[at])
        else:
            sha256 = self.published[at]
            path = Published(self.model, self.metric, self.quality, sha256).find()
        return load(self.model, path)


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
        settled = _settled(self.model, "mse", given, self.checkpoint is not None)
        object.__setattr__(self, "published", "".join(settled))

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


def _settled(model: str, metric: str, given: tuple[str, ...], own: bool) -> tuple[str, ...]:
    """Say which published files a component stands for.

    Raises:
        ValueError: there are none, or both they and the user's own are given.
    """
    if own:
        if given or metric != "mse":
            raise ValueError("expected checkpoints of your own or published files, got both")
        return ()
    known = hashes(model, metric)
    if not known:
        raise ValueError(
            f"CompressAI publishes no weights of {model} for {metric}; give checkpoints of your own"
        )
    if given and (len(given) != len(known) or not all(map(_is_hash, given))):
        raise ValueError(f"expected {len(known)} hashes of 8 hexadecimal digits, got {given!r}")
    return given or known


def _is_hash(text: str) -> bool:
    return len(text) == 8 and not set(text) - set("0123456789abcdef")


@lru_cache(maxsize=64)
def _padding(shape: Image) -> tuple[int, int, int, int]:
    """Rows above and below, columns left and right (``compressai.ops.compute_padding``)."""
    rows, columns = -shape.height % _MULTIPLE, -shape.width % _MULTIPLE
    return rows // 2, rows - rows // 2, columns // 2, columns - columns // 2
