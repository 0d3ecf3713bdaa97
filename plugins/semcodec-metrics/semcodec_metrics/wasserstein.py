"""Sliced Wasserstein distance of Laplacian-pyramid patches, and the control that keeps it honest.

Karras et al. 2018 (Progressive Growing of GANs, section 5): the distance of the distributions of
7x7 patches on every level of a Laplacian pyramid. As proposed it compares two sets of pictures,
each normalised by itself. Here it compares one picture with its reference, and differs in three
points so that it cannot be gamed by contrast or by the luck of the draw:

- patches of both are normalised by the *reference's* mean and deviation of each colour channel;
- the distance of the reference to itself at other places, the floor, is subtracted;
- :func:`grain_control` says what the same decode would get with the best plain grain added: a
  codec whose distance is not below that has shown nothing that noise cannot do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Ge, Interval, Metric, component
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import pair, peak, unit_rgb

__all__ = [
    "GrainControl",
    "GrainedWasserstein",
    "SlicedWasserstein",
    "grain_control",
    "with_grain",
]

Floats = NDArray[np.float64]

_KERNEL = np.array([1, 4, 6, 4, 1]) / 16
_PATCH = 7
_COARSEST = 16
SIGMAS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Deviations that the control tries, in levels of 8 bits."""


@component
class SlicedWasserstein(Metric):
    """Sliced Wasserstein distance of Laplacian-pyramid patches, less its floor, times 1000.

    Karras et al. 2018, section 5, in the form that the module describes: mean over the levels of
    ``max(SWD(reference, decoded) - SWD(reference, reference), 0)``, with patches of the reference
    drawn at one set of places and those it is compared with at another. Equal pictures get 0
    exactly. Not symmetric: the reference normalises. Blind to where texture is; grain lowers it,
    so quote it beside :class:`GrainedWasserstein`. Alpha is laid over white.

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
        excess = [found - floor for found, floor in self.levels(reference, decoded)]
        return 1000 * float(np.mean([max(each, 0.0) for each in excess]))

    def levels(self, reference: NDArray[Any], decoded: NDArray[Any]) -> list[tuple[float, float]]:
        """Give the distance and its floor for every level, finest first.

        Raises:
            ImageError: as :meth:`compute`.
        """
        left, right = pair(reference, decoded, "metrics.swd", _COARSEST)
        rng = np.random.Generator(np.random.PCG64(self.seed))
        found = []
        for mine, theirs in zip(_pyramid(unit_rgb(left)), _pyramid(unit_rgb(right)), strict=True):
            here, there = (self._places(mine.shape, rng) for _ in range(2))
            directions = rng.standard_normal((_PATCH * _PATCH * 3, self.slices))
            directions /= np.linalg.norm(directions, axis=0)
            own = _patches(mine, here)
            mean, deviation = own.mean(axis=(0, 1, 2)), own.std(axis=(0, 1, 2))
            scale = np.where(deviation > 1e-8, deviation, 1.0)

            def sliced(patches: Floats, m: Any = mean, s: Any = scale, d: Any = directions) -> Any:
                return np.sort(((patches - m) / s).reshape(len(patches), -1) @ d, axis=0)

            base = sliced(own)
            floor = float(np.abs(base - sliced(_patches(mine, there))).mean())
            found.append((float(np.abs(base - sliced(_patches(theirs, there))).mean()), floor))
        return found

    def _places(
        self, shape: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows, columns = (side - _PATCH + 1 for side in shape[:2])
        return rng.integers(0, rows, self.patches), rng.integers(0, columns, self.patches)


@component
class GrainedWasserstein(SlicedWasserstein):
    """Sliced Wasserstein distance of the decoded picture with the best plain grain: the control.

    :func:`grain_control` over its eight deviations, 0 among them, so at most what
    :class:`SlicedWasserstein` gives. Of a classical codec it is what a codec of realism has to
    beat at equal bytes.

    Attributes:
        patches: drawn from every level of each picture.
        slices: random directions that patches are projected on.
        seed: of places and directions.
    """

    version: ClassVar[str] = made_by("scipy", "swd, best of grain of 0 to 12 levels")
    patches: Annotated[int, Interval(ge=16, le=1 << 16)] = 2048
    slices: Annotated[int, Interval(ge=1, le=4096)] = 128
    seed: Annotated[int, Ge(0)] = 0

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 16 pixels.
        """
        metric = SlicedWasserstein(patches=self.patches, slices=self.slices, seed=self.seed)
        return grain_control(reference, decoded, metric=metric).best


def _patches(level: Floats, places: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(0, 1))
    return windows[places].transpose(0, 2, 3, 1)


def _pyramid(picture: Floats) -> list[Floats]:
    """Split into bands, finest first; the last, of a shorter side of 16 to 31, is the low pass."""
    bands = []
    while min(picture.shape[:2]) >= 2 * _COARSEST:
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


@dataclass(frozen=True, slots=True)
class GrainControl:
    """What plain grain does for a decode.

    Attributes:
        plain: distance of the decode as it is.
        best: the least distance that grain reached; at most ``plain``.
        sigma: deviation of that grain, in levels of 8 bits; 0 where grain does not help.
    """

    plain: float
    best: float
    sigma: float


def grain_control(
    reference: NDArray[Any],
    decoded: NDArray[Any],
    *,
    metric: Metric | None = None,
    sigmas: Sequence[float] = SIGMAS,
    seed: int = 0,
) -> GrainControl:
    """Tune grain on a decode for a metric: what any claim of realism is to be compared with.

    The grain is white Gaussian noise, the same in all channels. Tuning it by the metric itself,
    which a codec cannot do, makes the control as strong as it can be.

    Args:
        reference: uint8 or uint16 (height, width, channels).
        decoded: a decode by a codec without generated texture, of the same shape and dtype.
        metric: what is tuned for; :class:`SlicedWasserstein` if None.
        sigmas: deviations to try, in levels of 8 bits; 0 is tried in any case.
        seed: of the noise.

    Raises:
        ImageError: as the metric.
    """
    chosen = metric or SlicedWasserstein()
    sign = -1.0 if chosen.higher_is_better else 1.0
    plain = chosen.compute(reference, decoded)
    tried = [(sign * plain, 0.0)]
    for sigma in sigmas:
        if sigma:
            grained = with_grain(decoded, sigma, seed)
            tried.append((sign * chosen.compute(reference, grained), sigma))
    best, sigma = min(tried)
    return GrainControl(plain=plain, best=sign * best, sigma=sigma)


def with_grain(picture: NDArray[Any], sigma: float, seed: int = 0) -> NDArray[Any]:
    """Add white Gaussian grain to a picture, the same in its colour channels; alpha is kept.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).
        sigma: deviation in levels of 8 bits, whatever the depth.
        seed: of the noise.

    Returns:
        The same shape and dtype.
    """
    top = peak(picture)
    rng = np.random.Generator(np.random.PCG64(seed))
    noise = rng.standard_normal((*picture.shape[:2], 1)) * (sigma * top / 255)
    colours = picture.shape[2] - (picture.shape[2] % 2 == 0)
    grained = picture.copy()
    grained[..., :colours] = np.clip(np.rint(picture[..., :colours] + noise), 0, top)
    return grained
