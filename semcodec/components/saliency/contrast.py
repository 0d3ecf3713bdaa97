"""Saliency by contrast: of colours, of frequencies, of neighbours."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import JUST_NOTICEABLE, enlarge, lab, shrink, unit
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component

__all__ = ["FrequencyTuned", "Gradient", "SpectralResidual"]

Floats = NDArray[np.float32]


@component
class FrequencyTuned(SaliencySource):
    """Colours far from the picture's mean colour matter.

    ``S = |mean(Lab) - blurred(Lab)|``, blurred by the binomial (1, 4, 6, 4, 1) / 16 and divided by
    the largest. R. Achanta, S. Hemami, F. Estrada, S. Süsstrunk, "Frequency-tuned salient region
    detection", CVPR 2009. A flat picture gives zeros.

    Attributes:
        size: most pixels along a side of the picture that is looked at; the map is enlarged.
    """

    size: Annotated[int, Interval(ge=8, le=1024)] = 256

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Give float32 (height, width) in [0, 1]; see the class."""
        from scipy.ndimage import convolve1d

        colours = lab(shrink(image, self.size))
        binomial = np.array([1, 4, 6, 4, 1]) / 16
        blurred = colours
        for axis in (0, 1):
            blurred = convolve1d(blurred, binomial, axis=axis, mode="nearest")
        distance = np.linalg.norm(blurred - colours.mean(axis=(0, 1), dtype=np.float64), axis=2)
        return enlarge(unit(distance, JUST_NOTICEABLE), ctx.image.height, ctx.image.width)


@component
class Gradient(SaliencySource):
    """Where the colour changes matters: edges and texture.

    ``S = |G(detail)' * Lab|``, over both directions and all channels, spread by ``G(spread)`` and
    divided by a high quantile, so that one hard edge does not make all else dark. G is a Gaussian.
    A flat picture gives zeros.

    Attributes:
        size: most pixels along a side of the picture that is looked at; the map is enlarged.
        detail: standard deviation of the derivative, in pixels of that picture.
        spread: standard deviation of the spreading as a share of the longer side.
        quantile: what becomes 1; more is clipped.
    """

    size: Annotated[int, Interval(ge=8, le=1024)] = 256
    detail: Annotated[float, Interval(ge=0.3, le=32.0)] = 1.0
    spread: Annotated[float, Interval(ge=0.0, le=0.5)] = 0.04
    quantile: Annotated[float, Interval(ge=0.5, le=1.0)] = 0.98

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Give float32 (height, width) in [0, 1]; see the class."""
        from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

        planes = np.moveaxis(lab(shrink(image, self.size)), 2, 0)
        slopes = [gaussian_gradient_magnitude(p, self.detail, mode="nearest") for p in planes]
        slope = gaussian_filter(
            np.linalg.norm(slopes, axis=0), self.spread * max(planes.shape), mode="nearest"
        )
        top = max(float(np.quantile(slope, self.quantile)), JUST_NOTICEABLE / 2)
        return enlarge(unit(np.minimum(slope, top), top), ctx.image.height, ctx.image.width)


@component
class SpectralResidual(SaliencySource):
    """What the smooth part of the log spectrum does not foretell matters.

    ``S = G * |IFFT(exp(R + iP))|²`` with ``R = L - mean3x3(L)``, L and P the logarithm and the
    phase of the spectrum of the brightness. X. Hou, L. Zhang, "Saliency detection: a spectral
    residual approach", CVPR 2007, at the paper's 64 pixels; here the picture is mirrored at its
    borders. A flat picture gives zeros.

    Attributes:
        size: most pixels along a side of the picture that is looked at; the map is enlarged.
        spread: standard deviation of G as a share of the longer side.
    """

    size: Annotated[int, Interval(ge=8, le=1024)] = 64
    spread: Annotated[float, Interval(ge=0.0, le=0.5)] = 0.04

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Give float32 (height, width) in [0, 1]; see the class."""
        from scipy.ndimage import gaussian_filter, uniform_filter

        gray = shrink(image, self.size).mean(axis=2, dtype=np.float64)
        # Mirrored, the picture has no jump from one border to the opposite one.
        even = np.pad(gray - gray.mean(), [(0, side) for side in gray.shape], mode="symmetric")
        spectrum = np.fft.fft2(even)
        # Noise of half a gray level: frequencies below it have no phase to speak of.
        noise = np.sqrt(even.size) / 510
        size = np.abs(spectrum) + noise
        log = np.log(size)
        residual = np.exp(log - uniform_filter(log, 3, mode="wrap"))
        energy = np.abs(np.fft.ifft2(spectrum / size * residual)) ** 2
        energy = energy[: gray.shape[0], : gray.shape[1]]
        energy = gaussian_filter(energy, self.spread * max(gray.shape), mode="nearest")
        # The mean is 1 / size where every frequency is heard; a fifth of that is noise.
        values = unit(energy, 0.2 / even.size)
        return enlarge(values, ctx.image.height, ctx.image.width)
