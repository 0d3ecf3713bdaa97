"""One id for two classes."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [
        ref("duplicate-id.thing", "semcodec.components.quantizers:Uniform"),  # the fault
        ref("duplicate-id.thing", "semcodec.components.quantizers:SaliencyStep"),
    ]
