"""Written for hooks that this semcodec does not have yet."""

from __future__ import annotations

from semcodec import hookimpl, ref

semcodec_api = 99  # the fault


@hookimpl
def semcodec_components():
    return [ref("future-api.thing", "semcodec.components.quantizers:Uniform")]
