"""Several energies at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency.contrast import SpectralResidual
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import component
from semcodec_seam.energies.forward import Forward
from semcodec_seam.energies.gradient import Gradient

__all__ = ["Hybrid", "check_weights", "mixed"]

Floats = NDArray[np.float32]


@component
class Hybrid(SaliencySource):
    """A weighted mean of three energies, each scaled to its largest value.

    Attributes:
        first: an energy.
        second: another.
        third: another.
        weights: of each, at least 0; an energy of weight 0 is not computed.
        adaptive: whether weights are multiplied by the variance of each energy over the picture:
            one that tells places apart counts for more.
    """

    first: SaliencySource = Gradient()
    second: SaliencySource = SpectralResidual()
    third: SaliencySource = Forward()
    weights: tuple[float, float, float] = (1.0, 1.0, 0.0)
    adaptive: bool = False

    def __post_init__(self) -> None:
        check_weights(self.weights, 3)

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Give float32 (height, width) in [0, 1]; see the class."""
        sources = self.first, self.second, self.third
        used = [(s, w) for s, w in zip(sources, self.weights, strict=True) if w]
        maps = [source.saliency(image, guides, ctx) for source, _ in used]
        return mixed(maps, [weight for _, weight in used], self.adaptive)


def check_weights(weights: Sequence[float], count: int) -> None:
    """See that weights are ``count`` numbers of at least 0, and one above.

    Raises:
        ValueError: they are not.
    """
    if len(weights) != count or not count:
        raise ValueError(f"expected a weight for each of {count} energies, got {len(weights)}")
    if any(not 0 <= weight < np.inf for weight in weights) or not sum(weights):
        raise ValueError(f"expected weights of at least 0, and one above, got {tuple(weights)}")


def mixed(maps: Sequence[Floats], weights: Sequence[float], adaptive: bool) -> Floats:
    """Give the weighted mean of maps, each scaled to its largest value.

    Args:
        maps: float32 (height, width) in [0, 1], one or more.
        weights: of each, at least 0, not all 0.
        adaptive: whether weights are multiplied by the variance of each scaled map.
    """
    scaled = [each / max(each.max(initial=0), np.float32(1e-6)) for each in maps]
    shares = np.array(weights, dtype=np.float64)
    if adaptive:
        shares *= [float(each.var(dtype=np.float64)) for each in scaled]
    total = float(shares.sum()) or 1.0
    made = np.zeros_like(scaled[0])
    for share, each in zip(shares, scaled, strict=True):
        made += each * np.float32(share / total)
    clipped: Floats = np.clip(made, 0, 1, out=made)
    return clipped
