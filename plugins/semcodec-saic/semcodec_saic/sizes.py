"""Sizes of the networks: from parameters to modules, cells and costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from semcodec_torch.devices import require

__all__ = ["HYPER", "builder", "cells", "checked", "cost"]

_CELL = 16
HYPER = 4
"""Cells of the latent on a side of a cell of the hyper-latent."""
_WIDEST = 1024


def checked(trunk: tuple[int, ...], blocks: tuple[int, ...]) -> None:
    """Check the parameters that are lists.

    Raises:
        ValueError: not three numbers, or one out of bounds.
    """
    for name, sizes, least in (("trunk", trunk, 2), ("blocks", blocks, 0)):
        if len(sizes) != 3 or not all(least <= size <= _WIDEST for size in sizes):
            raise ValueError(
                f"expected {name} for three strides, from {least} to {_WIDEST}, got {sizes}"
            )


def cells(side: int) -> int:
    """Count cells of the latent along a side: whole cells of the hyper-latent."""
    return -(-side // (_CELL * HYPER)) * HYPER


@lru_cache(maxsize=16)
def builder(
    trunk: tuple[int, ...], blocks: tuple[int, ...], latent: int, hyper: int
) -> Callable[[], Any]:
    """Give the function that makes networks of these sizes, the same one each time."""

    def build() -> Any:
        from semcodec_saic.networks import Networks, Widths

        return Networks(Widths(trunk, blocks, latent, hyper))  # type: ignore[arg-type]

    return build


@lru_cache(maxsize=64)
def cost(
    trunk: tuple[int, ...],
    blocks: tuple[int, ...],
    latent: int,
    hyper: int,
    name: str,
    cells: tuple[int, int],
) -> tuple[int, int]:
    """Count parameters and operations of one network, as :func:`semcodec_saic.networks.costs`."""
    from semcodec_saic.networks import costs

    with require().device("meta"):
        made = builder(trunk, blocks, latent, hyper)()
    return costs(made, name, cells)
