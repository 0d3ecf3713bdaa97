"""Whatever the bytes: a picture or a DecodeError, in bounded time and memory."""

from __future__ import annotations

import copy
import json
import random
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.engine.locks import MOST_COMPONENTS, MOST_LEVELS
from semcodec.errors import (
    ContainerError,
    DecodeError,
    IntegrityError,
    LimitError,
    UnknownCodec,
)
from semcodec.spec.canonical import canonical
from semcodec.wire import Header, from_file, read_header, to_file, write_varint
from semcodec.wire.header import write_header

pytestmark = pytest.mark.usefixtures("rehearsal")

NAMES = [
    "flat-dct",
    "guided-dct",
    "skipped-dct",
    "hyperprior",
    "carved-dct",
    "carved-jpeg",
    "any-width",
    "residual-layer",
    "decoder-masks",
    "two-streams-and-a-seed",
    "objects",
    "opaque-jpeg",
]


@pytest.fixture
def code(photo: Any) -> Callable[..., bytes]:
    """Code the photograph in wire form, where no CRC stops damage at the door."""

    def make(name: str) -> bytes:
        rows = np.add.outer(np.arange(photo.shape[0]) // 30, np.arange(photo.shape[1]) // 50)
        inputs: dict[str, Any] = {}
        if name == "objects":
            inputs["labels"] = rows
        if name == "decoder-masks":
            inputs["caption"] = "a cat"
        return semcodec.load(name).encode(photo, inputs=inputs, form="wire")

    return make


def survives(data: bytes) -> bool:
    """Decode and explain hostile bytes; whether a picture came out."""
    try:
        found = semcodec.inspect(data, max_pixels=1 << 20)
        assert sum(part.size for part in found.parts) == len(data)
    except DecodeError:
        pass
    try:
        picture = semcodec.decode(data, max_pixels=1 << 20)
    except DecodeError:
        return False
    assert picture.dtype in (np.uint8, np.uint16)
    assert picture.ndim == 3
    return True


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_damage_ends_in_a_picture_or_a_decode_error(
    name: str, code: Callable[..., bytes]
) -> None:
    data = code(name)
    random_ = random.Random(name)
    lengths = {*range(min(len(data), 40)), *random_.sample(range(len(data)), 40)}
    for length in lengths:
        survives(data[:length])
    _, start = read_header(data)
    for place in [*random_.sample(range(start), min(start, 60)), *range(start, start + 30)]:
        flipped = bytearray(data)
        flipped[min(place, len(data) - 1)] ^= 1 << random_.randrange(8)
        survives(bytes(flipped))
    for _ in range(40):
        end = random_.randbytes(random_.randrange(1, 60))
        survives(data[: start + random_.randrange(8)] + end)
    assert survives(data)


def test_random_bytes() -> None:
    random_ = random.Random(1)
    for _ in range(300):
        tail = random_.randbytes(random_.randrange(40))
        survives(tail)
        survives(bytes([0x20 | random_.randrange(32)]) + tail)
        survives(to_file(bytes([0x20 | random_.randrange(32)]) + tail))


@pytest.mark.parametrize("data", ["photo.smc", 7, None, object()])
def test_what_is_no_bytes_is_refused(data: Any) -> None:
    for function in (semcodec.decode, semcodec.inspect):
        with pytest.raises(ContainerError, match="read_bytes"):
            function(data)


def test_other_buffers_are_bytes_too(photo: Any) -> None:
    data = semcodec.load("flat-dct").encode(photo)
    assert (semcodec.decode(bytearray(data)) == semcodec.decode(memoryview(data))).all()
    assert semcodec.inspect(memoryview(data)).size == len(data)


@pytest.mark.parametrize("name", ["flat-dct", "guided-dct"])
def test_a_header_that_claims_much_is_refused_before_anything_is_allocated(
    name: str, code: Callable[..., bytes]
) -> None:
    data = code(name)
    header, start = read_header(data)
    fields = {f: getattr(header, f) for f in ("channels", "depth", "code", "digest", "lock")}
    for width, height in ((2**32 - 1, 1), (65536, 65536), (2**32 - 1, 2**32 - 1), (11586, 11586)):
        forged = write_header(Header(width=width, height=height, **fields)) + data[start:]
        tracemalloc.start()
        with pytest.raises(LimitError, match="pixels"):
            semcodec.decode(forged)
        with pytest.raises(LimitError, match="pixels"):
            semcodec.inspect(forged)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 << 20


def test_a_picture_within_the_limit_but_without_the_data_ends_soon(
    code: Callable[..., bytes],
) -> None:
    data = code("flat-dct")
    header, start = read_header(data)
    large = Header(width=4096, height=4096, code=header.code, digest=header.digest)
    begin = time.perf_counter()
    with pytest.raises(ContainerError, match="expected more than"):
        semcodec.decode(write_header(large) + data[start:])
    assert time.perf_counter() - begin < 5


def test_a_section_longer_than_the_file(code: Callable[..., bytes]) -> None:
    data = code("carved-jpeg")
    _, start = read_header(data)
    for length in (len(data), 2**31, 2**32 - 1):
        # One byte of settings would come first, if the pipeline had any on the wire.
        with pytest.raises(ContainerError):
            semcodec.decode(data[:start] + write_varint(length) + data[start + 1 :])


def test_a_wrong_check_byte(spec: Callable[..., dict[str, Any]], photo: Any) -> None:
    codec = semcodec.load(spec(check=True))
    data = codec.encode(photo, form="wire")
    assert survives(data)
    assert semcodec.inspect(data).parts[-1].name == "check byte"
    for other in range(1, 256):
        with pytest.raises(IntegrityError, match="check value"):
            codec.decode(data[:-1] + bytes([data[-1] ^ other]))


def test_a_damaged_file_form_is_found_by_its_crc(photo: Any) -> None:
    data = semcodec.load("flat-dct").encode(photo)
    for place in range(6, len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        with pytest.raises(IntegrityError):
            semcodec.decode(bytes(damaged))


def written(form: Any) -> bytes:
    """Write a lock canonically, or at least as JSON where that is not possible."""
    try:
        return canonical(form)
    except (ValueError, OverflowError):
        return json.dumps(form, sort_keys=True, separators=(",", ":")).encode()


def with_lock(data: bytes, form: Any) -> bytes:
    """Put another lock into a private codec's file."""
    header, start = read_header(from_file(data))
    lock = form if isinstance(form, bytes) else written(form)
    forged = Header(
        width=header.width,
        height=header.height,
        channels=header.channels,
        lock=lock,
        check=header.check,
    )
    return write_header(forged) + data[start:]


def lock_of(data: bytes) -> dict[str, Any]:
    lock = read_header(data)[0].lock
    assert lock is not None
    form: dict[str, Any] = json.loads(lock)
    return form


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2**31,
    10**30,
    1e300,
    -1e-300,
    0.5,
    "",
    "image",
    "dct@1",
    "uniform@1",
    "pipeline",
    "source.image",
    "x" * 300,
    "\U0001f600",
    [],
    {},
    [1, 2],
    {"use": "dct@1"},
    {"use": "uniform@999999999999"},
    {"use": "uniform@x"},
    {"use": "uniform@-1"},
    {"use": 3},
    {"path": "seed", "min": 0, "max": 1e308, "levels": 65536},
    {"path": "", "values": [2**70, 5]},
]


def places(form: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key of a lock."""
    if isinstance(form, dict):
        items: Any = list(form.items())
    elif isinstance(form, list):
        items = list(enumerate(form))
    else:
        return
    for key, value in items:
        yield form, key
        yield from places(value)


def mutations(form: Any, random_: random.Random, count: int) -> Iterator[Any]:
    for _ in range(count):
        forged = copy.deepcopy(form)
        for _ in range(random_.choice((1, 1, 1, 2, 4))):
            holder, key = random_.choice(list(places(forged)))
            action = random_.randrange(4)
            if action == 0:
                del holder[key]
            elif action == 1 and isinstance(holder, dict):
                holder[random_.choice(("use", "seed", "check", "wire", "step", "output", "of"))] = (
                    copy.deepcopy(random_.choice(JUNK))
                )
            elif action == 2:
                other, name = random_.choice(list(places(form)))
                holder[key] = copy.deepcopy(other[name])
            else:
                holder[key] = copy.deepcopy(random_.choice(JUNK))
            if not list(places(forged)):
                break
        yield forged


@pytest.mark.parametrize(
    "name",
    ["guided-dct", "hyperprior", "any-width", "decoder-masks", "objects", "two-streams-and-a-seed"],
)
def test_forged_locks(name: str, code: Callable[..., bytes]) -> None:
    data = code(name)
    form = lock_of(data)
    assert survives(with_lock(data, form))
    for forged in mutations(form, random.Random(name), 120):
        survives(with_lock(data, forged))


@pytest.mark.parametrize(
    "lock",
    [
        b"\xff\xfe",
        b"[1]",
        b"{",
        b"null",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"b":1,"a":1}',
        b'{ "a":1}',
        b'{"a":1,"a":1}',
        b'{"a":"\\ud800"}',
        b"[" * 30000,
        b'{"a":' * 9000 + b"1" + b"}" * 9000,
        b'{"a":' + b"9" * 6000 + b"}",
    ],
)
def test_a_lock_that_is_no_canonical_object(lock: bytes, code: Callable[..., bytes]) -> None:
    forged = with_lock(code("guided-dct"), lock)
    for function in (semcodec.decode, semcodec.inspect):
        with pytest.raises(ContainerError, match="embedded lock"):
            function(forged)


def test_a_lock_that_expands_without_end(code: Callable[..., bytes]) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(64 << 20)) + packer.flush()
    forged = b"\x30" + write_varint(len(bomb)) + bomb + b"\x08\x08" + bytes(20)
    tracemalloc.start()
    with pytest.raises(LimitError):
        semcodec.decode(forged)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_lock_of_more_components_or_levels_than_any_codec_needs(
    code: Callable[..., bytes],
) -> None:
    data = code("guided-dct")
    form = lock_of(data)
    stages = [{"use": "dct@1"}] * (MOST_COMPONENTS + 1)
    wire = {
        f"s{i}": {"path": "image.quantizer.step", "min": 1, "max": 2, "levels": 65536}
        for i in range(MOST_LEVELS // 65536 + 1)
    }
    for forged in ({**form, "streams": {"image": {"stages": stages}}}, {**form, "wire": wire}):
        for function in (semcodec.decode, semcodec.inspect):
            with pytest.raises(LimitError, match="embedded lock"):
                function(with_lock(data, forged))


@pytest.mark.parametrize(
    "levels", [10**18, 10**400, 0, -5, 1.5, "64", None, True, [64], {"levels": 3}]
)
def test_settings_whose_number_of_levels_is_odd(levels: Any, code: Callable[..., bytes]) -> None:
    data = code("guided-dct")
    form = lock_of(data)
    form["wire"]["step"]["levels"] = levels
    forged = with_lock(data, form)
    for function in (semcodec.decode, semcodec.inspect):
        begin = time.perf_counter()
        with pytest.raises(DecodeError):
            function(forged)
        assert time.perf_counter() - begin < 1


def test_unknown_components_name_what_to_install(code: Callable[..., bytes]) -> None:
    data = code("guided-dct")
    form = lock_of(data)
    form["streams"]["image"]["stages"][0] = {"use": "anchors.gone@1"}
    with pytest.raises(UnknownCodec, match=r"anchors\.gone") as caught:
        semcodec.decode(with_lock(data, form))
    assert "pip install --upgrade semcodec-anchors" in str(caught.value)
    form["streams"]["image"]["stages"][0] = {"use": "nobody.knows@1"}
    with pytest.raises(UnknownCodec, match=r"nobody\.knows"):
        semcodec.decode(with_lock(data, form))


def test_a_format_of_a_later_release(code: Callable[..., bytes]) -> None:
    data = code("guided-dct")
    form = lock_of(data)
    form["streams"]["image"]["stages"][0]["use"] = "dct@2"
    with pytest.raises(UnknownCodec, match="format 2 does not exist"):
        semcodec.decode(with_lock(data, form))


def test_a_saliency_source_without_its_picture(code: Callable[..., bytes]) -> None:
    data = code("decoder-masks")
    form = lock_of(data)
    form["derive"]["mask"] = {"use": "centre@1"}
    with pytest.raises(DecodeError):
        semcodec.decode(with_lock(data, form))


def test_a_long_list_of_problems_is_cut_short(code: Callable[..., bytes]) -> None:
    data = code("guided-dct")
    form = lock_of(data)
    form["streams"] = {f"s{i}": {"stages": "x"} for i in range(300)}
    with pytest.raises(DecodeError) as caught:
        semcodec.decode(with_lock(data, form))
    assert len(str(caught.value)) < 3000
