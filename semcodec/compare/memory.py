"""Peak memory of this process, since a point in time where the system can tell."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from semcodec.engine.memo import Known, Memo

__all__ = ["PeakMemo", "peak_bytes", "reset_peak"]

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


class PeakMemo(Memo):
    """Results of the stages of a picture for several encodes, and the memory that each took.

    Attributes:
        peak: most bytes that computing any result handed out took; who reads it sets it to 0.
    """

    def __init__(self) -> None:
        super().__init__(search=True)
        self.peak = 0
        self._peaks: dict[int, int] = {}

    def get(self, key: tuple[Any, ...]) -> Known | None:
        """Give a known result, or None."""
        known = super().get(key)
        if known is not None:
            self.peak = max(self.peak, self._peaks[id(known)])
        return known

    def put(self, key: tuple[Any, ...], known: Known) -> None:
        """Keep a result, with the peak since :func:`reset_peak`."""
        super().put(key, known)
        self._peaks[id(known)] = peak_bytes()
