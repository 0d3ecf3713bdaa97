# if decoder
"""A decoder: makes the picture from what was decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from semcodec import Context, Decoder, Image, Interval, Port, component

__all__ = ["Sharpen"]


@component
class Sharpen(Decoder):
    """Unsharp mask: what a sample has beyond its four neighbours' mean is exaggerated.

    Attributes:
        amount: by how much; 0 leaves the picture as it is.
    """

    ports: ClassVar[Mapping[str, Port]] = {"picture": Port(Image, exact=False)}
    determinism = "bitexact"

    amount: Annotated[float, Interval(ge=0, le=4)] = 0.25

    def decode(self, inputs: Mapping[str, Any], ctx: Context) -> NDArray[Any]:
        """Sharpen the picture at the port ``picture``."""
        picture = inputs["picture"]
        wide = np.pad(picture.astype(np.int32), ((1, 1), (1, 1), (0, 0)), mode="edge")
        centre = wide[1:-1, 1:-1]
        around = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
        # Integers up to here, then single operations: the same on every machine.
        more = (4 * centre - around).astype(np.float32) * np.float32(self.amount / 4)
        most = np.iinfo(picture.dtype).max
        sharp = np.clip(np.rint(centre.astype(np.float32) + more), 0, most)
        return np.asarray(sharp, picture.dtype)
# end
