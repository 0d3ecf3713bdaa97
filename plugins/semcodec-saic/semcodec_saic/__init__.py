"""SAIC: saliency sources, a guided quantizer and a learned transform.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

from typing import Any

from semcodec import hookimpl, pipeline, ref

semcodec_api = 1

semcodec_trainers = {"saic": "semcodec_saic.training:Saic"}
"""What ``semcodec train`` of semcodec-torch finds here."""

PIPELINES = ("saic", "saic-cai", "saic-flat", "saic-grounded")
"""Names of the pipelines, docs/saic.md."""

_PLACES: dict[str, str] = {
    "analysis": "transforms:Analysis",
    "boxes": "saliency.boxes:Boxes",
    "grounded-sam": "saliency.grounded:GroundedSam",
    "grounding-dino": "saliency.detector:GroundingDino",
    "hyper-analysis": "hyper:HyperAnalysis",
    "saliency-gain": "quantizer:SaliencyGain",
    "sam": "saliency.segmenter:Sam",
}


@hookimpl
def semcodec_components() -> list[Any]:
    """List the components, without importing them."""
    return [ref(f"saic.{name}", f"semcodec_saic.{place}") for name, place in _PLACES.items()]


@hookimpl
def semcodec_pipelines() -> list[Any]:
    """List the pipelines, without reading them."""
    return [pipeline(name, "semcodec_saic", f"pipelines/{name}.yaml") for name in PIPELINES]
