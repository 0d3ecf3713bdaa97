"""Content-aware resizing by deep energies: seams, crops, masks.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from semcodec import command, hookimpl, pipeline, ref

if TYPE_CHECKING:
    from semcodec_seam.carver import SeamCarver
    from semcodec_seam.familiar.compressor import SemanticCompressor, compress_image
    from semcodec_seam.familiar.energies import (
        DeepEnergyFunction,
        EnergyFunction,
        GradientEnergyFunction,
        HybridEnergyFunction,
        SaliencyEnergyFunction,
    )
    from semcodec_seam.familiar.learned import LearnedEnergyFunction
    from semcodec_seam.familiar.result import CompressionResult

__all__ = [
    "CompressionResult",
    "DeepEnergyFunction",
    "EnergyFunction",
    "GradientEnergyFunction",
    "HybridEnergyFunction",
    "LearnedEnergyFunction",
    "SaliencyEnergyFunction",
    "SeamCarver",
    "SemanticCompressor",
    "compress_image",
]

semcodec_api = 1

PIPELINES = (
    "carved-avif",
    "columns-avif",
    "seam-avif",
    "seam-crop",
    "seam-exact",
    "seam-insert",
    "seam-levels",
    "seam-saic",
)
"""Names of the pipelines, docs/seam.md."""

_PLACES: dict[str, str] = {
    "carve": "geometry.carve:Carve",
    "columns": "geometry.records:Columns",
    "crop": "geometry.carve:Crop",
    "deep": "energies.deep:Deep",
    "fine-grained": "energies.fine_grained:FineGrained",
    "fit": "geometry.fit:Fit",
    "forward": "energies.forward:Forward",
    "gradient": "energies.gradient:Gradient",
    "hybrid": "energies.hybrid:Hybrid",
    "insert": "geometry.insert:Insert",
    "learned": "energies.learned:Learned",
    "levels": "geometry.records:Levels",
    "resize": "resizing:Resize",
    "seams": "geometry.records:Seams",
    "window": "geometry.records:Window",
}
_HOMES: dict[str, str] = {
    "CompressionResult": "familiar.result",
    "DeepEnergyFunction": "familiar.energies",
    "EnergyFunction": "familiar.energies",
    "GradientEnergyFunction": "familiar.energies",
    "HybridEnergyFunction": "familiar.energies",
    "LearnedEnergyFunction": "familiar.learned",
    "SaliencyEnergyFunction": "familiar.energies",
    "SeamCarver": "carver",
    "SemanticCompressor": "familiar.compressor",
    "compress_image": "familiar.compressor",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"semcodec_seam.{home}"), name)


@hookimpl
def semcodec_components() -> list[Any]:
    """List the components, without importing them."""
    return [ref(f"seam.{name}", f"semcodec_seam.{place}") for name, place in _PLACES.items()]


@hookimpl
def semcodec_pipelines() -> list[Any]:
    """List the pipelines, without reading them."""
    return [pipeline(name, "semcodec_seam", f"pipelines/{name}.yaml") for name in PIPELINES]


@hookimpl
def semcodec_commands() -> list[Any]:
    """List the subcommands, without importing them."""
    return [
        command("seam", "semcodec_seam.cli:seam", "Resize a picture by its content."),
        command(
            "train-energy",
            "semcodec_seam.learning.command:train_energy",
            "Train an energy on pictures and maps.",
        ),
    ]
