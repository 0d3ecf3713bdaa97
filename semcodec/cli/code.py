"""The commands that code and decode pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from semcodec.cli.output import emit, emit_json, table
from semcodec.cli.values import pairs, read_inputs, split_set, typed
from semcodec.errors import ImageError, SettingError

__all__ = ["decode", "encode"]

_ENCODE_EXAMPLES = """\b
Examples:
  semcodec encode photo.png -p flat-dct -o photo.smc
  semcodec encode photo.png -p flat-dct -o photo.smc --target-bpp 0.5
  semcodec encode photo.png -p flat-dct -o photo.smc --set step=12
  semcodec encode photo.png -p mine.yaml -o photo.smc --swap quantizer=acme.dead-zone

\b
--set takes a setting of the pipeline (semcodec show NAME lists them) or the
address of any parameter; a changed parameter makes a private codec, whose
file carries its own lock.
"""

_DECODE_EXAMPLES = """\b
Examples:
  semcodec decode photo.smc -o photo.png
  semcodec decode photo.smc -o photo.png --control realism=0.2
"""


@click.command(epilog=_ENCODE_EXAMPLES)
@click.argument("image", metavar="IMG", type=click.Path(path_type=Path))
@click.option(
    "-p", "--pipeline", required=True, metavar="NAME_OR_FILE", help="Pipeline or spec file."
)
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="File to write."
)
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
    "--target-bytes", type=click.IntRange(1), metavar="N", help="Largest file; never exceeded."
)
@click.option(
    "--target-bpp",
    type=click.FloatRange(0, min_open=True),
    metavar="R",
    help="The same in bits per pixel.",
)
@click.option(
    "--target",
    metavar="METRIC=VALUE",
    help="Smallest file that reaches a quality, such as psnr=35.",
)
@click.option(
    "--background", metavar="#RRGGBB", help="Drop alpha by laying the picture over a colour."
)
@click.option("--depth8", is_flag=True, help="Reduce 16 bits a sample to 8.")
@click.option("--detached", is_flag=True, help="Leave a private codec's lock out of the file.")
@click.option(
    "--wire", is_flag=True, help="Write the bare wire form, 6 bytes less, without magic and CRC."
)
@click.option("--device", default="cpu", show_default=True, help="Where networks run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def encode(
    ctx: click.Context,
    image: Path,
    pipeline: str,
    output: Path,
    sets: tuple[str, ...],
    swaps: tuple[str, ...],
    inputs: tuple[str, ...],
    target_bytes: int | None,
    target_bpp: float | None,
    target: str | None,
    background: str | None,
    depth8: bool,
    detached: bool,
    wire: bool,
    device: str,
    as_json: bool,
) -> None:
    """Code the picture IMG with a pipeline."""
    from semcodec.engine.codec import load
    from semcodec.engine.trace import Trace
    from semcodec.image import flatten, read_image, to_depth8, write_bytes

    if sum(value is not None for value in (target_bytes, target_bpp, target)) > 1:
        raise click.UsageError("give at most one of --target-bytes, --target-bpp and --target")
    aim = _target(target)
    codec = load(pipeline)
    known = [s.name for s in (*codec.pipeline.wire, *codec.pipeline.encode)]
    settings, addresses = split_set(sets, known)
    swapped = pairs(swaps, "--swap")
    if addresses or swapped:
        codec = load(pipeline, set=addresses, swap=swapped)
    picture = read_image(image)
    if background is not None:
        picture = flatten(picture, _colour(background))
    if depth8:
        picture = to_depth8(picture)
    trace = Trace()
    data = codec.encode(
        picture,
        settings=settings,
        inputs=read_inputs(inputs),
        target_bytes=target_bytes,
        target_bpp=target_bpp,
        target=aim,
        form="wire" if wire else "file",
        detached=detached,
        trace=trace,
        progress=_progress(ctx),
        device=device,
    )
    write_bytes(data, output)
    height, width = picture.shape[:2]
    facts: dict[str, Any] = {
        "file": str(output),
        "bytes": len(data),
        "bpp": 8 * len(data) / (width * height),
        "width": width,
        "height": height,
        "codec": trace.chosen or codec.name,
        "digest": codec.digest,
        "settings": trace.settings,
        "sections": trace.sections,
        "seconds": round(trace.seconds, 4),
        "trials": trace.trials or 1,
    }
    if as_json:
        emit_json(facts)
        return
    settings_text = ", ".join(f"{k} = {v}" for k, v in trace.settings.items())
    emit(
        f"{output}: {len(data)} bytes, {facts['bpp']:.4g} bpp, {width}x{height}, "
        f"{facts['codec'] or 'private codec'}{f' ({settings_text})' if settings_text else ''}"
    )
    if _verbose(ctx):
        emit(table([(n, str(s)) for n, s in trace.sections.items()], ("SECTION", "BYTES"), 2))
        _steps(trace)


@click.command(epilog=_DECODE_EXAMPLES)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Picture to write; the suffix says which format.",
)
@click.option("-p", "--pipeline", metavar="NAME_OR_FILE", help="Spec of a detached private codec.")
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="NAME=VALUE",
    help="A choice that the codec leaves to the viewer.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=1 << 27,
    show_default=True,
    help="Largest picture to accept.",
)
@click.option("--device", default="cpu", show_default=True, help="Where networks run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def decode(
    ctx: click.Context,
    file: Path,
    output: Path,
    pipeline: str | None,
    controls: tuple[str, ...],
    max_pixels: int,
    device: str,
    as_json: bool,
) -> None:
    """Decode FILE to a picture."""
    from semcodec.engine import codec as engine
    from semcodec.engine.trace import Trace
    from semcodec.image import write_image

    data = read_file(file)
    trace = Trace()
    options: dict[str, Any] = {
        "controls": {key: typed(value) for key, value in pairs(controls, "--control").items()},
        "max_pixels": max_pixels,
        "trace": trace,
        "progress": _progress(ctx),
        "device": device,
    }
    if pipeline is None:
        picture = engine.decode(data, **options)
    else:
        picture = engine.load(pipeline).decode(data, **options)
    write_image(picture, output)
    height, width, channels = picture.shape
    facts = {
        "file": str(output),
        "width": width,
        "height": height,
        "channels": channels,
        "depth": 8 * picture.dtype.itemsize,
        "edited": bool(controls),
        "seconds": round(trace.seconds, 4),
    }
    if as_json:
        emit_json(facts)
        return
    edited = ", edited by controls" if controls else ""
    emit(f"{output}: {width}x{height}, {channels} channels of {facts['depth']} bits{edited}")
    if _verbose(ctx):
        _steps(trace)


def read_file(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror or error}") from None


def _target(text: str | None) -> tuple[str, float] | None:
    if text is None:
        return None
    [(metric, value)] = pairs([text], "--target").items()
    try:
        return metric, float(value)
    except ValueError:
        raise click.UsageError(f"--target expects METRIC=NUMBER, got {text!r}") from None


def _colour(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        raise SettingError(f"--background expects #RRGGBB, got {text!r}") from None
    return red, green, blue


def _verbose(ctx: click.Context) -> bool:
    return bool(ctx.find_root().params.get("verbose"))


def _progress(ctx: click.Context) -> Any:
    """Report on standard error: a line that rewrites itself on a terminal, lines with -v."""
    if sys.stderr.isatty():
        return lambda done, what: click.echo(f"\r{done:4.0%} {what:<40.40}\r", nl=False, err=True)
    if _verbose(ctx):
        return lambda done, what: click.echo(f"{done:4.0%} {what}", err=True)
    return None


def _steps(trace: Any) -> None:
    rows = [(s.component, s.call, s.node, f"{1000 * s.seconds:.1f}") for s in trace.steps]
    emit(table(rows, ("COMPONENT", "CALL", "PLACE", "MS"), 2))
