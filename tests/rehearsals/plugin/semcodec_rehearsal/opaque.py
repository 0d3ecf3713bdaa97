"""A codec of others as one opaque stage."""

from io import BytesIO

import numpy as np
from PIL import Image as Pil

from semcodec import Blob, EncodeOnly, Image, Transform, component
from semcodec.errors import ContainerError


@component
class Jpeg(Transform):
    """Baseline JPEG through Pillow.

    Attributes:
        quality: 1 to 95.
    """

    consumes = Image
    produces = Blob

    quality: EncodeOnly[int] = 75

    def accepts(self, shape):
        if shape.channels not in (1, 3) or shape.depth != 8:
            return "JPEG holds 8-bit gray or RGB"
        return ""

    def layout(self, shape, guides, ctx):
        return Blob()

    def forward(self, value, guides, ctx):
        buffer = BytesIO()
        picture = Pil.fromarray(value[..., 0] if value.shape[2] == 1 else value)
        picture.save(buffer, "JPEG", quality=self.quality, subsampling="4:2:0", optimize=True)
        return buffer.getvalue()

    def inverse(self, value, guides, ctx):
        try:
            with Pil.open(BytesIO(value), formats=["JPEG"]) as picture:
                if picture.size != (ctx.shape.width, ctx.shape.height):
                    raise ContainerError(f"expected {ctx.shape}, the JPEG inside is {picture.size}")
                array = np.array(picture)
        except (OSError, SyntaxError, ValueError) as error:
            raise ContainerError(f"the JPEG inside is damaged: {error}") from None
        return array.reshape(ctx.shape.shape)
