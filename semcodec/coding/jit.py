"""How the coding kernels become machine code: compiled once per machine, without numba after that.

Importing numba and preparing it to load what it compiled takes longer than coding a small picture.
So a kernel's machine code is kept as an object file that needs nothing of numba (``emit``), and
later processes link and call it directly (``native``).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, TypeVar, cast

from semcodec.coding import cache
from semcodec.coding.native import Call, Routine, link

__all__ = ["OPTIONS", "Kernel", "kernel"]

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""How numba compiles: the caller lets go of the interpreter's lock, a division never raises."""

_building = threading.RLock()


def kernel(function: F) -> F:
    """Compile a function when it is first called, and keep the machine code on disk.

    Kernels may call each other. From Python they take integers within int64, C-contiguous arrays
    of numbers and named tuples of such, and give back integers, arrays, tuples of both, or None;
    with other types they work too, but are compiled again in every process.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return function
    return cast(F, Kernel(function))


class Kernel:
    """A compiled function.

    Attributes:
        function: what it was compiled from.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self._version = cache.sources_of(function)
        self._routines: dict[str, Routine | None] = {}

    def __call__(self, *args: Any) -> Any:
        """Run the machine code; compile it first if this machine never did.

        Raises:
            MemoryError: it could not allocate what it needs.
        """
        call = Call.of(args)
        if call is None:
            return self._by_numba(*args)
        if call.signature not in self._routines:
            with _building:
                self._routines[call.signature] = self._routine(call.signature, args)
        routine = self._routines[call.signature]
        return self._by_numba(*args) if routine is None else routine(call)

    def _routine(self, signature: str, args: tuple[Any, ...]) -> Routine | None:
        place = cache.Place.of(self.function, signature, self._version)
        kept = place.read()
        if kept is None:
            from semcodec.coding.emit import emit

            _say_once()
            kept = emit(self.function, args)
            if kept is None:
                return None
            place.write(kept)
        return link(kept)

    @cached_property
    def _by_numba(self) -> Callable[..., Any]:
        """The function as numba compiles and calls it itself."""
        import numba

        from semcodec.coding.emit import teach_numba

        teach_numba()
        _say_once()
        compiled: Callable[..., Any] = numba.njit(**OPTIONS)(self.function)
        return compiled


_said: list[bool] = []


def _say_once() -> None:
    # The only pause of many seconds that a new user meets; the command line shows this.
    if not _said:
        _said.append(True)
        logging.getLogger("semcodec").info(
            "compiling the entropy coder for this machine, once; it takes some seconds"
        )
