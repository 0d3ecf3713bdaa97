"""Draw the average rate-distortion curves of codecs.

    python tests/evaluation/plot.py points.jsonl [MORE.jsonl ...] -o curves.svg

Takes what rate_distortion.py writes with --out. A codec's curve is the mean over the pictures of
PSNR at equal bits per pixel, interpolated over the logarithm of the rate; it runs where every
picture has points. Needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bd import front
from matplotlib import pyplot

RATES = np.geomspace(0.1, 2.0, 60)


def curves(files: list[Path]) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Read (bits per pixel, PSNR) by codec and picture."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for file in files:
        for line in file.read_text().splitlines():
            row = json.loads(line)
            if "codec" in row:
                found[row["codec"]][row["picture"]].append((row["bpp"], row["psnr"]))
    return found


def mean(pictures: dict[str, list[tuple[float, float]]]) -> tuple[np.ndarray, np.ndarray]:
    """Average a codec's curves: the rates where all pictures have points, and PSNR there."""
    rows = []
    for points in pictures.values():
        rate, quality = np.array(front(points)).T
        rows.append(np.interp(np.log(RATES), np.log(rate), quality, left=np.nan, right=np.nan))
    average = np.mean(rows, axis=0)
    known = np.isfinite(average)
    return RATES[known], average[known]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("points", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    # Text stays text and ids do not change from run to run.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "semcodec", "font.size": 11})
    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for codec, pictures in sorted(curves(given.points).items()):
        axes.plot(*mean(pictures), label=f"{codec} ({len(pictures)} pictures)")
    axes.set(xlabel="bits per pixel, whole files", ylabel="RGB-PSNR in dB", xlim=(0, 1.6))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(given.output, metadata={"Date": None} if given.output.suffix == ".svg" else None)


if __name__ == "__main__":
    main()
