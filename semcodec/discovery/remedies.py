"""What to do about a name that nobody here provides: which package, and the command.

A command is given only for what the register says can be installed: a command that installs
nothing of ours today may install something of a stranger's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from semcodec.discovery.metadata import normalized
from semcodec.discovery.scan import CORE, Plugin
from semcodec.errors import RegisterError

if TYPE_CHECKING:
    from semcodec.registry import Register

__all__ = ["merged", "missing", "remedy"]

_COMMAND = re.compile(r"pip install (?P<upgrade>--upgrade )?(?P<package>[A-Za-z0-9][\w.,\[\]-]*)")


def remedy(name: str, plugins: Sequence[Plugin], register: Register | None = None) -> str:
    """Say how to get a component or a pipeline.

    Args:
        name: a component id or a pipeline's name that is not in the catalog.
        plugins: the catalog's plugins.
        register: who owns what; None for the register that comes with this release.

    Returns:
        A command: of the owner of the prefix, or of the registered provider of the pipeline, to
        install it or, where it is installed without that name, to upgrade it, or to examine it
        where it was left out. A sentence while the
        provider is only planned. Empty when nobody is known to provide the name, and for bare ids.
    """
    from semcodec.registry import load_register

    prefix = name.partition(".")[0] if "." in name else ""
    here = next((p for p in plugins if prefix and p.name == prefix), None)
    try:
        register = register or load_register()
    except RegisterError:
        return ""  # `semcodec doctor` reports it; here it would hide the name that is missing
    codec = register.pipeline(name)
    if codec is not None:
        wanted = normalized(codec.provider)
        here = next((p for p in plugins if normalized(p.distribution) == wanted), None)
    if here is not None:
        return f"pip install --upgrade {here.distribution}" if here.usable else "semcodec doctor"
    return register.install_hint(name) or register.planned(name)


def missing(
    components: Iterable[str], known: Iterable[str], plugins: Sequence[Plugin]
) -> list[str]:
    """Say how to get everything that a codec needs and that is not here.

    Args:
        components: ids of its components, with or without ``@format``.
        known: ids that are here.
        plugins: the catalog's plugins.

    Returns:
        What to do about each component that is not here, as :func:`remedy` says it, for
        :func:`merged`. A bare id that this release lacks is a newer release's.
    """
    here = set(known)
    absent = [id_ for id_ in (c.partition("@")[0] for c in components) if id_ not in here]
    return [
        remedy(id_, plugins) if "." in id_ else f"pip install --upgrade {CORE}" for id_ in absent
    ]


def merged(hints: Iterable[str]) -> str:
    """Make one ``pip`` command of those in some hints, followed by hints that hold none."""
    packages: dict[str, None] = {}
    others: dict[str, None] = {}
    upgrade = False
    for hint in hints:
        found = list(_COMMAND.finditer(hint))
        for match in found:
            packages[match["package"].rstrip(".,")] = None
            upgrade = upgrade or bool(match["upgrade"])
        if hint and not found:
            others[hint] = None
    command = f"pip install {'--upgrade ' if upgrade else ''}{' '.join(packages)}"
    return " ".join([*([command] if packages else ()), *others])
