"""The core's entropy models: what they accept, what they yield, and that it codes."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.coding.primitives import DCT, LABELS, PLANE, SEQUENCE
from semcodec.coding.tables import laplace_tables
from semcodec.components.coders import Range
from semcodec.components.models import ByteContext, DctContext, LabelContext, Laplace, PlaneContext
from semcodec.contracts.coding import AdaptivePass, TablePass
from semcodec.contracts.context import Context
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Image, Symbols

MAP = Symbols((4, 6), low=0, high=3)
BLOCKS = Symbols((5, 8, 8), ((2, 2), (1, 1)))
TEXT = Symbols((40,), low=0, high=255, end=0)


def passes(model, symbols):
    ctx = Context(image=Image(8, 8), shape=symbols, coded=symbols)
    return list(model.passes(symbols, {}, ctx))


def test_each_model_yields_its_primitive():
    (plane,) = passes(PlaneContext(), MAP)
    (label,) = passes(LabelContext(), MAP)
    (dct,) = passes(DctContext(), BLOCKS)
    (english,) = passes(ByteContext(), TEXT)
    (captions,) = passes(ByteContext(prior="captions"), TEXT)
    (plain,) = passes(ByteContext(prior="none"), TEXT)
    found = [(p.primitive, p.params) for p in (plane, label, dct, english, captions, plain)]
    assert found[:4] == [(PLANE, ()), (LABELS, ()), (DCT, ()), (SEQUENCE, (1,))]
    assert found[4:] == [(SEQUENCE, (2,)), (SEQUENCE, (0,))]


def test_laplace_yields_the_table_of_the_nearest_scale():
    (one,) = passes(Laplace(scale=1.0), MAP)
    assert isinstance(one, TablePass)
    assert one.tables is laplace_tables()
    assert one.indexes == 18
    (moved,) = passes(Laplace(scale=Laplace.index_ratio**3), MAP)
    assert moved.indexes == one.indexes + 3


def test_laplace_suits_its_own_symbols_best():
    values = np.rint(np.random.default_rng(0).laplace(0, 6, 4000)).astype(np.int32)

    def size(scale: float) -> int:
        (chosen,) = passes(Laplace(scale=scale), Symbols((4000,)))
        session = Range().encoder()
        session.code(values, np.full(4000, chosen.indexes), chosen.tables)
        return len(session.finish())

    assert size(6.0) < min(size(3.0), size(12.0))


def test_accepts_gives_reasons():
    assert [PlaneContext().accepts(MAP), DctContext().accepts(BLOCKS)] == ["", ""]
    assert [ByteContext().accepts(TEXT), Laplace().accepts(BLOCKS)] == ["", ""]
    assert "256 levels" in PlaneContext().accepts(Symbols((4, 6)))
    assert LabelContext().accepts(MAP) == ""
    assert "LABELS expects at most 256 levels" in LabelContext().accepts(Symbols((4, 6)))
    assert "height, width" in LabelContext().accepts(TEXT)
    assert "height, width" in PlaneContext().accepts(TEXT)
    assert "end" in PlaneContext().accepts(Symbols((4, 6), low=0, high=3, end=1))
    assert "side 4, 8 or 16" in DctContext().accepts(Symbols((5, 7, 7), ((1, 5),)))
    assert "a grid of 5 blocks" in DctContext().accepts(Symbols((5, 8, 8), ((2, 2),)))
    assert "rows, columns" in DctContext().accepts(Symbols((5, 8, 8), ((1, 5), (0, 2))))
    assert "one dimension" in ByteContext().accepts(MAP)
    wrong = Symbols((4, 6), low=0, high=3, mask=np.ones((6, 4), dtype=bool))
    assert "mask of shape (4, 6)" in PlaneContext().accepts(wrong)


@pytest.mark.parametrize(
    ("adaptive", "match"),
    [
        (AdaptivePass(primitive=0), "got 0"),
        (AdaptivePass(primitive=4), "PLANE"),
        (AdaptivePass(primitive=PLANE, params=(1,)), "parameters"),
        (AdaptivePass(primitive=LABELS, params=(1,)), "parameters"),
        (AdaptivePass(primitive=DCT), "side, side"),
        (AdaptivePass(primitive=SEQUENCE, params=(3,)), "parameters"),
    ],
)
def test_passes_that_make_no_sense_are_refused(adaptive, match):
    with pytest.raises(ValueError, match=match):
        Range().encoder().adapt(np.zeros((4, 6), dtype=np.int32), MAP, adaptive)
    with pytest.raises(ValueError, match=match):
        Range().decoder(b"").adapt(MAP, adaptive)


def test_values_unlike_their_description_are_refused():
    adaptive = AdaptivePass(primitive=PLANE)
    for values in (np.full((4, 6), 4), np.zeros((6, 4)), np.zeros((4, 6)) + 0.5):
        array = values if values.dtype == np.float64 else values.astype(np.int32)
        with pytest.raises(ValueError, match="expected"):
            Range().encoder().adapt(array, MAP, adaptive)


def test_every_parameter_is_documented():
    for model in (PlaneContext, LabelContext, DctContext, ByteContext, Laplace):
        assert all(item.doc for item in parameters(model))


def test_primitives_and_tables_share_a_session():
    rng = np.random.default_rng(6)
    flags = rng.integers(0, 4, (4, 6)).astype(np.int32)
    letters = np.frombuffer(b"a red boat", dtype=np.uint8).astype(np.int32)
    blocks = rng.integers(-3, 4, (5, 8, 8)).astype(np.int32)
    numbers = rng.integers(-9, 9, 30).astype(np.int32)
    rows = np.full(30, 30)
    plane, dct = AdaptivePass(primitive=PLANE), AdaptivePass(primitive=DCT)
    text = AdaptivePass(primitive=SEQUENCE, params=(1,))
    session = Range().encoder()
    session.adapt(flags, MAP, plane)
    session.adapt(letters, TEXT, text)
    session.code(numbers, rows, laplace_tables())
    session.adapt(blocks, BLOCKS, dct)
    session.adapt(flags, MAP, plane)
    decoder = Range().decoder(session.finish())
    assert (decoder.adapt(MAP, plane) == flags).all()
    assert (decoder.adapt(TEXT, text) == letters).all()
    assert (decoder.code(rows, laplace_tables()) == numbers).all()
    assert (decoder.adapt(BLOCKS, dct) == blocks).all()
    assert (decoder.adapt(MAP, plane) == flags).all()
    decoder.finish()
