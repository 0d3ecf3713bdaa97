"""Rate-distortion curves and BD-rates of codecs over a list of pictures.

    python tests/evaluation/rate_distortion.py --data DIR --codec flat-dct --codec jpeg-progressive

README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import PIL
from _bd import Delta, bd_rate
from _coded import STEPS, label, ladder, measure
from _split import Picture, fitted, folder, read_split

import semcodec

Row: TypeAlias = dict[str, Any]
"""A point: picture, pixels_sha256, codec, setting, bytes, bpp, psnr."""


def measured(
    picture: Picture,
    data: Path,
    crop: tuple[int, int] | None,
    codec: str,
    settings: Sequence[float],
    setting: str,
    detached: bool,
) -> list[Row]:
    """Code one picture with one codec at every setting; what a worker process does."""
    pixels = picture.read(data)
    if crop is not None:
        pixels = fitted(pixels, crop)
    size = pixels.shape[0] * pixels.shape[1]
    same = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return [
        {
            "picture": picture.file,
            "pixels_sha256": same,
            "codec": label(codec),
            "setting": point.setting,
            "bytes": point.bytes,
            "bpp": 8 * point.bytes / size,
            "psnr": point.psnr,
        }
        for point in measure(codec, pixels, settings, setting, detached)
    ]


def curves(rows: Iterable[Row]) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Sort points into (bpp, PSNR) by codec and picture."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row["codec"]][row["pixels_sha256"]].append((row["bpp"], row["psnr"]))
    return found


def average(rows: Iterable[Row], codec: str, pictures: set[str]) -> list[tuple[float, float]]:
    """Mean bpp and mean PSNR over pictures at every setting."""
    at: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        if row["codec"] == codec and row["pixels_sha256"] in pictures:
            at[row["setting"]].append((row["bpp"], row["psnr"]))
    whole = [points for points in at.values() if len(points) == len(pictures)]
    return [
        (statistics.fmean(bpp for bpp, _ in points), statistics.fmean(psnr for _, psnr in points))
        for points in whole
    ]


def report(rows: Sequence[Row], anchor: str, band: tuple[float, float], worst: int) -> str:
    """Set the BD-rates of all codecs against the anchor, and name the worst pictures."""
    names = {row["pixels_sha256"]: row["picture"] for row in rows}
    found = curves(rows)
    lines = [
        f"BD-rate in % against {anchor}, at {band[0]:g} to {band[1]:g} bpp of the anchor",
        f"{'codec':<24}{'pictures':>9}{'mean':>9}{'average':>9}"
        f"{'median':>9}{'best':>9}{'worst':>9}{'covered':>9}",
    ]
    details = []
    for codec in sorted(set(found) - {anchor}):
        shared = set(found[codec]) & set(found[anchor])
        deltas = {p: bd_rate(found[anchor][p], found[codec][p], band) for p in shared}
        good = {p: delta for p, delta in deltas.items() if not math.isnan(delta.percent)}
        if not good:
            lines.append(f"{codec:<24}: no picture where the curves meet")
            continue
        values = [delta.percent for delta in good.values()]
        mean = bd_rate(average(rows, anchor, shared), average(rows, codec, shared), band)
        lines.append(
            f"{codec:<24}{len(values):>9}{statistics.fmean(values):>9.2f}{mean.percent:>9.2f}"
            f"{statistics.median(values):>9.2f}{min(values):>9.2f}{max(values):>9.2f}"
            f"{min(delta.covered for delta in good.values()):>9.0%}"
        )
        details += [f"\nworst of {codec}:", *_worst(good, names, worst)]
        if len(good) < len(deltas):
            details.append(f"  not compared, no common range: {len(deltas) - len(good)} pictures")
    return "\n".join(lines + details)


def _worst(deltas: dict[str, Delta], names: dict[str, str], count: int) -> list[str]:
    ranked = sorted(deltas.items(), key=lambda item: -item[1].percent)[:count]
    return [f"  {delta.percent:>8.2f}  {names[picture]}" for picture, delta in ranked]


def run(options: argparse.Namespace) -> list[Row]:
    """Measure all codecs on all pictures, in processes; write every point as it comes."""
    pictures = read_split(options.split) if options.split else list(folder(options.data))
    pictures = pictures[: options.limit]
    jobs = [(picture, codec) for picture in pictures for codec in options.codec]
    rows: list[Row] = []
    for old in options.reuse:
        lines = [json.loads(line) for line in old.read_text(encoding="utf-8").splitlines()]
        fresh = {label(codec) for codec in options.codec}
        rows += [line for line in lines if "psnr" in line and line["codec"] not in fresh]
    start = time.monotonic()
    # One picture a process: threads inside would only stand in each other's way.
    os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")})
    spawn = multiprocessing.get_context("spawn")
    with (
        options.out.open("w", encoding="utf-8") as out,
        ProcessPoolExecutor(options.workers, mp_context=spawn) as pool,
    ):
        out.write(json.dumps(_about(options)) + "\n")
        out.writelines(json.dumps(row) + "\n" for row in rows)
        waiting = [
            pool.submit(
                measured,
                picture,
                options.data,
                options.crop,
                codec,
                ladder(codec, options.steps),
                options.setting,
                options.detached,
            )
            for picture, codec in jobs
        ]
        for done, future in enumerate(as_completed(waiting), 1):
            made = future.result()
            rows += made
            out.writelines(json.dumps(row) + "\n" for row in made)
            out.flush()
            spent = time.monotonic() - start
            end = "\n" if done == len(jobs) else "\r"
            print(f"{done} of {len(jobs)}, {spent:.0f} s", end=end, file=sys.stderr, flush=True)
    return rows


def _about(options: argparse.Namespace) -> Row:
    given = {name: str(value) for name, value in vars(options).items() if name != "data"}
    return {
        "about": given,
        "pillow": PIL.__version__,
        "numpy": np.__version__,
        "semcodec": semcodec.__version__,
    }


def _size(text: str) -> tuple[int, int] | None:
    if text == "none":
        return None
    width, height = map(int, text.split("x"))
    return width, height


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))


def _band(text: str) -> tuple[float, float]:
    low, high = map(float, text.split("-"))
    return low, high


def main() -> None:
    """Run from the command line."""
    assert __doc__ is not None
    summary = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(description=summary)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder of the pictures")
    add("--split", type=Path, help="list of pictures; without, all below the folder")
    add("--crop", type=_size, default=(768, 512), help="most WxH, or none (768x512)")
    add(
        "--codec",
        action="append",
        default=[],
        help="a pipeline by name or path, jpeg-progressive, webp or avif; may repeat",
    )
    add("--anchor", default="jpeg-progressive", help="codec to compare with")
    add("--band", type=_band, default=(0.2, 1.5), help="bpp of the anchor (0.2-1.5)")
    add("--setting", default="step", help="setting of the pipelines to move (step)")
    add("--steps", type=_numbers, default=STEPS, help="its values, with commas")
    add("--detached", action="store_true", help="private codecs leave their lock out")
    add("--reuse", type=Path, action="append", default=[], help="add points of an earlier run")
    add("--limit", type=int, help="only the first so many pictures")
    add("--workers", type=int, default=2, help="processes (2)")
    add("--worst", type=int, default=5, help="how many of the worst pictures to name (5)")
    add("--out", type=Path, default=Path("rate_distortion.jsonl"), help="JSON lines, every point")
    options = parser.parse_args()
    rows = run(options)
    print(report(rows, label(options.anchor), options.band, options.worst))


if __name__ == "__main__":
    main()
