"""Codes one picture with several codecs at equal bytes and decodes each in a fresh process."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.metrics import Psnr
from semcodec.engine.api import load
from semcodec.engine.trace import Trace
from semcodec.errors import ComponentNotFound, DecodeError, ImageError, SettingError, TargetError
from semcodec.image import read_image, write_bytes

__all__ = ["CONTENDERS", "Contender", "Row", "central_ellipse", "compare", "photograph"]

STEP = 24
"""Step of flat-dct whose size all are given, unless one is asked for."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A codec to compare.

    Attributes:
        label: its name in the table.
        file: stem of its files.
        pipeline: name of the pipeline.
        swap: components to change, by slot.
        takes_mask: whether it is told what matters.
    """

    label: str
    file: str
    pipeline: str
    swap: Mapping[str, str] = field(default_factory=dict)
    takes_mask: bool = False


CONTENDERS = (
    Contender("roi-dct, mask", "roi-dct", "roi-dct", takes_mask=True),
    Contender("flat-dct", "flat-dct", "flat-dct"),
    Contender("flat-dct, coder rans", "flat-dct-rans", "flat-dct", {"coder": "rans"}),
    Contender("jpeg", "jpeg", "jpeg"),
    Contender("webp", "webp", "webp"),
    Contender("avif", "avif", "avif"),
)
"""What ``semcodec demo`` compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a codec did; of one that could not, only ``label`` and ``note``.

    Attributes:
        label: the contender's.
        note: why there is no result, and what to do; or what to know about the result.
        file: the coded file.
        decoded: what the fresh process made of it: uint8 or uint16 (height, width, channels).
        size: bytes of the file.
        bpp: bits a pixel.
        psnr: dB over the whole picture.
        inside: dB over the pixels of the mask; NaN where it marks none.
        encode_seconds: wall clock of the last encode alone, at the setting the search chose.
        decode_seconds: wall clock of ``semcodec decode``, start of the interpreter included.
        settings: the settings that meet the size.
        sections: bytes of each part of the file, in order.
        saliency: the map in the file, as decoded, float32 (height, width), or None.
    """

    label: str
    note: str = ""
    file: Path | None = None
    decoded: NDArray[Any] | None = None
    size: int = 0
    bpp: float = 0.0
    psnr: float = 0.0
    inside: float = 0.0
    encode_seconds: float = 0.0
    decode_seconds: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    sections: Mapping[str, int] = field(default_factory=dict)
    saliency: NDArray[np.float32] | None = None


def photograph() -> NDArray[np.uint8]:
    """Give scikit-image's picture of Chelsea the cat (CC0, Stefan van der Walt).

    Raises:
        ImageError: scikit-image is not installed.
    """
    try:
        data: Any = importlib.import_module("skimage.data")
    except ImportError:
        raise ImageError(
            "demo: expected a picture, or scikit-image, whose photograph stands in for one",
            hint="Run semcodec demo IMG, or pip install scikit-image.",
        ) from None
    return np.asarray(data.chelsea(), dtype=np.uint8)


def central_ellipse(height: int, width: int) -> NDArray[np.bool_]:
    """Mark the ellipse in the middle whose axes are half the sides: bool (height, width)."""
    y = (2 * np.arange(height) + 1 - height) / height
    x = (2 * np.arange(width) + 1 - width) / width
    made: NDArray[np.bool_] = 4 * (y[:, None] ** 2 + x**2) <= 1
    return made


def compare(
    picture: NDArray[Any],
    mask: NDArray[Any],
    folder: Path,
    *,
    target_bytes: int | None = None,
    progress: Callable[[str], None] = lambda what: None,
) -> list[Row]:
    """Code a picture with every contender and decode it again.

    Args:
        picture: uint8 or uint16 (height, width, channels).
        mask: what matters, (height, width), bool, or uint8 up to 255.
        folder: where ``NAME.smc`` and ``NAME.png`` go.
        target_bytes: most bytes of every file; None for what flat-dct takes at step 24.
        progress: told what is being done.

    Returns:
        A row for each of ``CONTENDERS``.

    Raises:
        ImageError: the picture is not one that flat-dct codes.
        SettingError: the mask has another size, dtype or range, or no codec meets the target.
        DecodeError: a file does not decode.
    """
    if target_bytes is None:
        target_bytes = len(load("flat-dct").encode(picture, settings={"step": STEP}))
    rows = []
    for contender in CONTENDERS:
        progress(contender.label)
        rows.append(_row(contender, picture, mask, folder, target_bytes))
    if all(row.decoded is None for row in rows):
        raise SettingError(
            f"no codec can code the picture within {target_bytes} bytes", hint=rows[0].note
        )
    return rows


def _row(
    contender: Contender, picture: NDArray[Any], mask: NDArray[Any], folder: Path, target: int
) -> Row:
    inputs = {"mask": mask} if contender.takes_mask else {}
    try:
        codec: Any = load(contender.pipeline, swap=contender.swap or None)
        search = Trace()
        codec.encode(picture, inputs=inputs, target_bytes=target, trace=search)
    except (ComponentNotFound, ImageError, TargetError) as error:
        return Row(label=contender.label, note=str(error))
    trace = Trace(keep=True)
    settings = {k: v for k, v in search.settings.items() if k in codec.setting_names}
    start = time.perf_counter()
    data = codec.encode(picture, settings=settings, inputs=inputs, trace=trace)
    encode_seconds = time.perf_counter() - start
    file, png = folder / f"{contender.file}.smc", folder / f"{contender.file}.png"
    write_bytes(data, file)
    start = time.perf_counter()
    _decode_elsewhere(file, png)
    decode_seconds = time.perf_counter() - start
    decoded = read_image(png)
    inside = mask >= (1 if mask.dtype == np.bool_ else 128)
    registered = codec.code is not None
    return Row(
        label=contender.label,
        note="" if registered else "private: its header carries the codec's lock",
        file=file,
        decoded=decoded,
        size=len(data),
        bpp=8 * len(data) / inside.size,
        psnr=Psnr().compute(picture, decoded),
        inside=Psnr().compute(picture[inside], decoded[inside]) if inside.any() else float("nan"),
        encode_seconds=encode_seconds,
        decode_seconds=decode_seconds,
        settings=trace.settings,
        sections=trace.sections,
        saliency=trace.values.get("map"),
    )


def _decode_elsewhere(file: Path, png: Path) -> None:
    """Decode with another interpreter, which knows nothing but the file.

    Raises:
        DecodeError: it fails; with what it said.
    """
    command = [sys.executable, "-m", "semcodec", "decode", str(file), "-o", str(png)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise DecodeError(
            f"{file}: a fresh process could not decode it: {done.stderr.strip()}",
            hint=f"Run semcodec decode {file} -o {png} to see more.",
        )
