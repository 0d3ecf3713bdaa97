"""Print what label maps and masks cost, in bytes, beside PNG, lossless WebP and CCITT Group 4.

    python tests/evaluation/label_maps.py FOLDER --every 4 --start 1

The structure of LABELS was tuned on maps 0, 4, 8 ... of COCO; the others were not looked at.

FOLDER holds label maps as gray PNG files of COCO's panoptic category ids: 1 to 90 are things, the
others stuff. Rows of the table: the maps as they are; every fourth row and column of them; the mask
of things, as it is and so reduced; the share of things in blocks of 32 pixels in 4 and in 2 levels.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.coding.primitives import LABELS, PLANE
from semcodec.components.coders import Range
from semcodec.components.maps import BlockMap
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.context import Context
from semcodec.contracts.values import Image as Picture
from semcodec.contracts.values import Map, Symbols

Labels = NDArray[np.uint8]


def variants(labels: Labels) -> Iterator[tuple[str, int, Labels]]:
    """Give what is made of a label map: the row's name, the number of levels, the map."""
    things = ((labels >= 1) & (labels <= 90)).astype(np.uint8)
    yield "labels", 256, labels
    yield "labels, a quarter", 256, labels[2::4, 2::4]
    yield "mask", 2, things
    yield "mask, a quarter", 2, things[2::4, 2::4]
    shape = Map(*things.shape)
    for levels in (4, 2):
        block = BlockMap(block=32, levels=levels, pool="mean")
        ctx = Context(image=Picture(*things.shape), shape=shape, coded=shape)
        cells = block.forward(things.astype(np.float32), {}, ctx)
        yield f"blocks, {levels} levels", levels, cells.astype(np.uint8)


def saved(labels: Labels, **options: object) -> int:
    """Measure a file that Pillow writes."""
    image = Image.fromarray(labels.astype(bool) if labels.max() < 2 else labels)
    if options["format"] == "webp":
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, **options)
    return len(out.getvalue())


def group4(labels: Labels) -> int:
    """Measure CCITT Group 4 without the file around it; 0 for more than two levels."""
    if labels.max() > 1:
        return 0
    out = io.BytesIO()
    Image.fromarray(labels.astype(bool)).save(out, format="tiff", compression="group4")
    strip_byte_counts = 279
    with Image.open(out) as image:
        return sum(image.tag_v2[strip_byte_counts])


def coded(labels: Labels, levels: int, primitive: int) -> int:
    """Measure a primitive's bytes."""
    session = Range().encoder()
    symbols = Symbols(labels.shape, low=0, high=levels - 1)
    session.adapt(labels.astype(np.int32), symbols, AdaptivePass(primitive=primitive))
    return len(session.finish())


def main() -> None:
    """Measure a folder and print the table: mean bytes a map, and the seconds LABELS took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every n-th map only")
    parser.add_argument("--start", type=int, default=0, help="begin with this one")
    options = parser.parse_args()
    rows: dict[str, list[list[float]]] = {}
    for path in sorted(options.folder.glob("*.png"))[options.start :: options.every]:
        with Image.open(path) as image:
            labels = np.array(image.convert("L"))
        for name, levels, values in variants(labels):
            sizes = [
                float(saved(values, format="png", optimize=True)),
                saved(values, format="webp", lossless=True, quality=100, method=6, exact=True),
                group4(values) if levels == 2 else np.nan,
                coded(values, levels, PLANE),
            ]
            started = time.process_time()
            sizes.append(coded(values, levels, LABELS))
            rows.setdefault(name, []).append([*sizes, 1000 * (time.process_time() - started)])
    columns = ("PNG", "WebP", "G4", "PLANE", "LABELS", "ms")
    print(f"{'':18}", *(f"{column:>7}" for column in columns), f"{'of WebP':>8} {'of PLANE':>8}")
    for name, sizes in rows.items():
        # The first map of all may have had to compile the kernels.
        mean = [*np.mean(sizes, axis=0)[:-1], np.median(sizes, axis=0)[-1]]
        shares = f"{mean[4] / mean[1]:8.2f} {mean[4] / mean[3]:8.2f}"
        print(f"{name:18}", *(f"{value:7.1f}" for value in mean), shares)


if __name__ == "__main__":
    main()
