"""Large pictures through small memory: convolutional networks run tile by tile.

A tile is cut with a margin, run, and the margin dropped. At the edges of the picture there is no
margin, so the network pads there as it would for the whole; elsewhere every value that is kept has
seen exactly what it sees in the whole, if the margin covers the receptive field and nothing in the
network looks at all of the picture. The results then are equal up to the order of summation, which
the kernels chosen for a shape decide; networks of integers, whose sums are exact, give equal bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Tile", "tiled", "tiles"]


class Tile(NamedTuple):
    """A stretch of one axis, in cells.

    Attributes:
        start: first cell to run.
        stop: the cell behind the last to run.
        first: first cell to keep.
        last: the cell behind the last to keep.
    """

    start: int
    stop: int
    first: int
    last: int


def tiles(cells: int, size: int, margin: int) -> Iterator[Tile]:
    """Split an axis.

    Args:
        cells: its length, at least 1.
        size: cells to keep of each tile, at least 1; the last may have fewer.
        margin: cells to run on either side besides, where there are any.

    Raises:
        ValueError: a number is below its least.
    """
    if cells < 1 or size < 1 or margin < 0:
        raise ValueError(
            f"expected cells and size of at least 1 and margin of 0, got {cells}, {size}, {margin}"
        )
    for first in range(0, cells, size):
        last = min(first + size, cells)
        yield Tile(max(0, first - margin), min(cells, last + margin), first, last)


def tiled(
    network: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    size: int,
    margin: int,
    down: int = 1,
    up: int = 1,
) -> Tensor:
    """Run a network over a picture or latent in tiles.

    The cell that all lengths are counted in is ``down`` values of the input on a side and ``up`` of
    the output: an analysis of stride 16 has ``down=16``, its synthesis ``up=16``. What the network
    is given may be uint8 and on another device: it is called with slices of ``x``, and may convert
    them itself, so that no more than one tile is ever held as float.

    Args:
        network: maps (batch, channels, rows, columns) to the same with rows and columns times
            ``up / down``.
        x: the input; rows and columns are multiples of ``down``.
        size: cells on a side of the part of a tile that is kept.
        margin: cells around it that are run besides; as many as the receptive field reaches.
        down: values of the input in a cell's side.
        up: values of the output in a cell's side.

    Returns:
        The output, of the network's dtype and on its device.

    Raises:
        ValueError: lengths that do not fit, or a network of another scale than told.
    """
    import torch

    height, width = x.shape[-2:]
    if down < 1 or up < 1 or height % down or width % down or not height or not width:
        raise ValueError(f"expected rows and columns in multiples of {down}, got {height}x{width}")
    rows, columns = height // down, width // down
    out: Any = None
    for row in tiles(rows, size, margin):
        for column in tiles(columns, size, margin):
            part = network(x[..., _span(row, down), _span(column, down)])
            expected = (row.stop - row.start) * up, (column.stop - column.start) * up
            if tuple(part.shape[-2:]) != expected:
                raise ValueError(
                    f"expected an output of {expected[0]}x{expected[1]} for a tile, got "
                    f"{part.shape[-2]}x{part.shape[-1]}; check down and up"
                )
            if tuple(part.shape[-2:]) == (rows * up, columns * up):
                return part  # one tile is all
            if out is None:
                shape = (*part.shape[:-2], rows * up, columns * up)
                out = torch.empty(shape, dtype=part.dtype, device=part.device)
            out[..., _kept(row, up), _kept(column, up)] = part[
                ..., _inside(row, up), _inside(column, up)
            ]
    return out


def _span(tile: Tile, scale: int) -> slice:
    return slice(tile.start * scale, tile.stop * scale)


def _kept(tile: Tile, scale: int) -> slice:
    return slice(tile.first * scale, tile.last * scale)


def _inside(tile: Tile, scale: int) -> slice:
    return slice((tile.first - tile.start) * scale, (tile.last - tile.start) * scale)
