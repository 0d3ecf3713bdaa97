"""A second reading of ``docs/format-transforms.md``: ``dct`` and its filter. Integers alone."""

from __future__ import annotations

K = {
    4: [16384, 21407, 16384, 8867],
    8: [11585, 16069, 15137, 13623, 11585, 9102, 6270, 3196],
    16: [8192, 11529, 11363, 11086, 10703, 10217, 9633, 8956, 8192, 7350, 6436, 5461, 4433, 3363,
         2260, 1136],
}  # fmt: skip
TOP = 4080
Plane = list[list[int]]


def clamp(n: int, low: int, high: int) -> int:
    return max(low, min(high, n))


def matrix(b: int) -> list[list[int]]:
    made = [[K[b][0]] * b]
    for u in range(1, b):
        row = []
        for x in range(b):
            j = u * (2 * x + 1) % (4 * b)
            j = 4 * b - j if j > 2 * b else j
            row.append(K[b][j] if j < b else -K[b][2 * b - j])
        made.append(row)
    return made


def block_of(fixed: list[int], b: int) -> Plane:
    m = matrix(b)
    half = [[sum(fixed[b * u + v] * m[u][y] for u in range(b)) for v in range(b)] for y in range(b)]
    return [
        [
            clamp(((sum(half[y][v] * m[v][x] for v in range(b)) + 2**29) >> 30) + 2048, 0, TOP)
            for x in range(b)
        ]
        for y in range(b)
    ]


def filter_line(line: list[int], at: int, d: int) -> None:
    p, q = [line[at - 1 - i] for i in range(4)], [line[at + i] for i in range(4)]
    t, e = (26 * d) >> 8, (512 * d) >> 8
    bp, bq = abs(p[2] - 2 * p[1] + p[0]), abs(q[2] - 2 * q[1] + q[0])
    v = abs(p[3] - p[0]) + abs(q[0] - q[3])
    if d == 0 or bp + bq >= e:
        return
    if 8 * (bp + bq) < e and 8 * v < e and 2 * abs(p[0] - q[0]) < 5 * t:
        for near, far, sign in ((p, q, -1), (q, p, 1)):
            start = at - 1 if sign < 0 else at
            made = (
                (near[2] + 2 * near[1] + 2 * near[0] + 2 * far[0] + far[1] + 4) >> 3,
                (near[2] + near[1] + near[0] + far[0] + 2) >> 2,
                (2 * near[3] + 3 * near[2] + near[1] + near[0] + far[0] + 4) >> 3,
            )
            for i, n in enumerate(made):
                kept = clamp(n, near[i] - 2 * t, near[i] + 2 * t)
                line[start + sign * i] = clamp(kept, 0, TOP)
        return
    n = (9 * (q[0] - p[0]) - 3 * (q[1] - p[1]) + 8) >> 4
    if abs(n) >= 10 * t:
        return
    n, u = clamp(n, -t, t), (e + (e >> 1)) >> 3
    line[at - 1], line[at] = clamp(p[0] + n, 0, TOP), clamp(q[0] - n, 0, TOP)
    for near, bend, place, moved in ((p, bp, at - 2, n), (q, bq, at + 1, -n)):
        if bend < u:
            by = (((near[2] + near[0] + 1) >> 1) - near[1] + moved) >> 1
            line[place] = clamp(near[1] + clamp(by, -(t >> 1), t >> 1), 0, TOP)


def deblock(plane: Plane, b: int, steps: Plane) -> Plane:
    """Filter borders between columns of blocks, then between rows."""
    for _ in range(2):
        plane = [list(line) for line in plane]
        for y, line in enumerate(plane):
            row = steps[y // b]
            for k in range(1, len(row)):
                if k * b + 4 <= len(line):
                    filter_line(line, k * b, (row[k - 1] + row[k] + 1) >> 1)
        plane = [list(column) for column in zip(*plane, strict=True)]
        steps = [list(column) for column in zip(*steps, strict=True)]
    return plane


def picture(case: dict) -> list[int]:
    """Decode a case of ``pixels.json``: coefficients in sixteenths to pixels in raster order."""
    height, width, b = case["height"], case["width"], case["block"]
    planes: list[Plane] = []
    first = 0
    for number in range(case["channels"]):
        r = 2 if number and case["chroma"] == "420" else 1
        h, w = -(-height // r), -(-width // r)
        rows, columns = -(-h // b), -(-w // b)
        plane = [[0] * (columns * b) for _ in range(rows * b)]
        steps = [[0] * columns for _ in range(rows)]
        for i in range(rows * columns):
            at = (first + i) * b * b
            made = block_of(case["coefficients"][at : at + b * b], b)
            for y in range(b):
                left = i % columns * b
                plane[i // columns * b + y][left : left + b] = made[y]
            if case["deblock"]:
                step = case["steps"][first + i]
                steps[i // columns][i % columns] = step // (case["chroma_gain"] if number else 1)
        first += rows * columns
        plane = [line[:w] for line in plane[:h]]
        planes.append(deblock(plane, b, steps) if case["deblock"] else plane)
    out: list[int] = []
    for y in range(height):
        for x in range(width):
            out += pixel(planes, y, x, case["chroma"])
    return out


def pixel(planes: list[Plane], y: int, x: int, chroma: str) -> list[int]:
    luma = planes[0][y][x]
    if len(planes) == 1:
        return [(luma + 8) >> 4]
    b, r = (enlarged(plane, y, x, chroma) - 2**15 for plane in planes[1:])
    t = 2**17 * luma + 2**20
    return [
        clamp((t + 11485 * r) >> 21, 0, 255),
        clamp((t - 2819 * b - 5850 * r) >> 21, 0, 255),
        clamp((t + 14516 * b) >> 21, 0, 255),
    ]


def enlarged(plane: Plane, y: int, x: int, chroma: str) -> int:
    if chroma == "444":
        return 16 * plane[y][x]
    i, k = y >> 1, x >> 1
    other_i = clamp(i + (1 if y % 2 else -1), 0, len(plane) - 1)
    other_k = clamp(k + (1 if x % 2 else -1), 0, len(plane[0]) - 1)
    return 9 * plane[i][k] + 3 * plane[other_i][k] + 3 * plane[i][other_k] + plane[other_i][other_k]
