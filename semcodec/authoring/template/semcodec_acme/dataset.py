# if dataset
"""A data set: pictures by name, in a fixed order."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from semcodec import Dataset, Interval, Sample, component

__all__ = ["Charts"]

NAMES = ("ramp", "checks", "rings")


@component
class Charts(Dataset):
    """Test charts, made on the spot: a ramp, a chequerboard and rings that grow finer outwards.

    Attributes:
        side: width and height in pixels.
    """

    side: Annotated[int, Interval(ge=1, le=4096)] = 256

    def names(self) -> tuple[str, ...]:
        """Name the charts."""
        return NAMES

    def read(self, name: str) -> Sample:
        """Draw a chart: uint8 (side, side, 3).

        Raises:
            KeyError: there is none of that name.
        """
        if name not in NAMES:
            raise KeyError(f"expected one of {', '.join(NAMES)}, got {name!r}")
        y, x = np.mgrid[: self.side, : self.side]
        gray = {
            "ramp": 255 * x // max(self.side - 1, 1),
            "checks": 255 * ((x // 8 + y // 8) % 2),
            "rings": abs((x * x + y * y) // self.side % 511 - 255),
        }[name]
        image = np.repeat(gray.astype(np.uint8)[:, :, None], 3, axis=2)
        return Sample(name=name, image=image, inputs={})
# end
