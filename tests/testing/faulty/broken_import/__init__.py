"""Its implementation has a typing mistake in an import."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("broken-import.thing", "faulty_broken_import.quantizer:Thing")]
