"""The process that answers questions: ``python -m semcodec.testing.worker``.

Questions and answers are pickles, from and to the process that started it and nobody else.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import pickle
import sys
from typing import Any

__all__ = ["main"]


def main() -> None:
    """Answer until there are no more questions."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a plugin prints must not mix with the answers
    while True:
        try:
            question = pickle.load(sys.stdin.buffer)  # noqa: S301 - see the module
        except EOFError:
            return
        faulthandler.dump_traceback_later(question["limit"], exit=True)
        answer = _answered(question)
        faulthandler.cancel_dump_traceback_later()
        answers.write(answer)
        answers.flush()


def _answered(question: dict[str, Any]) -> bytes:
    try:
        _settle(question["path"], question["folder"])
        module, _, name = question["ask"].partition(":")
        function = getattr(importlib.import_module(module), name)
        return pickle.dumps((True, function(*pickle.loads(question["arguments"]))))  # noqa: S301
    except BaseException as error:
        return pickle.dumps((False, _told(error, question["home"])))


def _settle(path: list[str], folder: str) -> None:
    """See what the asking process sees."""
    os.chdir(folder)
    if sys.path != path:
        from semcodec.discovery import catalog

        sys.path[:] = path
        importlib.invalidate_caches()
        catalog.cache_clear()


def _told(error: BaseException, home: str) -> tuple[str, str]:
    from semcodec.discovery.scan import last_line
    from semcodec.testing.case import MethodFailed
    from semcodec.testing.lines import where_raised

    if isinstance(error, MethodFailed) and error.__cause__ is not None:
        error = error.__cause__
    return last_line(error), where_raised(error, home)


if __name__ == "__main__":
    main()
