"""What learned codecs share, as components and as a library.

Every ``semcodec --help`` imports this module: names belong here, code into the others.
"""

from __future__ import annotations

from typing import Any

from semcodec import command, hookimpl, ref

semcodec_api = 1

_PLACES: dict[str, str] = {
    "factorized": "models:Factorized",
    "hyperprior": "models:Hyperprior",
}


@hookimpl
def semcodec_components() -> list[Any]:
    """List the components, without importing them."""
    return [ref(f"torch.{name}", f"semcodec_torch.{place}") for name, place in _PLACES.items()]


@hookimpl
def semcodec_commands() -> list[Any]:
    """List the subcommands, without importing them."""
    place = "semcodec_torch.training.command:train"
    return [command("train", place, "Train the networks of a codec.")]
