"""Small but real compositions, one for each kind of scheme that semcodec must carry."""

from semcodec import hookimpl, pipeline, ref

_COMPONENTS = {
    "jpeg": "opaque:Jpeg",
    "guided-step": "guided:GuidedStep",
    "blocks": "hyper:Blocks",
    "energy": "hyper:Energy",
    "gain-step": "hyper:GainStep",
    "checkerboard": "hyper:Checkerboard",
    "columns": "carve:Columns",
    "carve": "carve:Carve",
    "carve-only": "carve:CarveOnly",
    "widen": "carve:Widen",
    "shrink": "layered:Shrink",
    "enlarge": "layered:Enlarge",
    "residual": "layered:Residual",
    "segment": "generative:Segment",
    "enhance": "generative:Enhance",
    "embed": "generative:Embed",
    "colours": "generative:Colours",
    "paint": "generative:Paint",
    "object-classes": "objects:ObjectClasses",
    "object-colours": "objects:ObjectColours",
    "fill": "objects:Fill",
}

_PIPELINES = (
    "opaque-jpeg",
    "guided-dct",
    "skipped-dct",
    "hyperprior",
    "carved-dct",
    "carved-jpeg",
    "carved-guided",
    "any-width",
    "residual-layer",
    "decoder-masks",
    "two-streams-and-a-seed",
    "objects",
)


@hookimpl
def semcodec_components():
    return [
        ref(f"rehearsal.{name}", f"semcodec_rehearsal.{at}") for name, at in _COMPONENTS.items()
    ]


@hookimpl
def semcodec_pipelines():
    return [pipeline(name, "semcodec_rehearsal", f"pipelines/{name}.yaml") for name in _PIPELINES]
