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
    return [
        ref("anchors.avif", "semcodec_anchors.pillow:Avif"),
        ref("anchors.jpeg", "semcodec_anchors.pillow:Jpeg"),
        ref("anchors.webp", "semcodec_anchors.pillow:WebP"),
    ]


@hookimpl
def semcodec_pipelines() -> Sequence[Any]:
    """List the pipelines, without reading them."""
    return [
        pipeline(name, "semcodec_anchors", f"pipelines/{name}.yaml")
        for name in ("avif", "jpeg", "webp")
    ]
