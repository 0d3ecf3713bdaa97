"""Packages that only some sources need, the command that installs them, and how they are run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from semcodec.errors import PluginError, SettingError

__all__ = ["absent", "require", "running"]


def absent(modules: tuple[str, ...], extra: str) -> str:
    """Name the modules that are not installed, and the command; empty if all are there.

    Nothing is imported to find out.
    """
    lacking = [name for name in modules if find_spec(name) is None]
    if not lacking:
        return ""
    verb = "is" if len(lacking) == 1 else "are"
    return f'{" and ".join(lacking)} {verb} not installed: pip install "semcodec-saic[{extra}]"'


def require(who: str, missing: str) -> None:
    """Refuse to run a source that lacks a package.

    Raises:
        PluginError: ``missing`` says that it does; the hint is the command.
    """
    if missing:
        reason, _, remedy = missing.partition(": ")
        raise PluginError(f"{who} is unavailable: {reason}", hint=remedy)


@contextmanager
def running(who: str, device: str) -> Iterator[None]:
    """Run a network: no gradients, no announcements, and no traceback from inside a library.

    Raises:
        SettingError: the network or the device refused; with the first line of what was said.
    """
    import torch

    try:
        with warnings.catch_warnings(), torch.inference_mode():
            for kind in (FutureWarning, DeprecationWarning, UserWarning):
                warnings.simplefilter("ignore", kind)
            yield
    except (RuntimeError, AssertionError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise SettingError(
            f"{who}: the network failed on device {device!r}: {said}",
            hint="Try the device cpu, or a smaller size.",
        ) from error
