"""Classical codecs as components: the anchors that every other codec is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec import hookimpl, pipeline, ref

__all__ = ["CODECS", "best_of", "semcodec_api", "semcodec_components", "semcodec_pipelines"]

semcodec_api = 1

CODECS = ("avif", "heic", "hevc", "jpeg", "jpeg-xl", "jpeg2000", "svt-av1", "vvc", "webp")
"""Names of the codecs; each has a pipeline of its name, and one with ``-scaled`` behind it."""


def best_of(name: str, scales: Sequence[float] = (0.7, 0.5, 0.35, 0.25)) -> dict[str, Any]:
    """Write a choice between a codec and itself behind ``anchors.resize``, for ``semcodec.load``.

    Encoding with a target finds the quality that meets it at each scale, and keeps the scale whose
    decoded picture has the best PSNR.

    Args:
        name: one of :data:`CODECS`.
        scales: the smaller scales to try, each of the grid of the scaled pipelines.

    Returns:
        A spec with ``candidates``, as data.

    Raises:
        ValueError: no such codec.
    """
    if name not in CODECS:
        raise ValueError(f"expected one of {', '.join(CODECS)}, got {name!r}")
    extended = {"semcodec": 1, "name": f"{name}-scaled", "extends": f"{name}-scaled"}
    smaller = [{**extended, "set": {"image.stages.0.scale": scale}} for scale in scales]
    return {
        "semcodec": 1,
        "name": f"best-{name}",
        "candidates": [name, *smaller],
        "choose": {"metric": "psnr"},
    }


@hookimpl
def semcodec_components() -> Sequence[Any]:
    """List the components, without importing them."""
    places = {
        "avif": "pillow:Avif",
        "heic": "files:Heic",
        "hevc": "video:Hevc",
        "jpeg": "pillow:Jpeg",
        "jpeg-xl": "files:JpegXl",
        "jpeg2000": "files:Jpeg2000",
        "resize": "resize:Resize",
        "svt-av1": "video:SvtAv1",
        "vvc": "video:Vvc",
        "webp": "pillow:WebP",
    }
    return [ref(f"anchors.{name}", f"semcodec_anchors.{at}") for name, at in places.items()]


@hookimpl
def semcodec_pipelines() -> Sequence[Any]:
    """List the pipelines, without reading them: each codec, and each behind ``anchors.resize``."""
    names = [name for codec in CODECS for name in (codec, f"{codec}-scaled")]
    return [pipeline(name, "semcodec_anchors", f"pipelines/{name}.yaml") for name in names]
