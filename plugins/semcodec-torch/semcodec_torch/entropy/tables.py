"""Integer tables of real probabilities: made once, stored with the weights, never made again.

NAME.frequencies  int32 (entries,)   all tables one after another, each summing to 2**16, the
                                     escape last
NAME.lengths      int32 (tables,)    entries of each
NAME.offsets      int32 (tables,)    first symbol of each
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import PRECISION, Tables
from semcodec.errors import WeightsError
from semcodec_torch.weights import Arrays

__all__ = ["from_arrays", "from_probabilities", "stacked", "to_arrays"]

TAIL = 2.0**-14
"""Most probability that a table leaves to its escape, as in the core's tables."""

_ENTRIES = 1 << 22


def from_probabilities(rows: NDArray[np.float64], low: int) -> Tables:
    """Make one table a row, each as short as its tails allow.

    Args:
        rows: float64 (tables, symbols): probabilities of the symbols from ``low`` on; what a row
            lacks to 1 goes to the escape.
        low: the first symbol.

    Raises:
        ValueError: probabilities that are negative, no numbers, or sum to more than 1.
    """
    if rows.ndim != 2 or not np.isfinite(rows).all() or (rows < 0).any():
        raise ValueError("expected rows of probabilities, got negative values or no numbers")
    if (rows.sum(axis=1) > 1 + 1e-6).any():
        raise ValueError("expected rows that sum to at most 1")
    return stacked([_table(row, low) for row in rows])


def _table(row: NDArray[np.float64], low: int) -> Tables:
    # Half of the escape's share may lie on either side.
    first = int(np.searchsorted(np.cumsum(row), TAIL / 2))
    last = len(row) - int(np.searchsorted(np.cumsum(row[::-1]), TAIL / 2))
    first = min(first, len(row) - 1)
    kept = row[first : max(last, first + 1)]
    counts = np.rint(np.append(kept, max(0.0, 1 - kept.sum())) * 2.0**40).astype(np.int64)
    return Tables.from_frequencies(counts[None], np.array([low + first]))


def stacked(tables: Sequence[Tables]) -> Tables:
    """Join tables into one set, in order."""
    width = max(each.cdf.shape[1] for each in tables)
    rows = [
        np.pad(each.cdf, ((0, 0), (0, width - each.cdf.shape[1])), constant_values=1 << PRECISION)
        for each in tables
    ]
    return Tables(
        np.concatenate(rows),
        np.concatenate([each.lengths for each in tables]),
        np.concatenate([each.offsets for each in tables]),
    )


def to_arrays(tables: Tables, name: str) -> dict[str, NDArray[Any]]:
    """Give tables as named integer tensors."""
    inside = np.arange(tables.cdf.shape[1] - 1) < tables.lengths[:, None]
    return {
        f"{name}.frequencies": np.diff(tables.cdf, axis=1)[inside].astype(np.int32),
        f"{name}.lengths": tables.lengths,
        f"{name}.offsets": tables.offsets,
    }


def from_arrays(arrays: Arrays, name: str, source: str = "weights") -> Tables:
    """Make tables of named tensors.

    Args:
        arrays: tensors of a file.
        name: which tables.
        source: what errors call the file.

    Raises:
        WeightsError: they are absent or no tables.
    """
    try:
        return _from_arrays(arrays, name)
    except ValueError as error:
        raise WeightsError(
            f"{source}: tables {name!r}: {error}",
            hint="Export them again by semcodec_torch.entropy, or fetch the file again.",
        ) from None


def _from_arrays(arrays: Arrays, name: str) -> Tables:
    parts = []
    for key in ("frequencies", "lengths", "offsets"):
        found = arrays.get(f"{name}.{key}")
        if found is None or found.dtype != np.int32 or found.ndim != 1:
            raise ValueError(f"expected '{name}.{key}', int32 in one dimension")
        parts.append(found)
    frequencies, lengths, offsets = parts
    if not lengths.size or lengths.shape != offsets.shape:
        raise ValueError(f"expected as many lengths as offsets, got {lengths.size}")
    if int(lengths.min()) < 1 or int(lengths.astype(np.int64).sum()) != frequencies.size:
        raise ValueError(f"expected lengths that sum to the {frequencies.size} frequencies")
    if frequencies.size and not 1 <= int(frequencies.min()) <= int(frequencies.max()) <= 1 << 16:
        raise ValueError("expected frequencies from 1 to 2**16")
    width = int(lengths.max())
    if lengths.size * width > _ENTRIES:
        raise ValueError(f"expected at most {_ENTRIES} entries, got {lengths.size} x {width}")
    steps = np.zeros((lengths.size, width), dtype=np.int64)
    steps[np.arange(width) < lengths[:, None]] = frequencies
    cdf = np.zeros((lengths.size, width + 1), dtype=np.int64)
    np.cumsum(steps, axis=1, out=cdf[:, 1:])
    return Tables(cdf.astype(np.int32), lengths, offsets)
