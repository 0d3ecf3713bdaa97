"""All checks of the kit, whichever module they stand in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from semcodec.testing import checks
from semcodec.testing.check import CHECKS, Check

__all__ = ["all_checks", "checks_of"]


@cache
def all_checks() -> Mapping[str, Check]:
    """Give every check by its id, level by level."""
    for module in pkgutil.iter_modules(checks.__path__):
        importlib.import_module(f"{checks.__name__}.{module.name}")
    return MappingProxyType(dict(sorted(CHECKS.items(), key=lambda item: item[1].level)))


def checks_of(kind: str) -> list[Check]:
    """List the checks that apply to a kind."""
    return [each for each in all_checks().values() if kind in each.kinds]
