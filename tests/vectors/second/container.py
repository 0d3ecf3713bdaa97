"""A second reading of ``docs/format.md``: container, settings, noise. Standard library only.

Written from the page, in the plainest way; nothing of the package is imported.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

PAGE = (Path(__file__).parents[3] / "docs" / "format.md").read_text(encoding="utf-8")
DICTIONARY = bytes.fromhex(re.search(r"```dictionary\n(.*?)```", PAGE, re.DOTALL)[1])
SIZES = [
    (int(width), int(height))
    for width, height in re.findall(r"^\| \d+ \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
]
FORMS = [(3, 8), (1, 8), (4, 8)]


class Refused(Exception):
    """The bytes are refused; ``kind`` says why."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def need(holds: bool, kind: str = "malformed") -> None:
    if not holds:
        raise Refused(kind)


class Bytes:
    """Bytes that are taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        need(self.at + count <= len(self.data))
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self) -> int:
        value = 0
        for place in range(5):
            byte = self.take(1)[0]
            value |= (byte & 127) << (7 * place)
            if byte < 128:
                need(byte > 0 or place == 0)
                need(value < 2**32)
                return value
        raise Refused("malformed")


@dataclass
class Head:
    width: int
    height: int
    channels: int
    depth: int
    code: int | None
    digest: bytes
    lock: bytes | None
    check: bool


def read_head(source: Bytes, max_pixels: int = 2**27) -> Head:
    first = source.take(1)[0]
    need(first >> 5 == 1)
    if first & 3 == 3:
        form = source.take(1)[0]
        channels, depth = (form & 3) + 1, 16 if form & 4 else 8
        need(form < 8 and (channels, depth) not in FORMS)
    else:
        channels, depth = FORMS[first & 3]
    code, digest, lock = None, b"", None
    if not first & 16:
        code = source.varint()
        need(code >= 1)
        digest = source.take(2)
    else:
        count = source.varint()
        if count == 0:
            digest = source.take(4)
        else:
            need(count <= 131072, "limit")
            lock = expand(source.take(count))
    if first & 8:
        index = source.take(1)[0]
        need(index < len(SIZES))
        width, height = SIZES[index]
    else:
        width, height = source.varint(), source.varint()
        need(width >= 1 and height >= 1 and (width, height) not in SIZES[:12])
    need(width * height <= max_pixels, "limit")
    return Head(width, height, channels, depth, code, digest, lock, bool(first & 4))


def expand(packed: bytes) -> bytes:
    stream = zlib.decompressobj(-15, zdict=DICTIONARY)
    try:
        lock = stream.decompress(packed, 65537)
    except zlib.error:
        raise Refused("malformed") from None
    need(len(lock) <= 65536, "limit")
    need(stream.eof and not stream.unused_data and len(lock) > 0)
    return lock


def unpack(data: bytes, radices: list[int]) -> list[int]:
    number, values = int.from_bytes(data, "big"), []
    for radix in reversed(radices):
        number, value = divmod(number, radix)
        values.insert(0, value)
    need(number == 0)
    return values


def packed_size(radices: list[int]) -> int:
    most = 1
    for radix in radices:
        most *= radix
    return ((most - 1).bit_length() + 7) // 8


def read_container(
    data: bytes, radices: list[int], sections: int
) -> tuple[Head, list[int], list[bytes], int | None]:
    if data[:4] == b"SMCX":
        need(len(data) >= 4 + 1 + 2)
        data, wanted = data[4:-2], int.from_bytes(data[-2:], "big")
        need(crc16(data) == wanted, "integrity")
    source = Bytes(data)
    head = read_head(source)
    values = unpack(source.take(packed_size(radices)), radices)
    lengths = [source.varint() for _ in range(sections - 1)]
    found = [source.take(length) for length in lengths]
    rest = len(data) - source.at - head.check
    need(rest >= 0 and (sections > 0 or rest == 0))
    if sections:
        found.append(source.take(rest))
    return head, values, found, source.take(1)[0] if head.check else None


def crc16(data: bytes) -> int:
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return value ^ 0xFFFF


def crc32(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def check_of(symbols: list[int]) -> int:
    return crc32(struct.pack(f"<{len(symbols)}i", *symbols)) & 255


def grid(entry: dict) -> list:
    if "values" in entry:
        return entry["values"]
    low, high, levels = entry["min"], entry["max"], entry["levels"]
    found = []
    for i in range(levels):
        if entry.get("scale", "linear") == "log":
            value = low * (high / low) ** (i / (levels - 1))
        else:
            value = low + i * (high - low) / (levels - 1)
        found.append(round(value) if entry["whole"] else float(f"{value:.6g}"))
    return found


def numbers(seed: int, stream: int, count: int) -> list[int]:
    """Philox 4x64-10, sixteen bits at a time."""
    whole = 2**64
    found: list[int] = []
    block = 0
    while len(found) < count:
        block += 1
        c = [block, 0, 0, 0]
        k0, k1 = seed % whole, stream % 2**32
        for _ in range(10):
            one, two = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
            high_one, low_one = divmod(one, whole)
            high_two, low_two = divmod(two, whole)
            c = [high_two ^ c[1] ^ k0, low_two, high_one ^ c[3] ^ k1, low_one]
            k0 = (k0 + 0x9E3779B97F4A7C15) % whole
            k1 = (k1 + 0xBB67AE8584CAA73B) % whole
        found += [word >> shift & 0xFFFF for word in c for shift in (0, 16, 32, 48)]
    return found[:count]


def normal_of(number: int) -> int:
    if number < 32768:
        return -normal_of(65535 - number)
    return round(4096 * NormalDist().inv_cdf((number + 0.5) / 65536))
