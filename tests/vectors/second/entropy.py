"""A second reading of ``docs/format-coding.md``. Standard library only.

Written from the page, in the plainest way; nothing of the package is imported. What is large and
stands on the page, the English prior, is read from the page itself.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "format-coding.md").read_text(encoding="utf-8")
[PACKAGE] = importlib.util.find_spec("semcodec").submodule_search_locations or []
"""Where the package lies; found and not imported, for the text that it carries."""
LEAST = -(2**30)


class Malformed(Exception):
    """The data is refused."""


def need(holds: bool) -> None:
    if not holds:
        raise Malformed


class Range:
    """The range decoder, the adaptive decisions, and what they are combined to."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.size, self.code = 2**32 - 1, 0
        self.window = 0
        for _ in range(4):
            self.shift()
        need(self.code < self.size)

    def shift(self) -> None:
        byte = self.data[self.at] if self.at < len(self.data) else 0
        need(self.at < len(self.data) + 8)
        self.at += 1
        self.window = (self.window << 8 | byte) & 0xFFFFFFFF
        self.code = self.code << 8 | byte

    def narrow(self, start: int, width: int) -> None:
        self.code -= start
        self.size = width
        while self.size < 2**24:
            self.size <<= 8
            self.shift()

    def split(self, bound: int) -> int:
        bit = int(self.code < bound)
        self.narrow(*((0, bound) if bit else (bound, self.size - bound)))
        return bit

    def flip(self) -> int:
        return self.split(self.size >> 1)

    def bypass(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = 2 * value + self.flip()
        return value

    def golomb(self) -> int:
        extra = 0
        while self.flip():
            extra += 1
            need(extra < 32)
        return (1 << extra) + self.bypass(extra) - 1

    def finish(self) -> None:
        """The rules that a decoder may hold the end of a session to."""
        supplied = max(self.at - len(self.data), 0)
        need(self.at >= len(self.data))
        if self.data:
            need(self.data[-1] != 0 or supplied == 8)
        low = (self.window - self.code) % 2**32
        for unit in (2**32, 2**24):
            chosen = -(-low // unit) * unit
            if chosen < low + self.size:
                break
        need(chosen % 2**32 == self.window)

    # Symbols with a static table

    def symbol(self, cdf: list[int], offset: int) -> int:
        length = len(cdf) - 1
        unit = self.size >> 16
        share = min(self.code // unit, 65535)
        k = next(k for k in range(length) if cdf[k] <= share < cdf[k + 1])
        start = unit * cdf[k]
        end = self.size if k == length - 1 else unit * cdf[k + 1]
        self.narrow(start, end - start)
        if k < length - 1:
            return offset + k
        below = self.flip()
        away = self.golomb()
        found = offset - 1 - away if below else offset + length - 1 + away
        need(abs(found) <= 2**30)
        return found


class Model:
    """Contexts and mixers of one pass, made anew for it."""

    def __init__(self, coder: Range, weights: tuple[int, int, int]) -> None:
        self.coder, self.weights = coder, weights
        self.contexts: dict[object, list[int]] = {}
        self.mixers: dict[object, list[int]] = {}

    def decide(self, a: object, b: object, c: object, m: object, known: int | None = None) -> int:
        seen = [self.contexts.setdefault(key, [2**21, 2**21, 0]) for key in (a, b, c)]
        mixer = self.mixers.setdefault(m, list(self.weights))
        t = [stretch((fast + slow) >> 11) for fast, slow, _ in seen]
        p = squash((mixer[0] * t[0] + mixer[1] * t[1] + mixer[2] * t[2]) >> 16)
        bit = self.coder.split((self.coder.size >> 16) * p) if known is None else known
        miss = 65536 * bit - p
        for i in range(3):
            moved = mixer[i] + ((t[i] * miss + 16384) >> 15)
            mixer[i] = max(-(2**20), min(2**20, moved))
        for state in seen:
            goal = bit << 22
            state[0] += ((goal - state[0]) * rate(min(state[2], 12))) >> 16
            state[1] += ((goal - state[1]) * rate(state[2])) >> 16
            state[2] = min(state[2] + 1, 255)
        return bit

    def tree(self, a: int, b: int, c: int, m: int, count: int) -> int:
        n = (count - 1).bit_length()
        node = 1
        for place in range(n - 1, -1, -1):
            bit = 0
            if (2 * node + 1) << place < count + 2**n:
                bit = self.decide(a + node, b + node, c + node, m + place)
            node = 2 * node + bit
        return node - 2**n

    def number(self, a: int, b: int, c: int, m: int) -> int:
        e = 0
        while self.decide(*(base + min(e, 19) for base in (a, b, c)), m + min(e, 7)):
            e += 1
            need(e < 32)
        value, node = 1, 0
        for i in range(e):
            if e < 14 and i < 2:
                at = 20 + 3 * e + node
                bit = self.decide(a + at, b + at, c + at, m + 8 + min(e, 7))
                node = 1 + bit
            else:
                bit = self.coder.flip()
            value = 2 * value + bit
        return value - 1


def stretch(i: int) -> int:
    return round(256 * math.log((i + 0.5) / (4095.5 - i)))


def squash(x: int) -> int:
    return round(65536 / (1 + math.exp(-max(-2559, min(2559, x)) / 256)))


def rate(n: int) -> int:
    return 131072 // (2 * n + 3)


def octave(x: int) -> int:
    return min(x.bit_length(), 19)


def plane(coder: Range, entry: dict) -> list[int]:
    *planes, height, width = entry["shape"]
    count = planes[0] if planes else 1
    levels = entry["high"] - entry["low"] + 1
    model = Model(coder, (20000, 20000, 20000))
    s = 1 << (levels - 1).bit_length()
    mask = entry["mask"]
    found: dict[tuple[int, int, int], int] = {}
    last = 0
    for i in range(count * height * width):
        p, y, x = i // (height * width), i // width % height, i % width
        if mask and mask[i] == "0":
            continue

        def at(dy: int, dx: int, other: int, here: tuple = (p, y, x)) -> int:
            inside = 0 <= here[2] + dx < width
            key = (here[0], here[1] + dy, here[2] + dx)
            return found.get(key, other) if inside else other

        w = at(0, -1, last)
        n = at(-1, 0, w)
        nw, ne, ww, nn = at(-1, -1, n), at(-1, 1, n), at(0, -2, w), at(-2, 0, n)
        small = (w == n) + 2 * (n == nw) + 4 * (n == ne) + 8 * (w == nw)
        large = small + 16 * (w == ww) + 32 * (n == nn)
        rejected: list[int] = []
        value = None
        for stage, guess in enumerate((w, n, nw, ne)):
            if guess in rejected:
                continue
            a, b = 16 * stage + small, 64 + 64 * stage + large
            c = 320 + 16 * (4 * w + stage) + small
            if len(rejected) == levels - 1 or model.decide(a, b, c, stage):
                value = guess
                break
            rejected.append(guess)
        if value is None:
            t = 320 + 64 * levels
            value = model.tree(t, t + s * (1 + w), t + s * (1 + levels + n), 4, levels)
        found[p, y, x] = last = value
    shape = [(p, y, x) for p in range(count) for y in range(height) for x in range(width)]
    return [entry["low"] + found[key] if key in found else 0 for key in shape]


def sequence(coder: Range, entry: dict) -> list[int]:
    limit, low, high, end = entry["shape"][0], entry["low"], entry["high"], entry["end"]
    inside = end is not None and low <= end <= high
    count = high - low + 1 + (end is not None and not inside)
    stop = None if end is None else end - low if inside else count - 1
    prior = entry["params"][0] if entry["params"] else 0
    if prior == 2:
        return captions(coder, limit, low, count, stop)
    model = Model(coder, (13107, 45000, 19661))
    s = 1 << (count - 1).bit_length()
    if prior == 1:
        english(model, low, count, stop, s)
    out: list[int] = []
    l, k = -1, 0  # noqa: E741 - the page's own names
    while len(out) < limit:
        third = s * (2 + count + ((l + 37 * k) & 255))
        index = model.tree(0, s * (2 + l), third, 0, count)
        if index == stop:
            break
        out.append(low + index)
        k, l = l, index  # noqa: E741
    return out


def digits() -> dict[str, list[int]]:
    """The table of the page: row of a letter (or ``_``) to its 27 digits."""
    rows = re.findall(r"^    ([a-z_])   (\d{27})$", PAGE, re.MULTILINE)
    assert len(rows) == 27
    return {letter: [int(digit) for digit in row] for letter, row in rows}


def weights_after(before: int | None, table: dict[str, list[int]]) -> list[int]:
    """Weights of the bytes 0 to 255 and, as entry 256, of the end; None stands for the start."""
    letter = before is not None and chr(before).isascii() and chr(before).isalpha()
    row = table[chr(before).lower() if letter else "_"]
    found = [1] * 257
    for byte in range(33, 127):
        found[byte] = 4
    for j in range(26):
        found[97 + j] = 64 << row[j]
        found[65 + j] = (128 if before is None else 2) << row[j]
    for byte in b".,'-":
        found[byte] = 64
    for byte in b"0123456789":
        found[byte] = 16
    mark = before is not None and before in b".,;:!?"
    found[32] = 64 << (row[26] if letter else 8 if mark else 2)
    found[256] = 8 << row[26] if letter else 8 << 11 if before == ord(".") else 8
    return found


def english(model: Model, low: int, count: int, stop: int | None, s: int) -> None:
    table = digits()
    after = {byte: weights_after(byte, table) for byte in range(256)}
    mixed = [*range(ord("a"), ord("z") + 1), 32]
    h = {x: sum(after[b][x] for b in mixed) for x in mixed}
    anywhere = [max(1, sum(h[x] * after[x][symbol] for x in mixed) >> 16) for symbol in range(257)]
    rows = [anywhere, weights_after(None, table)]
    for index in range(count):
        known = index != stop and 0 <= low + index < 256
        rows.append(after[low + index] if known else anywhere)
    for number, row in enumerate(rows):
        sums = [0] * (2 * s)
        for index in range(count):
            byte = low + index
            at = 256 if index == stop else byte
            sums[s + index] = row[at] if index == stop or 0 <= byte < 256 else 1
        for node in range(s - 1, 0, -1):
            sums[node] = sums[2 * node] + sums[2 * node + 1]
            estimate = (sums[2 * node + 1] << 22) // max(sums[node], 1)
            model.contexts[s * number + node] = [estimate, estimate, 20 if number else 30]


def captions(coder: Range, limit: int, low: int, count: int, stop: int | None) -> list[int]:
    model = Model(coder, (21845, 21845, 21845))
    s = 1 << (count - 1).bit_length()
    n = s.bit_length() - 1

    def slot(x: int) -> int:
        return (x * 739982445 % 2**32) >> 15

    def run(given: list[int] | None) -> list[int]:
        out: list[int] = []
        word = 0
        while len(out) < (limit if given is None else len(given)):
            f, g, h = ([1 + i for i in out[:-4:-1]] + [0, 0, 0])[:3]
            node = 1
            for place in range(n - 1, -1, -1):
                bit = 0
                if (2 * node + 1) << place < count + s:
                    known = None if given is None else given[len(out)] >> place & 1
                    a = s * f + node
                    b = s * (1 + count) + slot(512 * (f + 258 * g + 66564 * h) + node)
                    c = s * (1 + count) + 2**17 + slot(word + 1028477387 * node)
                    bit = model.decide(a, b, c, place + (9 if word else 0), known)
                node = 2 * node + bit
            index = node - s
            if index == stop:
                break
            out.append(index)
            byte = low + index
            letter = 0 <= byte < 128 and chr(byte).isalpha()
            word = (word + (byte | 32)) * 739982445 % 2**32 if letter else 0
        return out

    text = (Path(PACKAGE) / "coding" / "captions.txt").read_bytes()
    for line in text.split(b"\n")[:-1]:
        indexes = [byte - low for byte in line if 0 <= byte - low < count and byte - low != stop]
        run([*indexes, *([] if stop is None else [stop])])
    return [low + index for index in run(None)]


STATIC = "tables"
PRIMITIVES: dict[int, Callable[[Range, dict], list[int]]] = {1: plane, 3: sequence}


def decode(data: bytes, passes: list[dict], tables: dict[str, dict]) -> list[list[int]]:
    """Decode a section of the coder ``range``."""
    coder = Range(data)
    out = []
    for entry in passes:
        if STATIC in entry:
            made = tables[entry[STATIC]]
            rows = [
                (cdf[: length + 1], offset)
                for cdf, length, offset in zip(
                    made["cdf"], made["lengths"], made["offsets"], strict=True
                )
            ]
            out.append([coder.symbol(*rows[index]) for index in entry["indexes"]])
        else:
            out.append(PRIMITIVES[entry["primitive"]](coder, entry))
    coder.finish()
    return out
