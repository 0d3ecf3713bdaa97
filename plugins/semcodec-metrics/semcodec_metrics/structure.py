"""Structural similarity, at one scale and at five."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Metric, component
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import pair, peak

__all__ = ["MsSsim", "Ssim"]

_SIGMA = 1.5
_RADIUS = 5
_K1, _K2 = 0.01, 0.03
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@component
class Ssim(Metric):
    """Structural similarity (Wang et al. 2004, eq. 13), mean over pixels and colour channels.

    Gaussian window of 11x11 with σ = 1.5, K1 = 0.01, K2 = 0.03, windows inside the picture only, no
    downsampling before: the settings of the paper, on every channel of RGB rather than on luma.
    In [-1, 1], 1 for equal pictures. Alpha is laid over white.
    """

    version: ClassVar[str] = made_by("scikit-image", "gaussian 11, sigma 1.5, mean of channels")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 11 pixels.
        """
        from skimage.metrics import structural_similarity

        left, right = pair(reference, decoded, "metrics.ssim", 2 * _RADIUS + 1)
        compare: Any = structural_similarity
        return float(
            compare(
                left.astype(np.float64),
                right.astype(np.float64),
                gaussian_weights=True,
                sigma=_SIGMA,
                use_sample_covariance=False,
                K1=_K1,
                K2=_K2,
                data_range=peak(reference),
                channel_axis=2,
            )
        )


@component
class MsSsim(Metric):
    """Structural similarity over five scales (Wang et al. 2003, eq. 7), mean over channels.

    In [0, 1], 1 for equal pictures; negative contrast terms count as 0. Odd sides are padded with
    a row or column of zeros before each halving, as pytorch-msssim does, whose numbers these are
    to within 1e-6 (the tests compare): no library without torch has it, and a figure that every
    table of learned codecs shows should not need torch. Alpha is laid over white.
    """

    version: ClassVar[str] = made_by("scipy", "as pytorch-msssim 1.0, gaussian 11, sigma 1.5")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 161 pixels.
        """
        left, right = pair(reference, decoded, "metrics.ms-ssim", 2 * _RADIUS * 16 + 1)
        top = peak(reference)
        scores = [
            _multiscale(left[:, :, c].astype(np.float64), right[:, :, c].astype(np.float64), top)
            for c in range(left.shape[2])
        ]
        return float(np.mean(scores))


def _multiscale(left: NDArray[np.float64], right: NDArray[np.float64], top: int) -> float:
    product = 1.0
    for scale, weight in enumerate(_WEIGHTS):
        similarity, contrast = _terms(left, right, top)
        last = scale == len(_WEIGHTS) - 1
        product *= max(similarity if last else contrast, 0.0) ** weight
        if not last:
            left, right = _halved(left), _halved(right)
    return product


def _terms(left: NDArray[np.float64], right: NDArray[np.float64], top: int) -> tuple[float, float]:
    """Give the mean SSIM and the mean of its contrast and structure term."""
    from scipy.ndimage import gaussian_filter

    def mean(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        blurred = gaussian_filter(plane, _SIGMA, radius=_RADIUS)
        return blurred[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS]  # type: ignore[no-any-return]

    c1, c2 = (_K1 * top) ** 2, (_K2 * top) ** 2
    mu, nu = mean(left), mean(right)
    variances = mean(left * left + right * right) - mu * mu - nu * nu
    covariance = mean(left * right) - mu * nu
    contrast = (2 * covariance + c2) / (variances + c2)
    similarity = contrast * (2 * mu * nu + c1) / (mu * mu + nu * nu + c1)
    return float(similarity.mean()), float(contrast.mean())


def _halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = plane.shape
    padded = np.pad(plane, ((height % 2, 0), (width % 2, 0)))
    rows, columns = padded.shape
    return padded.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))  # type: ignore[no-any-return]
