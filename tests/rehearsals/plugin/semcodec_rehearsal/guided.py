"""A step that follows a transmitted map, and a background that is not coded at all."""

from typing import Annotated

import numpy as np

from semcodec import Gt, Interval, Map, Port, Quantizer, Symbols, component


def at_blocks(saliency, grid):
    """Sample a map at the centre of every block of every plane; float32 (blocks,)."""
    height, width = saliency.shape
    parts = []
    for rows, columns in grid:
        y = np.minimum((2 * np.arange(rows) + 1) * height // (2 * rows), height - 1)
        x = np.minimum((2 * np.arange(columns) + 1) * width // (2 * columns), width - 1)
        parts.append(saliency[np.ix_(y, x)].reshape(-1))
    return np.concatenate(parts)


@component
class GuidedStep(Quantizer):
    """Divides the step by 1 + beta * M, as SAIC does; M is the decoded map.

    Attributes:
        step: step where the map is 0.
        beta: how much finer the step is where the map is 1.
        skip: leave out blocks where the map is below it.
    """

    ports = {"saliency": Port(Map)}

    step: Annotated[float, Gt(0)] = 32.0
    beta: Annotated[float, Interval(ge=0, le=16)] = 1.0
    skip: Annotated[float, Interval(ge=0, le=1)] = 0.0

    def layout(self, shape, guides, ctx):
        mask = None
        if self.skip > 0:
            kept = at_blocks(guides["saliency"], shape.grid) >= self.skip
            mask = np.broadcast_to(kept[:, None, None], shape.shape).copy()
        return Symbols(shape.shape, shape.grid, mask=mask)

    def _steps(self, guides, ctx):
        levels = at_blocks(guides["saliency"], ctx.shape.grid)
        return (self.step / (1 + self.beta * levels)).astype(np.float32)[:, None, None]

    def quantize(self, x, guides, ctx):
        return np.rint(x / self._steps(guides, ctx)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q.astype(np.float32) * self._steps(guides, ctx)
