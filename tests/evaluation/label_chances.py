"""Print the chances that primitive LABELS starts from: counted on drawn shapes, not on any data.

    python tests/evaluation/label_chances.py

Maps of 16 x 24 to 20 x 30 cells hold one to three ellipses or convex polygons. The counts of the
bit "is another than the western one" in each small template become ``CHANCES`` of
``semcodec/coding/labels.py``.
"""

from __future__ import annotations

import numpy as np

MAPS = 4000


def shape(rng: np.random.Generator, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Draw an ellipse, or what three to seven half planes leave of it: bool (height, width)."""
    centre = rng.uniform(0, y.shape)
    radii = y.shape * rng.uniform(0.08, 0.4, 2)
    angle = rng.uniform(0, np.pi)
    dy, dx = y - centre[0], x - centre[1]
    u = (dx * np.cos(angle) + dy * np.sin(angle)) / radii[1]
    v = (dy * np.cos(angle) - dx * np.sin(angle)) / radii[0]
    if rng.random() < 0.5:
        return u * u + v * v < 1
    inside = np.ones(y.shape, dtype=bool)
    for turn in 2 * np.pi * rng.random() + np.linspace(0, 2 * np.pi, rng.integers(3, 8) + 1)[1:]:
        inside &= u * np.cos(turn) + v * np.sin(turn) < rng.uniform(0.6, 1)
    return inside


def chances() -> list[int]:
    """Count the 32 small templates: bits, the highest first, NW, N, NE, NN, WW differ from W."""
    rng = np.random.default_rng(1)
    counts = np.zeros((32, 2))
    for _ in range(MAPS):
        y, x = np.mgrid[: rng.integers(16, 21), : rng.integers(24, 31)]
        drawn = np.any([shape(rng, y, x) for _ in range(rng.integers(1, 4))], axis=0)
        known = np.pad(drawn, ((2, 0), (2, 1)), mode="edge")
        west, north, rows = known[2:, 1:-2], known[1:-1], slice(2, None)
        others = (north[:, 1:-2], north[:, 2:-1], north[:, 3:], known[:-2, 2:-1], known[rows, :-3])
        template = sum((west != o).astype(int) << 4 - i for i, o in enumerate(others))
        np.add.at(counts, (template[1:, 1:], (drawn != west)[1:, 1:].astype(int)), 1)
    shares = (counts[:, 1] + 1) / (counts.sum(axis=1) + 2)
    return np.clip(np.rint(256 * shares), 1, 255).astype(int).tolist()


if __name__ == "__main__":
    print(chances())
