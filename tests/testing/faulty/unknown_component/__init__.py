"""A spec that names a component which nobody provides."""

from __future__ import annotations

from semcodec import hookimpl, pipeline


@hookimpl
def semcodec_pipelines():
    return [pipeline("unknown-component", "faulty_unknown_component", "unknown-component.yaml")]
