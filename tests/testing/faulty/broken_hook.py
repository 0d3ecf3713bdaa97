"""A hook fails."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():  # the fault
    return [ref("broken-hook.thing", "no target")]
