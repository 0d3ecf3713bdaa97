"""HEVC, AV1 and VVC intra pictures as raw streams: x265, SVT-AV1 and VVenC inside ffmpeg."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from semcodec.contracts.params import EncodeOnly, Ge, Le, component
from semcodec_anchors.streams import RawStream
from semcodec_anchors.yuv import Layout

__all__ = ["Hevc", "SvtAv1", "Vvc"]


def _joined(options: Mapping[str, object]) -> str:
    return ":".join(f"{name}={value}" for name, value in options.items())


@component
class Hevc(RawStream):
    """HEVC intra, 8 bits, 4:4:4, by x265: what BPG is, without BPG's own header.

    Gray is coded as 4:0:0. Constant quantizer, no adaptive quantization, no psychovisual terms: it
    is tuned for PSNR. The parameter sets are in the stream and counted.

    Attributes:
        qp: quantizer, 0 finest to 51.
        preset: x265's preset, from fast to small.
    """

    label = "HEVC"
    demuxer = "hevc"
    reader = "hevc"

    qp: EncodeOnly[Annotated[int, Ge(0), Le(51)]] = 32
    preset: EncodeOnly[Literal["fast", "medium", "slow", "slower", "veryslow", "placebo"]] = "slow"

    @classmethod
    def planes(cls, channels: int) -> Layout:
        """See :meth:`RawStream.planes`."""
        return Layout(8, mono=channels == 1)

    def encoder(self) -> list[str]:
        """See :meth:`RawStream.encoder`."""
        options = {
            "keyint": 1,
            "info": 0,
            "aud": 0,
            "hrd": 0,
            "hash": 0,
            "repeat-headers": 1,
            "temporal-layers": 0,
            "opt-qp-pps": 0,
            "opt-ref-list-length-pps": 0,
            "pools": "none",
            "frame-threads": 1,
            "wpp": 0,
            "ipratio": 1,
            "aq-mode": 0,
            "cutree": 0,
            "psy-rd": 0,
            "psy-rdoq": 0,
            "cbqpoffs": 0,
            "crqpoffs": 0,
            "log-level": "error",
        }
        words = ["-c:v", "libx265", "-preset", self.preset, "-qp", str(self.qp)]
        return [*words, "-x265-params", _joined(options)]


@component
class SvtAv1(RawStream):
    """AV1 still picture, 10 bits, 4:2:0, by SVT-AV1, as the low-overhead stream of OBUs.

    Gray is coded with neutral chroma. Tuned for PSNR, without adaptive quantization, denoising or
    grain. The temporal delimiter (2 bytes) and the sequence header are in the stream and counted.

    Attributes:
        qp: quantizer, 1 finest to 63.
        preset: SVT-AV1's preset, 0 smallest to 10 fastest.
    """

    label = "SVT-AV1"
    demuxer = "obu"
    reader = "libdav1d"

    qp: EncodeOnly[Annotated[int, Ge(1), Le(63)]] = 35
    preset: EncodeOnly[Annotated[int, Ge(0), Le(10)]] = 4

    @classmethod
    def planes(cls, channels: int) -> Layout:
        """See :meth:`RawStream.planes`."""
        return Layout(10, halved=True)

    def encoder(self) -> list[str]:
        """See :meth:`RawStream.encoder`."""
        options = {
            "avif": 1,
            "rc": 0,
            "aq-mode": 0,
            "tune": 1,
            "lp": 1,
            "film-grain": 0,
            "enable-variance-boost": 0,
            "sharpness": 0,
        }
        words = ["-c:v", "libsvtav1", "-preset", str(self.preset), "-qp", str(self.qp), "-g", "1"]
        return [*words, "-svtav1-params", _joined(options)]


@component
class Vvc(RawStream):
    """VVC intra, 10 bits, 4:2:0, by VVenC.

    Gray is coded with neutral chroma. Constant quantizer without perceptual adaptation: it is tuned
    for PSNR. The parameter sets are in the stream and counted.

    Attributes:
        qp: quantizer, 0 finest to 63.
        preset: VVenC's preset, from fast to small.
    """

    label = "VVC"
    demuxer = "vvc"
    reader = "vvc"

    qp: EncodeOnly[Annotated[int, Ge(0), Le(63)]] = 32
    preset: EncodeOnly[Literal["faster", "fast", "medium", "slow", "slower"]] = "medium"

    @classmethod
    def planes(cls, channels: int) -> Layout:
        """See :meth:`RawStream.planes`."""
        return Layout(10, halved=True)

    def encoder(self) -> list[str]:
        """See :meth:`RawStream.encoder`."""
        options = {
            "IntraQPOffset": 0,
            "AccessUnitDelimiter": 0,
            "HrdParametersPresent": 0,
            "SEIDecodedPictureHash": 0,
            "VuiParametersPresent": 0,
        }
        words = ["-c:v", "libvvenc", "-preset", self.preset, "-qp", str(self.qp), "-qpa", "0"]
        return [*words, "-threads", "1", "-g", "1", "-vvenc-params", _joined(options)]
