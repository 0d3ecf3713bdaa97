"""The anchors that every other codec is compared with: classical codecs, and CompressAI's zoo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec import hookimpl, pipeline, ref

__all__ = [
    "CODECS",
    "SCALES",
    "ZOO",
    "best_of",
    "of_checkpoints",
    "semcodec_api",
    "semcodec_components",
    "semcodec_pipelines",
]

semcodec_api = 1

CODECS = ("avif", "heic", "hevc", "jpeg", "jpeg-xl", "jpeg2000", "svt-av1", "vvc", "webp")
"""Names of the classical codecs; each has a pipeline of its name, and one with ``-scaled``."""

ZOO = (
    "bmshj2018-factorized",
    "bmshj2018-factorized-ms-ssim",
    "bmshj2018-hyperprior",
    "bmshj2018-hyperprior-ms-ssim",
    "bmshj2018-hyperprior-vbr",
    "cheng2020-anchor",
    "cheng2020-anchor-ms-ssim",
    "cheng2020-attn",
    "cheng2020-attn-ms-ssim",
    "mbt2018",
    "mbt2018-mean",
    "mbt2018-mean-ms-ssim",
    "mbt2018-mean-vbr",
    "mbt2018-ms-ssim",
    "mbt2018-vbr",
)
"""Names of the pipelines of CompressAI's published networks, docs/zoo.md."""

SCALES = (0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1)
"""The scales that a pipeline with ``-scaled`` can send."""


def best_of(name: str, scales: Sequence[float] = (0.7, 0.5, 0.35, 0.25)) -> dict[str, Any]:
    """Write a choice between a codec and itself behind ``anchors.resize``, for ``semcodec.load``.

    Encoding with a target finds the quality that meets it at each scale, and keeps the scale whose
    decoded picture has the best PSNR.

    Args:
        name: one of :data:`CODECS` or :data:`ZOO`.
        scales: the smaller scales to try, each of the grid of the scaled pipelines.

    Returns:
        A spec with ``candidates``, as data.

    Raises:
        ValueError: no such codec.
    """
    if name not in (*CODECS, *ZOO):
        raise ValueError(f"expected one of {', '.join((*CODECS, *ZOO))}, got {name!r}")
    return {
        "semcodec": 1,
        "name": f"best-{name}",
        "candidates": [name, *(_scaled(name, scale) for scale in scales)],
        "choose": {"metric": "psnr"},
    }


def _scaled(name: str, scale: float) -> dict[str, Any]:
    """Write a codec behind ``anchors.resize``; those of the zoo have no pipeline for it."""
    spec: dict[str, Any] = {"semcodec": 1, "name": f"{name}-scaled"}
    if name in CODECS:
        return {**spec, "extends": f"{name}-scaled", "set": {"image.stages.0.scale": scale}}
    stages = [{"use": "anchors.resize", "scale": scale}, {"use": "pipeline", "of": name}]
    settings = {"scale": {"path": "image.stages.0.scale", "values": list(SCALES)}}
    return {**spec, "streams": {"image": {"stages": stages}}, "wire": settings}


def of_checkpoints(*paths: str, name: str = "my-checkpoints") -> dict[str, Any]:
    """Write a codec of checkpoints of your own, for ``semcodec.load``; needs CompressAI.

    Args:
        paths: files that CompressAI's training example or ``update_model`` wrote, or safetensors,
            of one architecture, from the lowest rate to the highest. A network for all rates
            (``-vbr``) is one file.
        name: of the codec.

    Returns:
        A spec, as data: the architecture told from the tensors, the files named by hash, and what
        moves the rate as a wire setting (``quality`` or ``gain``).

    Raises:
        WeightsError: a file is missing, or no checkpoint of the zoo's architectures.
        SettingError: no files, or of several architectures.
        PluginError: torch or CompressAI is missing; the hint says what to install.
    """
    from semcodec_anchors.zoo.writing import spec

    return spec(paths, name)


@hookimpl
def semcodec_components() -> Sequence[Any]:
    """List the components, without importing them."""
    places = {
        "avif": "pillow:Avif",
        "compressai": "zoo.components:CompressAI",
        "compressai-analysis": "zoo.transforms:Analysis",
        "compressai-factorized": "zoo.models:Factorized",
        "compressai-hyper-analysis": "zoo.transforms:HyperAnalysis",
        "compressai-hyperprior": "zoo.models:Hyperprior",
        "compressai-vbr": "zoo.components:CompressAIVbr",
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
    """List the pipelines, without reading them: each codec, the classical ones scaled as well."""
    names = [*ZOO, *(name for codec in CODECS for name in (codec, f"{codec}-scaled"))]
    return [pipeline(name, "semcodec_anchors", f"pipelines/{name}.yaml") for name in names]
