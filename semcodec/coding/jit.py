"""How the coding kernels are compiled: once per machine, without the interpreter's lock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from semcodec.coding.cache import is_warm

__all__ = ["kernel"]

F = TypeVar("F", bound=Callable[..., Any])


if not is_warm():
    # The only pause of many seconds that a new user meets; the command line shows this.
    logging.getLogger("semcodec").info(
        "compiling the entropy coder for this machine, once; it takes some seconds"
    )


def kernel(function: F) -> F:
    """Compile a function with numba when it is first called, and keep the machine code on disk."""
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)
