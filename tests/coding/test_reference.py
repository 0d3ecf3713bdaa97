"""A decoder in plain Python, written from ``docs/format-coding.md``, agrees with the kernels."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from semcodec.coding.english import byte_weights
from semcodec.coding.primitives import DCT, LABELS, PLANE, SEQUENCE
from semcodec.contracts.values import Symbols

ROOT = Path(__file__).resolve().parents[2]


class Reader:
    """The range decoder and the adaptive decisions."""

    def __init__(self, data: bytes, weights: tuple[int, int, int]) -> None:
        self.stream = iter(data)
        self.size = 2**32 - 1
        self.code = int.from_bytes(bytes(next(self.stream, 0) for _ in range(4)), "big")
        self.start = weights
        self.contexts: dict[object, list[int]] = {}
        self.mixers: dict[object, list[int]] = {}

    def split(self, bound: int) -> int:
        bit = int(self.code < bound)
        self.code -= 0 if bit else bound
        self.size = bound if bit else self.size - bound
        while self.size < 2**24:
            self.size <<= 8
            self.code = self.code << 8 | next(self.stream, 0)
        return bit

    def flip(self) -> int:
        return self.split(self.size >> 1)

    def bypass(self, count: int) -> int:
        return sum(self.flip() << place for place in range(count - 1, -1, -1))

    def golomb(self) -> int:
        extra = 0
        while self.flip():
            extra += 1
        return (1 << extra) + self.bypass(extra) - 1

    def decide(
        self, a: object, b: object, c: object, mixer: object, known: int | None = None
    ) -> int:
        seen = [self.contexts.setdefault(k, [2**21, 2**21, 0]) for k in (a, b, c)]
        weights = self.mixers.setdefault(mixer, list(self.start))
        inputs = []
        for fast, slow, _ in seen:
            i = (fast + slow) >> 11
            inputs.append(round(256 * math.log((i + 0.5) / (4095.5 - i))))
        logit = sum(w * t for w, t in zip(weights, inputs, strict=True)) >> 16
        p = round(65536 / (1 + math.exp(-min(max(logit, -2559), 2559) / 256)))
        bit = self.split((self.size >> 16) * p) if known is None else known
        for i, t in enumerate(inputs):
            step = (t * (65536 * bit - p) + 16384) >> 15
            weights[i] = min(max(weights[i] + step, -(2**20)), 2**20)
        for state in seen:
            for speed, limit in ((0, 12), (1, 255)):
                rate = 131072 // (2 * min(state[2], limit) + 3)
                state[speed] += (((bit << 22) - state[speed]) * rate) >> 16
            state[2] = min(state[2] + 1, 255)
        return bit

    def tree(self, bases: list[int], mixer: int, count: int) -> int:
        bits = (count - 1).bit_length()
        node = 1
        for place in range(bits - 1, -1, -1):
            coded = ((2 * node + 1) << place) < count + 2**bits
            bit = self.decide(*(k + node for k in bases), mixer + place) if coded else 0
            node = 2 * node + bit
        return node - 2**bits

    def number(self, bases: list[tuple], mixer: object) -> int:
        def ask(at: int, place: int) -> int:
            return self.decide(*((*k, at) for k in bases), (mixer, place))

        extra = 0
        while ask(min(extra, 19), min(extra, 7)):
            extra += 1
        value, node, rest = 1, 0, extra
        while rest and extra < 14 and extra - rest < 2:
            bit = ask(20 + 3 * extra + node, 8 + min(extra, 7))
            value, node, rest = 2 * value + bit, 1 + bit, rest - 1
        return (value << rest) + self.bypass(rest) - 1


def decode_plane(data: bytes, shape: tuple, levels: int, mask: np.ndarray) -> np.ndarray:
    reader = Reader(data, (20000, 20000, 20000))
    power = 1 << (levels - 1).bit_length()
    out = np.zeros(shape, dtype=int)
    last = 0
    known: dict[tuple, int] = {}
    for p, y, x in zip(*np.nonzero(mask), strict=True):
        w = known.get((p, y, x - 1), last)
        n = known.get((p, y - 1, x), w)
        nw, ne = known.get((p, y - 1, x - 1), n), known.get((p, y - 1, x + 1), n)
        ww, nn = known.get((p, y, x - 2), w), known.get((p, y - 2, x), n)
        small = (w == n) + 2 * (n == nw) + 4 * (n == ne) + 8 * (w == nw)
        large = small + 16 * (w == ww) + 32 * (n == nn)
        rejected: list[int] = []
        found = None
        for stage, guess in enumerate((w, n, nw, ne)):
            if guess in rejected:
                continue
            contexts = (
                16 * stage + small,
                64 + 64 * stage + large,
                320 + 16 * (4 * w + stage) + small,
            )
            if len(rejected) == levels - 1 or reader.decide(*contexts, stage):
                found = guess
                break
            rejected.append(guess)
        if found is None:
            t = 320 + 64 * levels
            bases = [t, t + power * (1 + w), t + power * (1 + levels + n)]
            found = reader.tree(bases, 4, levels)
        out[p, y, x] = last = known[p, y, x] = found
    return out


def octave(x: int) -> int:
    return min(int(x).bit_length(), 19)


def sort(x: int, *bounds: int) -> int:
    return sum(x >= b for b in bounds)


def step(x: int) -> int:
    return sort(x, 1, 2, 3, 4, 5, 7, 10, 15)


def decode_labels(data: bytes, shape: tuple, levels: int, mask: np.ndarray) -> np.ndarray:
    reader = Reader(data, (26000, 24000, 28000))
    chances = "2 2 1 1 77 82 8 6 181 149 61 60 229 227 136 120 "
    chances += "17 1 1 1 47 44 29 16 99 21 18 2 165 105 134 49"
    for k, chance in enumerate(chances.split()):
        reader.contexts["small", k] = [int(chance) << 14, int(chance) << 14, 12]
    out = np.zeros(shape, dtype=int)
    order = list(range(levels))
    last = 0

    def signed(d: int) -> int:
        size = sort(abs(d), 1, 2, 3, 5, 9)
        return size if d >= 0 else 11 - size

    def span(n: int) -> int:
        return sort(n, 1, 2, 3, 4, 6, 9, 16)

    for plane in range(shape[0] if levels > 1 else 0):
        field: dict[tuple, int] = {}
        edges: dict[int, tuple] = {}

        def f(y: int, x: int, field: dict = field, start: int = last) -> int:
            if y < 0:
                return field.get((0, 0), start)
            if x < 0:
                return field[y, 0] if (y, 0) in field else f(y - 1, 0)
            return field[y, min(x, shape[2] - 1)]

        for y in range(shape[1]):
            for x in range(shape[2]):
                w, n = f(y, x - 1), f(y - 1, x)
                if not mask[plane, y, x]:
                    field[y, x] = w
                    continue
                passed = int(w != n)
                ahead = [e for e in edges if (e <= x if passed else e >= x)]
                e = min(ahead, key=lambda e: abs(e - x), default=None)
                course, place = 0, 20 + passed
                if e is not None and abs(e - x) <= 40:
                    step, turn, run, before = edges[e]
                    shape_ = 121 + 3 * (8 * span(run) + span(before)) + (0, 1, 2)[np.sign(turn)]
                    if step:
                        shape_ = 11 * signed(step) + signed(turn)
                    gap = sort(abs(e - x), 1, 2, 3, 4, 5, 6, 8, 12, 20)
                    course = 1 + 2 * (10 * shape_ + gap) + passed
                    place = 2 * gap + passed
                up = [f(y - 1, x + j) for j in range(-3, 4)]
                top = [f(y - 2, x + j) for j in range(-2, 3)]
                back = [f(y, x - j) for j in (2, 3, 4)]
                corner = sum((v != w) << i for i, v in enumerate(up[4:1:-1]))
                small = 4 * corner + 2 * (top[2] != w) + (back[0] != w)
                wide = tuple(v != w for v in up + top + back)
                found = w
                if reader.decide(("small", small), ("wide", wide), ("course", course), corner):
                    rejected = [w]
                    found = None
                    near = [n, up[4], up[2], top[2], up[5], up[1], up[6], up[0]]
                    for stage, guess in enumerate(near):
                        if guess in rejected:
                            continue
                        alike = tuple(v != guess for v in up + top[1:4])
                        contexts = [("guess", k, stage) for k in (small, alike, ("place", place))]
                        mixer = ("guess", stage)
                        if len(rejected) == levels - 1 or reader.decide(*contexts, mixer):
                            found = guess
                            break
                        rejected.append(guess)
                    if found is None:
                        rest = [v for v in order if v not in rejected]
                        bases = [("name",), ("west", w), ("north", n)]
                        rank = reader.number(bases, "name") if len(rest) > 1 else 0
                        found = rest[rank]
                        order.remove(found)
                        order.insert(0, found)
                field[y, x] = out[plane, y, x] = last = found
            followed = {}
            for x in range(1, shape[2]):
                if field[y, x] == field[y, x - 1]:
                    continue
                o = min(edges, key=lambda e, x=x: (abs(e - x), e), default=None)
                if o is None or abs(x - o) > 16:
                    followed[x] = (0, 0, 0, 0)
                elif o == x:
                    step, turn, run, before = edges[o]
                    followed[x] = (0, step or turn, run + 1, before)
                else:
                    followed[x] = (x - o, edges[o][0], 1, edges[o][2])
            edges = followed
    return out


def decode_dct(data: bytes, side: int, grid: tuple, mask: np.ndarray) -> np.ndarray:
    reader = Reader(data, (20000, 20000, 20000))
    out = np.zeros(mask.shape, dtype=int)
    miss: dict[int | None, int] = {}
    reach: dict[int | None, int] = {}

    def place(cell: tuple[int, int]) -> tuple[int, int]:
        v, u = cell
        return v + u, v if (v + u) % 2 else u

    scan = sorted(np.ndindex(side, side), key=place)
    first = 0
    for plane, (rows, columns) in enumerate(grid):
        group = "other" if plane else "first"
        for y, x in np.ndindex(rows, columns):
            here = first + y * columns + x
            west = here - 1 if x else None
            north = here - columns if y else None
            corner = here - columns - 1 if x and y else None
            east = here - columns + 1 if y and x + 1 < columns else None
            below = twin = None
            if plane:
                r, c = grid[plane - 1]
                below = first - r * c + (y * r // rows) * c + x * c // columns
                twin = below if (r, c) == (rows, columns) else None
            extent = min(octave(reach.get(west, 0)) + octave(reach.get(north, 0)), 19)
            if mask[here, 0, 0]:
                dc = {k: int(out[k, 0, 0]) for k in (west, north, corner) if k is not None}
                usable = {k: v for k, v in dc.items() if mask[k, 0, 0]}
                guess = usable.get(west, usable.get(north, 0))
                if west in usable and north in usable:
                    w, n = dc[west], dc[north]
                    guess = (w + n) >> 1
                    if corner in usable:
                        guess = sorted((min(w, n), w + n - dc[corner], max(w, n)))[1]
                slope = 0
                if corner is not None:
                    slope = abs(dc[west] - dc[corner]) + abs(dc[north] - dc[corner])
                third = octave(miss.get(below, 0)) if plane else extent
                missed = octave(miss.get(west, 0) + miss.get(north, 0))
                bases = [(group, "dc", i, k) for i, k in enumerate((missed, octave(slope), third))]
                size = reader.number(bases, (group, "dc"))
                miss[here] = size
                out[here, 0, 0] = guess + (-size if size and reader.flip() else size)
            order = [cell for cell in scan[1:] if mask[here][cell]]
            if not order:
                continue
            second = min(octave(miss.get(here, 0)) + (10 if twin is not None else 0), 19)
            third = octave(reach.get(below, 0)) + 1 if plane else octave(reach.get(east, 0))
            bases = [(group, "reach", i, k) for i, k in enumerate((extent, second, third))]
            reach[here] = reader.number(bases, (group, "reach"))
            known = np.zeros((side + 2, side + 2), dtype=int)
            for i in range(reach[here] - 1, -1, -1):
                v, u = order[i]
                local = 2 * (known[v, u + 1] + known[v + 1, u]) + known[v + 1, u + 1]
                local += known[v, u + 2] + known[v + 2, u]
                near = sum(
                    share * abs(out[k, v, u])
                    for share, k in ((2, west), (2, north), (2, twin), (1, corner), (1, east))
                    if k is not None
                )
                inner, outer, both = step(local), step(near), step((2 * local + near + 1) >> 1)
                zone = sort(8 * (u + v) // side, 2, 3, 4, 6, 9)
                after = reach[here] - 1 - i
                far = sort(after, 2, 4, 9, 20)
                if after and not reader.decide(
                    (group, "a", v, u, min(near, 2)),
                    (group, "b", inner, (outer + 1) >> 1, zone >> 1),
                    (group, "c", zone, both, far),
                    (group, "nonzero", zone),
                ):
                    continue
                level = 1
                while level < 15 and reader.decide(
                    (group, "la", both, zone, level),
                    (group, "lb", inner, after == 0, level),
                    (group, "lc", outer, zone, level),
                    (group, "level", level),
                ):
                    level += 1
                if level == 15:
                    level += reader.golomb()
                known[v, u] = level
                out[here, v, u] = -level if reader.flip() else level
        first += rows * columns
    return out


def decode_text(data: bytes, limit: int) -> bytes:
    """Bytes 0 to 255 with the end 0 and the English prior."""
    reader = Reader(data, (13107, 45000, 19661))
    table = byte_weights()
    rows = [0, 257, *range(1, 257)]
    for row, source in enumerate(rows):
        weights = [int(table[source, 256]), *map(int, table[source, 1:256])]
        sums = [0] * 256 + weights
        for node in range(255, 0, -1):
            sums[node] = sums[2 * node] + sums[2 * node + 1]
            estimate = (sums[2 * node + 1] << 22) // max(sums[node], 1)
            reader.contexts[256 * row + node] = [estimate, estimate, 20 if row else 30]
    last, before = -1, 0
    out = b""
    while len(out) < limit:
        pair = (last + 37 * before) & 255
        index = reader.tree([0, 256 * (2 + last), 256 * (2 + 256 + pair)], 0, 256)
        if index == 0:
            break
        out += bytes([index])
        last, before = index, last
    return out


def decode_caption(data: bytes, limit: int) -> bytes:
    """Bytes 0 to 255 with the end 0, after reading captions."""
    reader = Reader(data, (21845, 21845, 21845))

    def sequence(given: bytes | None, most: int) -> bytes:
        out = b""
        word = 0
        while len(out) < most:
            first, second, third = [b + 1 for b in out[:-4:-1]] + [0] * max(3 - len(out), 0)
            before = first + 258 * (second + 258 * third)
            node = 1
            for place in range(7, -1, -1):
                slots = [512 * before + node, word + 1028477387 * node]
                keys = [k % 2**32 * 739982445 % 2**32 // 2**15 for k in slots]
                known = None if given is None else given[len(out)] >> place & 1
                contexts = [(first, node), ("b", keys[0]), ("c", keys[1])]
                node = 2 * node + reader.decide(*contexts, (place, word > 0), known)
            if node == 256:
                break
            out += bytes([node - 256])
            letter = out[-1:].isalpha()
            word = (word + (out[-1] | 32)) * 739982445 % 2**32 if letter else 0
        return out

    for line in files("semcodec.coding").joinpath("captions.txt").read_text().splitlines():
        sequence(line.encode() + b"\0", 1000)
    return sequence(None, limit)


def cases(name: str) -> list:
    text = (ROOT / "docs" / "vectors" / f"{name}.json").read_text(encoding="utf-8")
    return [pytest.param(case, id=case["name"]) for case in json.loads(text)["cases"]]


def described(case: dict) -> tuple[dict, np.ndarray]:
    """The one pass of a vector, and its mask."""
    (entry,) = case["passes"]
    bits = entry["mask"] or "1" * len(entry["symbols"])
    return entry, np.array([bit == "1" for bit in bits]).reshape(entry["shape"])


@pytest.mark.parametrize("case", cases("dct"))
def test_dct_vectors(case):
    entry, mask = described(case)
    data = bytes.fromhex(case["bytes"])
    found = decode_dct(data, entry["shape"][1], tuple(map(tuple, entry["grid"])), mask)
    assert found.ravel().tolist() == entry["symbols"]


@pytest.mark.parametrize("case", cases("labels"))
def test_labels_vectors(case):
    entry, mask = described(case)
    mask = mask.reshape(-1, *mask.shape[-2:])
    levels = entry["high"] - entry["low"] + 1
    found = decode_labels(bytes.fromhex(case["bytes"]), mask.shape, levels, mask)
    assert found.ravel().tolist() == entry["symbols"]


@pytest.mark.parametrize("levels", [2, 3, 7, 256])
def test_plane(pack, levels):
    rng = np.random.default_rng(levels)
    values = np.repeat(rng.integers(0, levels, (2, 10, 5)), 3, axis=2)
    mask = rng.random(values.shape) < 0.9
    data = pack(values, Symbols(values.shape, low=0, high=levels - 1, mask=mask), PLANE)
    assert (decode_plane(data, values.shape, levels, mask) == values * mask).all()


@pytest.mark.parametrize("levels", [1, 2, 3, 7, 256])
@pytest.mark.parametrize("share", [0.1, 0.9, 1.0])
def test_labels(pack, levels, share):
    """Slanted bands, a disc of another label and some noise, in two planes of several masks."""
    rng = np.random.default_rng(levels)
    y, x = np.mgrid[:30, :50]
    bands = np.stack([(3 * x + 7 * y) // 60, (x - y) // 9])
    bands[:, (y - 12) ** 2 + (x - 20) ** 2 < 60] = 5
    noise = rng.random(bands.shape) < 0.01
    values = np.where(noise, rng.integers(0, levels, bands.shape), bands % levels)
    mask = rng.random(values.shape) < share
    data = pack(values, Symbols(values.shape, low=0, high=levels - 1, mask=mask), LABELS)
    assert (decode_labels(data, values.shape, levels, mask) == values * mask).all()


@pytest.mark.parametrize("side", [4, 8, 16])
def test_dct(pack, side):
    rng = np.random.default_rng(side)
    grid = ((4, 5), (2, 3), (2, 3), (1, 1))
    diagonal = np.add.outer(np.arange(side), np.arange(side))
    values = np.rint(rng.laplace(0, 30, (33, side, side)) / (1 + diagonal**2)).astype(int)
    values[5, 1, 1], values[9, 0, 0], values[20, 2, 3] = 9000, -(2**20), -15
    mask = rng.random(values.shape) < 0.9
    mask[7], mask[11, 1:], mask[25:27, 0, 0] = False, False, False
    data = pack(values, Symbols(values.shape, grid, mask=mask), DCT)
    assert (decode_dct(data, side, grid, mask) == values * mask).all()


@pytest.mark.parametrize("text", ["", "A man rides a red bicycle.", "Füße, 3 x 14!", "z" * 40])
def test_text(pack, text):
    codes = np.frombuffer(text.encode(), dtype=np.uint8)
    symbols = Symbols((40,), low=0, high=255, end=0)
    assert decode_text(pack(codes, symbols, SEQUENCE, 1), 40) == text.encode()


@pytest.mark.parametrize("text", ["", "Füße, 3 cats @ home!", "A woman walks a dog in the park."])
def test_caption(pack, text):
    codes = np.frombuffer(text.encode(), dtype=np.uint8)
    symbols = Symbols((40,), low=0, high=255, end=0)
    assert decode_caption(pack(codes, symbols, SEQUENCE, 2), 40) == text.encode()
