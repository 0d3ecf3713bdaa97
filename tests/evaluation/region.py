"""What does a user's mask buy? roi-dct against flat-dct at equal bytes, over beta.

    python tests/evaluation/region.py --data DIR [--half odd]

DIR holds pictures of COCO, `images/*.jpg`, and their panoptic labels, `semantic133/*.png`. Pixels
of thing classes (ids 1 to 90) are the mask, and what is graded; pictures with less than 2 % or more
than 90 % of them are left out. flat-dct's PSNR is interpolated over the logarithm of the size of
whole files between steps half an octave apart. Halves are by the last bit of the SHA-256: `even`
served choosing the map's cells, their pooling and the default beta, `odd` is for reporting.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import semcodec

BETAS = (0.5, 1.0, 1.5, 2.0, 3.0)
STEPS = (7.46, 10.56, 14.93, 21.11, 29.86, 42.22)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio in dB over the pixels of a mask, all channels."""
    error = np.mean((a[mask].astype(float) - b[mask]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def samples(data: Path, half: str) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    """Read pictures of a half, with their things as masks."""
    for path in sorted((data / "images").glob("*.jpg")):
        labels = data / "semantic133" / f"{path.stem}.png"
        odd = int(hashlib.sha256(path.read_bytes()).hexdigest()[-1], 16) % 2
        if odd != (half == "odd") or not labels.exists():
            continue
        picture, ids = semcodec.read_image(path), np.asarray(Image.open(labels))
        mask = (ids >= 1) & (ids <= 90)
        if picture.shape == (*mask.shape, 3) and 0.02 < mask.mean() < 0.9:
            yield picture, mask


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=("even", "odd"), default="even")
    parser.add_argument("--limit", type=int, default=1000, help="most pictures")
    given = parser.parse_args()
    flat, roi = semcodec.load("flat-dct"), semcodec.load("roi-dct")
    gains: dict[float, list[tuple[float, float, float]]] = {beta: [] for beta in BETAS}
    for number, (picture, mask) in enumerate(samples(given.data, given.half)):
        if number == given.limit:
            break
        whole = np.ones_like(mask)
        curve = []
        for step in reversed(STEPS):
            data = flat.encode(picture, settings={"step": step})
            decoded = flat.decode(data)
            row = np.log(len(data)), psnr(picture, decoded, mask), psnr(picture, decoded, whole)
            curve.append(row)
        size, things, all_of_it = np.array(curve).T
        for beta in BETAS:
            data = roi.encode(picture, settings={"beta": beta}, inputs={"mask": mask})
            decoded = roi.decode(data)
            at = np.log(len(data))
            if size[0] <= at <= size[-1]:
                inside = psnr(picture, decoded, mask) - np.interp(at, size, things)
                full = psnr(picture, decoded, whole) - np.interp(at, size, all_of_it)
                gains[beta].append((inside, full, 8 * len(data) / mask.size))
    print("beta  pictures  things dB       whole dB        bpp")
    for beta, rows in gains.items():
        mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(len(rows))
        print(
            f"{beta:<6}{len(rows):<10}{mean[0]:+.2f} ± {spread[0]:.2f}    "
            f"{mean[1]:+.2f} ± {spread[1]:.2f}    {mean[2]:.2f}"
        )


if __name__ == "__main__":
    main()
