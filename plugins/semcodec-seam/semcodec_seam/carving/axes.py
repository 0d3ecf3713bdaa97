"""One axis after the other: what is carved, and what is carried along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec_seam.carving.order import Order, kept, removal_order
from semcodec_seam.carving.planes import PLAIN, Cost
from semcodec_seam.carving.widen import doubled, steps
from semcodec_seam.energies.brightness import brightness

__all__ = ["Axis", "Energy", "Scene", "first_seams", "resized", "swapped"]

Axis: TypeAlias = Literal["width", "height"]
Energy: TypeAlias = Callable[[NDArray[Any]], NDArray[np.float32]]
"""From a picture (height, width, channels) to energy (height, width) of at least 0."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A picture and what is known about its pixels; all move together.

    Attributes:
        picture: uint8 or uint16 (height, width, channels).
        energy: float32 (height, width).
        planes: others of the same size that are carried along, such as masks and places.
    """

    picture: NDArray[Any]
    energy: NDArray[np.float32]
    planes: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.energy.shape[0], self.energy.shape[1]

    def each(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Scene:
        """Change everything alike."""
        return Scene(
            picture=change(self.picture),
            energy=change(self.energy),
            planes={name: change(plane) for name, plane in self.planes.items()},
        )

    def turned(self) -> Scene:
        """Swap rows and columns."""
        return self.each(swapped)


def resized(
    scene: Scene,
    axis: Axis,
    target: int,
    *,
    cost: Cost = PLAIN,
    energy: Energy | None = None,
    every: int = 0,
    live: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Scene:
    """Bring one side of a scene to a length, by seams that leave or are doubled.

    Args:
        scene: what to carve; its planes ``keep`` and ``remove``, bool, guide the seams.
        axis: which side.
        target: pixels it shall have, at least 1.
        cost: what seams pay besides energy.
        energy: computes energy anew, after ``every`` seams.
        every: how many seams go by one energy; 0 for all.
        live: whether energy is the slope of the brightness in what is left before each seam; of a
            scene without masks. Its energy is not kept up.
        progress: told the share that is done.

    Returns:
        The scene, whose side has this length.

    Raises:
        ValueError: a target below 1.
        SettingError: a side too long for seams.
    """
    if target < 1:
        raise ValueError(f"expected a target of at least 1 pixel, got {target}")
    if scene.size[axis == "width"] == target:
        return scene
    if axis == "height":
        seen = None if energy is None else (lambda turned: energy(swapped(turned)).T)
        turned = scene.turned()
        return resized(
            turned,
            "width",
            target,
            cost=cost,
            energy=seen,
            every=every,
            live=live,
            progress=progress,
        ).turned()
    whole = max(1, abs(scene.size[1] - target))
    for width in _stops(scene.size[1], target, every if energy is not None and not live else 0):
        done = whole - abs(scene.size[1] - target)
        share = abs(scene.size[1] - width)
        scene = _step(scene, width, cost, live, _part(progress, done / whole, share / whole))
        if energy is not None and every and not live and width != target:
            scene = replace(scene, energy=np.ascontiguousarray(energy(scene.picture)))
    return scene


def first_seams(
    scene: Scene,
    axis: Axis,
    count: int,
    *,
    cost: Cost = PLAIN,
    energy: Energy | None = None,
    every: int = 0,
    live: bool = False,
) -> Order:
    """Find the seams that :func:`resized` takes out first; other arguments are its own.

    Args:
        count: how many, below the side.

    Returns:
        int32 (height, width): k for the pixels of the k-th seam, in their places in the scene; 0
        elsewhere.
    """
    if axis == "height":
        seen = None if energy is None else (lambda turned: energy(swapped(turned)).T)
        turned = scene.turned()
        return swapped(
            first_seams(turned, "width", count, cost=cost, energy=seen, every=every, live=live)
        )
    places = np.arange(scene.energy.size).reshape(scene.size)
    scene = replace(scene, planes={**scene.planes, "places": places})
    found = np.zeros(scene.energy.size, np.int32)
    chunk = every if energy is not None and every and not live else max(count, 1)
    for done in range(0, count, chunk):
        if done:
            assert energy is not None
            scene = replace(scene, energy=np.ascontiguousarray(energy(scene.picture)))
        some = min(chunk, count - done)
        order = _order(scene, some, cost, live)
        found[scene.planes["places"][order > 0]] = done + order[order > 0]
        scene = _without(scene, order, some)
    return found.reshape(places.shape)


def _stops(width: int, target: int, every: int) -> list[int]:
    widths = list(steps(width, target)) or ([target] if target < width else [])
    if not every:
        return widths
    stops: list[int] = []
    for stop in widths:
        sign = 1 if stop > width else -1
        stops += [*range(width + sign * every, stop, sign * every), stop]
        width = stop
    return stops


def _step(
    scene: Scene,
    width: int,
    cost: Cost,
    live: bool,
    progress: Callable[[float], None] | None,
) -> Scene:
    before = scene.size[1]
    count = abs(width - before)
    # Of a single column nothing can be chosen.
    if width > before and count >= before:
        return scene.each(lambda plane: np.repeat(plane, 1 + count // before, axis=1)[:, :width])
    order = _order(scene, count, cost, live, progress, growing=width > before)
    if width > before:
        return scene.each(lambda plane: doubled(plane, order, count))
    return _without(scene, order, count)


def _order(
    scene: Scene,
    count: int,
    cost: Cost,
    live: bool,
    progress: Callable[[float], None] | None = None,
    growing: bool = False,
) -> Order:
    return removal_order(
        np.ascontiguousarray(scene.energy),
        count,
        cost=cost,
        gray=brightness(scene.picture) if cost.forward or live else None,
        keep=scene.planes.get("keep"),
        remove=None if growing else scene.planes.get("remove"),
        live=live,
        progress=progress,
    )


def _without(scene: Scene, order: Order, count: int) -> Scene:
    stays = np.flatnonzero(kept(order, count))
    size = (scene.size[0], scene.size[1] - count)
    return scene.each(
        lambda plane: (
            plane.reshape(order.size, -1).take(stays, axis=0).reshape(*size, *plane.shape[2:])
        )
    )


def swapped(plane: NDArray[Any], axis: Axis = "height") -> NDArray[Any]:
    """Swap rows and columns where the height is what seams change; else give the plane itself."""
    return np.ascontiguousarray(np.swapaxes(plane, 0, 1)) if axis == "height" else plane


def _part(
    progress: Callable[[float], None] | None, begin: float, share: float
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    whole = progress
    return lambda done: whole(begin + share * done)
