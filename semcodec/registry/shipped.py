"""The register that comes with this release."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from semcodec.errors import RegisterError
from semcodec.registry.model import Register
from semcodec.registry.parse import parse_register

__all__ = ["NAME", "load_register", "read_register", "register_file"]

NAME = "registry.yaml"
_REINSTALL = "Install semcodec again: pip install --force-reinstall --no-deps semcodec"


@cache
def load_register() -> Register:
    """Read the shipped register, once a process; no network, no plugin.

    Raises:
        RegisterError: it is absent or damaged.
    """
    return read_register(register_file())


def register_file() -> Path:
    """Find the shipped register.

    A wheel carries ``registry.yaml`` in this package; a checkout, an editable install included,
    has it at its top level.

    Raises:
        RegisterError: it is absent.
    """
    here = Path(__file__).resolve().parent
    for path in (here / NAME, here.parents[1] / NAME):
        if path.is_file():
            return path
    raise RegisterError(
        f"{NAME}: expected in {here} or at the top of the checkout, found in neither",
        hint=_REINSTALL,
    )


def read_register(path: Path) -> Register:
    """Read a register from a file.

    Raises:
        RegisterError: it cannot be read, or is damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegisterError(
            f"{path}: expected readable UTF-8 text, got {error}",
            hint=_REINSTALL if path.parent == Path(__file__).resolve().parent else "",
        ) from None
    return parse_register(text, source=str(path))
