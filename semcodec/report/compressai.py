"""Results in CompressAI's form, for its plotting tool and others that read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError
from semcodec.report.curves import Curves, common_ground, curves_of
from semcodec.report.published import metric_key
from semcodec.report.run import Run
from semcodec.report.sets import set_places

__all__ = ["export_compressai", "to_compressai"]

_NAMES = {"psnr": "psnr-rgb", "msssim": "ms-ssim-rgb"}


def to_compressai(run: Run, codec: str) -> dict[str, Any]:
    """Write a codec's averages as CompressAI's ``eval_model`` does.

    Every list has one entry for each rate, in order of the bits a pixel; averages are over
    pictures that have every metric at each of them. RGB-PSNR and
    MS-SSIM get CompressAI's names, ``psnr-rgb`` and ``ms-ssim-rgb``; other metrics keep theirs.
    A metric of sets is written where the sets at all these rates are those pictures.
    The PSNR is the mean of the pictures' PSNR, as CompressAI's is.

    Raises:
        SettingError: the run has no such codec, or the codec no picture with every metric.
    """
    if codec not in run.codecs:
        raise SettingError(
            f"{run.folder}: has no codec {codec!r}", hint=f"It has {', '.join(run.codecs)}."
        )
    made = {metric: curves_of(run.rows, codec, metric) for metric in run.metrics}
    # Under one name each, the metrics are what common_ground takes for codecs.
    named = [replace(found, codec=metric) for metric, found in made.items() if found.rates]
    ground = common_ground(named)
    rates = [rate for rate in _order(named) if all(rate in ground.rates[c.codec] for c in named)]
    if not ground.images or not rates:
        raise SettingError(
            f"{run.folder}: {codec} has no picture with every metric at a common rate",
            hint="Run semcodec compare again; it goes on where it stopped.",
        )
    results: dict[str, list[float]] = {}
    for found in named:
        places = {place.rate: place for place in found.average(ground)}
        results.setdefault("bpp", [places[rate].bpp for rate in rates])
        results[_name(found.codec)] = [places[rate].value for rate in rates]
    images = set(ground.images)
    for metric in run.set_metrics:
        places = {p.rate: p for p in set_places(run, metric)[0][codec] if p.pictures == len(images)}
        if all(rate in places for rate in rates):
            results[_name(metric)] = [places[rate].value for rate in rates]
    for name, column in (("encoding_time", "encode_seconds"), ("decoding_time", "decode_seconds")):
        results[name] = [_seconds(run, codec, rate, images, column) for rate in rates]
    return {
        "name": codec,
        "description": f"semcodec compare, mean over {len(images)} pictures, whole files",
        "results": results,
    }


def export_compressai(run: Run, output: Path, codec: str = "") -> list[Path]:
    """Write CompressAI's JSON of one codec, or of every codec of a run into a folder.

    Args:
        run: the run.
        output: the file, where ``codec`` is given or the run has one codec; else a folder, made if
            it is missing, with a file for each codec.
        codec: which.

    Returns:
        The files.

    Raises:
        SettingError: as :func:`to_compressai`, or the output cannot be written.
    """
    from semcodec.image import write_bytes

    single = codec or (run.codecs[0] if len(run.codecs) == 1 else "")
    if single:
        files = {output: to_compressai(run, single)}
    else:
        if output.suffix == ".json":
            raise SettingError(
                f"{output}: CompressAI's form has one file a codec, and the run has "
                f"{len(run.codecs)}",
                hint="Name a folder, or choose one with --codec.",
            )
        names = _stems(run.codecs)
        files = {output / f"{names[name]}.json": to_compressai(run, name) for name in run.codecs}
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingError(f"cannot make the folder {output}: {error.strerror}") from None
    for path, data in files.items():
        write_bytes((json.dumps(data, indent=2) + "\n").encode(), path)
    return list(files)


def _order(curves: Sequence[Curves]) -> tuple[str, ...]:
    return max((found.rates for found in curves), key=len, default=())


def _name(metric: str) -> str:
    return _NAMES.get(metric_key(metric), metric)


def _stems(codecs: tuple[str, ...]) -> dict[str, str]:
    """Names of files that any system takes, told apart."""
    made: dict[str, str] = {}
    for codec in codecs:
        stem = "".join(c if c.isalnum() or c in "-_.=" else "_" for c in codec).strip(".")[:80]
        taken = {name.lower() for name in made.values()}
        number, unique = 2, stem or "codec"
        while unique.lower() in taken:
            unique, number = f"{stem}-{number}", number + 1
        made[codec] = unique
    return made


def _seconds(run: Run, codec: str, rate: str, images: set[str], column: str) -> float:
    found = [
        float(row.data.get(column) or 0.0)
        for row in run.rows
        if row.cell == codec and row.rate == rate and row.image in images
    ]
    return sum(found) / len(found)
