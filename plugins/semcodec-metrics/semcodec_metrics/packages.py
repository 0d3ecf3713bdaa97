"""Packages that a metric is computed by: which version is here, and how to get an absent one."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from semcodec.errors import SettingError

__all__ = ["Backed", "absent", "made_by", "require"]


class Backed:
    """A metric's version that on an instance also names its backbone: what file made the number.

    On the class it is the library and the settings alone, as of any metric; on an instance the
    metric's ``backbone`` follows, which depends on its parameters.

    Args:
        base: what :func:`made_by` gives.
    """

    def __init__(self, base: str) -> None:
        self._base = base

    def __get__(self, instance: Any, owner: type) -> str:
        return self._base if instance is None else f"{self._base}; {instance.backbone}"


@cache
def made_by(distribution: str, settings: str, revision: int = 1) -> str:
    """Write a metric's version: our own count, the library as it is installed, its settings.

    The library's version stands in it because another release may give other numbers.

    Args:
        distribution: such as ``"piq"``.
        settings: what was chosen, in few words.
        revision: counts up when this plugin's own part changes the number.
    """
    try:
        found = version(distribution)
    except PackageNotFoundError:
        found = "not installed"
    return f"{revision}; {distribution} {found}; {settings}"


def absent(modules: tuple[str, ...], extra: str) -> str:
    """Name the modules that are not installed, and the command; empty if all are there.

    Nothing is imported to find out.
    """
    lacking = [name for name in modules if find_spec(name) is None]
    if not lacking:
        return ""
    verb = "is" if len(lacking) == 1 else "are"
    return f'{" and ".join(lacking)} {verb} not installed: pip install "semcodec-metrics[{extra}]"'


def require(who: str, missing: str) -> None:
    """Refuse to run a metric that lacks something.

    Raises:
        SettingError: ``missing`` says that it does.
    """
    if missing:
        reason, _, remedy = missing.partition(": ")
        raise SettingError(f"{who} is unavailable: {reason}", hint=remedy)
