"""How good a small file is, against the picture it was made of."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import ComponentNotFound, PluginError, SettingError
from semcodec.image import flatten, read_image, to_depth8
from semcodec.image.scaling import scaled

__all__ = ["QualityMetric", "checked", "grade"]

QualityMetric: TypeAlias = Literal["perceptual", "semantic", "psnr"]

_FIVE_SCALES = 161
"""Pixels a side below which there is no MS-SSIM of five scales."""

_WINDOW = 11
"""Pixels a side below which there is no SSIM."""


def checked(metric: str | None) -> QualityMetric | None:
    """Take the name of a metric, or None for none.

    Raises:
        SettingError: there is none of that name.
    """
    for known in get_args(QualityMetric):
        if metric == known:
            return known  # type: ignore[no-any-return]
    if metric is None:
        return None
    names = ", ".join(get_args(QualityMetric))
    raise SettingError(f"expected a quality_metric of {names}, or None, got {metric!r}")


def grade(metric: QualityMetric, picture: NDArray[Any], file: bytes) -> float:
    """Grade a file, scaled to the picture's size by Lanczos' kernel; more is better.

    Args:
        metric: ``"psnr"``, in dB; ``"perceptual"``, MS-SSIM of semcodec-metrics, SSIM where a side
            has less than 161 pixels, or PSNR where one has less than 11; ``"semantic"``, the cosine
            between the features of both in the network that ships with semcodec-saic, mean over
            places.
        picture: uint8 or uint16 (height, width, 1 to 4); alpha is laid over white, and 8 bits
            count, as in the file.
        file: a picture of any size.

    Raises:
        PluginError: a package of the metric is missing.
        ImageError: the picture is too small for the metric.
    """
    reference = _seen(picture)
    decoded = scaled(_seen(read_image(file)), *reference.shape[:2])
    # Formats without gray give it back as three planes alike.
    decoded = decoded[..., : reference.shape[2]]
    if metric == "semantic":
        return _cosine(reference, decoded)
    from semcodec.engine.target import measure

    if metric == "psnr":
        return measure("psnr", reference, decoded)
    side = min(reference.shape[:2])
    if side < _WINDOW:
        return measure("psnr", reference, decoded)
    try:
        return measure(
            "metrics.ssim" if side < _FIVE_SCALES else "metrics.ms-ssim", reference, decoded
        )
    except ComponentNotFound:
        raise PluginError(
            "the quality_metric 'perceptual' needs semcodec-metrics",
            hint="pip install semcodec-metrics, or take the quality_metric 'psnr'.",
        ) from None


def _seen(picture: NDArray[Any]) -> NDArray[np.uint8]:
    flat = flatten(picture)
    return flat if flat.dtype == np.uint8 else to_depth8(flat)


def _cosine(reference: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> float:
    from semcodec_seam.energies.features import features

    one, other = features(reference), features(decoded)
    product = (one * other).sum(axis=0)
    lengths = np.sqrt(np.square(one).sum(axis=0) * np.square(other).sum(axis=0))
    return float(np.mean(product / np.maximum(lengths, 1e-12)))
