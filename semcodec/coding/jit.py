"""How the coding kernels are compiled: once per machine, without the interpreter's lock.

Numba compiles a kernel anew when its own file changes, not when a kernel it calls does: after an
edit in this folder, remove the ``*.nbi`` files of its ``__pycache__``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["kernel"]

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function with numba when it is first called, and keep the machine code on disk."""
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)
