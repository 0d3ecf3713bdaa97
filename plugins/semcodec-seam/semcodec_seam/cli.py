"""The command ``semcodec seam``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from semcodec.errors import SemcodecError, SettingError

__all__ = ["seam"]

_EXAMPLES = """\b
Examples:
  semcodec seam photo.jpg -s 0.5
  semcodec seam photo.jpg --target-bytes 20000 -o small.webp
  semcodec seam photo.jpg -s 0.7 -m seam_carving --keep-mask faces.png
  semcodec seam photo.jpg --visualize-seams 20 --direction horizontal
  semcodec seam photo.jpg --analyze --json
  semcodec seam --batch photos -s 0.5 -o smaller
"""
_METHODS = ("seam_carving", "smart_crop", "hybrid", "jpeg")
_ENERGIES = ("gradient", "forward", "saliency", "deep", "hybrid")
_MODELS = ("saic", "vgg16", "vgg19", "resnet18", "resnet50", "efficientnet_b0")
_PICTURES = (".avif", ".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_file = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES, short_help="Resize a picture by its content.")
@click.argument("image", metavar="[IMG]", required=False, type=_file)
@click.option(
    "-o",
    "--output",
    type=_file,
    metavar="PATH",
    help="Where to; with --batch a folder.  [default: IMG's name with _compressed.jpg, "
    "_energy.png, _seams.png or _carving.webp]",
)
@click.option("-s", "--scale", type=float, help="Factor of both sides.")
@click.option("--target-bytes", type=int, metavar="N", help="Most bytes of the file.")
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
    type=click.Choice(_ENERGIES),
    default="hybrid",
    show_default=True,
    help="What matters: slopes, edges that a removal would make, where one looks, what a network "
    "answers to, or slopes and where one looks together.",
)
@click.option("--model", type=click.Choice(_MODELS), default="saic", help="Network of -e deep.")
@click.option("--weights", type=_file, metavar="FILE", help="Its weights, safetensors.")
@click.option("--layers", metavar="NAMES", help="Its layers that count, with commas.")
@click.option(
    "--aggregate",
    type=click.Choice(["sum", "max", "weighted", "mean"]),
    default="sum",
    help="How its layers are joined.",
)
@click.option("--adaptive", is_flag=True, help="Weigh the energies of a hybrid by variance.")
@click.option("--keep-mask", type=_file, metavar="FILE", help="Bright where pixels shall stay.")
@click.option("--remove-mask", type=_file, metavar="FILE", help="Bright where they go first.")
@click.option("--forward", type=float, default=0.0, help="Weight of edges that a removal makes.")
@click.option("--rigidity", type=float, default=0.0, help="What a step to the side costs.")
@click.option("--delta-x", type=int, default=1, help="Columns a seam may step aside.")
@click.option("--refresh", type=int, default=0, metavar="N", help="Compute energy every N seams.")
@click.option("--quality", type=click.IntRange(0, 100), default=95, help="Of JPEG, WebP or AVIF.")
@click.option("--visualize-energy", is_flag=True, help="Draw the energy instead.")
@click.option(
    "--visualize-seams", type=click.IntRange(1), metavar="N", help="Draw the first N seams instead."
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
    if image is not None:
        _show(_one(image, given["output"], given), given["as_json"])
        return
    assert batch is not None
    _many(batch, given)


def _many(folder: Path, given: dict[str, Any]) -> None:
    if not folder.is_dir():
        raise SettingError(f"{folder}: expected a folder of pictures, there is none")
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() in _PICTURES)
    if not found:
        raise SettingError(
            f"{folder}: expected pictures, there are none",
            hint=f"Suffixes that count: {', '.join(_PICTURES)}.",
        )
    target = given["output"] or folder.with_name(f"{folder.name}_seam")
    target.mkdir(parents=True, exist_ok=True)
    stems = Counter(path.stem for path in found)

    def made(path: Path) -> dict[str, Any]:
        # Of a.jpg and a.png both shall have a result.
        name = path if stems[path.stem] == 1 else path.with_name(f"{path.name}.any")
        try:
            return _one(path, target / _default(name, given).name, given)
        except SemcodecError as error:
            return {"file": str(path), "error": str(error).splitlines()[0]}

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


def _default(image: Path, given: dict[str, Any]) -> Path:
    kind = "energy.png" if given["visualize_energy"] else "compressed.jpg"
    kind = "seams.png" if given["visualize_seams"] else kind
    kind = "carving.webp" if given["animate"] else kind
    return image.with_name(f"{image.stem}_{kind}")


def _one(image: Path, output: Path | None, given: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked for with one picture; give what is known of it."""
    from semcodec.image import write_image
    from semcodec_seam.familiar.compressor import SemanticCompressor

    others = ("visualize_energy", "visualize_seams", "animate", "analyze")
    if sum(bool(given[name]) for name in others) > 1:
        raise click.UsageError(
            "Give one of --visualize-energy, --visualize-seams, --animate and --analyze at a time."
        )
    compressor = SemanticCompressor(
        _energy(given),
        keep_mask=_path(given["keep_mask"]),
        remove_mask=_path(given["remove_mask"]),
        forward=given["forward"],
        rigidity=given["rigidity"],
        delta_x=given["delta_x"],
        refresh=given["refresh"],
    )
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
    sizes = ("scale", "target_bytes", "target_pixels", "max_dimension")
    if all(given[name] is None for name in sizes):
        raise click.UsageError(
            "Give a size: --scale, --target-bytes, --target-pixels or --max-dimension."
        )
    result = compressor.compress(
        str(image),
        method=given["method"],
        preserve_aspect=given["preserve_aspect"],
        show_progress=False,
        **{name: given[name] for name in sizes},
    )
    written = result.save(path, given["quality"])
    return {
        "file": str(image),
        "written": str(path),
        "bytes": written,
        "size": list(result.compressed_size),
        "original_size": list(result.original_size),
        "compression_ratio": result.compression_ratio,
        "method": result.method,
    }


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _energy(given: dict[str, Any]) -> Any:
    from semcodec_seam.energies.forward import Forward
    from semcodec_seam.familiar import energies

    name = given["energy"]
    if name == "deep":
        layers = given["layers"].split(",") if given["layers"] else None
        return energies.DeepEnergyFunction(
            given["model"], layers, "cpu", given["aggregate"], _path(given["weights"])
        )
    if name == "forward":
        return Forward()
    if name == "gradient":
        return energies.GradientEnergyFunction()
    if name == "saliency":
        return energies.SaliencyEnergyFunction()
    return energies.HybridEnergyFunction(adaptive_weights=given["adaptive"])


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
