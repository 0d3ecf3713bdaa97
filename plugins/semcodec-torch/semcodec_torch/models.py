"""Entropy models whose tables, and the networks that choose among them, come with weights."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO
from semcodec.contracts.coding import AdaptivePass, TablePass
from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import EntropyModel, Guides, Port
from semcodec.contracts.params import Gt, component
from semcodec.contracts.values import Latent, Symbols
from semcodec.contracts.weights import Weights
from semcodec.errors import SettingError
from semcodec_torch.devices import device_of
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.running import Running
from semcodec_torch.entropy.tables import from_arrays
from semcodec_torch.weights import arrays, find, read

__all__ = ["Factorized", "Hyperprior"]

Ints: TypeAlias = NDArray[np.int32]
Passes: TypeAlias = Generator[TablePass | AdaptivePass, Ints, None]


@component
class Factorized(EntropyModel):
    """One static table for each channel, the first axis of the symbols; runs without torch.

    Attributes:
        weights: a safetensors file with tables named ``prior``, one a channel.
    """

    weights: Weights

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return _planes(symbols)

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`.

        Raises:
            SettingError: the weights are for another number of channels.
            WeightsError: they cannot be found or read.
        """
        tables = from_arrays(arrays(self.weights, ctx), "prior", self.weights.uri)
        if len(tables) != symbols.shape[0]:
            raise SettingError(
                f"torch.factorized: {self.weights.uri} has tables for {len(tables)} channels, the "
                f"symbols have {symbols.shape[0]}",
                hint="Name the weights that were trained with this transform.",
            )
        indexes = np.arange(len(tables), dtype=np.int32).reshape(-1, 1, 1)
        yield TablePass(tables=tables, indexes=np.broadcast_to(indexes, symbols.shape))


@component
class Hyperprior(EntropyModel):
    """Tables of a scale chosen, and means given, by an exact network that reads a hyper-latent.

    The networks compute in integers, so every machine chooses the same tables. The weights say in
    which groups of channels and phases of places symbols are coded (``entropy/order.py``); each
    pass sees the symbols of those before. All see the shift of the indexes, so one model serves all
    gains.

    Attributes:
        weights: a safetensors file that :class:`semcodec_torch.entropy.hyperprior.Hyperprior`
            exported.
        hyper_step: distance of two decoded values of the hyper-latent.
    """

    ports: ClassVar[Mapping[str, Port]] = {"hyper": Port(Latent)}
    index_ratio: ClassVar[float | None] = RATIO

    weights: Weights
    hyper_step: Annotated[float, Gt(0)] = 1.0

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return _planes(symbols)

    def cost(self, shape: Symbols, side: Side) -> tuple[int, int] | None:
        """See :meth:`EntropyModel.cost`."""
        made = _read(self.weights, find(self.weights))
        rows, columns = shape.shape[1:]
        coarse = (-(-rows // made.factor), -(-columns // made.factor))
        work = made.hyper.operations(*coarse)
        for part, head, context in made.steps():
            single = sum(layer.weight.size for layer in head.layers)
            if context is not None:
                first, *others = context.layers
                met = sum(planes for _, _, planes in part.taps(first.weight.shape[2]))
                single += met * first.outputs + sum(layer.weight.size for layer in others)
            work += single * part.places(rows, columns).size
        return sum(network.parameters for network in made.networks), work

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`.

        Raises:
            SettingError: weights, hyper-latent and symbols do not fit together.
            WeightsError: the weights cannot be found or read, or might round.
            PluginError: torch or safetensors is missing.
        """
        path = find(self.weights, ctx)
        made = _read(self.weights, path)
        self._fits(made, symbols, guides["hyper"])
        running = _running(self.weights, path, device_of(ctx))
        z = _integers(guides["hyper"], self.hyper_step, made.hyper.clamp)
        shift = _compact(symbols, ctx)
        features, known = running.features(z, shift), running.known(shift)
        _, rows, columns = symbols.shape
        for index, part in enumerate(made.parts):
            places = part.places(rows, columns)
            if not places.size:
                continue
            found = running.parameters(index, features, known, places)
            channels = np.arange(part.start, part.stop)[:, None]
            positions = channels * (rows * columns) + places
            coded = yield TablePass(
                tables=made.tables,
                indexes=found.indexes.reshape(-1),
                positions=positions.reshape(-1),
                means=found.means.reshape(-1),
            )
            if part is not made.parts[-1]:
                known.add(part.start, part.stop, coded[part.start : part.stop])

    def _fits(self, made: Conditional, symbols: Symbols, hyper: NDArray[np.float32]) -> None:
        rows, columns = symbols.shape[1:]
        coarse = (-(-rows // made.factor), -(-columns // made.factor))
        wanted = (made.hyper.inputs, *coarse)
        if symbols.shape[0] != made.channels or hyper.shape != wanted:
            raise SettingError(
                f"torch.hyperprior: for symbols of shape {symbols.shape} {self.weights.uri} takes "
                f"a hyper-latent of shape {wanted} and symbols of {made.channels} channels, got a "
                f"hyper-latent of shape {hyper.shape}",
                hint="Name the weights that were trained with these transforms.",
            )


@lru_cache(maxsize=8)
def _read(weights: Weights, path: Path) -> Conditional:
    return Conditional.from_arrays(read(path), weights.uri)


@lru_cache(maxsize=8)
def _running(weights: Weights, path: Path, device: Any) -> Running:
    return Running(_read(weights, path), device)


def _planes(symbols: Symbols) -> str:
    if symbols.end is not None or len(symbols.shape) != 3 or 0 in symbols.shape:
        return f"expected symbols of shape (channels, rows, columns), got {symbols.shape}"
    return ""


def _integers(latent: NDArray[np.float32], step: float, clamp: int) -> Ints:
    """Give the symbols of a decoded latent: its values are multiples of the step, nearly."""
    # A damaged file may hold anything: infinities become the clamp, and what is no number 0.
    scaled = np.nan_to_num(np.rint(latent / np.float32(step)), posinf=clamp, neginf=-clamp)
    made: Ints = np.clip(scaled, -clamp, clamp).astype(np.int32)
    return made


def _compact(symbols: Symbols, ctx: Context) -> Ints:
    """Give shifts once where those of all channels are equal: (channels or 1, rows, columns)."""
    if ctx.shift is None:
        return np.zeros((1, *symbols.shape[1:]), np.int32)
    first = ctx.shift[:1]
    same = ctx.shift.strides[0] == 0 or (ctx.shift == first).all()
    return first if same else ctx.shift
