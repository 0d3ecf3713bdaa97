"""Options that several commands take."""

from __future__ import annotations

import click

__all__ = ["inputs_option", "sets_option", "swaps_option"]

sets_option = click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a setting or parameter."
)
swaps_option = click.option(
    "--swap", "swaps", multiple=True, metavar="SLOT=COMPONENT", help="Change a component."
)
inputs_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=FILE_OR_TEXT",
    help="Give a mask, a label map or a caption.",
)
