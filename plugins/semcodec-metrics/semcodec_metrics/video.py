"""VMAF and XPSNR by the ffmpeg that imageio-ffmpeg carries.

A picture is one frame. RGB becomes Y'CbCr 4:4:4 of BT.709 in limited range, 8 bits for pictures of
8 bits and 10 for pictures of 16, by swscale with exact rounding; nothing is subsampled.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from semcodec import Metric, component
from semcodec.errors import ImageError, PluginBroken
from semcodec.image import to_depth8
from semcodec_metrics.packages import absent, made_by, require
from semcodec_metrics.pictures import check, pair, rgb

__all__ = ["Vmaf", "Xpsnr"]

_SECONDS = 600
_CONVERT = (
    "scale=in_range=full:out_range=limited:out_color_matrix=bt709"
    ":flags=accurate_rnd+full_chroma_int+full_chroma_inp,format={format}"
)


def _filtered(
    who: str, reference: NDArray[Any], decoded: NDArray[Any], least: int, filters: str, log: str
) -> str:
    """Run a filter of two inputs, decoded first, and give the log that it wrote."""
    left, right = pair(reference, decoded, who, least)
    require(who, absent(("imageio_ffmpeg",), "ffmpeg"))
    from imageio_ffmpeg import get_ffmpeg_exe

    deep = reference.dtype.itemsize == 2
    convert = _CONVERT.format(format="yuv444p10le" if deep else "yuv444p")
    with tempfile.TemporaryDirectory(prefix="semcodec-") as folder:
        inputs: list[str] = []
        for name, picture in (("decoded", right), ("reference", left)):
            Path(folder, name).write_bytes(rgb(picture).astype("<u2" if deep else "u1").tobytes())
            size = f"{picture.shape[1]}x{picture.shape[0]}"
            form = ("-f", "rawvideo", "-pix_fmt", "rgb48le" if deep else "rgb24", "-s", size)
            inputs += [*form, "-i", name]
        # The log's name is relative to the folder: a path could hold what filters read as syntax.
        graph = f"[0:v]{convert}[d];[1:v]{convert}[r];[d][r]{filters}"
        command = [get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", *inputs]
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
        written = Path(folder, log)
        if done.returncode or not written.is_file():
            raise PluginBroken(
                f"{who}: ffmpeg failed on {left.shape[1]}x{left.shape[0]} pixels: "
                f"{done.stderr.strip()[-300:] or f'exit status {done.returncode}'}",
                hint="An imageio-ffmpeg of 0.6 or newer has the filters; IMAGEIO_FFMPEG_EXE "
                "may name another binary.",
            )
        return written.read_text("utf-8")


@component
class Vmaf(Metric):
    """VMAF of a single frame, model vmaf_v0.6.1 (Li et al. 2016); 0 to 100.

    A picture that equals its reference gets about 97 to 100, not 100: the model was fitted to
    moving pictures and sees no motion in one frame. Of the luma alone.
    """

    version: ClassVar[str] = made_by("imageio-ffmpeg", "vmaf_v0.6.1, BT.709 4:4:4, one frame")

    def missing(self) -> str:
        """Name the packages that are not installed."""
        return absent(("imageio_ffmpeg",), "ffmpeg")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 32 pixels.
            SettingError: imageio-ffmpeg is not installed.
            PluginBroken: ffmpeg does not run, or has no libvmaf.
        """
        filters = "libvmaf=model=version=vmaf_v0.6.1:n_threads=1:log_fmt=json:log_path=log"
        text = _filtered("metrics.vmaf", reference, decoded, 32, filters, "log")
        return float(json.loads(text)["frames"][0]["metrics"]["vmaf"])


@component
class Xpsnr(Metric):
    """Perceptually weighted PSNR, XPSNR (Helmrich et al. 2020), of one plane; infinite if equal.

    Of 8 bits always, to which pictures of 16 are rounded: ffmpeg 9's filter takes 10 bits and
    gives figures some 20 dB too low.

    Attributes:
        plane: y, u or v.
    """

    version: ClassVar[str] = made_by("imageio-ffmpeg", "xpsnr, BT.709 4:4:4, one frame")
    unit: ClassVar[str] = "dB"
    plane: Literal["y", "u", "v"] = "y"

    def missing(self) -> str:
        """Name the packages that are not installed."""
        return absent(("imageio_ffmpeg",), "ffmpeg")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 16 pixels.
            SettingError: imageio-ffmpeg is not installed.
            PluginBroken: ffmpeg does not run, or has no xpsnr.
        """
        check(reference, decoded, "metrics.xpsnr", 16)
        both = to_depth8(reference), to_depth8(decoded)
        text = _filtered("metrics.xpsnr", *both, 16, "xpsnr=stats_file=log", "log")
        found = re.search(rf"XPSNR {self.plane}: *(inf|-?[0-9.]+)", text)
        if found is None:
            raise ImageError(f"metrics.xpsnr: ffmpeg gave no figure: {text[:200]!r}")
        return math.inf if found[1] == "inf" else float(found[1])
