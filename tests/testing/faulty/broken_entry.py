"""The module of the entry point needs a package that nobody declares."""

from __future__ import annotations

import package_that_nobody_declares  # the fault

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("broken-entry.thing", package_that_nobody_declares.TARGET)]
