"""The coding loop, and components that break their contracts: named, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec import AdaptivePass, Image, Latent, Map, Symbols, TablePass
from semcodec.coding.tables import RATIO, gaussian_tables
from semcodec.engine.limits import MOST_A_SAMPLE, SPARE
from semcodec.errors import (
    ContainerError,
    DecodeError,
    GraphError,
    ImageError,
    LimitError,
    PluginBroken,
    SettingError,
)

Picture = NDArray[np.uint8]
WIDE = 40


@semcodec.component
class Floats(semcodec.Transform):
    """The picture as a latent (channels, height, width), and back."""

    determinism = "bitexact"

    def layout(self, shape: Any, guides: Any, ctx: Any) -> Latent:
        return Latent((shape.channels, shape.height, shape.width))

    def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
        return value.transpose(2, 0, 1).astype(np.float32) - 128

    def inverse(self, value: Any, guides: Any, ctx: Any) -> Any:
        back = np.clip(np.rint(value + 128), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(back.transpose(1, 2, 0))


@pytest.fixture(autouse=True)
def components() -> None:
    semcodec.register(Floats, "local.floats")


def model_of(passes: Callable[..., Any], **attributes: Any) -> str:
    """Register an entropy model whose program is a generator function."""
    body = {"passes": lambda self, symbols, guides, ctx: passes(symbols, guides, ctx)}
    cls = type("Model", (semcodec.EntropyModel,), {**body, **attributes, "__module__": __name__})
    return semcodec.register(semcodec.component(cls), "local.model")


def stage_of(base: Any, name: str, **body: Any) -> str:
    """Register a component of a kind with these methods and attributes."""
    cls = type(name.title(), (base,), {**body, "__module__": __name__})
    return semcodec.register(semcodec.component(cls), f"local.{name}")


def form(model: Any = "laplace", quantizer: Any = None, first: Any = None, **parts: Any) -> Any:
    quantizer = quantizer or {"use": "uniform", "step": 8, "rounding": 0.5}
    return {
        "semcodec": 1,
        "transform": first or {"use": "local.floats"},
        "quantizer": quantizer,
        "model": model if isinstance(model, dict) else {"use": model},
        "coder": {"use": "range"},
        **parts,
    }


def all_at(index: int) -> Callable[..., Any]:
    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        yield TablePass(tables=gaussian_tables(), indexes=index)

    return passes


def near(one: Picture, other: Picture, most: int) -> bool:
    return bool(np.abs(one.astype(int) - other).max() <= most)


def test_passes_over_positions_in_any_order_with_means_of_what_is_known(photo: Picture) -> None:
    seen: list[NDArray[np.int32]] = []

    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        flat = np.arange(symbols.size, dtype=np.int64)
        first, second, third = flat[::-3], flat[1::3], flat[2::3]
        rest = np.setdiff1d(flat, np.concatenate([first, second]))
        assert third.size
        known = yield TablePass(tables=gaussian_tables(), indexes=WIDE, positions=first)
        assert not known.flags.writeable
        assert (known.reshape(-1)[np.setdiff1d(flat, first)] == 0).all()
        means = (known.reshape(-1)[np.maximum(second - 1, 0)] * 8).astype(np.float32)
        known = yield TablePass(
            tables=gaussian_tables(),
            indexes=np.full(second.size, WIDE, np.int32),
            positions=second,
            means=means,
        )
        if rest.size:
            known = yield TablePass(
                tables=gaussian_tables(), indexes=WIDE, positions=rest, means=np.float32(3)
            )
        seen.append(known.copy())

    codec = semcodec.load(form(model_of(passes)))
    for picture in (photo, photo[:1, :1], photo[:2, :1]):
        seen.clear()
        assert near(codec.decode(codec.encode(picture)), picture, 4)
        assert (seen[0] == seen[1]).all()  # the encoder's symbols are the decoder's


@semcodec.component
class Choosing(semcodec.Quantizer):
    """Codes 0 wherever more would cost so many bits.

    Attributes:
        limit: bits.
        masked: whether a fifth of the places is left out.
    """

    limit: float = 1e9
    masked: bool = False

    def layout(self, shape: Any, guides: Any, ctx: Any) -> Symbols:
        kept = np.add.outer(np.arange(shape.shape[1]), np.arange(shape.shape[2])) % 5 != 0
        mask = np.broadcast_to(kept, shape.shape).copy() if self.masked else None
        return Symbols(shape.shape, mask=mask)

    def quantize(self, x: Any, guides: Any, ctx: Any) -> Any:
        return np.rint(x / 4).astype(np.int32)

    def choose(self, x: Any, places: Any, price: Any, guides: Any, ctx: Any) -> Any:
        assert x.shape == places.shape
        q = np.rint(x / 4).astype(np.int32)
        which = np.flatnonzero(q)
        q[which[price(q[which], which) >= self.limit]] = 0
        return q

    def dequantize(self, q: Any, guides: Any, ctx: Any) -> Any:
        return q * np.float32(4)


def in_turns(symbols: Any, guides: Any, ctx: Any) -> Any:
    """Three passes, the second with means, the last of what is left in a mask."""
    flat = np.arange(symbols.size, dtype=np.int64)
    for first in range(3):
        places = flat[::-1][first::3]
        mean = np.float32(40 if first == 1 else 0)
        yield TablePass(tables=gaussian_tables(), indexes=WIDE, positions=places, means=mean)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_a_quantizer_chooses_by_price(photo: Picture, whole: bool, masked: bool) -> None:
    class Whole(Choosing):
        choose = semcodec.Quantizer.choose

    def coded(base: Any = Choosing, **parameters: Any) -> tuple[bytes, Picture]:
        name = stage_of(base, "choosing")
        model = model_of(all_at(WIDE) if whole else in_turns)
        codec = semcodec.load(form(model, {"use": name, "masked": masked, **parameters}))
        data = codec.encode(photo)
        return data, codec.decode(data)

    free, plain = coded(), coded(Whole)
    assert free[0] == plain[0]
    assert np.array_equal(free[1], plain[1])
    dear, picture = coded(limit=6.0)
    assert 100 < len(dear) < len(free[0])
    assert not np.array_equal(picture, free[1])
    nothing, _ = coded(limit=0.0)
    assert len(nothing) < len(dear)


@pytest.mark.parametrize("made", [np.zeros(3, np.int32), np.zeros(3), [0]], ids=str)
def test_a_broken_choice_is_named(photo: Picture, made: Any) -> None:
    class Broken(Choosing):
        def choose(self, x: Any, places: Any, price: Any, guides: Any, ctx: Any) -> Any:
            return made

    name = stage_of(Broken, "choosing")
    with pytest.raises(PluginBroken, match="choose broke its contract"):
        semcodec.load(form(model_of(in_turns), {"use": name})).encode(photo)


def test_an_empty_pass_is_no_harm(photo: Picture) -> None:
    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        none = np.zeros(0, dtype=np.int64)
        yield TablePass(tables=gaussian_tables(), indexes=WIDE, positions=none)
        yield from all_at(WIDE)(symbols, guides, ctx)

    codec = semcodec.load(form(model_of(passes)))
    assert near(codec.decode(codec.encode(photo)), photo, 4)


def bad_passes() -> dict[str, tuple[Callable[..., Any], str]]:
    tables = gaussian_tables()

    def at(positions: Any, **more: Any) -> Callable[..., Any]:
        def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
            where = positions(symbols.size) if callable(positions) else positions
            yield TablePass(tables=tables, positions=where, **{"indexes": WIDE, **more})

        return passes

    def one(item: Any) -> Callable[..., Any]:
        def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
            yield item

        return passes

    def twice(symbols: Any, guides: Any, ctx: Any) -> Any:
        yield TablePass(tables=tables, indexes=WIDE)
        yield TablePass(tables=tables, indexes=WIDE)

    def raises(symbols: Any, guides: Any, ctx: Any) -> Any:
        yield TablePass(tables=tables, indexes=WIDE, positions=np.zeros(1, np.int64))
        raise KeyError("late")

    def nothing(symbols: Any, guides: Any, ctx: Any) -> Any:
        return iter(())

    def writes(symbols: Any, guides: Any, ctx: Any) -> Any:
        known = yield TablePass(tables=tables, indexes=WIDE)
        known[:] = 0

    two = np.array([0, 0], dtype=np.int64)
    return {
        "a position twice": (at(two), "a position is coded twice"),
        "half the positions": (at(lambda n: np.arange(n // 2)), "its passes cover"),
        "no pass": (nothing, "its passes cover 0 of"),
        "all twice": (twice, "its passes cover"),
        "a position outside": (at(lambda n: np.array([n])), "a position lies outside"),
        "a negative position": (at(np.array([-1])), "a position lies outside"),
        "positions as a list": (at([0, 1]), "positions must be an array of int64"),
        "positions as floats": (at(np.zeros(3)), "positions must be an array of int64"),
        "positions in two dimensions": (at(np.zeros((1, 1), np.int64)), "one-dimensional"),
        "indexes of another number": (at(None, indexes=np.zeros(5, np.int32)), "ValueError"),
        "indexes as floats": (at(None, indexes=np.float32(3)), "indexes must be integers"),
        "an index without a table": (at(None, indexes=64), "expected table indexes from 0 to 63"),
        "a negative index": (at(None, indexes=-1), "expected table indexes from 0 to 63"),
        "means of another number": (at(None, means=np.zeros(5, np.float32)), "ValueError"),
        "no tables": (one(TablePass(tables=None, indexes=0)), "failed in"),  # type: ignore[arg-type]
        "something else": (one("pass"), "expected a TablePass or an AdaptivePass, got str"),
        "an unknown primitive": (one(AdaptivePass(primitive=99)), "primitives"),
        "a primitive of another shape": (one(AdaptivePass(primitive=2)), "DCT expects"),
        "late failure": (raises, "failed in passes: KeyError: 'late'"),
        "no generator": (lambda symbols, guides, ctx: 7, "failed in passes: TypeError"),
        "writing to what is known": (writes, "failed in passes: ValueError"),
    }


@pytest.mark.parametrize("name", list(bad_passes()))
def test_a_model_that_breaks_its_contract(name: str, photo: Picture) -> None:
    passes, says = bad_passes()[name]
    codec = semcodec.load(form(model_of(passes)))
    with pytest.raises(PluginBroken) as caught:
        codec.encode(photo[:20, :20])
    assert "local.model@1 at image.model" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", list(bad_passes()))
def test_such_a_model_at_the_decoder_is_a_decode_error(name: str, photo: Picture) -> None:
    data = semcodec.load(form(model_of(all_at(WIDE)))).encode(photo[:20, :20])
    model_of(bad_passes()[name][0])
    with pytest.raises(DecodeError, match=r"local\.model@1 at image\.model|table indexes"):
        semcodec.decode(data)


def test_means_need_a_quantizer(photo: Picture) -> None:
    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        yield TablePass(tables=gaussian_tables(), indexes=WIDE, means=np.float32(1))

    to_symbols = {
        "produces": Symbols,
        "layout": lambda self, shape, guides, ctx: Symbols(shape.shape),
        "forward": lambda self, value, guides, ctx: value.astype(np.int32),
        "inverse": lambda self, value, guides, ctx: value.astype(np.uint8),
    }
    first = stage_of(semcodec.Transform, "ints", **to_symbols)
    spec = form(model_of(passes), first={"use": first})
    del spec["quantizer"]
    with pytest.raises(PluginBroken, match="has means, but no quantizer stands before it"):
        semcodec.load(spec).encode(photo)


def quantizer(**body: Any) -> Any:
    """A sound quantizer, unless a method is given."""
    sound = {
        "quantize": lambda self, x, guides, ctx: np.rint(x / 8).astype(np.int32),
        "dequantize": lambda self, q, guides, ctx: (q * 8).astype(np.float32),
    }
    return {"use": stage_of(semcodec.Quantizer, "quantizer", **{**sound, **body})}


BAD_QUANTIZERS = {
    "floats": ({"quantize": lambda s, x, g, c: x}, "quantize broke its contract: expected dtype"),
    "another shape": (
        {"quantize": lambda s, x, g, c: np.zeros((2, 2), np.int32)},
        "quantize broke its contract: expected shape",
    ),
    "nothing": ({"quantize": lambda s, x, g, c: None}, "expected a NumPy array of int32"),
    "out of range": (
        {
            "layout": lambda s, shape, g, c: Symbols(shape.shape, low=-1, high=1),
        },
        "expected symbols in [-1, 1]",
    ),
    "a latent as layout": (
        {"layout": lambda s, shape, g, c: shape},
        "layout must give Symbols(...), got Latent",
    ),
    "no layout": ({"layout": lambda s, shape, g, c: None}, "layout must give Symbols(...)"),
    "a negative side": (
        {"layout": lambda s, shape, g, c: Symbols((3, -1))},
        "whole sides of at least 0",
    ),
    "a mask of another shape": (
        {"layout": lambda s, sh, g, c: Symbols(sh.shape, mask=np.ones((2, 2), bool))},
        "expected a mask of shape",
    ),
    "shift of another shape": (
        {"index_shift": lambda s, g, c: np.zeros(3, np.int32)},
        "index_shift must give integers of shape",
    ),
    "shift as floats": (
        {"index_shift": lambda s, g, c: np.zeros(c.shape.shape)},
        "index_shift must give integers of shape",
    ),
    "a failing shift": ({"index_shift": lambda s, g, c: 1 / 0}, "failed in index_shift: ZeroDiv"),
}


@pytest.mark.parametrize("name", list(BAD_QUANTIZERS))
def test_a_quantizer_that_breaks_its_contract(name: str, photo: Picture) -> None:
    body, says = BAD_QUANTIZERS[name]
    model = model_of(all_at(WIDE), index_ratio=RATIO)
    codec = semcodec.load(form(model, quantizer(**body)))
    with pytest.raises(PluginBroken) as caught:
        codec.encode(photo)
    assert says in str(caught.value)
    assert "local.quantizer@1 at image.stages.1" in str(caught.value)


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("dequantize", lambda s, q, g, c: q),
        ("dequantize", lambda s, q, g, c: None),
        ("dequantize", lambda s, q, g, c: q.astype(np.float32)[:1]),
        ("dequantize", lambda s, q, g, c: q / 0),
        ("layout", lambda s, shape, g, c: shape),
    ],
)
def test_a_quantizer_that_breaks_it_at_the_decoder(
    method: str, result: Any, photo: Picture
) -> None:
    data = semcodec.load(form("laplace", quantizer())).encode(photo)
    assert near(semcodec.decode(data), photo, 4)
    quantizer(**{method: result})
    with pytest.raises(DecodeError, match=r"local\.quantizer@1 at image\.stages\.1"):
        semcodec.decode(data)


def test_an_index_shift_moves_tables_and_is_clipped(photo: Picture) -> None:
    sizes = {}
    for shift in (-100, -12, 0, 100):
        step = quantizer(
            index_shift=lambda s, g, c, k=shift: np.full(c.shape.shape, k, dtype=np.int32)
        )
        codec = semcodec.load(form(model_of(all_at(30), index_ratio=RATIO), step))
        data = codec.encode(photo)
        assert near(codec.decode(data), photo, 4)
        sizes[shift] = len(data)
    plain = semcodec.load(form(model_of(all_at(30)), quantizer()))
    assert sizes[0] == len(plain.encode(photo))
    for shift, index in ((-100, 0), (-12, 18), (100, 63)):
        same = semcodec.load(form(model_of(all_at(index)), quantizer()))
        assert sizes[shift] == len(same.encode(photo))
    assert len(set(sizes.values())) == 4


def seeing(seen: list[Any], index: int = 30) -> Callable[..., Any]:
    """A program that notes the shifts it is shown."""

    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        seen.append((ctx.side, ctx.shift))
        yield TablePass(tables=gaussian_tables(), indexes=index)

    return passes


def by_column(self: Any, guides: Any, ctx: Any) -> Any:
    return np.broadcast_to(np.arange(ctx.shape.shape[2]) % 9 - 4, ctx.shape.shape)


def test_a_model_sees_the_shift_that_the_engine_adds_on_both_sides(photo: Picture) -> None:
    seen: list[Any] = []
    moved = form(model_of(seeing(seen), index_ratio=RATIO), quantizer(index_shift=by_column))
    data = semcodec.load(moved).encode(photo)
    decoded = semcodec.decode(data)
    assert [side for side, _ in seen] == ["encode", "decode"]
    wanted = np.broadcast_to(np.arange(photo.shape[1]) % 9 - 4, (3, *photo.shape[:2]))
    for _, shift in seen:
        assert shift.dtype == np.int32
        assert not shift.flags.writeable
        assert np.array_equal(shift, wanted)

    def itself(symbols: Any, guides: Any, ctx: Any) -> Any:
        yield TablePass(tables=gaussian_tables(), indexes=30 + wanted)

    # What the engine adds is what it shows: a model that adds it itself codes the same bytes.
    body = semcodec.load(form(model_of(itself), quantizer())).encode(photo)
    assert len(body) == len(data)
    assert np.array_equal(semcodec.decode(body), decoded)


@pytest.mark.parametrize(
    "attributes", [{"index_ratio": RATIO}, {"adaptive": True}, {}], ids=["scales", "adaptive", "no"]
)
def test_without_a_shift_a_model_sees_none(attributes: Any, photo: Picture) -> None:
    seen: list[Any] = []
    body = {"index_shift": by_column} if "adaptive" in attributes else {}
    codec = semcodec.load(form(model_of(seeing(seen), **attributes), quantizer(**body)))
    codec.decode(codec.encode(photo))
    assert seen == [("encode", None), ("decode", None)]


def test_without_a_quantizer_a_model_sees_no_shift(photo: Picture) -> None:
    seen: list[Any] = []
    to_symbols = {
        "produces": Symbols,
        "layout": lambda self, shape, guides, ctx: Symbols(shape.shape),
        "forward": lambda self, value, guides, ctx: value.astype(np.int32),
        "inverse": lambda self, value, guides, ctx: value.astype(np.uint8),
    }
    first = stage_of(semcodec.Transform, "whole", **to_symbols)
    spec = form(model_of(seeing(seen, 63), index_ratio=RATIO), first={"use": first})
    del spec["quantizer"]
    codec = semcodec.load(spec)
    assert np.array_equal(codec.decode(codec.encode(photo)), photo)
    assert seen == [("encode", None), ("decode", None)]


def test_only_models_are_shown_a_shift(photo: Picture) -> None:
    seen: list[Any] = []

    def dequantize(self: Any, q: Any, guides: Any, ctx: Any) -> Any:
        seen.append(ctx.shift)
        return (q * 8).astype(np.float32)

    step = quantizer(index_shift=by_column, dequantize=dequantize)
    codec = semcodec.load(form(model_of(all_at(30), index_ratio=RATIO), step))
    codec.decode(codec.encode(photo))
    assert seen
    assert all(shift is None for shift in seen)


def test_a_model_that_writes_to_the_shift_is_named(photo: Picture) -> None:
    def passes(symbols: Any, guides: Any, ctx: Any) -> Any:
        ctx.shift[...] = 0
        yield TablePass(tables=gaussian_tables(), indexes=30)

    whole = quantizer(index_shift=lambda s, g, c: np.ones(c.shape.shape, np.int32))
    codec = semcodec.load(form(model_of(passes, index_ratio=RATIO), whole))
    with pytest.raises(PluginBroken, match="failed in passes: ValueError"):
        codec.encode(photo)


def test_a_mask_leaves_symbols_out(photo: Picture) -> None:
    def layout(self: Any, shape: Any, guides: Any, ctx: Any) -> Symbols:
        mask = np.zeros(shape.shape, dtype=bool)
        mask[:, : shape.shape[1] // 2] = True
        return Symbols(shape.shape, mask=mask)

    sizes = []
    for body in ({}, {"layout": layout}):
        codec = semcodec.load(form(model_of(all_at(WIDE)), quantizer(**body)))
        data = codec.encode(photo)
        decoded = codec.decode(data)
        assert near(decoded[:33], photo[:33], 4)
        sizes.append(len(data))
    assert (decoded[33:] == 128).all()
    assert sizes[1] < 0.6 * sizes[0]

    def nothing(self: Any, shape: Any, guides: Any, ctx: Any) -> Symbols:
        return Symbols(shape.shape, mask=np.zeros(shape.shape, dtype=bool))

    codec = semcodec.load(form(model_of(all_at(WIDE)), quantizer(layout=nothing)))
    assert (codec.decode(codec.encode(photo)) == 128).all()


def captioned(limit: int, **model: Any) -> semcodec.Codec:
    """The picture's caption beside it; the decoder writes its length over the picture."""

    class Length(semcodec.Decoder):
        ports = {  # noqa: RUF012
            "base": semcodec.Port(Image),
            "caption": semcodec.Port(semcodec.Text),
        }

        def decode(self, inputs: Any, ctx: Any) -> Any:
            codes = [ord(c) % 256 for c in inputs["caption"]]
            out = np.full_like(inputs["base"], len(codes))
            out.reshape(-1)[: len(codes)] = codes
            return out

    semcodec.register(semcodec.component(Length), "local.length")
    image = form()
    return semcodec.load(
        {
            "semcodec": 1,
            "inputs": {"caption": {"type": "text", "limit": limit}},
            "streams": {
                "base": {
                    "stages": [image["transform"], image["quantizer"]],
                    "model": image["model"],
                    "coder": image["coder"],
                },
                "text": {
                    "from": "caption",
                    "stages": [{"use": "utf8"}],
                    "model": model or {"use": "byte-context"},
                    "coder": {"use": "range"},
                },
            },
            "decoder": {"use": "local.length", "inputs": {"base": "base", "caption": "text"}},
        }
    )


@pytest.mark.parametrize("own_tables", [False, True])
@pytest.mark.parametrize("text", ["", "a", "x" * 24, "\U0001f600" * 24, "\U0001f600" * 23, "zz z"])
def test_text_of_any_length_up_to_the_full_one(own_tables: bool, text: str, photo: Picture) -> None:
    # 24 characters of 4 bytes fill the 96 symbols exactly, so no end symbol is sent.
    tables = {"use": model_of(all_at(63))} if own_tables else {}
    codec = captioned(24, **tables)
    data = codec.encode(photo, inputs={"caption": text})
    decoded = semcodec.decode(data)
    assert decoded.reshape(-1)[: len(text)].tolist() == [ord(c) % 256 for c in text]
    assert (decoded.reshape(-1)[len(text) :] == len(text)).all()
    with pytest.raises(SettingError, match="at most 24 characters"):
        codec.encode(photo, inputs={"caption": "y" * 25})


def failing(where: str, error: Exception) -> None:
    def fail(*args: Any) -> Any:
        raise error

    stage_of(Floats, "floats", **{where: fail})


@pytest.mark.parametrize("where", ["accepts", "layout", "forward"])
@pytest.mark.parametrize(
    "error", [ValueError("x"), ZeroDivisionError(), ContainerError("x"), AssertionError("x")]
)
def test_a_component_that_fails_at_encode(where: str, error: Exception, photo: Picture) -> None:
    failing(where, error)
    with pytest.raises(PluginBroken, match=f"failed in {where}") as caught:
        semcodec.load(form()).encode(photo)
    assert "local.floats@1 at image.stages.0" in str(caught.value)
    assert "--debug" in caught.value.hint
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("where", ["accepts", "layout", "inverse"])
@pytest.mark.parametrize(
    "error", [ValueError("x"), SettingError("x"), ImageError("x"), PluginBroken("x"), KeyError("x")]
)
def test_a_component_that_fails_at_decode(where: str, error: Exception, photo: Picture) -> None:
    data = semcodec.load(form()).encode(photo)
    failing(where, error)
    with pytest.raises(DecodeError, match=f"failed in {where}") as caught:
        semcodec.decode(data)
    assert "local.floats@1 at image.stages.0" in str(caught.value)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [SettingError("mine", hint="do"), ImageError("mine", hint="do")])
def test_what_a_component_says_to_the_user_stays_as_it_is(error: Any, photo: Picture) -> None:
    failing("forward", error)
    with pytest.raises(type(error), match="mine") as caught:
        semcodec.load(form()).encode(photo)
    assert caught.value is error


def test_memory_that_is_not_there(photo: Picture) -> None:
    data = semcodec.load(form()).encode(photo)
    failing("inverse", MemoryError())
    with pytest.raises(LimitError, match="more memory than there is"):
        semcodec.decode(data)
    failing("forward", MemoryError())
    with pytest.raises(ImageError, match="more memory than there is"):
        semcodec.load(form()).encode(photo)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"forward": lambda s, v, g, c: v}, "expected dtype float32, got uint8"),
        ({"forward": lambda s, v, g, c: "x"}, "got str"),
        ({"forward_batch": lambda s, v, g, c: []}, "must give a list of 1 results, got 0 of them"),
        ({"forward_batch": lambda s, v, g, c: None}, "must give a list of 1 results, got NoneType"),
        ({"layout": lambda s, sh, g, c: Image(1, 1)}, "layout must give Latent(...), got Image"),
        ({"layout": lambda s, sh, g, c: Latent((1.5, 2))}, "whole sides of at least 0"),  # type: ignore[arg-type]
        ({"accepts": lambda s, sh: "no cats"}, "cannot code this: no cats"),
    ],
)
def test_results_that_break_descriptions(body: Any, says: str, photo: Picture) -> None:
    stage_of(Floats, "floats", **body)
    with pytest.raises((PluginBroken, ImageError)) as caught:
        semcodec.load(form()).encode(photo)
    assert says in str(caught.value)
    assert "local.floats@1" in str(caught.value)
    assert isinstance(caught.value, ImageError) == ("accepts" in body)


def derived(decode: Any, layout: Any = None) -> semcodec.Codec:
    body = {
        "ports": {"base": semcodec.Port(Image, exact=False)},
        "decode": decode,
        **({"layout": layout} if layout else {}),
    }
    stage_of(semcodec.Decoder, "last", **body)
    image = form()
    stream = {
        "stages": [image["transform"], image["quantizer"]],
        "model": image["model"],
        "coder": image["coder"],
    }
    last = {"use": "local.last", "inputs": {"base": "base"}}
    return semcodec.load({"semcodec": 1, "streams": {"base": stream}, "decoder": last})


@pytest.mark.parametrize(
    ("decode", "layout", "says"),
    [
        (lambda s, i, c: i["base"].astype(float), None, "expected dtype uint8"),
        (lambda s, i, c: i["base"][:1], None, "expected shape"),
        (lambda s, i, c: i["base"], lambda s, sh, c: Map(3, 3), "layout must give Image(...)"),
        (lambda s, i, c: i["nothing"], None, "failed in decode: KeyError"),
        (lambda s, i, c: i["base"], lambda s, sh, c: Image(2**20, 2**20), "entries, expected"),
    ],
)
def test_decoders_that_break_descriptions(
    decode: Any, layout: Any, says: str, photo: Picture
) -> None:
    codec = derived(decode, layout)
    data = codec.encode(photo)
    with pytest.raises(DecodeError) as caught:
        codec.decode(data)
    assert says in str(caught.value)
    assert "local.last@1" in str(caught.value)


def test_sizes_are_bounded_before_anything_is_allocated(photo: Picture) -> None:
    most = MOST_A_SAMPLE * photo.size + SPARE

    def layout(self: Any, shape: Any, guides: Any, ctx: Any) -> Latent:
        return Latent((sizes[0],))

    sizes = [10]
    body = {
        "layout": layout,
        "forward": lambda s, v, g, c: np.zeros(sizes[0], np.float32),
        "inverse": lambda s, v, g, c: np.zeros(c.shape.shape, np.uint8),
    }
    stage_of(semcodec.Transform, "floats", **body, determinism="bitexact")
    codec = semcodec.load(form())
    data = codec.encode(photo)
    sizes[0] = most + 1
    with pytest.raises(LimitError, match=f"{most + 1} entries, expected at most {most}"):
        semcodec.decode(data)
    with pytest.raises(ImageError, match=f"{most + 1} entries"):
        codec.encode(photo)
    sizes[0] = 2**62
    with pytest.raises(LimitError):
        semcodec.decode(data)
    sizes[0] = most
    with pytest.raises(ContainerError):
        semcodec.decode(data)


def test_streams_together_are_bounded(photo: Picture) -> None:
    half = (MOST_A_SAMPLE * photo.size + SPARE) // 2 + 1

    class Both(semcodec.Decoder):
        ports = {  # noqa: RUF012
            "a": semcodec.Port(Latent, exact=False),
            "b": semcodec.Port(Latent, exact=False),
        }

        def decode(self, inputs: Any, ctx: Any) -> Any:
            raise AssertionError("never reached")

    semcodec.register(semcodec.component(Both), "local.both")
    body = {
        "layout": lambda s, sh, g, c: Latent((half,)),
        "forward": lambda s, v, g, c: np.zeros(half, np.float32),
    }
    stage_of(semcodec.Transform, "half", **body)
    stream = {
        "stages": [{"use": "local.half"}, {"use": "uniform"}],
        "model": {"use": "laplace"},
        "coder": {"use": "range"},
    }
    last = {"use": "local.both", "inputs": {"a": "a", "b": "b"}}
    codec = semcodec.load({"semcodec": 1, "streams": {"a": stream, "b": stream}, "decoder": last})
    with pytest.raises(ImageError, match=f"streams up to 'b' have {2 * half} symbols"):
        codec.encode(photo)


@semcodec.component
class Coder(semcodec.EntropyCoder):
    """A coder that fails where it is told to."""

    fail: ClassVar[str] = ""

    def encoder(self) -> Any:
        from semcodec.coding.sessions import RangeEncoder

        return self._broken(RangeEncoder(), "encoder")

    def decoder(self, data: bytes) -> Any:
        from semcodec.coding.sessions import RangeDecoder

        return self._broken(RangeDecoder(data), "decoder")

    def _broken(self, session: Any, name: str) -> Any:
        if self.fail == name:
            raise RuntimeError(name)

        def fail(*args: Any) -> Any:
            raise RuntimeError(self.fail)

        if self.fail.startswith(f"{name}."):
            setattr(session, self.fail.partition(".")[2], fail)
        return session


@pytest.mark.parametrize(
    "fail", ["encoder", "encoder.code", "encoder.finish", "decoder", "decoder.code"]
)
def test_a_coder_that_fails(fail: str, photo: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    semcodec.register(Coder, "local.coder")
    codec = semcodec.load(form(coder={"use": "local.coder"}))
    data = codec.encode(photo)
    monkeypatch.setattr(Coder, "fail", fail)
    if fail.startswith("encoder"):
        with pytest.raises(PluginBroken, match="failed in"):
            codec.encode(photo)
    else:
        with pytest.raises(DecodeError, match="failed in"):
            codec.decode(data)


def test_a_saliency_source_that_breaks_its_contract(photo: Picture) -> None:
    stage_of(semcodec.SaliencySource, "loud", saliency=lambda s, i, g, c: i[..., 0] / 100)
    spec = {
        "semcodec": 1,
        "saliency": {"use": "local.loud"},
        "streams": {
            "map": {
                "from": "saliency",
                "stages": [{"use": "block-map"}],
                "model": {"use": "plane-context"},
                "coder": {"use": "range"},
            },
        },
        "decoder": {"use": "local.show", "inputs": {"map": "map"}},
    }
    stage_of(
        semcodec.Decoder,
        "show",
        ports={"map": semcodec.Port(Map)},
        decode=lambda s, i, c: np.zeros(c.shape.shape, np.uint8),
    )
    with pytest.raises(PluginBroken, match=r"local\.loud@1 at saliency: saliency broke"):
        semcodec.load(spec).encode(photo)


def test_a_shift_for_a_model_without_scale_tables_is_refused_by_the_graph() -> None:
    step = quantizer(index_shift=lambda s, g, c: None)
    with pytest.raises(GraphError, match="shifts table indexes"):
        semcodec.load(form(model_of(all_at(WIDE)), step))
