"""What a compression gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import PIL.Image
from numpy.typing import NDArray

from semcodec.image import to_pil
from semcodec.image.atomic import write_bytes
from semcodec_seam.arguments import whole
from semcodec_seam.saving import encoded, format_of, within

__all__ = ["CompressionResult"]


@dataclass(frozen=True, eq=False)
class CompressionResult:
    """A picture of another size, and how it came about.

    Attributes:
        image: (height, width, channels), of the dtype of what came in.
        original_size: height and width before.
        compressed_size: height and width now.
        method: how.
        metadata: what else is known: ``target_bytes``, most bytes of the file that :meth:`save`
            writes, where that was asked for; ``quality_metric`` and ``quality``, where the size was
            chosen by a metric.
    """

    image: NDArray[Any]
    original_size: tuple[int, int]
    compressed_size: tuple[int, int]
    method: str
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def compression_ratio(self) -> float:
        """Pixels now over pixels before. Bytes are another matter: see the files."""
        height, width = self.original_size
        return self.compressed_size[0] * self.compressed_size[1] / (height * width)

    def to_pil(self) -> PIL.Image.Image:
        """Give the picture to Pillow."""
        return to_pil(self.image)

    def save(self, path: str | Path, quality: int = 95) -> int:
        """Write the picture; an existing file is replaced whole or left alone.

        Args:
            path: where to; the suffix names the format, JPEG, WebP, AVIF, PNG or TIFF.
            quality: of the first three; with a target of bytes the best that is tried.

        Returns:
            How many bytes the file has; never more than ``target_bytes``.

        Raises:
            ImageError: an unknown suffix, or a picture that the format cannot hold.
            TargetError: no quality meets the target.
            SettingError: the file cannot be written.
        """
        quality = whole("quality", quality)
        form, target = format_of(path), self.metadata.get("target_bytes")
        if target is None:
            data = encoded(self.image, form, quality)
        else:
            data, _ = within(self.image, form, target, quality)
        write_bytes(data, path)
        return len(data)
