"""Codes one stream: predict, quantize, code, dequantize, feed back, pass by pass.

Encoder and decoder run the same loop over the same model; they differ in one step each, which
``_Coder`` and its two subclasses hold.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.ideal import bits
from semcodec.contracts.coding import (
    AdaptivePass,
    DecodeSession,
    EncodeSession,
    TablePass,
)
from semcodec.contracts.kinds import Quantizer
from semcodec.contracts.values import Symbols, ValueType
from semcodec.engine.passes import Cover, Means
from semcodec.engine.run import Run
from semcodec.errors import ContainerError
from semcodec.graph.model import Node, Stream, namespace

__all__ = ["decode_stream", "encode_stream"]

Ints = NDArray[np.int32]


def encode_stream(
    run: Run,
    stream: Stream,
    shapes: list[ValueType],
    value: Any,
    session: EncodeSession,
    *,
    closed: bool,
) -> tuple[Ints, Any]:
    """Code a value.

    Args:
        run: the picture.
        stream: the stream.
        shapes: as :meth:`Run.chain` gave them.
        value: what the stages before the quantizer made of it.
        session: writes the symbols.
        closed: whether the decoded value is wanted.

    Returns:
        The symbols, and what the decoder will hold in their place (None when not wanted).
    """
    coder = _Encoder(run, stream, shapes, session, value)
    run.phase(len(stream.stages), len(stream.stages) + 1)
    session.progress = run.progress
    q = coder.loop()
    return q, coder.dequantized() if closed else None


def decode_stream(
    run: Run, stream: Stream, shapes: list[ValueType], session: DecodeSession
) -> tuple[Ints, Any]:
    """Decode a stream; give the symbols and the dequantized value, or the symbols again."""
    coder = _Decoder(run, stream, shapes, session)
    run.phase(0, len(stream.undone) + 1)
    session.progress = run.progress
    return coder.loop(), coder.dequantized()


class _Coder(ABC):
    """The loop over a model's passes."""

    def __init__(self, run: Run, stream: Stream, shapes: list[ValueType]) -> None:
        assert stream.model is not None
        assert isinstance(shapes[-1], Symbols)
        self.run = run
        self.model: Node = stream.model
        self.symbols: Symbols = shapes[-1]
        last = stream.kept[-1] if stream.kept else None
        self.quantizer = last if last and isinstance(last.component, Quantizer) else None
        self.space = namespace(stream.source)
        self.latent: Any = shapes[-2] if self.quantizer else shapes[-1]
        self.q: Ints = np.zeros(self.symbols.shape, dtype=np.int32)
        self.means = Means(self.symbols, self.latent, self.quantizer is not None)
        self.shift: Ints | None = None
        self.mask = self._mask()
        if self.quantizer:
            self.guides = run.guides(self.quantizer, both_only=run.side == "decode")
            self.ctx = run.context(self.quantizer, self.space, self.latent, self.symbols)
            run.price(self.quantizer, self.latent)
            self.shift = self._shift(self.quantizer)

    def loop(self) -> Ints:
        """Run all passes; give the symbols."""
        passes = self._passes()
        cover = Cover(self.symbols)
        item = self._next(passes, None)
        while item is not None:
            self._hold(cover.claim(None if isinstance(item, AdaptivePass) else item.positions))
            if isinstance(item, AdaptivePass):
                self.q = self.adaptive(item)
            else:
                self._hold(self.means.problem(item))
                item = self.run.call(self.model, "means", self.means.spread, item)
                self.table(item)
            known = self.q.view()
            known.setflags(write=False)
            item = self._next(passes, known)
        self._hold(cover.problem())
        return self.q

    def _hold(self, problem: str) -> None:
        if problem:
            raise self.run.broken(self.model, problem)

    @abstractmethod
    def adaptive(self, item: AdaptivePass) -> Ints:
        """Code or decode all symbols by a primitive."""

    @abstractmethod
    def table(self, item: TablePass) -> None:
        """Code or decode the symbols of one pass into ``self.q``."""

    def chosen(self, item: TablePass) -> tuple[NDArray[np.int64] | None, Ints]:
        """Positions that are coded at all (None for all), and the table of each."""
        made: tuple[NDArray[np.int64] | None, Ints] = self.run.call(
            self.model, "indexes", self._chosen, item
        )
        return made

    def _chosen(self, item: TablePass) -> tuple[NDArray[np.int64] | None, Ints]:
        positions = item.positions
        shape = self.symbols.shape if positions is None else positions.shape
        indexes = np.asarray(item.indexes)
        if indexes.dtype.kind not in "iu":
            raise self.run.broken(self.model, f"indexes must be integers, got {indexes.dtype}")
        spread = (
            indexes if indexes.size == math.prod(shape) else np.broadcast_to(indexes, shape)
        ).reshape(-1)
        if self.shift is not None:
            moved = spread + _at(self.shift, positions)
            spread = np.clip(moved, 0, len(item.tables) - 1, out=moved)
        if self.mask is not None:
            coded = self._coded(item)
            positions = np.flatnonzero(coded) if positions is None else positions[coded]
            spread = spread[coded]
        return positions, np.ascontiguousarray(spread, dtype=np.int32)

    def _coded(self, item: TablePass) -> NDArray[np.bool_]:
        """Say which symbols of a pass the mask lets through."""
        assert self.mask is not None
        return self.mask if item.positions is None else self.mask[item.positions]

    def _mask(self) -> NDArray[np.bool_] | None:
        if self.symbols.mask is None:
            return None
        if self.symbols.mask.shape != self.symbols.shape:
            raise self.run.broken(
                self.quantizer or self.model,
                f"expected a mask of shape {self.symbols.shape}, got {self.symbols.mask.shape}",
            )
        return self.symbols.mask.reshape(-1)

    def _shift(self, quantizer: Node) -> Ints | None:
        if self.run.bound[self.model.path].adaptive:
            return None
        component = self.run.bound[quantizer.path]
        shift = self.run.call(
            quantizer, "index_shift", component.index_shift, self.guides, self.ctx
        )
        if shift is None:
            return None
        made = np.asarray(shift)
        if made.dtype.kind not in "iu" or made.shape != self.symbols.shape:
            raise self.run.broken(
                quantizer,
                f"index_shift must give integers of shape {self.symbols.shape}, "
                f"got {made.dtype} of shape {made.shape}",
            )
        kept: Ints = made.astype(np.int32, copy=False).view()
        kept.setflags(write=False)
        return kept

    def _passes(self) -> Generator[TablePass | AdaptivePass, Ints, None]:
        component = self.run.bound[self.model.path]
        guides = self.run.guides(self.model, both_only=True)
        ctx = self.run.context(self.model, self.space, self.symbols, self.symbols)
        ctx = replace(ctx, shift=self.shift)
        self.run.price(self.model, self.symbols)
        self.run.admit(self.model, component, self.symbols)
        made: Generator[TablePass | AdaptivePass, Ints, None] = self.run.call(
            self.model, "passes", component.passes, self.symbols, guides, ctx
        )
        return made

    def _next(
        self, passes: Generator[TablePass | AdaptivePass, Ints, None], known: Ints | None
    ) -> TablePass | AdaptivePass | None:
        def step() -> TablePass | AdaptivePass | None:
            try:
                return next(passes) if known is None else passes.send(known)
            except StopIteration:
                return None

        item: TablePass | AdaptivePass | None = self.run.call(self.model, "passes", step)
        if not isinstance(item, (TablePass, AdaptivePass, type(None))):
            raise self.run.broken(
                self.model, f"expected a TablePass or an AdaptivePass, got {type(item).__name__}"
            )
        return item

    def dequantized(self) -> Any:
        """Give what the symbols stand for: the quantizer's value, or they themselves."""
        if self.quantizer is None:
            return self.q
        component = self.run.bound[self.quantizer.path]
        value = self.run.call(
            self.quantizer, "dequantize", component.dequantize, self.q, self.guides, self.ctx
        )
        value = self.run.conform(self.quantizer, "dequantize", self.latent, value)
        means = self.means.placed()
        return value if means is None else value + means


class _Encoder(_Coder):
    def __init__(
        self,
        run: Run,
        stream: Stream,
        shapes: list[ValueType],
        session: EncodeSession,
        value: Any,
    ) -> None:
        super().__init__(run, stream, shapes)
        self.session = session
        self.value = value

    def quantized(self) -> Ints:
        """Symbols of the whole value under the means known so far."""
        if self.quantizer is None:
            return self._zeroed(self.value)
        component = self.run.bound[self.quantizer.path]
        means = self.means.placed()
        x = self.value if means is None else self.value - means
        q = self.run.call(self.quantizer, "quantize", component.quantize, x, self.guides, self.ctx)
        q = self.run.conform(self.quantizer, "quantize", self.symbols, q)
        return self._zeroed(q)

    def adaptive(self, item: AdaptivePass) -> Ints:
        q = self.quantized()
        self.run.call(self.model, "code", self.session.adapt, q, self.symbols, item)
        return q

    def table(self, item: TablePass) -> None:
        positions, indexes = self.chosen(item)
        q = self._priced(item, positions, indexes)
        if q is not None:
            self.q.reshape(-1)[slice(None) if positions is None else positions] = q
            self.run.call(self.model, "code", self.session.code, q, indexes, item.tables)
            return
        q = self.quantized()
        if self.symbols.end is not None:
            ended = [self.symbols.end] if q.size < self.symbols.size else []
            self.q = q
            q = np.append(q, ended).astype(np.int32)
            indexes = indexes[: q.size]
        elif positions is None:
            self.q = q = np.ascontiguousarray(q).reshape(self.symbols.shape)
        else:
            picked = q.reshape(-1)[positions]
            self.q.reshape(-1)[positions] = picked
            q = picked
        self.run.call(self.model, "code", self.session.code, q.reshape(-1), indexes, item.tables)

    def _priced(
        self, item: TablePass, positions: NDArray[np.int64] | None, indexes: Ints
    ) -> Ints | None:
        """Symbols of a pass from a quantizer that asks what they cost; else None."""
        if self.quantizer is None or self.latent.shape != self.symbols.shape:
            return None
        component = self.run.bound[self.quantizer.path]
        if type(component).choose is Quantizer.choose:
            return None
        places = np.arange(self.symbols.size) if positions is None else positions
        x = self.value.reshape(-1).take(places)
        if item.means is not None:
            x -= item.means if self.mask is None else item.means[self._coded(item)]

        def price(q: Ints, which: NDArray[np.int64]) -> NDArray[np.float64]:
            return bits(item.tables, indexes[which], q)

        q = self.run.call(
            self.quantizer, "choose", component.choose, x, places, price, self.guides, self.ctx
        )
        if q is None:
            return None
        some = replace(self.symbols, shape=places.shape, grid=(), mask=None)
        made: Ints = self.run.conform(self.quantizer, "choose", some, q)
        return made

    def _zeroed(self, q: Ints) -> Ints:
        if self.mask is None:
            return q
        return np.where(self.mask.reshape(self.symbols.shape), q, np.int32(0))


class _Decoder(_Coder):
    def __init__(
        self, run: Run, stream: Stream, shapes: list[ValueType], session: DecodeSession
    ) -> None:
        super().__init__(run, stream, shapes)
        self.session = session

    def adaptive(self, item: AdaptivePass) -> Ints:
        q: Ints = self.run.call(self.model, "decode", self.session.adapt, self.symbols, item)
        self._checked(q)
        return q

    def table(self, item: TablePass) -> None:
        positions, indexes = self.chosen(item)
        end = self.symbols.end
        q: Ints = self.run.call(self.model, "decode", self.session.code, indexes, item.tables, end)
        if end is not None:
            self.q = q[:-1] if q.size and q[-1] == end else q
            self._checked(self.q)
            return
        if q.size and (q.min() < self.symbols.low or q.max() > self.symbols.high):
            raise ContainerError(f"{self.model.path}: a decoded symbol is out of range")
        if positions is None:
            self.q = q.reshape(self.symbols.shape)
        else:
            self.q.reshape(-1)[positions] = q
        if self.run.trace is not None and self.run.trace.keep:
            self._note(positions, bits(item.tables, indexes, q))

    def _note(self, positions: NDArray[np.int64] | None, spent: NDArray[np.float64]) -> None:
        """Keep what the symbols of a pass cost."""
        assert self.run.trace is not None
        path = (self.quantizer or self.model).path
        known = self.run.trace.bits.setdefault(path, np.zeros(self.symbols.shape, np.float32))
        known.reshape(-1)[slice(None) if positions is None else positions] = spent

    def _checked(self, q: Ints) -> None:
        problem = self.symbols.check(q)
        if problem:
            raise ContainerError(f"{self.model.path}: {problem}")


def _at(values: Ints, positions: NDArray[np.int64] | None) -> Ints:
    """Take entries by flat positions; no copy of an array that repeats along its first axis."""
    if positions is None:
        return values.reshape(-1)
    if values.size and not any(values.strides):
        every: Ints = values[(0,) * values.ndim].reshape(1)
        return every
    if values.ndim > 1 and values.strides[0] == 0:
        once: Ints = values[0].reshape(-1)
        return once[positions % max(1, once.size)]
    return values.reshape(-1)[positions]
