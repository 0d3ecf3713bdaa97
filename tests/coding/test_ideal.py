"""Bits of symbols under integer tables, against real bytes and the codes of escapes."""

from __future__ import annotations

import numpy as np

from semcodec.coding.ideal import bits
from semcodec.coding.tables import gaussian_tables
from semcodec.components.coders import Rans
from semcodec.contracts.coding import Tables


def test_bits_are_the_bytes_that_rans_writes() -> None:
    """Every scale of the grid, and some symbols far outside their tables."""
    rng = np.random.default_rng(0)
    tables = gaussian_tables()
    indexes = rng.integers(0, 64, 60_000).astype(np.int32)
    symbols = np.rint(rng.normal(size=60_000) * 0.11 * 1.131**indexes).astype(np.int32)
    symbols[::500] *= 40
    estimate = bits(tables, indexes, symbols).sum() / 8
    session = Rans().encoder()
    session.code(symbols, indexes, tables)
    written = len(session.finish())
    assert abs(written - estimate) < 0.005 * written


def test_bits_of_an_escape_are_those_of_its_code() -> None:
    tables = Tables.from_frequencies(np.array([[1, 1, 0]]), np.array([5]))
    escape = -np.log2(1 / 65536)
    # One bit for the side, and 1, 3, 3 and 5 for 0, 1, 2 and 3 beyond.
    made = bits(tables, np.array(0), np.array([7, 8, 9, 10, 4, 3]))
    assert np.allclose(made - escape, [2, 4, 4, 6, 2, 4])
