"""What does a user's mask buy? A guided codec against a plain one at equal bytes, by beta and rate.

    python tests/evaluation/region.py --data DIR [--half odd] [--set map.transform.pool=mean]
    python tests/evaluation/region.py --data DIR --source blend
    python tests/evaluation/region.py --data DIR --half all --guided saic --plain saic-flat \\
        --steps 1,1.64,2.68,4.38,7.17,11.73,19.2 --betas 1 1.5 2 4 8

DIR holds pictures of COCO, `images/*.jpg`, and their panoptic labels, `semantic133/*.png`. Pixels
of thing classes (ids 1 to 90) are the mask, and what is graded; pictures with less than 2 % or more
than 90 % of them are left out. Both codecs, roi-dct and flat-dct unless others are named, are run
at the same steps, half an octave apart. At every whole file that the guided codec wrote, the plain
one's PSNR is interpolated over the logarithm of the size of whole files; differences are averaged
over the files of 0.2 to 1.5 bpp of a picture, then over pictures.
Halves are by the last bit of the SHA-256: `even` served choosing the map's cells, their pooling and
the default beta, `odd` is for reporting. With --source the codec is guided by that saliency source
instead of the mask, and graded by the mask all the same.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

import semcodec
from semcodec.engine.memo import Memo

BETAS = (0.5, 1.0, 1.5, 2.0, 3.0)
STEPS = tuple(5 * 2 ** (k / 2) for k in range(10))
RATES = (0.2, 1.5)
BANDS = ((0.2, 0.5), (0.5, 1.0), (1.0, 1.5))


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float:
    """Peak signal-to-noise ratio in dB over the pixels of a mask, all channels."""
    error = np.mean((a[mask].astype(float) - b[mask]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def samples(data: Path, half: str) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    """Read pictures of a half, with their things as masks."""
    for path in sorted((data / "images").glob("*.jpg")):
        labels = data / "semantic133" / f"{path.stem}.png"
        odd = int(hashlib.sha256(path.read_bytes()).hexdigest()[-1], 16) % 2
        if (half != "all" and odd != (half == "odd")) or not labels.exists():
            continue
        picture, ids = semcodec.read_image(path), np.asarray(Image.open(labels))
        mask = (ids >= 1) & (ids <= 90)
        if picture.shape == (*mask.shape, 3) and 0.02 < mask.mean() < 0.9:
            yield picture, mask


def curve(
    codec: semcodec.Codec,
    picture: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    settings: Mapping[str, float],
    inputs: Mapping[str, NDArray[np.bool_]],
    steps: Sequence[float],
) -> NDArray[np.float64]:
    """Code a picture at every step: rows of bits per pixel, things' PSNR, whole picture's."""
    rows, memo = [], Memo(search=True)
    for step in sorted(steps, reverse=True):
        data = codec.encode(picture, settings={**settings, "step": step}, inputs=inputs, memo=memo)
        decoded = codec.decode(data)
        whole = psnr(picture, decoded, np.ones_like(mask))
        rows.append((8 * len(data) / mask.size, psnr(picture, decoded, mask), whole))
    return np.array(rows)


def differences(flat: NDArray[np.float64], roi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the plain PSNR at equal bytes from the guided: rows of bpp, things, whole picture."""
    low, high = max(RATES[0], flat[0, 0]), min(RATES[1], flat[-1, 0])
    at = roi[(roi[:, 0] >= low) & (roi[:, 0] <= high)]
    over = np.log(flat[:, 0])
    rows = [at[:, 0]]
    rows += [at[:, k] - np.interp(np.log(at[:, 0]), over, flat[:, k]) for k in (1, 2)]
    return np.stack(rows, axis=1)


def report(found: Mapping[float, list[NDArray[np.float64]]]) -> None:
    """Print the means for each beta: over all rates, and over bands of them."""
    for low, high in (RATES, *BANDS):
        print(f"{low} to {high} bpp")
        print("  beta  pictures  things dB       whole dB")
        for beta, pictures in found.items():
            inside = [rows[(rows[:, 0] >= low) & (rows[:, 0] <= high)] for rows in pictures]
            inside = [rows for rows in inside if len(rows)]
            if not inside:
                continue
            means = np.array([rows.mean(axis=0) for rows in inside])[:, 1:]
            mean, error = means.mean(axis=0), means.std(axis=0) / np.sqrt(len(means))
            print(
                f"  {beta:<6}{len(means):<10}{mean[0]:+.2f} ± {error[0]:.2f}    "
                f"{mean[1]:+.2f} ± {error[1]:.2f}"
            )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=("even", "odd", "all"), default="even")
    parser.add_argument("--guided", default="roi-dct", help="codec with a map (roi-dct)")
    parser.add_argument("--plain", default="flat-dct", help="codec without one (flat-dct)")
    parser.add_argument("--steps", type=_numbers, default=STEPS, help="with commas")
    parser.add_argument("--limit", type=int, default=1000, help="most pictures")
    parser.add_argument("--source", help="a saliency source to guide the codec, not the mask")
    parser.add_argument("--betas", type=float, nargs="+", default=BETAS)
    parser.add_argument("--set", action="append", default=[], metavar="ADDRESS=VALUE")
    given = parser.parse_args()
    pairs = (change.split("=", 1) for change in given.set)
    flat = semcodec.load(given.plain)
    roi = semcodec.load(
        given.guided,
        set={address: yaml.safe_load(value) for address, value in pairs},
        swap={"saliency": given.source} if given.source else None,
    )
    found: dict[float, list[NDArray[np.float64]]] = {beta: [] for beta in given.betas}
    for picture, mask in islice(samples(given.data, given.half), given.limit):
        plain = curve(flat, picture, mask, {}, {}, given.steps)
        for beta in given.betas:
            inputs = {} if given.source else {"mask": mask}
            guided = curve(roi, picture, mask, {"beta": beta}, inputs, given.steps)
            found[beta].append(differences(plain, guided))
    report(found)


if __name__ == "__main__":
    main()
