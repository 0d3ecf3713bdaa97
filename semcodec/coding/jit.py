"""How the coding kernels are compiled: once per machine, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

__all__ = ["kernel"]

F = TypeVar("F", bound=Callable[..., Any])


def _forget_stale_kernels() -> None:
    """Drop machine code that is older than any source of this folder.

    Numba compiles a kernel anew when its own file changes, not when a kernel it calls does, so a
    checkout that is moved to another commit would go on with the old machine code: other bits.
    """
    folder = Path(__file__).parent
    try:
        newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
        for index in (folder / "__pycache__").glob("*.nbi"):
            if index.stat().st_mtime < newest:
                index.unlink(missing_ok=True)
    except OSError:
        return  # an installation that cannot be written to cannot have been edited either


_forget_stale_kernels()


def kernel(function: F) -> F:
    """Compile a function with numba when it is first called, and keep the machine code on disk."""
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)
