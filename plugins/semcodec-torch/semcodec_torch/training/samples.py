"""Samples: random crops at native scale, each a function of the seed and its number alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec_torch.training.packing import Pack
from semcodec_torch.training.seeds import SAMPLES, rng_of
from semcodec_torch.training.task import Task

__all__ = ["Samples", "crop_of", "sample_numbers"]


class Samples:
    """The samples of a run, endless and in any order; what ``torch.utils.data`` calls a data set.

    Args:
        task: makes a sample of a crop.
        pack: the pictures.
        numbers: which of them.
        crop: rows and columns of a crop.
        seed: of the run.
    """

    def __init__(
        self, task: Task, pack: Pack, numbers: Sequence[int], crop: int, seed: int
    ) -> None:
        self._task = task
        self._pack = pack
        self._numbers = tuple(numbers)
        self._crop = crop
        self._seed = seed

    def __getitem__(self, number: int) -> dict[str, NDArray[Any]]:
        """Make the sample of a number; the same number gives the same sample."""
        rng = rng_of(self._seed, SAMPLES, number)
        picture = self._pack[self._numbers[rng.integers(len(self._numbers))]]
        return self._task.prepare(crop_of(picture, self._crop, rng), rng)


def crop_of(picture: NDArray[np.uint8], size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Cut a random square at native scale, mirrored and turned at random.

    A picture that is smaller is continued by reflection, never enlarged: the statistics of the
    pixels are what is learned.

    Args:
        picture: uint8 (height, width, 3).
        size: rows and columns of the crop.
        rng: where the randomness comes from.

    Returns:
        uint8 (size, size, 3), a new array.
    """
    height, width, _ = picture.shape
    top, left = (int(rng.integers(max(0, side - size) + 1)) for side in (height, width))
    crop = picture[top : top + size, left : left + size]
    missing = [(0, size - side) for side in crop.shape[:2]]
    if any(after for _, after in missing):
        crop = np.pad(crop, [*missing, (0, 0)], mode="symmetric")
    if rng.integers(2):
        crop = crop[:, ::-1]
    if rng.integers(2):
        crop = crop.transpose(1, 0, 2)
    return np.array(crop, order="C", copy=True)


def sample_numbers(first: int, batch: int, rank: int, processes: int) -> Iterator[int]:
    """Count the samples of one process: each step takes ``batch`` for every process.

    Args:
        first: the step to start at.
        batch: samples a step in one process.
        rank: which process.
        processes: how many there are.
    """
    step = first
    while True:
        start = (step * processes + rank) * batch
        yield from range(start, start + batch)
        step += 1
