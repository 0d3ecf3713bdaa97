"""The ways to give a picture fewer pixels by what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SettingError
from semcodec.image.scaling import scaled
from semcodec_seam.carver import SeamCarver
from semcodec_seam.carving.axes import Scene
from semcodec_seam.cropping import best_crop

__all__ = ["Method", "by_content", "gone"]

Method: TypeAlias = Literal["seam_carving", "smart_crop", "hybrid"]

_ROOMY = 1.2
_NARROW = 0.7


def by_content(
    scene: Scene,
    target: tuple[int, int],
    method: Method,
    carver: SeamCarver,
    progress: Callable[[float], None] | None = None,
) -> NDArray[Any]:
    """Give a picture a height and width.

    Args:
        scene: the picture with its energy.
        target: height and width.
        method: ``"seam_carving"``, seams of the height, then of the width; ``"smart_crop"``, the
            window that holds the most of what is to be kept, the least of what is to go, and the
            most energy, interpolated where a side is to grow; ``"hybrid"``, such a crop to 1.2
            times the size where a side shrinks below 0.7, then seams.
        carver: finds the seams.
        progress: told the share of the seams that is done.

    Returns:
        An array of the picture's dtype and channels.

    Raises:
        SettingError: a side below 1, or more than ten times as long.
    """
    return scaled(_left(scene, target, method, carver, progress).picture, *target)


def gone(
    scene: Scene, target: tuple[int, int], method: Method, carver: SeamCarver
) -> NDArray[np.bool_]:
    """Say which pixels :func:`by_content` leaves out: bool (height, width), in their places.

    Raises:
        SettingError: a side below 1, or one that grows, since then nothing but doubles is new.
    """
    if any(new > old for new, old in zip(target, scene.size, strict=True)):
        raise SettingError(
            f"expected a size of at most {scene.size[1]}x{scene.size[0]}, got "
            f"{target[1]}x{target[0]}: of a side that grows nothing goes"
        )
    height, width = scene.size
    places = np.arange(height * width).reshape(height, width)
    noted = replace(scene, planes={**scene.planes, "places": places})
    without = np.ones(height * width, bool)
    without[_left(noted, target, method, carver).planes["places"]] = False
    return without.reshape(height, width)


def _left(
    scene: Scene,
    target: tuple[int, int],
    method: Method,
    carver: SeamCarver,
    progress: Callable[[float], None] | None = None,
) -> Scene:
    """Give what is left; of a smart crop not enlarged yet."""
    if target == scene.size:
        return scene
    if method == "smart_crop":
        return _cut(scene, target)
    pairs = list(zip(target, scene.size, strict=True))
    if method == "hybrid" and any(new < _NARROW * old for new, old in pairs):
        height, width = (min(old, round(_ROOMY * new)) for new, old in pairs)
        scene = _cut(scene, (height, width))
    return carver.resized(scene, target, progress)


def _cut(scene: Scene, size: tuple[int, int]) -> Scene:
    keep, remove = (scene.planes.get(name) for name in ("keep", "remove"))
    top, left, bottom, right = best_crop(scene.energy, *size, keep=keep, remove=remove)
    return scene.each(lambda plane: np.ascontiguousarray(plane[top:bottom, left:right]))
