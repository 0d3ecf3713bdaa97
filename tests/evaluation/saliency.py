"""Which saliency source should guide a codec? Things gain, the rest pays, the file is as long.

    python tests/evaluation/saliency.py --data DIR

DIR holds pictures of COCO, `images/*.jpg`, and their panoptic labels, `semantic133/*.png`. Pixels
of thing classes (ids 1 to 90) are the region of interest. Each picture is coded by the guided codec
and compared with the flat codec at the same number of bytes: the flat codec's PSNR is interpolated
over the logarithm of the size between steps a quarter of an octave apart (--search codes it anew by
target instead, which takes long and says the same). Pictures are cut in two halves by the last bit
of their SHA-256: `even` serves choosing, `odd` reporting.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image as Pillow

import semcodec
from semcodec import Context, Image, Map

REHEARSALS = Path(__file__).parents[1] / "rehearsals" / "plugin"
THINGS = (1, 90)
OCTAVES = (-0.5, -0.25, 0.0, 0.25, 0.5)
WIRE = {"min": 1, "max": 512, "levels": 2048, "scale": "log", "bytes": "decreasing"}
FLAT = {
    "semcodec": 1,
    "transform": {"use": "dct", "block": 8},
    "quantizer": {"use": "uniform", "rounding": 0.5},
    "model": {"use": "dct-context"},
    "coder": {"use": "range"},
    "wire": {"step": {"path": "quantizer.step", **WIRE}},
}
GUIDED = {
    "semcodec": 1,
    "saliency": {"use": "mask"},
    "streams": {
        "map": {
            "from": "saliency",
            "stages": [{"use": "block-map", "block": 32, "levels": 4}],
            "model": {"use": "plane-context"},
            "coder": {"use": "range"},
        },
        "image": {
            "stages": [
                {"use": "dct", "block": 8},
                {"use": "local.guided-step", "guides": {"saliency": "map"}},
            ],
            "model": {"use": "dct-context"},
            "coder": {"use": "range"},
        },
    },
    "wire": {"step": {"path": "image.quantizer.step", **WIRE}},
}
SOURCES = (
    "centre",
    "minimum-barrier",
    "frequency-tuned",
    "spectral-residual",
    "gradient",
    "blend",
)
TRUTH = "truth"
FIGURES = ("things", "rest", "whole")
LOOKS = ("AUC", "inside", "outside")


def pictures(folder: Path, half: str, count: int | None) -> list[Path]:
    """List the pictures of one half that have labels."""
    found = []
    for path in sorted((folder / "images").glob("*.jpg")):
        last = int(hashlib.sha256(path.read_bytes()).hexdigest()[-1], 16)
        labelled = (folder / "semantic133" / f"{path.stem}.png").exists()
        if labelled and (half == "all" or (half == "odd") == bool(last % 2)):
            found.append(path)
    return found[:count]


def opened(path: Path, side: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]] | None:
    """Read a picture of at most ``side`` pixels and its things; None where either part is tiny."""
    labels = Pillow.open(path.parents[1] / "semantic133" / f"{path.stem}.png")
    picture = Pillow.open(path).convert("RGB")
    scale = min(1.0, side / max(picture.size))
    size = (round(picture.width * scale), round(picture.height * scale))
    ids = np.asarray(labels.resize(size, Pillow.Resampling.NEAREST))
    things = (ids >= THINGS[0]) & (ids <= THINGS[1])
    if not 0.01 <= things.mean() <= 0.99:
        return None
    return np.asarray(picture.resize(size, Pillow.Resampling.BOX)), things


def psnrs(
    picture: NDArray[Any], decoded: NDArray[Any], things: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """PSNR in dB of the things, of the rest and of the whole."""
    error = ((picture.astype(np.float64) - decoded) ** 2).mean(axis=2)
    means = np.array([error[things].mean(), error[~things].mean(), error.mean()])
    return 10 * np.log10(255**2 / np.maximum(means, 1e-3))


def register_step() -> None:
    """The rehearsals' quantizer whose step follows a map, as ``local.guided-step``."""
    sys.path.insert(0, str(REHEARSALS))
    from semcodec_rehearsal.guided import GuidedStep

    semcodec.register(GuidedStep)


@cache
def codec(kind: str, beta: float) -> semcodec.Codec:
    if kind == "flat":
        return semcodec.load(FLAT)
    return semcodec.load(GUIDED, set={"image.quantizer.beta": beta})


def coded(
    of: semcodec.Codec, picture: NDArray[Any], step: float, inputs: Mapping[str, Any]
) -> tuple[int, NDArray[Any]]:
    data = of.encode(picture, settings={"step": step}, inputs=inputs, form="wire", detached=True)
    return len(data), of.decode(data)


@cache
def source(text: str) -> semcodec.SaliencySource:
    """Build a saliency source of its id, or of ``{use: id, parameter: value}``."""
    given = yaml.safe_load(text)
    made = semcodec.load(
        {**GUIDED, "saliency": {"use": given} if isinstance(given, str) else given}
    )
    component = made.pipeline.places["saliency"].component
    assert isinstance(component, semcodec.SaliencySource)
    return component


def mapped(text: str, picture: NDArray[Any], things: NDArray[np.bool_]) -> NDArray[np.float32]:
    if text == TRUTH:
        return things.astype(np.float32)
    height, width = things.shape
    shape = Map(height, width)
    return source(text).saliency(
        picture, {}, Context(image=Image.of(picture), shape=shape, coded=shape)
    )


def looked(values: NDArray[np.float32], things: NDArray[np.bool_]) -> list[float]:
    """Area under the ROC curve (ties count half), mean inside, mean outside."""
    levels = np.round(values * 1000).astype(np.int64)
    inside = np.bincount(levels[things], minlength=1001) / things.sum()
    outside = np.bincount(levels[~things], minlength=1001) / (~things).sum()
    below = np.cumsum(outside) - outside / 2
    return [float((inside * below).sum()), values[things].mean(), values[~things].mean()]


def one(path: Path, options: argparse.Namespace) -> dict[tuple[str, float], list[float]] | None:
    """Measure one picture: by source and beta, the gains in dB and the looks of the map."""
    known = opened(path, options.size)
    if known is None:
        return None
    picture, things = known
    maps = {text: mapped(text, picture, things) for text in options.sources}
    if options.maps:
        return {(text, 0.0): looked(values, things) for text, values in maps.items()}
    flat = codec("flat", 0.0)
    curve = [coded(flat, picture, options.step * 2**octave, {}) for octave in OCTAVES]
    sizes = np.log([size for size, _ in curve])[::-1]
    quality = np.array([psnrs(picture, decoded, things) for _, decoded in curve])[::-1]
    middle = sizes[len(sizes) // 2]
    result = {}
    for text, values in maps.items():
        for beta in options.beta:
            guided = codec("guided", beta)
            step = options.step * float(np.exp(np.log1p(beta * values).mean()))
            for _ in range(4):
                size, decoded = coded(guided, picture, step, {"mask": values})
                if abs(np.log(size) - middle) < 0.1:
                    break
                step *= float(np.exp(1.2 * (np.log(size) - middle)))
            got = psnrs(picture, decoded, things)
            if options.search:
                data = flat.encode(picture, target_bytes=size, form="wire", detached=True)
                base = psnrs(picture, flat.decode(data), things)
            else:
                base = np.array([np.interp(np.log(size), sizes, each) for each in quality.T])
            result[text, beta] = [*(got - base), *looked(values, things)]
    return result


def rows(results: Sequence[dict[tuple[str, float], list[float]]]) -> Iterator[str]:
    """Mean and standard error over the pictures, a line a source and beta.

    The last column of gains is the things' beyond that of the first source, picture by picture.
    """
    first = next(iter(results[0]))[0]
    for text, beta in results[0]:
        table = np.array([each[text, beta] for each in results])
        means, errors = table.mean(axis=0), table.std(axis=0, ddof=1) / len(table) ** 0.5
        gains = zip(means[:-3], errors[:-3], strict=True)
        cells = [f"{m:+.2f} ± {e:.2f}" for m, e in gains]
        if table.shape[1] > len(LOOKS):
            more = table[:, 0] - [each[first, beta][0] for each in results]
            cells += [f"{more.mean():+.2f} ± {more.std(ddof=1) / len(more) ** 0.5:.2f}"]
        cells += [f"{m:.2f}" for m in means[-3:]]
        yield f"| `{text}` | {beta:g} | {' | '.join(cells)} |"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--half", choices=("even", "odd", "all"), default="even")
    parser.add_argument("--count", type=int, help="only the first of that half")
    parser.add_argument("--size", type=int, default=512, help="longest side, made by averaging")
    parser.add_argument("--step", type=float, default=32.0, help="the flat codec's step")
    parser.add_argument("--beta", type=float, nargs="+", default=[1.0, 2.0])
    parser.add_argument("--sources", nargs="+", default=[*SOURCES, TRUTH])
    parser.add_argument("--maps", action="store_true", help="look at the maps only")
    parser.add_argument("--search", action="store_true", help="code the flat codec by target")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    paths = pictures(options.data, options.half, options.count)
    with ProcessPoolExecutor(options.jobs, initializer=register_step) as pool:
        results = [r for r in pool.map(partial(one, options=options), paths) if r is not None]
    print(f"{len(results)} pictures, {options.half} half, at most {options.size} pixels a side\n")
    names = LOOKS if options.maps else (*FIGURES, "beyond the first", *LOOKS)
    print(f"| source | beta | {' | '.join(names)} |\n|{' --- |' * (len(names) + 2)}")
    print("\n".join(rows(results)))


if __name__ == "__main__":
    main()
