"""Plain grain as the control of the sliced Wasserstein distance: what noise alone can do for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Ge, Interval, Metric, component
from semcodec.image import flatten
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import pair, peak
from semcodec_metrics.wasserstein import COARSEST, SlicedWasserstein, compared, excess

__all__ = ["GrainControl", "GrainedWasserstein", "grain_control", "with_grain"]

SIGMAS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Deviations that the control tries, in levels of 8 bits."""


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
        left, _ = pair(reference, decoded, "metrics.swd-grained", COARSEST)
        levels = self.drawn(left)

        def score(grained: NDArray[Any]) -> float:
            return excess(compared(levels, flatten(grained)))

        return _tuned(score, decoded, SIGMAS, 0, 1.0).best


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
    return _tuned(lambda grained: chosen.compute(reference, grained), decoded, sigmas, seed, sign)


def _tuned(
    score: Callable[[NDArray[Any]], float],
    decoded: NDArray[Any],
    sigmas: Sequence[float],
    seed: int,
    sign: float,
) -> GrainControl:
    plain = score(decoded)
    tried = [(sign * plain, 0.0)]
    tried += [(sign * score(with_grain(decoded, sigma, seed)), sigma) for sigma in sigmas if sigma]
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
