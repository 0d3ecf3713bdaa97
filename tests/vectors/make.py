"""Writes the test vectors of ``docs/vectors``; run once, by hand, and never over an existing file.

    python tests/vectors/make.py docs/vectors

A vector is a promise: a file that is there is left alone, whatever the code does today. To add
cases, add a file. What the encoders here made is not part of the format (others may choose other
bytes); what the bytes decode to is.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semcodec.coding.deblock import deblock
from semcodec.coding.primitives import DCT, LABELS, PLANE, SEQUENCE
from semcodec.coding.tables import gaussian_tables, laplace_tables
from semcodec.components.coders import Range, Rans, Raw, Zstd
from semcodec.components.dct import Dct
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.context import Context
from semcodec.contracts.noise import normal, uniform
from semcodec.contracts.values import Image, Latent, Symbols
from semcodec.graph.grid import Grid
from semcodec.wire import (
    Header,
    check_byte,
    pack,
    read_header,
    to_file,
    write,
    write_varint,
)

Case = dict[str, Any]
CODERS = {"range": Range, "rans": Rans, "raw": Raw, "zstd": Zstd}
SKEWED = {
    # nearly certain; four symbols; nothing but the escape
    "cdf": [
        [0, 65530, 65535, 65536, 65536, 65536],
        [0, 8, 40000, 60000, 65535, 65536],
        [0, 65536, 65536, 65536, 65536, 65536],
    ],
    "lengths": [3, 5, 1],
    "offsets": [0, -2, 7],
}


def varints() -> Iterator[Case]:
    for value in (0, 1, 127, 128, 300, 16383, 16384, 2**21, 2**28 - 1, 2**28, 2**32 - 1):
        yield {"bytes": write_varint(value).hex(), "value": value}
    for name, data in {
        "cut": "80",
        "nothing": "",
        "not the shortest": "8000",
        "not the shortest form of 300": "ac8200",
        "2^32": "8080808010",
        "six bytes": "808080808001",
        "endless": "ffffffffff",
    }.items():
        yield {"name": name, "bytes": data, "error": "malformed"}


def settings() -> Iterator[Case]:
    for radices, values in (
        ([], []),
        ([1], [0]),
        ([2], [1]),
        ([61], [60]),
        ([256], [255]),
        ([257], [256]),
        ([61, 8], [17, 3]),
        ([8, 61], [3, 17]),
        ([16, 64, 3], [5, 7, 2]),
        ([65536, 65536, 65536], [1, 2, 3]),
    ):
        yield {"radices": radices, "bytes": pack(values, radices).hex(), "values": values}
    for radices, data in (([61], "3d"), ([3, 5], "0f"), ([2], "02"), ([257], "0101")):
        yield {"radices": radices, "bytes": data, "error": "malformed"}


def grids() -> Iterator[Case]:
    for entry, whole in (
        ({"min": 2, "max": 128, "levels": 61, "scale": "log"}, False),
        ({"min": 0, "max": 1, "levels": 7}, False),
        ({"min": -3, "max": 10, "levels": 14}, True),
        ({"min": 1, "max": 100, "levels": 9, "scale": "log"}, True),
        ({"values": [0, 0.5, 1, 1.5, 2, 3, 4, 6]}, False),
    ):
        yield {**entry, "whole": whole, "results": list(Grid.of(entry, whole=whole).values)}


LOCK = (
    b'{"name":"mine","semcodec":1,"streams":{"image":{"coder":{"use":"range@1"},"from":"image",'
    b'"model":{"use":"dct-context@1"},"stages":[{"block":8,"use":"dct@1"},'
    b'{"step":24.0,"use":"uniform@1"}]}}}'
)


def headers() -> Iterator[Case]:
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = plain.compress(b"{}") + plain.flush()
    good = {
        "standard size": "28 11 abcd 00",
        "check byte": "2c 11 abcd 0b",
        "gray": "29 11 abcd 02",
        "alpha": "2a 11 abcd 02",
        "gray and alpha": "2b 01 11 abcd 02",
        "gray of 16 bits": "2b 04 11 abcd 02",
        "gray and alpha of 16 bits": "2b 05 11 abcd 02",
        "RGB of 16 bits": "2b 06 11 abcd 02",
        "alpha of 16 bits": "2b 07 11 abcd 02",
        "size written out, code of two bytes": "20 8001 0001 c303 ac02",
        "experiment": "28 64 abcd 03",
        "detached": "30 00 01020304 01 01",
        "embedded lock": "38 10 837b08182aa903ec290b1d92bd510b00 00",
        "embedded lock that does not use the dictionary": f"38 {len(packed):02x} {packed.hex()} 05",
        "largest size": "20 11 abcd 80808040 01",
    }
    for name, text in good.items():
        data = bytes.fromhex(text)
        header, length = read_header(data, max_pixels=2**27)
        yield {
            "name": name,
            "bytes": data.hex(),
            "length": length,
            "width": header.width,
            "height": header.height,
            "channels": header.channels,
            "depth": header.depth,
            "code": header.code,
            "digest": header.digest.hex(),
            "lock": None if header.lock is None else header.lock.decode(),
            "check": header.check,
        }
    bad = {
        "nothing": ("", "malformed"),
        "version 0": ("08", "malformed"),
        "version 2": ("48 11 abcd 00", "malformed"),
        "version 7": ("e8 11 abcd 00", "malformed"),
        "code 0": ("28 00 abcd 00", "malformed"),
        "code not in its shortest form": ("28 9100 abcd 00", "malformed"),
        "digest cut": ("28 11 ab", "malformed"),
        "no size": ("28 11 abcd", "malformed"),
        "an index beyond the table": ("28 11 abcd 0c", "malformed"),
        "a standard size written out": ("20 11 abcd 8006 8004", "malformed"),
        "width 0": ("20 11 abcd 00 01", "malformed"),
        "height 0": ("20 11 abcd 01 00", "malformed"),
        "explicit RGB of 8 bits": ("2b 02 11 abcd 00", "malformed"),
        "explicit gray of 8 bits": ("2b 00 11 abcd 00", "malformed"),
        "explicit alpha of 8 bits": ("2b 03 11 abcd 00", "malformed"),
        "a high bit of the form": ("2b 84 11 abcd 00", "malformed"),
        "bit 3 of the form": ("2b 09 11 abcd 00", "malformed"),
        "lock cut": ("38 05 ff", "malformed"),
        "lock that is no deflate": ("38 02 ffff 00", "malformed"),
        "empty lock": ("38 02 0300 00", "malformed"),
        "lock with a byte after its stream": (
            f"38 {len(packed) + 1:02x} {packed.hex()}00 00",
            "malformed",
        ),
        "lock longer than any": ("38 ffffffff0f", "limit"),
        "too many pixels": ("20 11 abcd ffffffff0f ffffffff0f", "limit"),
        "one row too many": ("20 11 abcd 808002 8120", "limit"),
    }
    for name, (text, error) in bad.items():
        yield {"name": name, "bytes": bytes.fromhex(text).hex(), "error": error}


def containers() -> Iterator[Case]:
    head = {"code": 300, "digest": b"\0\1", "width": 451, "height": 300}
    for name, form, check, radices, values, sections in (
        ("the example of the page", "file", 0x5A, [16, 64], [5, 7], [b"map", b"picture"]),
        ("one section", "wire", None, [61], [24], [b"\x01\x02\x03"]),
        ("an empty last section", "wire", None, [], [], [b"abc", b""]),
        ("no sections", "wire", None, [4], [3], []),
        ("no sections but a check byte", "wire", 7, [], [], []),
        ("a section of 200 bytes", "file", None, [], [], [bytes(range(200)), b"end"]),
    ):
        header = Header(**head, check=check is not None)
        data = write(header, radices=radices, values=values, sections=sections, check=check)
        yield {
            "name": name,
            "bytes": (to_file(data) if form == "file" else data).hex(),
            "radices": radices,
            "values": values,
            "sections": [section.hex() for section in sections],
            "check": check,
        }
    whole = to_file(write(Header(**head), radices=[], values=[], sections=[b"abc", b"d"]))
    for name, data, sections, error in (
        ("a bit of the file form flipped", whole[:9] + b"\xff" + whole[10:], 2, "integrity"),
        ("the CRC alone wrong", whole[:-1] + bytes([whole[-1] ^ 1]), 2, "integrity"),
        ("zeros appended", whole + b"\0\0", 2, "integrity"),
        ("the file form cut", whole[:5], 2, "malformed"),
        ("lengths beyond the end", bytes.fromhex("20ac020001c303ac020961"), 2, "malformed"),
        ("bytes where no section is", bytes.fromhex("20ac020001c303ac0200"), 0, "malformed"),
        ("no check byte left", bytes.fromhex("24ac020001c303ac02"), 1, "malformed"),
    ):
        case = {"name": name, "bytes": data.hex(), "radices": [], "count": sections}
        yield {**case, "error": error}


def checks() -> Iterator[Case]:
    """CRC-16 of the file form and the check byte, of bytes and of symbols."""
    for data in (b"", b"\0", b"123456789", bytes(range(256))):
        file = to_file(data) if data else b""
        crc = int.from_bytes(file[-2:], "big") if data else None
        yield {"bytes": data.hex(), "crc16": crc, "check": check_byte(data)}
    for symbols in ([0], [1, -1], [2**30, -(2**30), 7]):
        data = np.array(symbols, dtype="<i4").tobytes()
        yield {"symbols": symbols, "check": check_byte(data)}


def session(name: str, coder: Case, passes: list[Case], tables: dict[str, Case]) -> Case:
    """Code the passes in one session."""
    parameters = {key: value for key, value in coder.items() if key != "use"}
    writer = CODERS[coder["use"]](**parameters).encoder()
    for each in passes:
        values = np.array(each["symbols"], dtype=np.int32)
        if "tables" in each:
            indexes = np.array(each["indexes"], dtype=np.int32)
            writer.code(values, indexes, tables_of(tables[each["tables"]]))
        else:
            described = described_as(each)
            values = values.reshape(-1 if described.end is not None else described.shape)
            adaptive = AdaptivePass(primitive=each["primitive"], params=tuple(each["params"]))
            writer.adapt(values, described, adaptive)
    return {"name": name, "coder": coder, "bytes": writer.finish().hex(), "passes": passes}


def tables_of(entry: Case) -> Tables:
    return Tables(*(np.array(entry[key]) for key in ("cdf", "lengths", "offsets")))


def described_as(entry: Case) -> Symbols:
    mask = entry["mask"]
    if mask is not None:
        mask = np.array([bit == "1" for bit in mask]).reshape(entry["shape"])
    return Symbols(
        tuple(entry["shape"]),
        tuple(map(tuple, entry["grid"])),
        low=entry["low"],
        high=entry["high"],
        end=entry["end"],
        mask=mask,
    )


def table_pass(symbols: Any, indexes: Any, tables: str = "skewed") -> Case:
    return {"tables": tables, "indexes": ints(indexes), "symbols": ints(symbols)}


def adaptive_pass(
    primitive: int,
    values: Any,
    low: int,
    high: int,
    *,
    params: tuple[int, ...] = (),
    mask: Any = None,
    end: int | None = None,
    limit: int = 0,
    grid: Any = (),
) -> Case:
    array = np.asarray(values)
    kept = array if mask is None else array * mask
    return {
        "primitive": primitive,
        "params": list(params),
        "shape": [limit] if end is not None else list(array.shape),
        "grid": [list(plane) for plane in grid],
        "low": low,
        "high": high,
        "end": end,
        "mask": None if mask is None else "".join("01"[int(bit)] for bit in mask.ravel()),
        "symbols": ints(kept),
    }


def ints(values: Any) -> list[int]:
    return [int(value) for value in np.asarray(values).ravel()]


def ranges() -> Iterator[Case]:
    tables = {"skewed": SKEWED}
    rng = np.random.default_rng(1)
    likely = rng.choice([-2, -1, 0, 1], 40, p=[0.01, 0.6, 0.3, 0.09])
    for name, passes in {
        "no symbols": [table_pass([], [])],
        "one symbol": [table_pass([0], [1])],
        "the nearly certain symbol 300 times": [table_pass([0] * 300, [0] * 300)],
        "forty symbols": [table_pass(likely, [1] * 40)],
        "escapes below and above": [table_pass([-3, 2, 100, -100, 2**30, -(2**30)], [1] * 6)],
        "nothing but the escape": [table_pass([7, 6, 8, 0], [2] * 4)],
        "three tables in turn": [table_pass([0, -1, 7, 1, 0, 9], [0, 1, 2, 0, 1, 2])],
        "a trailing zero byte that stays away": [table_pass([1, 0, 0, 0, 0], [0] * 5)],
        "two passes in one session": [table_pass([0, 1], [1, 1]), table_pass([5], [2])],
    }.items():
        yield session(name, {"use": "range"}, passes, tables)
    good = session("", {"use": "range"}, [table_pass(likely, [1] * 40)], tables)
    data = bytes.fromhex(good["bytes"])
    asked = [{k: v for k, v in good["passes"][0].items() if k != "symbols"}]
    base = {"coder": {"use": "range"}, "passes": asked}
    full = [{**asked[0], "indexes": [2] * 4000}]
    yield {"name": "code not below size", **base, "bytes": "ffffffff", "error": "malformed"}
    yield {"name": "cut before the end", **base, "passes": full, "bytes": data.hex(),
           "error": "malformed"}  # fmt: skip
    yield {"name": "bytes appended", **base, "bytes": data.hex() + "00112233445566778899",
           "error": "malformed", "optional": True}  # fmt: skip
    yield {"name": "a zero byte appended", **base, "bytes": data.hex() + "00",
           "error": "malformed", "optional": True}  # fmt: skip


def rans() -> Iterator[Case]:
    tables = {"skewed": SKEWED}
    rng = np.random.default_rng(2)
    likely = rng.choice([-2, -1, 0, 1], 60, p=[0.01, 0.6, 0.3, 0.09])
    plane = adaptive_pass(PLANE, np.arange(12).reshape(3, 4) // 3, 0, 3)
    for lanes in (1, 2, 4, 8):
        yield session(f"sixty symbols, {lanes} lanes", {"use": "rans", "lanes": lanes},
                      [table_pass(likely, [1] * 60)], tables)  # fmt: skip
    coder = {"use": "rans", "lanes": 2}
    for name, passes in {
        "no symbols": [table_pass([], [])],
        "one symbol": [table_pass([-1], [1])],
        "the nearly certain symbol 300 times": [table_pass([0] * 300, [0] * 300)],
        "no bytes: the first symbol, always": [table_pass([-2] * 60, [1] * 60)],
        "escapes": [table_pass([-3, 2, 100, -70000, 2**30, -(2**30)], [1] * 6)],
        "both families, tables first": [table_pass(likely, [1] * 60), plane],
        "both families, adaptive first": [plane, table_pass(likely, [1] * 60)],
        "adaptive alone": [plane],
    }.items():
        yield session(name, coder, passes, tables)
    asked = [{"tables": "skewed", "indexes": [1] * 60}]
    good = session("", coder, [table_pass(likely, [1] * 60)], tables)["bytes"]
    for name, data in (("cut", good[:-4]), ("bytes left over", "0102" + good)):
        case = {"name": name, "coder": coder, "passes": asked, "bytes": data}
        yield {**case, "error": "malformed"}


def rans_long() -> Iterator[Case]:
    """More than 65536 steps, so that the lanes open; the symbols are all 0 but the named ones."""
    count, other = 66000, {5: 1, 65535: 1, 65536: 1, 65540: 4, 65999: 1}
    symbols = np.zeros(count, dtype=np.int32)
    for place, value in other.items():
        symbols[place] = value
    for lanes in (1, 2, 4, 8):
        writer = Rans(lanes=lanes).encoder()
        writer.code(symbols, np.zeros(count, dtype=np.int32), tables_of(SKEWED))
        yield {"coder": {"use": "rans", "lanes": lanes}, "bytes": writer.finish().hex(),
               "table": "skewed", "index": 0, "count": count,
               "others": [[place, value] for place, value in other.items()]}  # fmt: skip


def plain() -> Iterator[Case]:
    tables = {"skewed": SKEWED}
    text = np.frombuffer(b"one, two, three", dtype=np.uint8)
    mask = np.array([[1, 0, 1], [0, 1, 1]], dtype=bool)
    passes = {
        "tables": [table_pass([0, 1, -1, 300, -70000, 2**30], [1] * 6)],
        "one symbol of zero width": [table_pass([0], [1])],
        "a byte each": [adaptive_pass(PLANE, [[0, 3], [2, 1]], 0, 3)],
        "an alphabet of one": [adaptive_pass(PLANE, [[4, 4]], 4, 4)],
        "masked": [adaptive_pass(PLANE, [[9, 0, 8], [0, 7, 6]], -1, 9, mask=mask)],
        "text with its end": [adaptive_pass(SEQUENCE, text, 0, 255, end=0, limit=40)],
        "text that is full": [adaptive_pass(SEQUENCE, text, 0, 255, end=0, limit=15)],
        "wide": [adaptive_pass(DCT, np.arange(-8, 8).reshape(1, 4, 4) * 999, -(2**20), 2**20,
                               grid=[(1, 1)])],
        "two runs": [table_pass([1, 2, 3], [1] * 3), adaptive_pass(PLANE, [[1, 0]], 0, 1)],
        "nothing": [table_pass([], [])],
    }  # fmt: skip
    for name, each in passes.items():
        yield session(name, {"use": "raw"}, each, tables)
    for name, each in passes.items():
        yield session(name, {"use": "zstd"}, each, tables)
    asked = [{"tables": "skewed", "indexes": [1] * 3}]
    for name, coder, data in (
        ("a run cut", "raw", "02010001"),
        ("bytes left over", "raw", "0001"),
        ("a width of five", "raw", "05" + "00" * 15),
        ("no frame", "zstd", "ffff"),
    ):
        yield {"name": name, "coder": {"use": coder}, "passes": asked, "bytes": data,
               "error": "malformed"}  # fmt: skip


def planes() -> Iterator[Case]:
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:9, :11]
    smooth = (rows + columns) // 4
    noisy = smooth + rng.integers(-1, 2, smooth.shape)
    holes = rng.random(smooth.shape) < 0.8
    for name, each in {
        "one value": adaptive_pass(PLANE, [[1]], 0, 1),
        "two levels": adaptive_pass(PLANE, smooth % 2, 0, 1),
        "smooth": adaptive_pass(PLANE, smooth, 0, 4),
        "noisy, low below 0": adaptive_pass(PLANE, noisy, -1, 6),
        "256 levels": adaptive_pass(PLANE, rng.integers(0, 256, (5, 6)), 0, 255),
        "with holes": adaptive_pass(PLANE, noisy, -1, 6, mask=holes),
        "two planes": adaptive_pass(PLANE, np.stack([smooth, 4 - smooth]), 0, 4),
        "one level": adaptive_pass(PLANE, smooth * 0, 0, 0),
        "nothing coded": adaptive_pass(PLANE, smooth, 0, 4, mask=holes & False),
    }.items():
        yield session(name, {"use": "range"}, [each], {})


def labels() -> Iterator[Case]:
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[:20, :30]
    bands = (3 * columns + 7 * rows) // 60
    bands[(rows - 9) ** 2 + (columns - 17) ** 2 < 30] = 5
    speckled = np.where(rng.random(bands.shape) < 0.02, rng.integers(0, 6, bands.shape), bands)
    mask = (rows // 5 + columns // 7) % 3 > 0
    for name, each in {
        "one value": adaptive_pass(LABELS, [[2]], 0, 5),
        "bands and a disc": adaptive_pass(LABELS, bands, 0, 5),
        "speckled": adaptive_pass(LABELS, speckled, 0, 5),
        "masked": adaptive_pass(LABELS, speckled, 0, 5, mask=mask),
        "two labels": adaptive_pass(LABELS, bands % 2, 0, 1),
        "two planes": adaptive_pass(LABELS, np.stack([bands, bands[::-1]]), 0, 5),
        "256 labels": adaptive_pass(LABELS, speckled * 51, 0, 255),
    }.items():
        yield session(name, {"use": "range"}, [each], {})


def blocks() -> Iterator[Case]:
    rng = np.random.default_rng(5)
    for side, grid in ((4, ((3, 4),)), (8, ((3, 4), (2, 2), (2, 2))), (16, ((2, 2), (1, 1)))):
        diagonal = np.add.outer(np.arange(side), np.arange(side))
        count = sum(r * c for r, c in grid)
        values = np.rint(rng.laplace(0, 12, (count, side, side)) / (1 + diagonal**2)).astype(int)
        mask = rng.random(values.shape) < 0.9
        mask[1, 0, 0], mask[2] = False, False
        wide = (-(2**20), 2**20)
        whole = adaptive_pass(DCT, values, *wide, grid=grid)
        masked = adaptive_pass(DCT, values, *wide, grid=grid, mask=mask)
        yield session(f"blocks of {side}", {"use": "range"}, [whole], {})
        yield session(f"blocks of {side}, masked", {"use": "range"}, [masked], {})
    large = np.zeros((1, 4, 4), dtype=int)
    large[0, 0, 0], large[0, 1, 1], large[0, 3, 3] = -(2**20), 9000, -16
    yield session("large numbers", {"use": "range"},
                  [adaptive_pass(DCT, large, -(2**20), 2**20, grid=[(1, 1)])], {})  # fmt: skip
    yield session("all zero", {"use": "range"},
                  [adaptive_pass(DCT, large * 0, -9, 9, grid=[(1, 1)])], {})  # fmt: skip


def sequences() -> Iterator[Case]:
    line = "A woman in a red coat walks 2 dogs; it's raining."
    texts = {"empty": "", "a sentence": line, "not English": "Füße, 3 x 14!", "full": "z" * 60}
    for prior, params in (("no prior", (0,)), ("English", (1,)), ("captions", (2,))):
        for name, text in texts.items():
            codes = np.frombuffer(text.encode(), dtype=np.uint8)
            each = adaptive_pass(SEQUENCE, codes, 0, 255, params=params, end=0, limit=60)
            yield session(f"{prior}: {name}", {"use": "range"}, [each], {})
    numbers = [3, 3, 4, 7, 3, 4, 7]
    for name, low, high, end in (("end inside", 3, 8, 5), ("end outside", 3, 8, -400)):
        each = adaptive_pass(SEQUENCE, numbers, low, high, end=end, limit=9)
        yield session(f"numbers, {name}", {"use": "range"}, [each], {})


def mixed() -> Iterator[Case]:
    """What a codec of several streams writes: passes of all kinds in one section."""
    rng = np.random.default_rng(6)
    passes = [
        adaptive_pass(PLANE, rng.integers(0, 4, (3, 5)), 0, 3),
        table_pass([0, -1, 1, 40], [1] * 4),
        adaptive_pass(DCT, rng.integers(-3, 4, (4, 4, 4)), -9, 9, grid=[(2, 2)]),
        adaptive_pass(SEQUENCE, np.frombuffer(b"a cat", dtype=np.uint8), 0, 255, params=(1,),
                      end=0, limit=80),
    ]  # fmt: skip
    for coder in ({"use": "range"}, {"use": "rans", "lanes": 2}, {"use": "raw"}):
        yield session(f"four passes through {coder['use']}", coder, passes, {"skewed": SKEWED})


def scales() -> Iterator[Case]:
    for law, made in (("gaussian", gaussian_tables()), ("laplace", laplace_tables())):
        for index in (0, 7, 12, 18):
            length = int(made.lengths[index])
            yield {"law": law, "index": index, "offset": int(made.offsets[index]),
                   "cdf": ints(made.cdf[index, : length + 1])}  # fmt: skip


def pixels() -> Iterator[Case]:
    """Coefficients in sixteenths of a level and steps likewise; pixels in raster order."""
    rng = np.random.default_rng(7)
    for height, width, channels, block, chroma, gain, filtered in (
        (4, 4, 1, 4, "420", 1, False),
        (7, 5, 1, 8, "420", 1, False),
        (9, 11, 3, 4, "444", 1, False),
        (9, 11, 3, 4, "420", 1, False),
        (17, 10, 3, 8, "420", 2, False),
        (18, 21, 3, 8, "420", 2, True),
        (20, 37, 1, 16, "420", 1, True),
    ):
        image = Image(height, width, channels, 8)
        dct = Dct(block=block, chroma=chroma, chroma_gain=gain, deblock=filtered)
        bare = Context(image=image, shape=image, coded=image)
        layout = dct.layout(image, {}, bare)
        assert isinstance(layout, Latent)
        luma = np.arange(layout.shape[0]) < layout.grid[0][0] * layout.grid[0][1]
        gains = np.where(luma, 1, gain)[:, None, None]
        decay = 1 + np.add.outer(np.arange(block), np.arange(block)) ** 2
        fixed = np.rint(rng.laplace(0, 300 * block, layout.shape) / decay).astype(np.int64)
        fixed[0, -1, -1], fixed[-1, 0, 0] = 2**17, -(2**17)
        steps = rng.integers(100, 1500, layout.shape[0])
        context = Context(
            image=image,
            shape=image,
            coded=layout,
            steps=(steps[:, None, None] / 16).astype(np.float32) if filtered else None,
        )
        made = dct.inverse((fixed * gains / 16).astype(np.float32), {}, context)
        yield {"height": height, "width": width, "channels": channels, "block": block,
               "chroma": chroma, "chroma_gain": gain, "deblock": filtered,
               "coefficients": ints(fixed), "steps": ints(steps) if filtered else [],
               "pixels": ints(made)}  # fmt: skip


def borders() -> Iterator[Case]:
    rng = np.random.default_rng(8)
    for block, height, width, contrast in ((4, 9, 14, 60), (8, 17, 20, 200), (16, 20, 37, 900)):
        grid = (-(-height // block), -(-width // block))
        steps = rng.integers(0, 1200, grid).astype(np.int32)
        flat = rng.integers(0, contrast, grid).repeat(block, 0).repeat(block, 1)[:height, :width]
        samples = (1500 + flat + rng.integers(-2, 3, (height, width))).astype(np.int16)
        before = ints(samples)
        deblock(samples, block, steps, 4080)
        yield {"block": block, "height": height, "width": width, "steps": ints(steps),
               "samples": before, "results": ints(samples)}  # fmt: skip


def noise() -> Iterator[Case]:
    for seed, stream in ((12345, 7), (0, 0), (2**64 - 1, 2**32 - 1), (2**63 + 5, 1)):
        yield {
            "seed": seed,
            "stream": stream,
            "numbers": ints(uniform(seed, (21,), stream).astype(np.float64) * 65536),
            "normal": ints(normal(seed, (21,), stream).astype(np.float64) * 4096),
        }


FILES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "varints": ("format.md#notation", varints, {}),
    "settings": ("format.md#wire-settings", settings, {}),
    "grids": ("format.md#wire-settings", grids, {}),
    "headers": ("format.md#layout", headers, {"max_pixels": 2**27}),
    "containers": ("format.md#sections", containers, {}),
    "checks": ("format.md#check-byte", checks, {}),
    "range": ("format-coding.md#range-coder", ranges, {"tables": {"skewed": SKEWED}}),
    "rans": ("format-coding.md#coder-rans", rans, {"tables": {"skewed": SKEWED}}),
    "rans-long": ("format-coding.md#coder-rans", rans_long, {"tables": {"skewed": SKEWED}}),
    "plain": ("format-coding.md#coders-raw-and-zstd", plain, {"tables": {"skewed": SKEWED}}),
    "mixed": ("format-coding.md#coder-range", mixed, {"tables": {"skewed": SKEWED}}),
    "plane": ("format-coding.md#plane-1", planes, {}),
    "dct": ("format-coding.md#dct-2", blocks, {}),
    "sequence": ("format-coding.md#sequence-3", sequences, {}),
    "labels": ("format-coding.md#labels-5", labels, {}),
    "scales": ("format-coding.md#tables-of-scales", scales, {}),
    "pixels": ("format-transforms.md#dct", pixels, {}),
    "deblocking": ("format-transforms.md#3-deblocking", borders, {}),
    "noise": ("format.md#noise", noise, {}),
}


def text_of(page: str, cases: list[Case], shared: dict[str, Any]) -> str:
    """Lay the cases out one a line, so that a person can find one."""
    head = {"vectors": 1, "page": page, **shared}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    rows = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    return "{\n" + ",\n".join([*lines, f'"cases": [\n{rows}\n]']) + "\n}\n"


def main(folder: Path) -> int:
    for name, (page, make, shared) in FILES.items():
        path = folder / f"{name}.json"
        if path.exists():
            print(f"{path}: is there and stays as it is")
            continue
        path.write_text(text_of(page, list(make()), shared), encoding="utf-8")
        print(f"{path}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
