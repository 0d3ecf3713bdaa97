"""The commands that show what a codec does to a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from semcodec.cli.options import inputs_option, sets_option, swaps_option
from semcodec.cli.output import emit, table
from semcodec.cli.paths import check_output, check_picture_output
from semcodec.cli.values import pairs, read_inputs, split_set

__all__ = ["demo", "explain"]

_EXPLAIN_EXAMPLES = """\b
Examples:
  semcodec explain photo.png -p roi-dct -o figure.png --input mask=mask.png
  semcodec explain photo.png -p flat-dct -o figure.png --set step=24
"""

_DEMO_EXAMPLES = """\b
Examples:
  semcodec demo
  semcodec demo photo.png -o page.html --mask mask.png --target-bpp 0.5
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
@sets_option
@swaps_option
@inputs_option
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


@click.command(epilog=_DEMO_EXAMPLES)
@click.argument("image", metavar="[IMG]", type=_path, required=False)
@click.option(
    "-o",
    "--output",
    metavar="DIR_OR_HTML",
    type=_path,
    default=Path("semcodec-demo"),
    show_default=True,
    help="Folder to write, or the page, whose files then stand beside it.",
)
@click.option("--mask", metavar="FILE", type=_path, help="What matters; a central ellipse if none.")
@click.option(
    "--target-bpp",
    type=float,
    metavar="R",
    help="Bits a pixel that each codec may take; what flat-dct takes at step 24 if none.",
)
def demo(image: Path | None, output: Path, mask: Path | None, target_bpp: float | None) -> None:
    """Compare codecs on the picture IMG at equal bytes.

    Codes it with each, decodes every file in a fresh process, prints a table and writes a page
    that shows the decoded pictures. Without IMG it takes a photograph of scikit-image's.
    """
    if target_bpp is not None and not 0 < target_bpp < 1000:
        raise click.UsageError(f"--target-bpp expects a positive number, got {target_bpp:g}")
    is_page = output.suffix.lower() in {".html", ".htm"}
    folder = output.with_name(f"{output.stem}-files") if is_page else output
    page = output if is_page else output / "index.html"

    from semcodec.demo.page import HEAD, cells, render
    from semcodec.demo.run import central_ellipse, compare, photograph
    from semcodec.image import read_image, write_bytes

    picture = photograph() if image is None else read_image(image)
    height, width = picture.shape[:2]
    marked = central_ellipse(height, width) if mask is None else _mask(mask, height, width)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot make the folder {folder}: {error.strerror}") from None
    check_output(page, *(path for path in (image, mask) if path is not None))
    most = None if target_bpp is None else max(1, int(target_bpp * height * width / 8))
    rows = compare(
        picture,
        marked,
        folder,
        target_bytes=most,
        progress=_say if sys.stderr.isatty() else lambda what: None,
    )
    target = "the bytes flat-dct takes at step 24" if most is None else f"{most} bytes"
    write_bytes(render(picture, marked, rows, target).encode(), page)
    emit(table([cells(row) for row in rows], HEAD))
    emit(*(f"{row.label}: {row.note}" for row in rows if row.note))
    emit(f"{page}: the pictures side by side; the files are in {folder}")


def _mask(path: Path, height: int, width: int) -> Any:
    from semcodec.errors import ImageError
    from semcodec.image import read_image

    found = read_image(path)
    if found.shape != (height, width, 1):
        tall, wide, channels = found.shape
        raise ImageError(
            f"{path}: expected a gray mask of the picture's {width}x{height} pixels, "
            f"got {wide}x{tall} of {channels} channels",
            hint="Save it as gray, white where it matters, in the picture's size.",
        )
    return found[..., 0]


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)
