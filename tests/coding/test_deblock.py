"""The deblocking filter against a second reading of docs/format-transforms.md."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.coding.deblock import deblock

TOP = 4080


def clamp(n: int, low: int, high: int) -> int:
    return max(low, min(high, n))


def filtered(line: list[int], at: int, d: int) -> None:
    """Filter a line across the border before ``at``, as the page says it."""
    p, q = [line[at - 1 - i] for i in range(4)], [line[at + i] for i in range(4)]
    t, e = (26 * d) >> 8, (512 * d) >> 8
    bend_p, bend_q = (abs(s[2] - 2 * s[1] + s[0]) for s in (p, q))
    if d == 0 or bend_p + bend_q >= e:
        return
    flat = abs(p[3] - p[0]) + abs(q[0] - q[3])
    new: dict[int, int] = {}
    if 8 * (bend_p + bend_q) < e and 8 * flat < e and 2 * abs(p[0] - q[0]) < 5 * t:
        for a, b, place, way in ((p, q, at - 1, -1), (q, p, at, 1)):
            made = (
                (a[2] + 2 * a[1] + 2 * a[0] + 2 * b[0] + b[1] + 4) >> 3,
                (a[2] + a[1] + a[0] + b[0] + 2) >> 2,
                (2 * a[3] + 3 * a[2] + a[1] + a[0] + b[0] + 4) >> 3,
            )
            for i, n in enumerate(made):
                new[place + way * i] = clamp(clamp(n, a[i] - 2 * t, a[i] + 2 * t), 0, TOP)
    else:
        n = (9 * (q[0] - p[0]) - 3 * (q[1] - p[1]) + 8) >> 4
        if abs(n) >= 10 * t:
            return
        n = clamp(n, -t, t)
        new = {at - 1: clamp(p[0] + n, 0, TOP), at: clamp(q[0] - n, 0, TOP)}
        for a, bend, place, sign in ((p, bend_p, at - 2, 1), (q, bend_q, at + 1, -1)):
            if bend < (e + (e >> 1)) >> 3:
                moved = (((a[2] + a[0] + 1) >> 1) - a[1] + sign * n) >> 1
                new[place] = clamp(a[1] + clamp(moved, -(t >> 1), t >> 1), 0, TOP)
    for place, value in new.items():
        line[place] = value


def reference(samples: np.ndarray, block: int, steps: np.ndarray) -> np.ndarray:
    plane = samples.astype(int).tolist()
    for _ in range(2):
        for y, line in enumerate(plane):
            for k in range(1, steps.shape[1]):
                if k * block + 4 <= len(line):
                    row = steps[y // block]
                    filtered(line, k * block, (int(row[k - 1]) + int(row[k]) + 1) >> 1)
        plane, steps = [list(column) for column in zip(*plane, strict=True)], steps.T
    return np.array(plane, dtype=np.int16).reshape(samples.shape)


@pytest.mark.parametrize("block", [4, 8, 16])
@pytest.mark.parametrize("contrast", [8, 60, 400, 4080])
def test_as_the_page_says(block: int, contrast: int) -> None:
    rng = np.random.default_rng(block * contrast)
    for height, width in ((1, 1), (3, 40), (33, 20), (35, 51), (16, 16)):
        grid = (-(-height // block), -(-width // block))
        steps = rng.integers(0, 1200, grid).astype(np.int32)
        flat = rng.integers(0, contrast, grid).repeat(block, 0).repeat(block, 1)[:height, :width]
        grain = rng.integers(-2, 3, (height, width))
        samples = np.clip(flat + grain, 0, TOP).astype(np.int16)
        expected = reference(samples, block, steps)
        deblock(samples, block, steps, TOP)
        assert (samples == expected).all()


def test_a_small_step_at_a_border_is_smoothed_and_an_edge_is_not() -> None:
    for height, smoothed in ((20, True), (2000, False)):
        samples = np.full((16, 32), 1000, dtype=np.int16)
        samples[:, 16:] += height
        before = samples.copy()
        deblock(samples, 16, np.full((1, 2), 16 * 16, dtype=np.int32), TOP)
        assert (samples != before).any() == smoothed
        assert (samples[:, :13] == 1000).all()
        assert (samples[:, 19:] == 1000 + height).all()


def test_without_a_step_nothing_moves() -> None:
    samples = np.random.default_rng(1).integers(0, TOP, (40, 40)).astype(np.int16)
    before = samples.copy()
    deblock(samples, 8, np.zeros((5, 5), dtype=np.int32), TOP)
    assert (samples == before).all()
