"""The commands that code and decode pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from semcodec.cli.options import inputs_option, sets_option, swaps_option
from semcodec.cli.output import emit, emit_json, table
from semcodec.cli.paths import check_output, check_picture_output, read_file
from semcodec.cli.values import colour, pairs, read_inputs, split_set, target_pair, typed

__all__ = ["decode", "encode"]

_ENCODE_EXAMPLES = """\b
Examples:
  semcodec encode photo.png -p flat-dct -o photo.smc
  semcodec encode photo.png -p flat-dct -o photo.smc --target-bpp 0.5
  semcodec encode photo.png -p flat-dct -o photo.smc --set step=12
  semcodec encode photo.png -p mine.yaml -o photo.smc --swap coder=rans

\b
--set takes a setting of the pipeline or the address of any parameter, such
as quantizer.step; 'semcodec show NAME' lists both. A changed parameter or
component makes a private codec, whose file carries its own lock.
"""

_DECODE_EXAMPLES = """\b
Examples:
  semcodec decode photo.smc -o photo.png
  semcodec decode photo.smc -o photo.png --control realism=0.2
"""

_path = click.Path(path_type=Path)


def _at_least_one(ctx: click.Context, option: click.Parameter, value: int) -> int:
    if value < 1:
        raise click.UsageError(f"--max-pixels expects a number of at least 1, got {value}")
    return value


_max_pixels = click.option(
    "--max-pixels",
    metavar="N",
    type=int,
    default=1 << 27,
    show_default=True,
    callback=_at_least_one,
    help="Largest picture to accept.",
)
_device = click.option(
    "--device", metavar="NAME", default="cpu", show_default=True, help="Where networks run."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(epilog=_ENCODE_EXAMPLES)
@click.argument("image", metavar="IMG", type=_path)
@click.option(
    "-p",
    "--pipeline",
    required=True,
    metavar="NAME_OR_FILE",
    help="Named pipeline, or a spec file.",
)
@click.option("-o", "--output", required=True, metavar="FILE", type=_path, help="File to write.")
@click.option(
    "--target-bytes",
    type=int,
    metavar="N",
    help="Best file of at most N bytes.",
)
@click.option(
    "--target-bpp",
    type=float,
    metavar="R",
    help="Best file of at most R bits a pixel.",
)
@click.option(
    "--target",
    metavar="METRIC=VALUE",
    help="Smallest file of that quality, such as psnr=35.",
)
@sets_option
@swaps_option
@inputs_option
@click.option("--background", metavar="#RRGGBB", help="Lay a picture with alpha over a colour.")
@click.option("--depth8", is_flag=True, help="Reduce 16 bits a sample to 8.")
@click.option("--detached", is_flag=True, help="Leave a private codec's lock out.")
@click.option("--wire", is_flag=True, help="Leave magic number and CRC out, 6 bytes.")
@_max_pixels
@_device
@_json
@click.pass_context
def encode(
    ctx: click.Context,
    image: Path,
    pipeline: str,
    output: Path,
    target_bytes: int | None,
    target_bpp: float | None,
    target: str | None,
    sets: tuple[str, ...],
    swaps: tuple[str, ...],
    inputs: tuple[str, ...],
    background: str | None,
    depth8: bool,
    detached: bool,
    wire: bool,
    max_pixels: int,
    device: str,
    as_json: bool,
) -> None:
    """Code the picture IMG with a pipeline.

    --set, --swap and --input may be given several times.
    """
    if sum(value is not None for value in (target_bytes, target_bpp, target)) > 1:
        raise click.UsageError("give at most one of --target-bytes, --target-bpp and --target")
    goal = target_pair(target)
    backdrop = colour(background)
    check_output(output, image)

    from semcodec.engine.trace import Trace
    from semcodec.image import flatten, read_image, to_depth8, write_bytes

    codec, settings = _codec(pipeline, sets, swaps)
    picture = read_image(image, max_pixels=max_pixels)
    if backdrop is not None:
        picture = flatten(picture, backdrop)
    if depth8:
        picture = to_depth8(picture)
    trace = Trace()
    data = codec.encode(
        picture,
        settings=settings,
        inputs=read_inputs(inputs, codec.inputs),
        target_bytes=target_bytes,
        target_bpp=target_bpp,
        target=goal,
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
        "digest": trace.digest,
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
@click.argument("file", metavar="FILE", type=_path)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="IMG",
    type=_path,
    help="Picture to write; its suffix names the format.",
)
@click.option(
    "-p", "--pipeline", metavar="NAME_OR_FILE", help="Spec of a private codec coded --detached."
)
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="NAME=VALUE",
    help="A choice that the codec leaves to the viewer.",
)
@_max_pixels
@_device
@_json
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
    """Decode FILE to a picture.

    The codec is found by itself: it is registered, or travels in the file. A picture decoded with
    --control is an edit, not the codec's own result.
    """
    chosen = {key: typed(value) for key, value in pairs(controls, "--control").items()}
    data = read_file(file)
    check_picture_output(output, file)

    from semcodec.engine import api as engine
    from semcodec.engine.trace import Trace
    from semcodec.image import write_image

    trace = Trace()
    options: dict[str, Any] = {
        "controls": chosen,
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
        "digest": trace.digest,
        "edited": bool(chosen),
        "seconds": round(trace.seconds, 4),
    }
    if as_json:
        emit_json(facts)
        return
    edited = ", edited by controls" if chosen else ""
    form = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGB and alpha"}[channels]
    emit(f"{output}: {width}x{height}, {form}, {facts['depth']} bits{edited}")
    if _verbose(ctx):
        _steps(trace)


def _codec(
    pipeline: str, sets: tuple[str, ...], swaps: tuple[str, ...]
) -> tuple[Any, dict[str, Any]]:
    """Load a codec with its parameters changed; give it and the values of its settings."""
    from semcodec.engine.api import load

    codec = load(pipeline)
    settings, addresses = split_set(sets, codec.setting_names)
    swapped = pairs(swaps, "--swap")
    if addresses or swapped:
        codec = load(pipeline, set=addresses, swap=swapped)
    return codec, settings


def _verbose(ctx: click.Context) -> bool:
    return bool(ctx.find_root().params.get("verbose"))


def _progress(ctx: click.Context) -> Any:
    """Report on standard error: a line that rewrites itself on a terminal, lines with -v."""
    if sys.stderr.isatty():
        return _rewrite
    if _verbose(ctx):
        return lambda done, what: click.echo(f"{done:4.0%} {what}", err=True)
    return None


def _rewrite(done: float, what: str) -> None:
    line = "" if done >= 1 else f"{done:4.0%} {what:.40}"
    click.echo(f"\r{line:<45}\r", nl=False, err=True)


def _steps(trace: Any) -> None:
    rows = [(s.component, s.call, s.node, f"{1000 * s.seconds:.1f}") for s in trace.steps]
    emit(table(rows, ("COMPONENT", "CALL", "PLACE", "MS"), 2))
