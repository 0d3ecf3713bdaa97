"""The register that comes with this release."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from semcodec.errors import RegisterError
from semcodec.registry.model import Register
from semcodec.registry.parse import parse_register

__all__ = ["load_register"]


@cache
def load_register() -> Register:
    """Read the shipped register, once a process; no network, no plugin.

    A wheel carries ``registry.yaml`` in this package; a checkout, an editable install included,
    has it at its top level.

    Raises:
        RegisterError: it is absent or damaged.
    """
    here = Path(__file__).resolve().parent
    for path in (here / "registry.yaml", here.parents[1] / "registry.yaml"):
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise RegisterError(
                f"{path}: expected readable UTF-8 text, got {error}",
                hint="Install semcodec again: pip install --force-reinstall --no-deps semcodec",
            ) from None
        return parse_register(text, source=str(path))
    raise RegisterError(
        f"registry.yaml: expected in {here} or at the top of the checkout, found in neither",
        hint="Install semcodec again: pip install --force-reinstall --no-deps semcodec",
    )
