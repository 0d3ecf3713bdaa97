"""A plugin without a fault: one component of each kind, and a pipeline of them."""

from __future__ import annotations

from semcodec import hookimpl, pipeline, ref

semcodec_api = 1
NAMES = {
    "edges": "Edges",
    "calm": "Calm",
    "centred": "Centred",
    "careful": "Careful",
    "rows": "Rows",
    "plain": "Plain",
    "grain": "Grain",
}


@hookimpl
def semcodec_components():
    return [ref(f"sound.{name}", f"faulty_sound.parts:{cls}") for name, cls in NAMES.items()]


@hookimpl
def semcodec_metrics():
    return [
        ref("sound.masked-error", "faulty_sound.parts:MaskedError"),
        ref("sound.max-error", "faulty_sound.parts:MaxError"),
        ref("sound.means", "faulty_sound.parts:Means"),
    ]


@hookimpl
def semcodec_datasets():
    return [ref("sound.ramps", "faulty_sound.parts:Ramps")]


@hookimpl
def semcodec_pipelines():
    return [
        pipeline("sound", "faulty_sound", "sound.yaml"),
        pipeline("sound-choice", "faulty_sound", "sound-choice.yaml"),
    ]
