"""Classical codecs as components: the anchors that every other codec is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec import hookimpl, pipeline, ref

__all__ = ["semcodec_api", "semcodec_components", "semcodec_pipelines"]

semcodec_api = 1


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
    codecs = ("avif", "heic", "hevc", "jpeg", "jpeg-xl", "jpeg2000", "svt-av1", "vvc", "webp")
    names = [name for codec in codecs for name in (codec, f"{codec}-scaled", f"{codec}-best")]
    return [pipeline(name, "semcodec_anchors", f"pipelines/{name}.yaml") for name in names]
