"""The command ``semcodec train-energy``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from semcodec_seam.options import DEEP

__all__ = ["train_energy"]

_EXAMPLES = """\b
Examples:
  semcodec train-energy photos maps -o energy.safetensors
  semcodec train-energy photos maps -o energy.safetensors --epochs 20
  semcodec seam photo.jpg -s 0.6 -e learned --network energy.safetensors
"""
_path = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES, short_help="Train an energy on pictures and maps.")
@click.argument("pictures", type=_path)
@click.argument("targets", type=_path)
@click.option("-o", "--output", type=_path, metavar="FILE", required=True, help="Where to.")
@click.option("--from", "start", type=_path, metavar="FILE", help="A learned energy to go on with.")
@click.option("--epochs", type=click.IntRange(1), default=10, show_default=True, help="Passes.")
@click.option(
    "--lr", type=float, default=1e-4, show_default=True, help="Rate of the base; a head's is 100x."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the order.")
@click.option("--tune-base", is_flag=True, help="Train the layers of the base too.")
@click.option("--model", type=click.Choice(DEEP), help="The base.  [default: saic]")
@click.option("--network", type=_path, metavar="FILE", help="Weights of the base, safetensors.")
@click.option("--layers", metavar="NAMES", help="Layers of the base that count, with commas.")
@click.option("--width", type=int, metavar="N", help="Channels of the head.  [default: 32]")
@click.option(
    "--size", type=int, metavar="N", help="Most pixels a side that it sees.  [default: 512]"
)
@click.option("--device", default="cpu", show_default=True, help="Where it runs, as cuda:0.")
def train_energy(
    pictures: Path, targets: Path, output: Path, start: Path | None, **given: Any
) -> None:
    """Train the energy of ``semcodec seam -e learned`` on the folders PICTURES and TARGETS.

    A target has the stem of its picture and is bright where that matters. What FILE of --output
    holds already is gone on with. The loss is the divergence from the targets, 0 at best.
    """
    from semcodec_seam.familiar.learned import LearnedEnergyFunction

    begun = start or (output if output.exists() else None)
    energy = LearnedEnergyFunction(
        given["model"],
        begun,
        given["device"],
        base_weights=given["network"],
        layer_names=given["layers"].split(",") if given["layers"] else None,
        width=given["width"],
        size=given["size"],
    )
    if begun is not None:
        click.echo(f"goes on with {begun}", err=True)
    losses = energy.fine_tune(
        pictures,
        targets,
        given["epochs"],
        given["lr"],
        seed=given["seed"],
        tune_base=given["tune_base"],
        progress=lambda epoch, loss: click.echo(f"epoch {epoch}: loss {loss:.4f}", err=True),
    )
    energy.save(output)
    click.echo(f"{output}: {output.stat().st_size} bytes, loss {losses[-1]:.4f}")
