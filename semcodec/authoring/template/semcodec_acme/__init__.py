"""What semcodec-acme provides, by name and place.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

# if pipelines
from semcodec import hookimpl, pipeline, ref
# end
# if not pipelines
from semcodec import hookimpl, ref
# end

semcodec_api = 1

# if components

@hookimpl
def semcodec_components() -> list[object]:
    """List the components."""
    return [
        # if saliency
        ref("acme.edges", "semcodec_acme.saliency:Edges"),
        # end
        # if transform
        ref("acme.hadamard", "semcodec_acme.transform:Hadamard"),
        # end
        # if quantizer
        ref("acme.dead-zone", "semcodec_acme.quantizer:DeadZone"),
        # end
        # if model
        ref("acme.by-place", "semcodec_acme.model:ByPlace"),
        # end
        # if coder
        ref("acme.deflate", "semcodec_acme.coder:Deflate"),
        # end
        # if decoder
        ref("acme.sharpen", "semcodec_acme.decoder:Sharpen"),
        # end
    ]

# end
# if metric

@hookimpl
def semcodec_metrics() -> list[object]:
    """List the metrics."""
    return [ref("acme.max-error", "semcodec_acme.metric:MaxError")]

# end
# if dataset

@hookimpl
def semcodec_datasets() -> list[object]:
    """List the data sets."""
    return [ref("acme.charts", "semcodec_acme.dataset:Charts")]

# end
# if pipelines

@hookimpl
def semcodec_pipelines() -> list[object]:
    """List the named pipelines."""
    return [
        # if flat
        pipeline("acme-flat", "semcodec_acme", "pipelines/acme-flat.yaml"),
        # end
        # if saliency
        pipeline("acme-roi", "semcodec_acme", "pipelines/acme-roi.yaml"),
        # end
    ]
# end
