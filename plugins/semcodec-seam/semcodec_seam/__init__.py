"""Content-aware resizing by deep energies: seams, crops, masks.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from semcodec import command, hookimpl, ref

if TYPE_CHECKING:
    from semcodec_seam.carver import SeamCarver
    from semcodec_seam.familiar.compressor import SemanticCompressor, compress_image
    from semcodec_seam.familiar.energies import (
        EnergyFunction,
        GradientEnergyFunction,
        HybridEnergyFunction,
        SaliencyEnergyFunction,
    )
    from semcodec_seam.familiar.result import CompressionResult

__all__ = [
    "CompressionResult",
    "EnergyFunction",
    "GradientEnergyFunction",
    "HybridEnergyFunction",
    "SaliencyEnergyFunction",
    "SeamCarver",
    "SemanticCompressor",
    "compress_image",
]

semcodec_api = 1

_PLACES: dict[str, str] = {
    "forward": "forward:Forward",
    "gradient": "gradient:Gradient",
    "hybrid": "hybrid:Hybrid",
}
_HOMES: dict[str, str] = {
    "CompressionResult": "familiar.result",
    "EnergyFunction": "familiar.energies",
    "GradientEnergyFunction": "familiar.energies",
    "HybridEnergyFunction": "familiar.energies",
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
    return [ref(f"seam.{n}", f"semcodec_seam.energies.{place}") for n, place in _PLACES.items()]


@hookimpl
def semcodec_commands() -> list[Any]:
    """List the subcommands, without importing them."""
    return [command("seam", "semcodec_seam.cli:seam", "Resize a picture by its content.")]
