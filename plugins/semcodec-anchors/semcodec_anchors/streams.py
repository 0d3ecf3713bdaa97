"""What the raw video streams share: planes into ffmpeg, one intra picture out, and back."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.values import Blob, Image
from semcodec.errors import ContainerError, ImageError, PluginError, UnknownCodec
from semcodec_anchors.process import Failed, run, run_to_file
from semcodec_anchors.yuv import Layout, Planes

__all__ = ["RawStream"]

_LEAST, _MULTIPLE = 64, 8


class RawStream(Transform):
    """Codes one picture as a raw stream of a video codec, without a container.

    The picture is extended to whole multiples of 8, at least 64 a side, by repeating its last row
    and column, and turned into YCbCr as :mod:`semcodec_anchors.yuv` says; the decoder turns it back
    and cuts it to its size. So the stream needs no cropping window and no colour description, and
    the decode is exact wherever the video decoder conforms to its standard.

    Attributes:
        label: name of the format, for messages.
        demuxer: ffmpeg's name of the raw format, for writing and reading.
        reader: ffmpeg's name of the decoder.
        side: longest side that it takes, in pixels.
        pixels: most pixels that it takes.
    """

    consumes = Image
    produces = Blob
    determinism = "bitexact"
    label: ClassVar[str]
    demuxer: ClassVar[str]
    reader: ClassVar[str]
    side: ClassVar[int] = 8192
    pixels: ClassVar[int] = 2**25

    @classmethod
    @abstractmethod
    def planes(cls, channels: int) -> Layout:
        """Say how a picture of 1 or 3 channels lies in planes."""

    @abstractmethod
    def encoder(self) -> list[str]:
        """Give ffmpeg's arguments for the encoder: all that bear on the bytes."""

    def accepts(self, shape: Image) -> str:
        """Refuse 16 bits, alpha, and sides too long."""
        if shape.depth != 8:
            return (
                f"{self.label} takes 8 bits a sample here, the picture has {shape.depth}: "
                "reduce it (semcodec.image.to_depth8)"
            )
        if shape.channels not in (1, 3):
            return (
                f"{self.label} takes gray or RGB, the picture has alpha: "
                "lay it over a colour (semcodec.image.flatten)"
            )
        if max(shape.height, shape.width) > self.side or shape.pixels > self.pixels:
            return (
                f"{self.label} takes sides up to {self.side} and {self.pixels} pixels here, "
                f"the picture is {shape.width}x{shape.height}"
            )
        return ""

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Blob:
        """Describe the output: bytes."""
        return Blob()

    def forward(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> bytes:
        """Encode.

        Args:
            value: uint8 (height, width, 1 or 3).
            guides: none.
            ctx: the context.

        Returns:
            The raw stream, its parameter sets included.

        Raises:
            ImageError: the codec cannot take the picture.
            PluginError: there is no ffmpeg; the hint says what to install.
        """
        shape = Image.of(value)
        problem = self.accepts(shape)
        if problem:
            raise ImageError(problem)
        rows, columns = _extended(shape)
        beyond = ((0, rows - shape.height), (0, columns - shape.width), (0, 0))
        layout = self.planes(shape.channels)
        data = b"".join(p.tobytes() for p in layout.planes(np.pad(value, beyond, mode="edge")))
        words = ["-f", "rawvideo", "-pixel_format", _FORMATS[layout][0]]
        words += ["-video_size", f"{columns}x{rows}", "-framerate", "1", "-i", "pipe:0"]
        words += ["-frames:v", "1", *self.encoder(), "-f", self.demuxer]
        try:
            # The slowest presets take some 0.2 ms a pixel on one slow core.
            stream = run_to_file(words, data, seconds=600 + rows * columns / 500, memory=4 << 30)
        except Failed as error:
            raise ImageError(f"{self.label}: cannot encode {shape} ({error})") from error
        if not stream:
            raise ImageError(f"{self.label}: the encoder gave nothing for {shape}")
        return stream

    def inverse(self, value: bytes, guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Decode.

        Args:
            value: the raw stream.
            guides: none.
            ctx: ``ctx.shape`` describes the picture.

        Returns:
            uint8 (height, width, channels) as ``ctx.shape`` says.

        Raises:
            ContainerError: damaged, truncated, of another codec, size or layout, or it took more
                time or memory than a picture of that size may.
            UnknownCodec: there is no ffmpeg; the hint says what to install.
        """
        shape = ctx.shape
        assert isinstance(shape, Image)
        problem = self.accepts(shape)
        if problem:
            raise ContainerError(problem)
        rows, columns = _extended(shape)
        # Decoders allocate whole coding units, of 128 samples at most.
        most = (rows + 128) * (columns + 128)
        words = ["-xerror", "-err_detect", "explode", "-protocol_whitelist", "pipe"]
        words += ["-threads", "1", "-max_pixels", str(most), "-c:v", self.reader]
        words += ["-f", self.demuxer, "-i", "pipe:0", "-frames:v", "1", "-an", "-sn", "-dn"]
        words += ["-strict", "-1", "-f", "yuv4mpegpipe", "pipe:1"]
        try:
            out = run(words, value, seconds=20 + most / 50_000, memory=64 * most)
        except Failed as error:
            raise self._damaged(str(error)) from error
        except PluginError as error:
            raise UnknownCodec(str(error.args[0]), hint=error.hint) from error
        layout = self.planes(shape.channels)
        picture = layout.picture(self._read(out, layout, rows, columns), shape.channels)
        return np.ascontiguousarray(picture[: shape.height, : shape.width])

    def _read(self, out: bytes, layout: Layout, rows: int, columns: int) -> Planes:
        """Read one picture of a YUV4MPEG2 stream, which says itself how large it is."""
        head, _, rest = out.partition(b"\n")
        frame, _, body = rest.partition(b"\n")
        fields = {word[:1]: word[1:] for word in head.decode("ascii", "replace").split(" ")[1:]}
        found = f"{fields.get('W')}x{fields.get('H')} {fields.get('C')}"
        expected = f"{columns}x{rows} {_FORMATS[layout][1]}"
        if found != expected or frame != b"FRAME" or len(body) != layout.size(rows, columns):
            raise self._damaged(f"expected a picture of {expected}, got {found}")
        planes, at = [], 0
        for shape in layout.shapes(rows, columns):
            count = shape[0] * shape[1]
            plane = np.frombuffer(body, layout.dtype, count, at).reshape(shape)
            if layout.depth > 8 and plane.max() > layout.top:
                raise self._damaged(f"a sample above {layout.top}")
            planes.append(plane)
            at += plane.nbytes
        return planes

    def _damaged(self, why: str) -> ContainerError:
        return ContainerError(
            f"{self.label}: damaged data ({why})",
            hint="The file was truncated or altered: fetch it again.",
        )


# ffmpeg's name of raw planes, and their name in a YUV4MPEG2 header.
_FORMATS = {
    Layout(8): ("yuv444p", "444"),
    Layout(8, mono=True): ("gray", "mono"),
    Layout(10, halved=True): ("yuv420p10le", "420p10"),
}


def _extended(shape: Image) -> tuple[int, int]:
    """Rows and columns of the coded picture."""
    return (
        max(_LEAST, -(-shape.height // _MULTIPLE) * _MULTIPLE),
        max(_LEAST, -(-shape.width // _MULTIPLE) * _MULTIPLE),
    )
