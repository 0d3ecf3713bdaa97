"""What the codecs inside Pillow share: a finished bitstream in, a checked picture out."""

from __future__ import annotations

import io
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.values import Blob, Image
from semcodec.errors import ContainerError, ImageError, PluginError, UnknownCodec
from semcodec.image import to_pil

__all__ = ["OpaqueCodec"]

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class OpaqueCodec(Transform):
    """Codes a whole picture with a codec of Pillow's.

    Every option is passed to Pillow explicitly, so a new default there changes nothing, and no
    metadata is written. All parameters are the encoder's: any file of the format decodes.

    Attributes:
        label: name of the format, for messages.
        pillow: Pillow's name of the format; empty where the label in capitals is it.
        channels: numbers of channels that it holds.
        side: longest side that it holds, in pixels.
        pixels: most pixels that it holds.
    """

    consumes = Image
    produces = Blob
    determinism = "stable"
    label: ClassVar[str]
    pillow: ClassVar[str] = ""
    channels: ClassVar[tuple[int, ...]]
    side: ClassVar[int]
    pixels: ClassVar[int]

    @abstractmethod
    def options(self, shape: Image) -> dict[str, Any]:
        """Give all of Pillow's options for a picture so described."""

    @classmethod
    @abstractmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """Open a bitstream: its header, not its pixels."""

    def check(self, data: bytes, shape: Image) -> str:
        """Say what is wrong with data before it is opened; empty, the default, if nothing is."""
        return ""

    def accepts(self, shape: Image) -> str:
        """Refuse 16 bits, channels the format lacks, and sides too long."""
        if shape.depth != 8:
            return (
                f"{self.label} holds 8 bits a sample here, the picture has {shape.depth}: "
                "reduce it (semcodec.image.to_depth8)"
            )
        if shape.channels not in self.channels:
            held = " or ".join(_MODES[count] for count in self.channels)
            what = "alpha" if shape.channels in (2, 4) else f"{shape.channels} channels"
            return (
                f"{self.label} holds {held}, the picture has {what}: "
                "lay it over a colour (semcodec.image.flatten)"
            )
        if max(shape.height, shape.width) > self.side or shape.pixels > self.pixels:
            return (
                f"{self.label} holds sides up to {self.side} and {self.pixels} pixels, "
                f"the picture is {shape.width}x{shape.height}"
            )
        return ""

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Blob:
        """Describe the output: bytes."""
        return Blob()

    def forward(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> bytes:
        """Encode.

        Args:
            value: uint8 (height, width, channels) that :meth:`accepts` lets pass.
            guides: none.
            ctx: the context.

        Returns:
            The file of the format, without metadata.

        Raises:
            ImageError: the format cannot hold the picture.
            PluginError: a package is missing; the hint says what to install.
        """
        shape = Image.of(value)
        problem = self.accepts(shape)
        if problem:
            raise ImageError(problem)
        buffer = io.BytesIO()
        try:
            self.save(value, buffer, self.options(shape))
        except PluginError:
            raise
        # KeyError: Pillow without the format; RuntimeError: its plugins.
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ImageError(f"{self.label}: cannot encode {shape} ({error})") from error
        return buffer.getvalue()

    def save(self, value: NDArray[np.uint8], buffer: io.BytesIO, options: dict[str, Any]) -> None:
        """Write the file of the format into the buffer."""
        to_pil(value).save(buffer, self.pillow or self.label.upper(), **options)

    def inverse(self, value: bytes, guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Decode.

        Args:
            value: a file of the format; its size is compared before any pixel is decoded.
            guides: none.
            ctx: ``ctx.shape`` describes the picture.

        Returns:
            uint8 (height, width, channels) as ``ctx.shape`` says.

        Raises:
            ContainerError: damaged, truncated, of another format, or of another size or kind.
            UnknownCodec: a package is missing; the hint says what to install.
        """
        shape = ctx.shape
        assert isinstance(shape, Image)
        problem = self.check(value, shape)
        if problem:
            raise self._damaged(ValueError(problem))
        picture = self._opened(value)
        expected = (shape.width, shape.height)
        if picture.size != expected:
            raise ContainerError(
                f"{self.label}: expected a picture of {shape.width}x{shape.height}, "
                f"got {picture.width}x{picture.height}"
            )
        if getattr(picture, "is_animated", False):
            raise ContainerError(f"{self.label}: expected one picture, got several frames")
        mode = _MODES.get(shape.channels) if shape.depth == 8 else None
        if mode is None or shape.channels not in self.channels:
            raise ContainerError(f"{self.label}: cannot hold a picture described by {shape}")
        # Formats without gray give it back as RGB, and those with optional alpha as either.
        if picture.mode not in {"L": ("L", "RGB"), "RGB": ("RGB",)}.get(mode, ("RGB", "RGBA")):
            raise ContainerError(f"{self.label}: expected {mode}, got {picture.mode}")
        try:
            picture.load()
            if picture.size != expected:  # HEIC may say one size outside and another inside
                raise ValueError(f"its pixels are {picture.width}x{picture.height}")
            pixels: NDArray[np.uint8] = np.array(picture.convert(mode))
        except Exception as error:  # damaged pixels raise nearly anything
            raise self._damaged(error) from error
        return pixels.reshape(shape.shape)

    def _opened(self, value: bytes) -> ImageFile.ImageFile:
        try:
            return self.open(io.BytesIO(value))
        except PluginError as error:
            raise UnknownCodec(str(error.args[0]), hint=error.hint) from error
        except Exception as error:  # damaged headers raise nearly anything
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> ContainerError:
        return ContainerError(
            f"{self.label}: damaged data ({str(error) or type(error).__name__})",
            hint="The file was truncated or altered: fetch it again.",
        )
