"""Results in CompressAI's form, for its plotting tool and others that read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError
from semcodec.report.curves import curves_of
from semcodec.report.published import metric_key
from semcodec.report.rows import Run

__all__ = ["export_compressai", "to_compressai"]

_NAMES = {"psnr": "psnr-rgb", "msssim": "ms-ssim-rgb"}


def to_compressai(run: Run, codec: str) -> dict[str, Any]:
    """Write a codec's averages as CompressAI's ``eval_model`` does.

    Every list has one entry for each rate, in order of the bits a pixel; averages are over the
    pictures that were coded at every rate and have every metric that is written. RGB-PSNR and
    MS-SSIM get CompressAI's names, ``psnr-rgb`` and ``ms-ssim-rgb``; other metrics keep theirs.
    The PSNR is the mean of the pictures' PSNR, as CompressAI's is.

    Raises:
        SettingError: the run has no such codec, or the codec no picture with a metric at every
            rate.
    """
    if codec not in run.codecs:
        raise SettingError(
            f"{run.folder}: has no codec {codec!r}", hint=f"It has {', '.join(run.codecs)}."
        )
    curves = {metric: curves_of(run.rows, codec, metric) for metric in run.metrics}
    curves = {metric: found for metric, found in curves.items() if found.complete}
    if not curves:
        raise SettingError(
            f"{run.folder}: {codec} has no picture with a metric at every rate",
            hint="Run semcodec compare again; it goes on where it stopped.",
        )
    rates = max((found.rates for found in curves.values()), key=len)
    curves = {metric: found for metric, found in curves.items() if set(found.rates) == set(rates)}
    images = sorted(set.intersection(*(set(found.complete) for found in curves.values())))
    if not images:
        raise SettingError(f"{run.folder}: no picture has every metric of {codec} at every rate")
    results: dict[str, list[float]] = {}
    for metric, found in curves.items():
        places = found.average(images)
        results.setdefault("bpp", [place.bpp for place in places])
        results[_name(metric)] = [place.value for place in places]
        rates = found.rates
    for name, column in (("encoding_time", "encode_seconds"), ("decoding_time", "decode_seconds")):
        results[name] = [_seconds(run, codec, rate, set(images), column) for rate in rates]
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
