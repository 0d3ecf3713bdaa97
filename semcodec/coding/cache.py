"""The machine code that numba keeps on disk beside this folder's sources."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["forget_stale", "is_warm"]

_FOLDER = Path(__file__).parent


def is_warm() -> bool:
    """Whether a kernel is compiled for this Python; True also where numba keeps them elsewhere."""
    if os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("NUMBA_DISABLE_JIT"):
        return True
    forget_stale()
    mine = f"*.py{sys.version_info.major}{sys.version_info.minor}.nbi"
    try:
        return any((_FOLDER / "__pycache__").glob(mine)) or not os.access(_FOLDER, os.W_OK)
    except OSError:
        return True


def forget_stale() -> None:
    """Drop machine code that is older than any source of this folder.

    Numba compiles a kernel anew when its own file changes, not when a kernel it calls does, so a
    checkout that is moved to another commit would go on with the old machine code: other bits.
    """
    try:
        newest = max((s.stat().st_mtime for s in _FOLDER.glob("*.py")), default=0.0)
        for index in (_FOLDER / "__pycache__").glob("*.nbi"):
            if index.stat().st_mtime < newest:
                index.unlink(missing_ok=True)
    except OSError:
        return  # an installation that cannot be written to cannot have been edited either
