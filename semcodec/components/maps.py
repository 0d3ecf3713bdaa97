"""Maps as a few levels a block: how a saliency map travels."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Transform
from semcodec.contracts.params import EncodeOnly, Interval, component
from semcodec.contracts.values import Map, Symbols, ValueType
from semcodec.errors import ContainerError

__all__ = ["BlockMap"]

_ROUNDS = 16
_RADII = (1, 2, 3, 4, 6, 8)
_CELLS = 1536
_FIRST, _RISE, _LAST = 0.2, 1.2, 32.0


@component
class BlockMap(Transform):
    """Pools a map over square cells and keeps one of ``levels`` levels of each.

    Level k of n stands for k / (n - 1), so 0 and 1 come back exactly, and mean pooling of a map
    that is constant over every cell errs by at most 1 / (2 (n - 1)). Cells at the right and the
    bottom border cover what is there.

    Attributes:
        block: side of a cell in pixels.
        levels: how many levels there are.
        pool: what stands for a cell. ``max`` never loses a small salient thing, ``mean`` costs
            less; ``rms``, the root of the mean square, lies between them: of a cell that is salient
            in part it says about the step that is best for the whole cell.
        calm: what a border between two cells of other levels costs, in levels that a cell may be
            off: uneven borders are drawn straighter, which takes fewer bytes. Below a quarter of
            ``levels - 1`` a cell of 1 among zeros stays. 0 rounds every cell by itself.
        budget: most bytes, as ``label-context`` and ``range`` code them, for every 1536 cells or
            part of them (768x512 pixels in cells of 16): borders cost more and more until the map
            takes no more. 0 sets no limit.
    """

    block: Annotated[int, Interval(ge=1, le=65536)] = 32
    levels: Annotated[int, Interval(ge=2, le=16)] = 4
    pool: EncodeOnly[Literal["max", "mean", "rms"]] = "max"
    calm: EncodeOnly[Annotated[float, Interval(ge=0.0, le=4.0)]] = 0.0
    budget: EncodeOnly[Annotated[int, Interval(ge=0, le=65535)]] = 0

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the levels: (ceil(height / block), ceil(width / block)) in [0, levels - 1]."""
        cells = (-(-shape.height // self.block), -(-shape.width // self.block))
        return Symbols(cells, low=0, high=self.levels - 1)

    def forward(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.int32]:
        """Turn float32 (height, width) in [0, 1] into int32 levels, one a cell."""
        top = np.arange(0, value.shape[0], self.block)
        left = np.arange(0, value.shape[1], self.block)
        if self.pool == "max":
            pooled = np.maximum.reduceat(np.maximum.reduceat(value, top, axis=0), left, axis=1)
        else:
            summed = np.square(value, dtype=np.float64) if self.pool == "rms" else value
            total = np.add.reduceat(summed, top, axis=0, dtype=np.float64)
            counts = np.outer(
                np.diff(top, append=value.shape[0]), np.diff(left, append=value.shape[1])
            )
            pooled = np.add.reduceat(total, left, axis=1) / counts
            if self.pool == "rms":
                pooled = np.sqrt(pooled)
        scaled = pooled * float(self.levels - 1)
        made = _calmed(scaled, self.levels, self.calm) if self.calm else _rounded(scaled)
        return _within(scaled, made, self.levels, self.calm, self.budget) if self.budget else made

    def inverse(
        self, value: NDArray[np.int32], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Turn levels into float32 (height, width): every pixel takes its cell's.

        Raises:
            ContainerError: the levels are not as :meth:`layout` describes them.
        """
        shape = ctx.shape
        assert isinstance(shape, Map)
        problem = self.layout(shape, guides, ctx).check(value)
        if problem:
            raise ContainerError(f"block-map: {problem}", hint="The file is damaged.")
        # One correctly rounded division a level; nothing else touches the value.
        values = np.arange(self.levels, dtype=np.float32) / np.float32(self.levels - 1)
        rows = np.arange(shape.height) // self.block
        columns = np.arange(shape.width) // self.block
        result: NDArray[np.float32] = values[value][rows[:, None], columns]
        return result


def _rounded(wanted: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    made: NDArray[np.int32] = np.floor(wanted + 0.5).astype(np.int32)
    return made


def _calmed(wanted: NDArray[np.floating[Any]], count: int, calm: float) -> NDArray[np.int32]:
    """Lower ``sum |wanted - level| + calm * (borders between neighbours)``.

    Cell by cell, which never finds that a whole band of a level had better go; so it begins from
    averages over wider and wider squares too, and the best end counts.
    """
    ends = []
    for radius in (0, *_RADII):
        levels = _settled(wanted, _rounded(_averaged(wanted, radius)), count, calm)
        borders = sum(np.count_nonzero(np.diff(levels, axis=axis)) for axis in (0, 1))
        ends.append((np.abs(wanted - levels).sum() + calm * borders, levels))
    return min(ends, key=lambda end: end[0])[1]


def _within(
    wanted: NDArray[np.floating[Any]],
    levels: NDArray[np.int32],
    count: int,
    calm: float,
    budget: int,
) -> NDArray[np.int32]:
    """Raise the price of borders until the levels fit their budget."""
    most = budget * -(-levels.size // _CELLS)
    calm = max(calm, _FIRST)
    while _spent(levels, count) > most:
        calm *= _RISE
        if calm > _LAST:  # what is left moves no more
            return np.full_like(levels, _rounded(wanted.mean()))
        levels = _calmed(wanted, count, calm)
    return levels


def _spent(levels: NDArray[np.int32], count: int) -> int:
    """Give the bytes that levels take by themselves."""
    from semcodec.coding.primitives import LABELS
    from semcodec.coding.sessions import RangeEncoder

    session = RangeEncoder()
    symbols = Symbols(levels.shape, low=0, high=count - 1)
    session.adapt(levels, symbols, AdaptivePass(primitive=LABELS))
    return len(session.finish())


def _averaged(values: NDArray[np.floating[Any]], radius: int) -> NDArray[np.float64]:
    """Average over squares of ``2 radius + 1`` cells; the border goes on outside."""
    made = np.pad(values.astype(np.float64), radius, mode="edge")
    side = 2 * radius + 1
    for _ in range(2):
        sums = np.cumsum(made, axis=0)
        sums[side:] -= sums[:-side].copy()
        made = sums[side - 1 :].T / side
    return made


def _settled(
    wanted: NDArray[np.floating[Any]], levels: NDArray[np.int32], count: int, calm: float
) -> NDArray[np.int32]:
    """Take for each cell what is best as long as its neighbours stay, until nothing moves.

    Iterated conditional modes (Besag, J. R. Stat. Soc. B 48, 1986) over the two colours of a
    checkerboard in turn, whose cells are no neighbours of each other: no step makes it worse.
    """
    every = np.arange(count)[:, None, None]
    off = np.abs(wanted - every)
    colour = np.add.outer(*map(np.arange, levels.shape)) % 2
    for _ in range(_ROUNDS):
        before = levels
        for turn in (0, 1):
            around = np.pad(levels, 1, constant_values=-1)
            sides = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
            borders = sum((side != every) & (side >= 0) for side in sides)
            best = np.argmin(off + calm * borders, axis=0)
            levels = np.where(colour == turn, best, levels).astype(np.int32)
        if (levels == before).all():
            break
    return levels
