"""Where a fault is: the file and line of a class, a method, a field or a traceback."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["frame_within", "home_of", "line_of", "short_path", "tidy", "where_raised"]

_CORE = Path(__file__).resolve().parents[1]
_ENGINES = os.pathsep.join(str(_CORE / name) for name in ("engine", "testing"))
_HEAD = re.compile(r"\s*(async\s+)?(def|class)\s")


def short_path(path: str | Path, line: int) -> str:
    """Write ``path:line``, relative to the current directory where it lies below it."""
    try:
        text = os.path.relpath(path)
    except ValueError:  # another drive
        text = str(path)
    return f"{path if text.startswith('..') else text}:{line}"


def line_of(cls: Any, name: str = "") -> str:
    """Say where a class or, by name, its method or field is defined; empty if nobody knows."""
    if name:
        for base in getattr(cls, "__mro__", ()):
            held = vars(base).get(name)
            if name in vars(base) or name in inspect.get_annotations(base):
                bare = getattr(held, "__func__", getattr(held, "fget", held))
                function = _of(bare) if inspect.isfunction(bare) else ""
                return function or _field(base, name) or _of(base)
    return _of(cls)


def _of(found: Any) -> str:
    try:
        file = inspect.getsourcefile(found)
        lines, first = inspect.getsourcelines(found)
    except (OSError, TypeError):
        return ""
    heads = (n for n, line in enumerate(lines, first) if _HEAD.match(line))
    return short_path(file, next(heads, first)) if file else ""


def _field(cls: type, name: str) -> str:
    try:
        file = inspect.getsourcefile(cls)
        lines, first = inspect.getsourcelines(cls)
    except (OSError, TypeError):
        return ""
    for number, line in enumerate(lines, first):
        if file and re.match(rf"\s+{re.escape(name)}\s*[:=]", line):
            # An `Attributes:` entry looks alike but is followed by words; the field comes last.
            found = short_path(file, number)
            if re.search(r"[=\[]|:\s*[A-Za-z_.]+\s*$", line):
                return found
    return ""


def home_of(module: str) -> str:
    """Give the folder of the module's top-level package, or its file where it is no package."""
    name = module.partition(".")[0]
    top = sys.modules.get(name)
    try:
        spec = top.__spec__ if top is not None else importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is not None and spec.submodule_search_locations:
        return os.path.realpath(next(iter(spec.submodule_search_locations)))
    file = spec.origin if spec is not None else getattr(top, "__file__", None)
    return os.path.realpath(file or module)


def frame_within(path: str, home: str) -> bool:
    """Whether a frame's file belongs to a package, or to one of several joined as in ``PATH``."""
    real = os.path.realpath(path)
    return any(
        real == each or real.startswith(each + os.sep) for each in home.split(os.pathsep) if each
    )


def tidy(fault: BaseException, home: str) -> BaseException:
    """Cut the kit's own frames off an exception: what is left is the plugin's part, if any.

    Args:
        fault: what a check raised.
        home: folder of the plugin's package.
    """
    cause = fault.__cause__
    while cause is not None and type(cause).__module__.startswith("semcodec.testing"):
        cause = cause.__cause__
    if cause is not None:
        trace = cause.__traceback__
        while trace is not None and not frame_within(trace.tb_frame.f_code.co_filename, home):
            trace = trace.tb_next
        cause = cause.with_traceback(trace)
    fault.__cause__, fault.__context__, fault.__suppress_context__ = cause, None, True
    return fault.with_traceback(None)


def where_raised(error: BaseException, home: str) -> str:
    """Say where an exception was raised: the innermost line inside a package; empty if none is.

    What an exception was raised from counts for more than itself, and the engine, which says so of
    every component's exception, not at all.
    """
    found = ""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:  # `raise error from error` makes a circle
        chain.append(cause)
        found = _innermost(cause, home) or found
        cause = cause.__cause__
    return found


def _innermost(error: BaseException, home: str) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return short_path(error.filename, error.lineno or 0)
    found = ""
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if frame_within(path, home) and not frame_within(path, _ENGINES):
            found = short_path(path, trace.tb_lineno)
        trace = trace.tb_next
    return found
