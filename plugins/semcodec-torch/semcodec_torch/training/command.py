"""The command ``semcodec train``."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from semcodec.errors import PluginError, SettingError

__all__ = ["train"]

_EXAMPLES = """\b
Examples:
  semcodec train
  semcodec train saic --data photos --out run --minutes 60
  semcodec train saic --data photos --out more --minutes 600 --from run
  accelerate launch --num_processes 4 -m semcodec train saic --pack packed --out run --steps 100000
"""
_path = click.Path(path_type=Path)


@click.command(epilog=_EXAMPLES, short_help="Train the networks of a codec.")
@click.argument("name", metavar="[NAME]", default="")
@click.option(
    "--data", "folders", multiple=True, type=_path, metavar="DIR", help="Pictures, at any depth."
)
@click.option(
    "--exclude",
    multiple=True,
    type=_path,
    metavar="FILE",
    help="SHA-256 of pictures to leave out: JSON or text.",
)
@click.option(
    "--without-licence", multiple=True, metavar="TEXT", help="Licence in manifest.csv to leave out."
)
@click.option(
    "--pack",
    "packed",
    type=_path,
    metavar="DIR",
    help="Decoded pictures; made of --data if it is missing.  [default: OUT/pack]",
)
@click.option(
    "--largest",
    type=click.IntRange(0),
    default=0,
    metavar="PIXELS",
    help="Keep no more than the middle of a picture in the pack.",
)
@click.option(
    "--shard",
    type=click.FloatRange(1),
    default=60,
    metavar="MIB",
    show_default=True,
    help="Largest file of the pack.",
)
@click.option("--pack-only", is_flag=True, help="Make the pack and stop.")
@click.option(
    "--out", type=_path, metavar="DIR", help="Folder of the run; a run in it is gone on with."
)
@click.option("--from", "start", type=_path, metavar="DIR", help="Weights to begin with.")
@click.option("--steps", type=click.IntRange(0), default=0, metavar="N", help="Stop after N steps.")
@click.option(
    "--minutes", type=click.FloatRange(0), default=0, metavar="M", help="Stop after M minutes."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of everything random."
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a setting of the trainer or of the training.",
)
def train(
    name: str,
    folders: Sequence[Path],
    exclude: Sequence[Path],
    without_licence: Sequence[str],
    packed: Path | None,
    largest: int,
    shard: float,
    pack_only: bool,
    out: Path | None,
    start: Path | None,
    steps: int,
    minutes: float,
    seed: int,
    sets: Sequence[str],
) -> None:
    """Train the networks that the trainer NAME is for, or list the trainers.

    Every step is a function of the seed, so a run that was killed and is started again by the same
    command ends as if it had not been. OUT gets checkpoint.safetensors, the weights,
    metrics.jsonl and model-card.md.
    """
    from semcodec_torch.training.trainers import make_task, task_class, trainers

    if not name:
        click.echo("\n".join(f"{each}  {target}" for each, target in trainers().items()))
        return
    if out is None and not (pack_only and packed):
        raise click.UsageError("expected --out DIR")
    _need_packages()
    # Read when torch loads its runtime: threads that wait by spinning for each other make a step
    # take six times as long where anything else runs on the same cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from semcodec_torch.training.loop import train as run
    from semcodec_torch.training.settings import Settings

    own, common = _split(sets, [field.name for field in fields(Settings)])
    task = make_task(task_class(name), own)
    pack = _open_pack(packed or out / "pack", folders, exclude, without_licence, largest, shard)  # type: ignore[operator]
    if pack_only:
        return
    assert out is not None
    settings = Settings(**{"steps": steps, "minutes": minutes, "seed": seed, **common})
    summary = run(task, pack, out, settings, start=start, say=_say)
    from semcodec_torch.training.card import write_card

    if summary.main:
        write_card(name, task, pack, out, settings, summary, start)
        click.echo(f"{out}: {summary.steps} steps, {summary.minutes:.1f} minutes")


def _open_pack(
    folder: Path,
    folders: Sequence[Path],
    exclude: Sequence[Path],
    without_licences: Sequence[str],
    largest: int,
    shard: float,
) -> Any:
    from semcodec_torch.training.packing import Pack, pack
    from semcodec_torch.training.pictures import excluded, find_pictures

    hashes = excluded(exclude)
    if not (folder / "index.json").is_file():
        if not folders:
            raise SettingError(
                f"there are no decoded pictures in {folder}", hint="Name pictures with --data DIR."
            )
        sources = find_pictures(folders, exclude=hashes, without_licences=without_licences)
        return pack(sources, folder, largest=largest, mebibytes=shard, say=_say)
    found = Pack(folder)
    wrong = [p.name for p in found.pictures if p.sha256 in hashes or p.licence in without_licences]
    if wrong:
        raise SettingError(
            f"{folder} holds {len(wrong)} pictures that are to be left out, {wrong[0]} first",
            hint="Name another folder with --pack, and it is packed without them.",
        )
    return found


def _split(sets: Sequence[str], names: Sequence[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Tell the trainer's settings from those of the training."""
    from semcodec_torch.training.settings import Settings

    defaults = {field.name: field.default for field in fields(Settings)}
    own: dict[str, str] = {}
    common: dict[str, Any] = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"expected --set NAME=VALUE, got {text!r}")
        if key in names:
            common[key] = _as(defaults[key], key, value)
        else:
            own[key] = value
    return own, common


def _as(default: Any, key: str, text: str) -> Any:
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise SettingError(f"expected {key} to be true or false, got {text!r}")
        return text == "true"
    try:
        return type(default)(text)
    except ValueError:
        raise SettingError(f"expected a value of {key} like {default!r}, got {text!r}") from None


def _need_packages() -> None:
    missing = [n for n in ("torch", "accelerate") if importlib.util.find_spec(n) is None]
    if missing:
        raise PluginError(
            f"training needs {' and '.join(missing)}",
            hint='pip install "semcodec-torch[train]"',
        )


def _say(what: str) -> None:
    click.echo(what, err=True)
