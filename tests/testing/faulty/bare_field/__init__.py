"""A field without annotation, which would silently be no parameter."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("bare-field.thing", "faulty_bare_field.quantizer:Thing")]
