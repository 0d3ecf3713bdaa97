"""Energy and masks as whole numbers, so that sums along seams are exact and equal everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SettingError
from semcodec_seam.carving.kernels.live import slopes

__all__ = ["PLAIN", "Cost", "Planes", "planes", "slope_planes"]

_TALLEST = 1 << 15
_LEVELS = 32767  # of energy, in 16 bits
_REACH = 16


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a seam pays besides the energy of its pixels.

    Attributes:
        forward: weight of the edges that a removal makes, 1 for an edge from black to white (the
            forward energy of Rubinstein et al. 2008); 0 leaves energy alone to decide.
        rigidity: what a step to the side costs, for each column, in units of energy.
        reach: how many columns a seam may step aside from one row to the next; 0 makes seams
            straight. Forward energy knows 1 alone.

    Raises:
        SettingError: a value out of range, or that do not go together.
    """

    forward: float = 0.0
    rigidity: float = 0.0
    reach: int = 1

    def __post_init__(self) -> None:
        for name, value in (("forward", self.forward), ("rigidity", self.rigidity)):
            if not 0 <= value <= 100:
                raise SettingError(f"expected {name} from 0 to 100, got {value}")
        if not 0 <= self.reach <= _REACH:
            raise SettingError(f"expected a reach of 0 to {_REACH} columns, got {self.reach}")
        if self.forward and self.reach != 1:
            raise SettingError(
                f"expected a reach of 1 with forward energy, got {self.reach}",
                hint="Leave forward 0 for seams that step further, or none.",
            )


PLAIN = Cost()
"""Energy alone decides, and seams are connected."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Planes:
    """What the kernels take.

    Attributes:
        field: (height, width): int16, with masks int64; floats for forward energy.
        gray: as the field, for forward energy; else None.
        sums: dtype of the sum of a seam.
        far: more than any sum.
        rigidity: in units of the field.
        live: whether the field follows the gray values.
    """

    field: NDArray[Any]
    gray: NDArray[Any] | None
    sums: type
    far: float
    rigidity: int
    live: bool = False


def planes(
    energy: NDArray[np.float32],
    cost: Cost,
    gray: NDArray[Any] | None,
    keep: NDArray[np.bool_] | None,
    remove: NDArray[np.bool_] | None,
) -> Planes:
    """Quantise energy for the kernels.

    A pixel to be kept outweighs all others of a seam together, then one to be removed all that are
    neither.

    Args:
        energy: (height, width), at least 0; 1 is the unit of the other costs.
        cost: what is paid besides.
        gray: the brightness in [0, 255], for forward energy.
        keep: which pixels must stay as long as others are left.
        remove: which pixels go first.

    Raises:
        SettingError: more than 32768 rows.
    """
    height = _checked(energy.shape[0])
    masked = keep is not None or remove is not None
    # The sum of a seam that meets no mask stays below 2**24, which float32 holds exactly, or 2**31.
    most = ((1 << 24) if cost.forward else (1 << 31)) // height - 2
    peak = float(energy.max(initial=0.0))
    unit = most / (3 * cost.forward + peak + cost.rigidity * cost.reach + 1e-9)
    if not cost.forward:
        unit = min(unit, _LEVELS / max(peak, 1e-9))
    field = np.rint(energy.astype(np.float64) * unit)
    rigidity = int(cost.rigidity * unit + 0.5)
    if masked:
        ordinary = most * height
        field = field.astype(np.int64)
        if remove is not None:
            field[remove] -= ordinary
        if keep is not None:
            field[keep] += ordinary * (height + 1)
    if cost.forward:
        assert gray is not None
        kind: type = np.float64 if masked else np.float32
        edges = np.rint(gray * (cost.forward * unit / 255))
        return Planes(
            field=field.astype(kind),
            gray=edges.astype(kind),
            sums=kind,
            far=2.0**60,
            rigidity=rigidity,
        )
    kind = np.int64 if masked else np.int16
    sums = np.int64 if masked else np.int32
    far = 1 << 61 if masked else (1 << 31) - 1 - rigidity * cost.reach
    return Planes(field=field.astype(kind), gray=None, sums=sums, far=far, rigidity=rigidity)


def slope_planes(gray: NDArray[np.float32], cost: Cost, start: NDArray[np.uint64]) -> Planes:
    """Give gray values in sixteenths, and their slopes.

    Args:
        gray: (height, width), the brightness in [0, 255].
        cost: what is paid besides: ``rigidity``, in units of the steepest slope.
        start: where rows begin: 0.

    Raises:
        SettingError: more than 32768 rows.
    """
    height, width = gray.shape
    _checked(height)
    shades = np.rint(gray * 16).astype(np.int16)
    field = np.empty_like(shades)
    slopes(field, shades, start, width)
    # Slopes stay below 2**15, so that no sum of a seam with this much rigidity passes 2**31.
    most = ((1 << 31) - 1) // height - _LEVELS - 1
    rigidity = min(int(cost.rigidity * max(int(field.max(initial=0)), 1) + 0.5), max(most, 0))
    return Planes(
        field=field,
        gray=shades,
        sums=np.int32,
        far=(1 << 31) - 1 - rigidity,
        rigidity=rigidity,
        live=True,
    )


def _checked(height: int) -> int:
    if height > _TALLEST:
        raise SettingError(
            f"expected at most {_TALLEST} pixels along a seam, got {height}",
            hint="Shrink the picture first.",
        )
    return height
