"""The command that explains files."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from semcodec.cli.output import emit, emit_json, paragraph, table
from semcodec.cli.paths import read_file

__all__ = ["inspect"]

_CHANNELS = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGB and alpha"}


@click.command(epilog="\b\nExample:\n  semcodec inspect photo.smc")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(file: Path, as_json: bool) -> None:
    """Show what FILE holds, byte by byte; works without its codec's plugin."""
    from semcodec.engine.inspect import inspect as explain

    found = explain(read_file(file))
    if as_json:
        emit_json({**dataclasses.asdict(found), "bpp": found.bits_per_pixel})
        return
    if found.codec == "registered":
        what = f"{found.name or 'unknown'} (wire code {found.code}"
        what += f", {found.status}, {found.provider})" if found.provider else ")"
    elif found.codec == "embedded":
        what = f"{found.name or 'unnamed'}, a private codec that travels in the file"
    else:
        what = "a private codec that the file names by digest only"
    emit(
        f"{file}: {found.size} bytes, {found.bits_per_pixel:.4g} bpp",
        f"picture   {found.width}x{found.height}, {_CHANNELS[found.channels]}, {found.depth} bits",
        f"codec     {what}",
        f"digest    {found.digest}",
    )
    if found.components:
        emit(f"needs     {', '.join(found.components)}")
    if found.install:
        emit(f"install   {found.install}")
    for name, value in found.settings.items():
        shown = f"value {value['index']} of its grid" if isinstance(value, dict) else value
        emit(f"setting   {name} = {shown}")
    rows = [(part.name, f"{part.size}", f"{part.size / found.size:.1%}") for part in found.parts]
    emit("", table(rows, ("PART", "BYTES", "SHARE"), 2))
    if found.note:
        emit("", paragraph(found.note))
