"""How often does a geometry of seams beat the bare codec? The candidates of a choice, one by one.

    python tests/evaluation/geometries.py --data KODAK --rows rows.jsonl

Every candidate of a choice (seam-avif unless another is named) codes every picture at every rate,
as bits of the whole file a pixel, never exceeded. Rows of the file named are gone on with. The
table says how often each kind of geometry has the best PSNR, and what each candidate gives beside
the first one, which is the codec without a geometry: as it stands, and at equal bytes, by straight
lines of the first one's PSNR over the logarithm of its bytes. A candidate that lands nearer to the
target has more bytes, which the second number takes out.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

import semcodec
from semcodec.errors import TargetError

RATES = (0.2, 0.4, 0.8)
Rows = Mapping[str, Mapping[float, Mapping[str, Any]]]


def measured(path: Path, rate: float, codecs: Sequence[Any]) -> dict[str, list[float] | None]:
    """Give bytes and PSNR of every candidate; None where it cannot reach the target."""
    picture = semcodec.read_image(path)
    target = int(rate * picture.shape[0] * picture.shape[1] / 8)
    found: dict[str, list[float] | None] = {}
    for codec in codecs:
        try:
            data = codec.encode(picture, target_bytes=target)
        except TargetError:
            found[codec.name] = None
            continue
        error = float(np.mean((codec.decode(data).astype(float) - picture) ** 2))
        found[codec.name] = [len(data), 10 * math.log10(255**2 / max(error, 1e-9))]
    return found


def read(file: Path) -> dict[str, dict[float, dict[str, Any]]]:
    """Read rows that are there, by picture and rate."""
    rows: dict[str, dict[float, dict[str, Any]]] = defaultdict(dict)
    for line in file.read_text().splitlines() if file.exists() else ():
        row = json.loads(line)
        rows[row["image"]][row["rate"]] = row["candidates"]
    return rows


def line(points: Sequence[tuple[float, float]], size: float) -> float:
    """Give the PSNR of a size between, or beyond, points of log2 bytes and PSNR."""
    x = math.log2(size)
    pairs = list(pairwise(points))
    (x0, y0), (x1, y1) = next((p for p in pairs if x <= p[1][0]), pairs[-1])
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def summary(rows: Rows, rates: Sequence[float], bare: str) -> Iterator[str]:
    """Write the table."""
    whole = {name: of for name, of in rows.items() if set(rates) <= set(of)}
    for rate in rates:
        kinds, names = Counter[str](), Counter[str]()
        plain, equal = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
        gains = []
        for of in whole.values():
            points = sorted((math.log2(of[r][bare][0]), of[r][bare][1]) for r in rates)
            found = {name: value for name, value in of[rate].items() if value}
            best = max(found, key=lambda name: found[name][1])
            kinds[best.split("-")[0]] += 1
            names[best] += 1
            gains.append(found[best][1] - found[bare][1])
            for name, (size, psnr) in found.items():
                plain[name].append(psnr - found[bare][1])
                equal[name].append(psnr - line(points, size))
        yield f"{rate} bpp, {len(gains)} pictures: {dict(kinds)}; {dict(names)}"
        yield f"  the choice: {fmean(gains):+.3f} dB, {min(gains):+.3f} to {max(gains):+.3f}"
        for name in plain:
            ahead = sum(gain > 0 for gain in equal[name])
            yield (
                f"  {name:<12} {fmean(plain[name]):+.2f} dB, at equal bytes "
                f"{fmean(equal[name]):+.2f}, ahead in {ahead} of {len(equal[name])}"
            )


def main() -> None:
    """Code what is not there yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of PNG files")
    parser.add_argument("--rows", type=Path, required=True, help="file of rows, gone on with")
    parser.add_argument("--choice", default="seam-avif")
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    given = parser.parse_args()
    codecs = semcodec.load(given.choice).candidates
    rows = read(given.rows)
    for path in sorted(given.data.glob("*.png")):
        for rate in given.rates:
            if rate not in rows[path.stem]:
                rows[path.stem][rate] = measured(path, rate, codecs)
                row = {"image": path.stem, "rate": rate, "candidates": rows[path.stem][rate]}
                with given.rows.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    print("\n".join(summary(rows, given.rates, codecs[0].name)))


if __name__ == "__main__":
    main()
