"""Peak memory of this process, since a point in time where the system can tell."""

from __future__ import annotations

import re
import sys
from pathlib import Path

__all__ = ["peak_bytes", "reset_peak"]

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def reset_peak() -> None:
    """Start anew, on Linux; elsewhere the peak is that since the start of the process."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def peak_bytes() -> int:
    """Most resident memory in bytes, interpreter and libraries included; 0 where nothing tells."""
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text())
        if found:
            return 1024 * int(found[1])
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
