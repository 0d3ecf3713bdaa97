"""An id under a prefix that belongs to another plugin."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("elsewhere.thing", "semcodec.components.quantizers:Uniform")]  # the fault
