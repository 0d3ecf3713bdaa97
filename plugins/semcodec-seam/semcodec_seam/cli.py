"""The command ``semcodec seam``."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from semcodec.errors import SemcodecError, SettingError
from semcodec_seam.checking import SIZES, check_file, check_options
from semcodec_seam.options import AGGREGATES, DEEP, ENERGIES, SEGMENTERS, energy_of_options
from semcodec_seam.pictures import SUFFIXES

__all__ = ["seam"]

_EXAMPLES = """\b
Examples:
  semcodec seam photo.jpg -s 0.5
  semcodec seam photo.jpg --target-bytes 20000 -o small.webp
  semcodec seam photo.jpg -s 0.7 -m seam_carving --keep-mask faces.png
  semcodec seam photo.jpg -s 0.6 --energies gradient,deep,saliency --weights 1,2,0.5
  semcodec seam photo.jpg --visualize-seams 20 --direction horizontal
  semcodec seam photo.jpg --analyze --json
  semcodec seam --batch photos -s 0.5 -o smaller
"""
_METHODS = ("seam_carving", "smart_crop", "hybrid", "jpeg")
_file = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES, short_help="Resize a picture by its content.")
@click.argument("image", metavar="[IMG]", required=False, type=_file)
@click.option(
    "-o",
    "--output",
    type=_file,
    metavar="PATH",
    help="Where to; with --batch a folder.  [default: IMG's name with _compressed.jpg, "
    "_energy.png, _seams.png, _removed.png or _carving.webp]",
)
@click.option("-s", "--scale", type=float, help="Factor of both sides.")
@click.option("--target-bytes", type=int, metavar="N", help="Most bytes of the file.")
@click.option(
    "--quality-metric",
    type=click.Choice(["perceptual", "semantic", "psnr"]),
    help="What chooses the size for --target-bytes.  [default: the largest of quality 75]",
)
@click.option("--target-pixels", type=int, metavar="N", help="Most pixels.")
@click.option("--max-dimension", type=int, metavar="N", help="Most pixels on the longer side.")
@click.option(
    "--preserve-aspect/--free-aspect",
    default=True,
    help="Shrink both sides by one factor, or the longer one first.  [default: preserve]",
)
@click.option(
    "-m", "--method", type=click.Choice(_METHODS), default="hybrid", show_default=True, help="How."
)
@click.option(
    "-e",
    "--energy",
    type=click.Choice(ENERGIES),
    default="hybrid",
    show_default=True,
    help="What matters: slopes; edges that a removal would make; where one looks; what a network "
    "answers to, or takes for no background, or was trained for; or several.",
)
@click.option(
    "--energies",
    metavar="NAMES",
    help="Of a hybrid, with commas.  [default: gradient,saliency, and that of a --model]",
)
@click.option("--weights", metavar="NUMBERS", help="Of each energy of a hybrid, with commas.")
@click.option("--adaptive", is_flag=True, help="Multiply these by the energies' variances.")
@click.option(
    "--model",
    multiple=True,
    metavar="NAME",
    type=click.Choice((*DEEP, *SEGMENTERS)),
    help=f"Network of deep ({', '.join(DEEP)}) or of fine-grained ({', '.join(SEGMENTERS)}).",
)
@click.option(
    "--network",
    multiple=True,
    metavar="[ENERGY=]FILE",
    help="Weights of the network of deep, fine-grained or learned, safetensors.",
)
@click.option("--layers", metavar="NAMES", help="Layers that count for deep, with commas.")
@click.option(
    "--aggregate", type=click.Choice(AGGREGATES), help="How they are joined.  [default: sum]"
)
@click.option("--device", default="cpu", show_default=True, help="Where networks run, as cuda:0.")
@click.option("--keep-mask", type=_file, metavar="FILE", help="Bright where pixels shall stay.")
@click.option("--remove-mask", type=_file, metavar="FILE", help="Bright where they go first.")
@click.option("--forward", type=float, default=0.0, help="Weight of edges that a removal makes.")
@click.option("--rigidity", type=float, default=0.0, help="What a step to the side costs.")
@click.option("--delta-x", type=int, default=1, help="Columns a seam may step aside.")
@click.option(
    "--refresh",
    type=int,
    default=0,
    metavar="N",
    help="Compute energy every N seams.",
)
@click.option("--quality", type=click.IntRange(0, 100), default=95, help="Of JPEG, WebP or AVIF.")
@click.option("--visualize-energy", is_flag=True, help="Draw the energy instead.")
@click.option(
    "--visualize-seams", type=click.IntRange(1), metavar="N", help="Draw the first N seams instead."
)
@click.option(
    "--visualize-removed", is_flag=True, help="Draw what goes for the size in red instead."
)
@click.option(
    "--animate",
    type=click.IntRange(1),
    metavar="N",
    help="Write N seams leaving as an animation instead, GIF or WebP.",
)
@click.option(
    "--direction",
    type=click.Choice(["vertical", "horizontal"]),
    default="vertical",
    help="Of the seams that are drawn or animated.",
)
@click.option("--analyze", is_flag=True, help="Print how energy is spread instead.")
@click.option("--batch", type=_file, metavar="DIR", help="All pictures of a folder, not IMG.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Pictures of a folder at a time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seam(image: Path | None, batch: Path | None, **given: Any) -> None:
    """Resize IMG by what it shows: seams of little energy leave, or are doubled.

    A picture is written that is smaller, or larger; there is nothing to decode. Sizes count in this
    order: --scale, --target-pixels, --max-dimension.
    """
    if (image is None) == (batch is None):
        raise click.UsageError("Give a picture, or a folder by --batch.")
    check_options(given)
    if image is not None:
        check_file("IMG", image)
    compressor = _compressor(given)
    if image is not None:
        watched = sys.stderr.isatty() and not given["as_json"]
        _show(_one(compressor, image, given["output"], given, watched), given["as_json"])
        return
    assert batch is not None
    _many(compressor, batch, given)


def _compressor(given: dict[str, Any]) -> Any:
    from semcodec_seam.familiar.compressor import SemanticCompressor

    return SemanticCompressor(
        energy_of_options(given),
        given["quality_metric"],
        keep_mask=_path(given["keep_mask"]),
        remove_mask=_path(given["remove_mask"]),
        forward=given["forward"],
        rigidity=given["rigidity"],
        delta_x=given["delta_x"],
        refresh=given["refresh"],
    )


def _many(compressor: Any, folder: Path, given: dict[str, Any]) -> None:
    if not folder.is_dir():
        raise SettingError(f"{folder}: expected a folder of pictures, there is none")
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not found:
        raise SettingError(
            f"{folder}: expected pictures, there are none",
            hint=f"Suffixes that count: {', '.join(SUFFIXES)}.",
        )
    outputs = dict.fromkeys(found) if given["analyze"] else _outputs(folder, found, given)

    def made(path: Path) -> dict[str, Any]:
        try:
            return _one(compressor, path, outputs[path], given)
        except SemcodecError as error:
            said = str(error).splitlines()[0].removeprefix(f"{path}: ")
        except Exception as error:  # one picture must not cost the others theirs
            said = f"unexpected {type(error).__name__}: {error}"
        return {"file": str(path), "error": said}

    rows = []
    # Carving and coding leave the interpreter's lock to others.
    with ThreadPoolExecutor(given["workers"]) as pool:
        for row in pool.map(made, found):
            rows.append(row)
            if not given["as_json"]:
                _show(row, as_json=False)
    if given["as_json"]:
        click.echo(json.dumps(rows, indent=1))
    failed = sum("error" in row for row in rows)
    if failed:
        raise SettingError(f"{failed} of {len(found)} pictures could not be done")


def _outputs(folder: Path, found: Sequence[Path], given: dict[str, Any]) -> dict[Path, Path | None]:
    """Name a file for each picture, and make the folder that they go to."""
    target = given["output"]
    if target is None:
        named = folder.resolve() if folder.name in ("", "..") else folder
        if not named.name:
            raise SettingError(
                f"{folder}: has no folder beside it", hint="Name a folder of results by -o DIR."
            )
        target = named.with_name(f"{named.name}_seam")
    names = [_default(path, given).name for path in found]
    if len(set(names)) < len(names):
        # Of a.jpg and a.png both shall have a result.
        names = [_default(path.with_name(f"{path.name}.any"), given).name for path in found]
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"{target}: expected a folder, or a name for one: {error.strerror or error}",
            hint="With --batch, -o names the folder of the results.",
        ) from None
    overwritten = {path.name for path in found}.intersection(names)
    if overwritten and target.samefile(folder):
        raise SettingError(
            f"{target}: results would replace pictures: {', '.join(sorted(overwritten))}",
            hint="Name another folder by -o DIR.",
        )
    return {path: target / name for path, name in zip(found, names, strict=True)}


def _default(image: Path, given: dict[str, Any]) -> Path:
    kind = "energy.png" if given["visualize_energy"] else "compressed.jpg"
    kind = "seams.png" if given["visualize_seams"] else kind
    kind = "removed.png" if given["visualize_removed"] else kind
    kind = "carving.webp" if given["animate"] else kind
    return image.with_name(f"{image.stem}_{kind}")


def _one(
    compressor: Any,
    image: Path,
    output: Path | None,
    given: dict[str, Any],
    progress: bool = False,
) -> dict[str, Any]:
    """Do what was asked for with one picture; give what is known of it."""
    from semcodec.image import write_image
    from semcodec_seam.saving import format_of

    if given["analyze"]:
        return {"file": str(image), **compressor.analyze_content(str(image))}
    path = output or _default(image, given)
    carver = compressor.carver
    if given["visualize_energy"]:
        write_image(carver.visualize_energy(str(image)), path)
        return {"file": str(image), "written": str(path)}
    if given["visualize_seams"]:
        drawn = carver.visualize_seams(str(image), given["visualize_seams"], given["direction"])
        write_image(drawn, path)
        return {"file": str(image), "written": str(path)}
    if given["animate"]:
        carver.animate(str(image), path, given["animate"], given["direction"])
        return {"file": str(image), "written": str(path)}
    wanted = {name: given[name] for name in (*SIZES, "method", "preserve_aspect")}
    if given["visualize_removed"]:
        write_image(compressor.visualize_removed(str(image), **wanted), path)
        return {"file": str(image), "written": str(path)}
    form = format_of(path)
    result = compressor.compress(str(image), show_progress=progress, form=form, **wanted)
    written = result.save(path, given["quality"])
    return {
        "file": str(image),
        "written": str(path),
        "bytes": written,
        "size": list(result.compressed_size),
        "original_size": list(result.original_size),
        "compression_ratio": result.compression_ratio,
        "method": result.method,
        **_graded(result.metadata),
    }


def _graded(metadata: dict[str, Any]) -> dict[str, Any]:
    """Give what a metric said; JSON has no infinity, which PSNR gives for equal pictures."""
    said = {name: metadata[name] for name in ("quality_metric", "quality") if name in metadata}
    return {name: None if value == math.inf else value for name, value in said.items()}


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _show(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, indent=1))
        return
    if "error" in row:
        click.echo(f"{row['file']}: {row['error']}", err=True)
    elif "mean_energy" in row:
        click.echo(f"{row['file']}: {_by(row['size'])}")
        for name in ("mean_energy", "max_energy", "energy_std"):
            click.echo(f"  {name:<23}{row[name]:.4f}")
        for name in ("high_importance_ratio", "low_importance_ratio"):
            click.echo(f"  {name:<23}{row[name]:.1%}")
    elif "size" in row:
        before, after = _by(row["original_size"]), _by(row["size"])
        share = f"{row['compression_ratio']:.1%} of the pixels"
        click.echo(f"{row['written']}: {before} -> {after}, {share}, {row['bytes']} bytes")
    else:
        click.echo(row["written"])


def _by(size: Sequence[int]) -> str:
    return f"{size[1]}x{size[0]}"
