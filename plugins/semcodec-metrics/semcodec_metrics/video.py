"""VMAF and XPSNR by the ffmpeg that imageio-ffmpeg carries.

RGB becomes Y'CbCr 4:4:4 of BT.709 in limited range, 8 bits for pictures of 8 bits and 10 for
pictures of 16, by swscale with exact rounding; nothing is subsampled. Which ffmpeg has which filter
is asked of the binary: that of imageio-ffmpeg 0.6 and 0.7 is 7.0.2 on Linux, with libvmaf and
without xpsnr; that of 0.8 has both.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from semcodec import Metric, component
from semcodec.errors import PluginBroken
from semcodec.image import to_depth8
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair, rgb

__all__ = ["Vmaf", "Xpsnr"]

_SECONDS = 600
_CONVERT = (
    "scale=in_range=full:out_range=limited:out_color_matrix=bt709"
    ":flags=accurate_rnd+full_chroma_int+full_chroma_inp,format={format}"
)


@cache
def _filters_of(executable: str) -> frozenset[str]:
    """Names of the filters that a binary has; none where it does not run."""
    command = [executable, "-hide_banner", "-loglevel", "error", "-filters"]
    try:
        said = subprocess.run(  # noqa: S603 - the binary of the package
            command, capture_output=True, text=True, errors="replace", timeout=60, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(re.findall(r"^ *\S+ +(\w+) +\S+->\S+ ", said, re.MULTILINE))


def _lacking(name: str) -> str:
    """Say what a filter needs and this machine lacks."""
    lacking = absent(("imageio_ffmpeg",), "ffmpeg")
    if lacking:
        return lacking
    executable = _executable()
    known = _filters_of(executable)
    if name in known:
        return ""
    if not known:
        return f"{executable or 'ffmpeg'} does not run: name another in IMAGEIO_FFMPEG_EXE"
    return f'{Path(executable).name} has no filter {name}: pip install "imageio-ffmpeg>=0.8"'


def _executable() -> str:
    """Give the path of imageio-ffmpeg's binary; empty where there is none."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):  # a wheel without a binary, for a system that has none
        return ""


class _Filter(Metric):
    """A metric by a filter of ffmpeg."""

    _filter: ClassVar[str] = ""

    @property
    def backbone(self) -> str:
        """Name the binary."""
        return Path(_executable()).name or "no ffmpeg"

    def missing(self) -> str:
        """Name the package that is not installed, or say that its ffmpeg lacks the filter."""
        return _lacking(self._filter)


def _filtered(
    who: str, main: NDArray[Any], other: NDArray[Any], filters: str, *, frames: int = 1
) -> str:
    """Run a filter of two inputs, in the order given, and give the log that it wrote.

    Args:
        who: the metric, for messages.
        main: picture without alpha, the filter's first input.
        other: the second, of the same shape and dtype.
        filters: the filter, which writes a file named ``log``.
        frames: how often each picture is shown.
    """
    deep = main.dtype.itemsize == 2
    convert = _CONVERT.format(format="yuv444p10le" if deep else "yuv444p")
    with tempfile.TemporaryDirectory(prefix="semcodec-") as folder:
        inputs: list[str] = []
        for name, picture in (("main", main), ("other", other)):
            samples = rgb(picture).astype("<u2" if deep else "u1").tobytes()
            Path(folder, name).write_bytes(samples * frames)
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            form = ("-f", "rawvideo", "-pix_fmt", "rgb48le" if deep else "rgb24", "-s", size)
            inputs += [*form, "-i", name]
        # The log's name is relative to the folder: a path could hold what filters read as syntax.
        graph = f"[0:v]{convert}[m];[1:v]{convert}[o];[m][o]{filters}"
        command = [_executable(), "-hide_banner", "-nostdin", "-loglevel", "error", *inputs]
        try:
            done = subprocess.run(  # noqa: S603 - the binary of the package, arguments of ours
                [*command, "-lavfi", graph, "-f", "null", "-"],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PluginBroken(
                f"{who}: ffmpeg did not run: {error}",
                hint="pip install --force-reinstall imageio-ffmpeg",
            ) from None
        written = Path(folder, "log")
        if done.returncode or not written.is_file():
            raise PluginBroken(
                f"{who}: ffmpeg failed on {main.shape[1]}x{main.shape[0]} pixels: "
                f"{done.stderr.strip()[-300:] or f'exit status {done.returncode}'}",
                hint="IMAGEIO_FFMPEG_EXE may name another binary.",
            )
        return written.read_text("utf-8")


@component
class Vmaf(_Filter):
    """VMAF of a single frame, model vmaf_v0.6.1 (Li et al. 2016); 0 to 100.

    A picture that equals its reference gets about 97 to 100, not 100: the model was fitted to
    moving pictures and sees no motion in one frame. Of the luma alone.
    """

    version: ClassVar[Any] = Backed(
        made_by("imageio-ffmpeg", "vmaf_v0.6.1, BT.709 4:4:4, one frame")
    )
    _filter: ClassVar[str] = "libvmaf"

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 32 pixels.
            SettingError: imageio-ffmpeg is not installed, or its ffmpeg has no libvmaf.
            PluginBroken: ffmpeg does not run.
        """
        who = "metrics.vmaf"
        left, right = pair(reference, decoded, who, 32)
        require(who, self.missing())
        filters = "libvmaf=model=version=vmaf_v0.6.1:n_threads=1:log_fmt=json:log_path=log"
        text = _filtered(who, right, left, filters)  # libvmaf takes the distorted one first
        return float(json.loads(text)["frames"][0]["metrics"]["vmaf"])


@component
class Xpsnr(_Filter):
    """Perceptually weighted PSNR, XPSNR (Helmrich et al. 2020), of one plane; infinite if equal.

    Each picture is shown twice and the second frame counts: ffmpeg's filter takes what comes
    before the first frame for black, so that bright blocks there weigh less. The second has no
    motion, which leaves the spatial weights of a still.

    Of 8 bits always, to which pictures of 16 are rounded. ffmpeg's filter reads deeper planes of
    its second input as if their lines had no padding (``vf_xpsnr.c``, ``s_rec``): figures of ours
    fell some 20 dB where the width was no multiple of 32, and were right where it was.

    Attributes:
        plane: y, u or v.
    """

    version: ClassVar[Any] = Backed(
        made_by("imageio-ffmpeg", "xpsnr, BT.709 4:4:4, second frame", 2)
    )
    _filter: ClassVar[str] = "xpsnr"
    unit: ClassVar[str] = "dB"
    plane: Literal["y", "u", "v"] = "y"

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 16 pixels.
            SettingError: imageio-ffmpeg is not installed, or its ffmpeg has no xpsnr.
            PluginBroken: ffmpeg does not run, or wrote no figure.
        """
        who = "metrics.xpsnr"
        left, right = pair(reference, decoded, who, 16)
        require(who, self.missing())
        # Weights are those of the first input, so the reference comes first.
        text = _filtered(who, to_depth8(left), to_depth8(right), "xpsnr=stats_file=log", frames=2)
        found = re.search(rf"^n: *2 .*XPSNR {self.plane}: *(inf|-?[0-9.]+)", text, re.MULTILINE)
        if found is None:
            raise PluginBroken(f"{who}: ffmpeg gave no figure: {text[:200]!r}")
        return math.inf if found[1] == "inf" else float(found[1])
