"""What semcodec-metrics provides, by name and place.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

from semcodec import hookimpl, ref

semcodec_api = 1

_PLACES = {
    "background-psnr": "errors:BackgroundPsnr",
    "ciede2000": "colour:Ciede2000",
    "colour-map": "colour:ColourMap",
    "edge-correlation": "edges:EdgeCorrelation",
    "lab-histogram": "colour:LabHistogram",
    "ms-ssim": "structure:MsSsim",
    "psnr-y": "errors:PsnrY",
    "roi-psnr": "errors:RoiPsnr",
    "ssim": "structure:Ssim",
    "swd": "wasserstein:SlicedWasserstein",
}


@hookimpl
def semcodec_metrics() -> list[object]:
    """List the metrics."""
    return [ref(f"metrics.{name}", f"semcodec_metrics.{at}") for name, at in _PLACES.items()]
