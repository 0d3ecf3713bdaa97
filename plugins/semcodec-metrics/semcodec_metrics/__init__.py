"""What semcodec-metrics provides, by name and place.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

from semcodec import hookimpl, ref

semcodec_api = 1

_PLACES = {
    "background-psnr": "errors:BackgroundPsnr",
    "ciede2000": "colour:Ciede2000",
    "clip-image": "learned.semantic:ClipImage",
    "clip-score": "learned.semantic:ClipScore",
    "colour-map": "colour:ColourMap",
    "dists": "learned.perceptual:Dists",
    "dss": "classical:Dss",
    "edge-correlation": "edges:EdgeCorrelation",
    "feature-cosine": "learned.cosine:FeatureCosine",
    "feature-matching": "learned.perceptual:FeatureMatching",
    "fid": "learned.inception:Fid",
    "fsim": "classical:Fsim",
    "gmsd": "classical:Gmsd",
    "haarpsi": "classical:HaarPsi",
    "iw-ssim": "classical:IwSsim",
    "kid": "learned.inception:Kid",
    "lab-histogram": "colour:LabHistogram",
    "lpips": "learned.perceptual:Lpips",
    "mdsi": "classical:Mdsi",
    "ms-gmsd": "classical:MsGmsd",
    "ms-ssim": "structure:MsSsim",
    "musiq": "learned.unreferenced:Musiq",
    "niqe": "learned.unreferenced:Niqe",
    "psnr-b": "classical:PsnrB",
    "psnr-y": "errors:PsnrY",
    "roi-psnr": "errors:RoiPsnr",
    "segmenter-iou": "learned.semantic:SegmenterIou",
    "sr-sim": "classical:SrSim",
    "ssim": "structure:Ssim",
    "swd": "wasserstein:SlicedWasserstein",
    "swd-grained": "grain:GrainedWasserstein",
    "vif": "classical:Vif",
    "vmaf": "video:Vmaf",
    "vsi": "classical:Vsi",
    "xpsnr": "video:Xpsnr",
}


@hookimpl
def semcodec_metrics() -> list[object]:
    """List the metrics."""
    return [ref(f"metrics.{name}", f"semcodec_metrics.{at}") for name, at in _PLACES.items()]
