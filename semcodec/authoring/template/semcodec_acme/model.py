# if model
"""An entropy model: which table of probabilities each symbol is coded with."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from semcodec import Context, EntropyModel, Interval, Symbols, TablePass, component
from semcodec.coding.tables import RATIO, laplace_tables

__all__ = ["ByPlace"]


@component
class ByPlace(EntropyModel):
    """Laplace tables by the place in the block: narrower with every doubling of its distance.

    The place is that in the last two axes, its distance the sum of row and column. Neighbouring
    tables differ in scale by a ratio of 1.131.

    Attributes:
        first: table of the corner, of 64 tables of mean magnitudes from 0.11 to 257.
        fall: how many tables narrower each doubling of the distance makes it.
    """

    index_ratio = RATIO

    first: Annotated[int, Interval(ge=0, le=63)] = 46
    fall: Annotated[int, Interval(ge=0, le=63)] = 9

    def passes(
        self, symbols: Symbols, guides: Mapping[str, Any], ctx: Context
    ) -> Generator[TablePass, NDArray[np.int32], None]:
        """Code all symbols in one pass."""
        rows, columns = (1, 1, *symbols.shape)[-2:]
        distance = np.arange(rows)[:, None] + np.arange(columns)
        doublings = np.searchsorted(2 ** np.arange(32), distance, side="right")
        indexes = np.maximum(self.first - self.fall * doublings, 0).astype(np.int32)
        spread = np.broadcast_to(indexes.reshape(symbols.shape[-2:]), symbols.shape)
        yield TablePass(tables=laplace_tables(), indexes=spread)
# end
