"""The commands that show what a codec does to a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from semcodec.cli.output import emit
from semcodec.cli.paths import check_picture_output
from semcodec.cli.values import pairs, read_inputs, split_set

__all__ = ["explain"]

_EXPLAIN_EXAMPLES = """\b
Examples:
  semcodec explain photo.png -p roi-dct -o figure.png --input mask=mask.png
  semcodec explain photo.png -p flat-dct -o figure.png --set step=24
"""

_path = click.Path(path_type=Path)


@click.command(epilog=_EXPLAIN_EXAMPLES)
@click.argument("image", metavar="IMG", type=_path)
@click.option(
    "-p",
    "--pipeline",
    required=True,
    metavar="NAME_OR_FILE",
    help="Named pipeline, or a spec file.",
)
@click.option(
    "-o", "--output", required=True, metavar="FIG", type=_path, help="Picture to write, a PNG."
)
@click.option("--target-bytes", type=int, metavar="N", help="Best file of at most N bytes.")
@click.option("--target-bpp", type=float, metavar="R", help="Best file of at most R bits a pixel.")
@click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a setting or parameter."
)
@click.option(
    "--swap", "swaps", multiple=True, metavar="SLOT=COMPONENT", help="Change a component."
)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=FILE_OR_TEXT",
    help="Give a mask, a label map or a caption.",
)
@click.option(
    "--device", metavar="NAME", default="cpu", show_default=True, help="Where networks run."
)
def explain(
    image: Path,
    pipeline: str,
    output: Path,
    target_bytes: int | None,
    target_bpp: float | None,
    sets: tuple[str, ...],
    swaps: tuple[str, ...],
    inputs: tuple[str, ...],
    device: str,
) -> None:
    """Draw what a pipeline does to the picture IMG.

    The figure has the picture, the saliency map, the quantizer's step, where the bits go, the
    decoded picture and its error, as far as the pipeline has them.
    """
    if target_bytes is not None and target_bpp is not None:
        raise click.UsageError("give at most one of --target-bytes and --target-bpp")
    given = [value for name, value in pairs(inputs, "--input").items() if Path(value).is_file()]
    check_picture_output(output, image, *map(Path, given))

    import numpy as np

    from semcodec.demo.explain import panels
    from semcodec.demo.figure import compose
    from semcodec.engine.api import load
    from semcodec.engine.trace import Trace
    from semcodec.image import read_image, write_image

    codec: Any = load(pipeline)
    settings, addresses = split_set(sets, codec.setting_names)
    swapped = pairs(swaps, "--swap")
    if addresses or swapped:
        codec = load(pipeline, set=addresses, swap=swapped)
    picture = read_image(image)
    trace = Trace(keep=True)
    data = codec.encode(
        picture,
        settings=settings,
        inputs=read_inputs(inputs, codec.inputs),
        target_bytes=target_bytes,
        target_bpp=target_bpp,
        trace=trace,
        device=device,
    )
    drawn = panels(picture, data, trace, device=device)
    write_image(np.asarray(compose(drawn)), output)
    emit(f"{output}: {', '.join(panel.title for panel in drawn)}; {len(data)} bytes coded")
