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
    "dss": "classical:Dss",
    "edge-correlation": "edges:EdgeCorrelation",
    "fsim": "classical:Fsim",
    "gmsd": "classical:Gmsd",
    "haarpsi": "classical:HaarPsi",
    "iw-ssim": "classical:IwSsim",
    "lab-histogram": "colour:LabHistogram",
    "mdsi": "classical:Mdsi",
    "ms-ssim": "structure:MsSsim",
    "psnr-b": "classical:PsnrB",
    "psnr-y": "errors:PsnrY",
    "roi-psnr": "errors:RoiPsnr",
    "sr-sim": "classical:SrSim",
    "ssim": "structure:Ssim",
    "swd": "wasserstein:SlicedWasserstein",
    "vif": "classical:Vif",
    "vmaf": "video:Vmaf",
    "vsi": "classical:Vsi",
    "xpsnr": "video:Xpsnr",
}


@hookimpl
def semcodec_metrics() -> list[object]:
    """List the metrics."""
    return [ref(f"metrics.{name}", f"semcodec_metrics.{at}") for name, at in _PLACES.items()]
