"""The zoo's entropy models over integer tables of ours, for any quantizer and any coder."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO, gaussian_tables, scale_grid
from semcodec.contracts.coding import AdaptivePass, TablePass
from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Determinism, EntropyModel, Guides, Port
from semcodec.contracts.params import component
from semcodec.contracts.values import Latent, Symbols
from semcodec.errors import SettingError
from semcodec_anchors.zoo.checkpoints import prior
from semcodec_anchors.zoo.costs import part_cost
from semcodec_anchors.zoo.networks import Chosen, decoding
from semcodec_anchors.zoo.running import exactly

__all__ = ["Factorized", "Hyperprior"]

Ints: TypeAlias = NDArray[np.int32]
Passes: TypeAlias = Generator[TablePass | AdaptivePass, Ints, None]
_HYPER = 4


@component
class Factorized(Chosen, EntropyModel):
    """The tables of a zoo network's ``entropy_bottleneck``, one a channel, and its medians.

    They are those that were exported with the weights, integers of 16 bits as ours are, so that
    nothing is computed here and this model is bit-exact. Published weights have them; a checkpoint
    without them is refused.

    Its parameters are those of the ``anchors.compressai-hyper-analysis`` before it.
    """

    model: Literal["bmshj2018-hyperprior", "mbt2018-mean"] = "mbt2018-mean"

    def accepts(self, symbols: Symbols) -> str:
        """Take symbols of (channels, rows, columns)."""
        return _planes(symbols)

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """Yield one pass over all symbols.

        Args:
            symbols: their description.
            guides: none.
            ctx: the context.

        Raises:
            SettingError: the symbols are of another network.
            PluginError: a package is missing; UnknownCodec at the decoder.
            WeightsError: weights are missing, others, or without tables.
        """
        path = decoding(self.path) if ctx.side == "decode" else self.path()
        tables, medians = prior(self.model, path)
        if len(tables) != symbols.shape[0]:
            raise SettingError(
                f"anchors.compressai-factorized: quality {self.quality} of {self.model} has tables "
                f"for {len(tables)} channels, the symbols have {symbols.shape[0]}",
                hint="Give all stages of a network the same parameters.",
            )
        indexes = np.arange(len(tables), dtype=np.int32)[:, None, None]
        yield TablePass(
            tables=tables,
            indexes=np.broadcast_to(indexes, symbols.shape),
            means=np.broadcast_to(medians[:, None, None], symbols.shape),
        )


@component
class Hyperprior(Chosen, EntropyModel):
    """Gaussian tables chosen by ``h_s`` of a zoo network that reads a hyper-latent, and its means.

    Each scale takes the table of the core's grid that is nearest in ratio, where CompressAI takes
    the next larger one of nearly the same grid, so that a quantizer's gain is a shift by whole
    tables. ``bmshj2018-hyperprior`` has no means.

    The network computes with floats, so the tables are the encoder's only where its floats come out
    to the last bit: on the same build of torch and kind of processor. A codec with this model is
    private and has ``check: true``.

    Its parameters are those of the ``anchors.compressai-analysis`` that made the latent.
    """

    ports: ClassVar[Mapping[str, Port]] = {"hyper": Port(Latent)}
    determinism: ClassVar[Determinism] = "stable"  # type: ignore[assignment]
    index_ratio: ClassVar[float | None] = RATIO

    model: Literal["bmshj2018-hyperprior", "mbt2018-mean"] = "mbt2018-mean"

    def accepts(self, symbols: Symbols) -> str:
        """Take symbols of (channels, rows, columns)."""
        return _planes(symbols)

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """Yield one pass over all symbols; the network runs on the CPU.

        Args:
            symbols: their description.
            guides: ``hyper``, float32 (channels, rows / 4, columns / 4).
            ctx: the context.

        Raises:
            SettingError: symbols or hyper-latent are of another network.
            PluginError: a package is missing; UnknownCodec at the decoder.
            WeightsError: weights are missing or others; the hint says where they belong.
        """
        net = self.of_side(ctx.side)
        hyper = guides["hyper"]
        channels, rows, columns = symbols.shape
        wanted = (net.N, -(-rows // _HYPER), -(-columns // _HYPER))
        if channels != net.M or rows % _HYPER or columns % _HYPER or hyper.shape != wanted:
            raise SettingError(
                f"anchors.compressai-hyperprior: quality {self.quality} of {self.model} takes "
                f"symbols of {net.M} channels, rows and columns in fours, and a hyper-latent of "
                f"{net.N} with a fourth of them, got {symbols.shape} and {hyper.shape}",
                hint="Give all stages of a network the same parameters.",
            )
        import torch

        with exactly():
            made = net.h_s(torch.from_numpy(np.ascontiguousarray(hyper))[None])[0].numpy()
        means: Any = None
        if self.model == "mbt2018-mean":
            # Damaged hyper-latents may be so large that what comes out is no number.
            means = np.nan_to_num(made[channels:], posinf=0, neginf=0)
        yield TablePass(tables=gaussian_tables(), indexes=_indexes(made[:channels]), means=means)

    def cost(self, shape: Symbols, side: Side) -> tuple[int, int]:
        """Count the hyper-synthesis: its parameters once, its operations at both sides."""
        net = self.network()
        rows, columns = (side_ // _HYPER for side_ in shape.shape[1:])
        parameters, operations = part_cost(net, "h_s", net.N, rows, columns)
        return (parameters if side == "decode" else 0), operations


def _planes(symbols: Symbols) -> str:
    if symbols.end is not None or len(symbols.shape) != 3 or 0 in symbols.shape:
        return f"expected symbols of shape (channels, rows, columns), got {symbols.shape}"
    return ""


def _indexes(scales: NDArray[np.float32]) -> Ints:
    """Give the tables nearest in ratio; what is no number takes the widest."""
    size = np.maximum(scales, np.float32(0)).astype(np.float64)
    made: Ints = np.searchsorted(_between(), size * size).astype(np.int32)
    return made


@cache
def _between() -> NDArray[np.float64]:
    """List where, squared, one table gives way to the next."""
    return np.array([a * b for a, b in pairwise(scale_grid())])
