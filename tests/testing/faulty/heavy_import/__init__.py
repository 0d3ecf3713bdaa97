"""Imports TensorFlow as soon as the component is listed."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("heavy-import.thing", "faulty_heavy_import.quantizer:Thing")]
