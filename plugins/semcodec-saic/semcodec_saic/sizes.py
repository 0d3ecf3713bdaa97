"""Sizes of the networks: from parameters to modules, cells and costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from semcodec_torch.devices import require
from semcodec_torch.weights import network

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Transform
from semcodec.contracts.params import Interval
from semcodec.contracts.weights import Weights

__all__ = ["HYPER", "Sized", "cells"]

_CELL = 16
HYPER = 4
"""Cells of the latent on a side of a cell of the hyper-latent."""
_WIDEST = 1024


@dataclass(frozen=True, kw_only=True)
class Sized(Transform):
    """A stage that runs some of the networks of one file of weights.

    Attributes:
        weights: networks, as ``semcodec train saic`` writes them.
        trunk: channels at strides 4, 8 and 16.
        blocks: residual blocks there, in each direction.
        latent: channels of the latent.
        hyper: channels of the hyper-latent.
    """

    weights: Weights
    trunk: tuple[int, ...] = (64, 96, 128)
    blocks: tuple[int, ...] = (2, 1, 2)
    latent: Annotated[int, Interval(ge=1, le=1024)] = 320
    hyper: Annotated[int, Interval(ge=1, le=1024)] = 96

    def __post_init__(self) -> None:
        for name, sizes, least in (("trunk", self.trunk, 2), ("blocks", self.blocks, 0)):
            if len(sizes) != 3 or not all(least <= size <= _WIDEST for size in sizes):
                raise ValueError(
                    f"expected {name} for three strides, from {least} to {_WIDEST}, got {sizes}"
                )

    def networks(self, ctx: Context) -> Any:
        """Give the networks on the context's device.

        Raises:
            WeightsError: the weights cannot be found, or are of other networks.
            PluginError: torch is missing.
        """
        return network(_builder(*self._sizes()), self.weights, ctx)

    def counted(self, name: str, cells: tuple[int, int]) -> tuple[int, int]:
        """Count parameters and operations of one network (``networks.costs``)."""
        return _cost(*self._sizes(), name, cells)

    def _sizes(self) -> tuple[tuple[int, ...], tuple[int, ...], int, int]:
        return self.trunk, self.blocks, self.latent, self.hyper


def cells(side: int) -> int:
    """Count cells of the latent along a side: whole cells of the hyper-latent."""
    return -(-side // (_CELL * HYPER)) * HYPER


@lru_cache(maxsize=16)
def _builder(
    trunk: tuple[int, ...], blocks: tuple[int, ...], latent: int, hyper: int
) -> Callable[[], Any]:
    """Give the function that makes networks of these sizes, the same one each time."""

    def build() -> Any:
        from semcodec_saic.networks import Networks, Widths

        return Networks(Widths(trunk, blocks, latent, hyper))  # type: ignore[arg-type]

    return build


@lru_cache(maxsize=64)
def _cost(
    trunk: tuple[int, ...],
    blocks: tuple[int, ...],
    latent: int,
    hyper: int,
    name: str,
    cells: tuple[int, int],
) -> tuple[int, int]:
    from semcodec_saic.networks import costs

    with require().device("meta"):
        made = _builder(trunk, blocks, latent, hyper)()
    return costs(made, name, cells)
