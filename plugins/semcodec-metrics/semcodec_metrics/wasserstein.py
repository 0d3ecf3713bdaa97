"""Sliced Wasserstein distance of Laplacian-pyramid patches, normalised by the reference.

Karras et al. 2018 (Progressive Growing of GANs, section 5): the distance of the distributions of
7x7 patches on every level of a Laplacian pyramid. As proposed it compares two sets of pictures,
each normalised by itself. Here it compares one picture with its reference, and differs in three
points so that it cannot be gamed by contrast or by the luck of the draw:

- patches of both are normalised by the *reference's* mean and deviation of each colour channel;
- the distance of the reference to itself at other places, the floor, is subtracted;
- :mod:`semcodec_metrics.grain` says what the same decode would get with the best plain grain: a
  codec whose distance is not below that has shown nothing that noise cannot do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Ge, Interval, Metric, component
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import pair, unit_rgb

__all__ = ["COARSEST", "Level", "SlicedWasserstein", "compared", "excess"]

Floats = NDArray[np.float64]

_KERNEL = np.array([1, 4, 6, 4, 1]) / 16
_PATCH = 7
COARSEST = 16
"""Least shorter side of a level, and so of a picture."""


@dataclass(slots=True)
class Level:
    """What the reference gives for one level.

    Attributes:
        there: places where others are looked at.
        directions: (147, slices), of length 1.
        mean: of the reference's patches, by channel.
        scale: their deviation.
        base: the reference's patches on the directions, sorted.
        floor: distance of the reference to itself at ``there``.
    """

    there: tuple[NDArray[np.int64], NDArray[np.int64]]
    directions: Floats
    mean: Floats
    scale: Floats
    base: Floats = field(default_factory=lambda: np.zeros(0))
    floor: float = 0.0

    def sliced(self, patches: Floats) -> Floats:
        """Normalise patches, project and sort them."""
        flat = ((patches - self.mean) / self.scale).reshape(len(patches), -1)
        return np.sort(flat @ self.directions, axis=0)

    def distance(self, band: Floats) -> float:
        """Give the mean distance on the line of a band's patches from the reference's."""
        return float(np.abs(self.base - self.sliced(_patches(band, self.there))).mean())


def compared(levels: Sequence[Level], decoded: NDArray[Any]) -> list[tuple[float, float]]:
    """Give a decoded picture's distance and the floor for every level, finest first.

    Args:
        levels: what :meth:`SlicedWasserstein.drawn` gives for the reference.
        decoded: a picture without alpha, of the reference's shape.
    """
    bands = _pyramid(unit_rgb(decoded))
    return [(level.distance(band), level.floor) for level, band in zip(levels, bands, strict=True)]


def excess(levels: Sequence[tuple[float, float]]) -> float:
    """Give 1000 times the mean over levels of what exceeds the floor."""
    return 1000 * float(np.mean([max(found - floor, 0.0) for found, floor in levels]))


@component
class SlicedWasserstein(Metric):
    """Sliced Wasserstein distance of Laplacian-pyramid patches, less its floor, times 1000.

    Karras et al. 2018, section 5, in the form that the module describes: mean over the levels of
    ``max(SWD(reference, decoded) - SWD(reference, reference), 0)``, with patches of the reference
    drawn at one set of places and those it is compared with at another. Equal pictures get 0
    exactly. Not symmetric: the reference normalises. Blind to where texture is; grain lowers it,
    so quote it beside ``metrics.swd-grained``. Alpha is laid over white.

    Attributes:
        patches: drawn from every level of each picture.
        slices: random directions that patches are projected on.
        seed: of places and directions.
    """

    version: ClassVar[str] = made_by("scipy", "7x7, reference-normalised, floor subtracted")
    unit: ClassVar[str] = "1e-3"
    higher_is_better: ClassVar[bool] = False
    patches: Annotated[int, Interval(ge=16, le=1 << 16)] = 2048
    slices: Annotated[int, Interval(ge=1, le=4096)] = 128
    seed: Annotated[int, Ge(0)] = 0

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 16 pixels.
        """
        return excess(self.levels(reference, decoded))

    def levels(self, reference: NDArray[Any], decoded: NDArray[Any]) -> list[tuple[float, float]]:
        """Give the distance and its floor for every level, finest first.

        Raises:
            ImageError: as :meth:`compute`.
        """
        left, right = pair(reference, decoded, "metrics.swd", COARSEST)
        return compared(self.drawn(left), right)

    def drawn(self, reference: NDArray[Any]) -> list[Level]:
        """Draw places and directions, and take from the reference all that it is asked for."""
        rng = np.random.Generator(np.random.PCG64(self.seed))
        found = []
        for band in _pyramid(unit_rgb(reference)):
            here, there = (self._places(band.shape, rng) for _ in range(2))
            directions = rng.standard_normal((_PATCH * _PATCH * 3, self.slices))
            directions /= np.linalg.norm(directions, axis=0)
            own = _patches(band, here)
            deviation = own.std(axis=(0, 1, 2))
            scale = np.where(deviation > 1e-8, deviation, 1.0)
            level = Level(there, directions, own.mean(axis=(0, 1, 2)), scale)
            level.base = level.sliced(own)
            level.floor = level.distance(band)
            found.append(level)
        return found

    def _places(
        self, shape: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, columns = (side - _PATCH + 1 for side in shape[:2])
        return rng.integers(0, rows, self.patches), rng.integers(0, columns, self.patches)


def _patches(level: Floats, places: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(0, 1))
    return windows[places].transpose(0, 2, 3, 1)


def _pyramid(picture: Floats) -> list[Floats]:
    """Split into bands, finest first; the last, of a shorter side of 16 to 31, is the low pass."""
    bands = []
    while min(picture.shape[:2]) >= 2 * COARSEST:
        small = _blurred(picture)[::2, ::2]
        bands.append(picture - _doubled(small, picture.shape))
        picture = small
    return [*bands, picture]


def _blurred(picture: Floats) -> Floats:
    from scipy.ndimage import correlate1d

    for axis in (0, 1):
        picture = correlate1d(picture, _KERNEL, axis=axis, mode="mirror")
    return picture


def _doubled(small: Floats, shape: tuple[int, ...]) -> Floats:
    spread = np.zeros(shape)
    spread[::2, ::2] = small
    return _blurred(spread) * 4
