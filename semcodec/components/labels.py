"""Label maps and masks in picture files: the stored numbers themselves, not their colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import ImageError

__all__ = ["read_labels"]

_MOST = 1 << 27
_MODES = ("1", "L", "P", "I", "I;16", "I;16B")


def read_labels(path: Path) -> NDArray[Any]:
    """Read a map of labels or a mask.

    Args:
        path: a picture of one channel: gray of 1, 8 or 16 bits, or with a palette, whose indexes
            are taken.

    Returns:
        (height, width): bool for one bit, uint8 for 8 bits or a palette, else int32.

    Raises:
        ImageError: it cannot be read, or has colours.
    """
    from PIL import Image

    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST:
                raise ImageError(f"{path}: expected at most {_MOST} pixels")
            if opened.mode not in _MODES:
                raise ImageError(
                    f"{path}: expected one channel, got mode {opened.mode}",
                    hint="Save it as gray, or with a palette.",
                )
            array = np.asarray(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ImageError(f"{path}: cannot be read as a label map ({error})") from None
    return array if array.dtype in (np.bool_, np.uint8) else array.astype(np.int32)
