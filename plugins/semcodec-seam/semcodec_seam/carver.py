"""Pictures resized by their seams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.kinds import SaliencySource
from semcodec.errors import SettingError
from semcodec_seam.animation import frames, write_animation
from semcodec_seam.arguments import number, one_of, whole
from semcodec_seam.carving.axes import Axis, Scene, first_seams, resized
from semcodec_seam.carving.order import Order
from semcodec_seam.carving.planes import Cost
from semcodec_seam.energies.gradient import Gradient
from semcodec_seam.familiar.energies import EnergyFunction, is_slope, measure_of
from semcodec_seam.pictures import read_mask, taken
from semcodec_seam.sizes import check_size
from semcodec_seam.visual import Direction, heat, with_seams

__all__ = ["SeamCarver"]

_FAR = 1e9
"""Pixels of a side that nobody asks for."""


class SeamCarver:
    """Resizes pictures by taking out, or doubling, seams that carry little.

    Energy is computed once and carried along; ``refresh`` computes it anew. Masks are of the
    picture that is resized, and are carried along too.

    Args:
        energy_function: an energy, by default the gradient; any saliency source of semcodec.
        keep_mask: (height, width), true or bright where pixels shall stay.
        remove_mask: likewise, where they shall go first; what is in both stays.
        forward: weight of the edges that a removal makes; 0 without, 1 like the energy of the
            steepest edge.
        rigidity: what a step to the side costs, in units of energy.
        delta_x: columns that a seam may step aside from one row to the next.
        refresh: after how many seams energy is computed anew; 0 never.

    Raises:
        SettingError: a value out of range.
    """

    def __init__(
        self,
        energy_function: EnergyFunction | SaliencySource | None = None,
        keep_mask: Any = None,
        remove_mask: Any = None,
        *,
        forward: float = 0.0,
        rigidity: float = 0.0,
        delta_x: int = 1,
        refresh: int = 0,
    ) -> None:
        if whole("refresh", refresh) < 0:
            raise SettingError(f"expected refresh of at least 0 seams, got {refresh}")
        energy = Gradient() if energy_function is None else energy_function
        self._measure = measure_of(energy)
        self.cost = Cost(
            forward=number("forward", forward),
            rigidity=number("rigidity", rigidity),
            reach=whole("delta_x", delta_x),
        )
        self._masks = {"keep": keep_mask, "remove": remove_mask}
        plain = keep_mask is None and remove_mask is None and not forward and delta_x == 1
        # Every seam anew: of slopes only those beside the seam change.
        self._live = refresh == 1 and plain and is_slope(energy)
        self._renewal: dict[str, Any] = {
            "energy": self.measure,
            "every": refresh,
            "live": self._live,
        }

    def measure(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        """Give the energy of uint8 or uint16 (height, width, channels).

        Raises:
            SettingError: the energy function gives something else than energy.
        """
        return self._measure(picture)

    def resize(
        self,
        image: Any,
        target_height: int | None = None,
        target_width: int | None = None,
        scale_height: float | None = None,
        scale_width: float | None = None,
        show_progress: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> NDArray[Any]:
        """Give the picture another size, its height first, then its width.

        Args:
            image: a path, a Pillow image or an array.
            target_height: rows it shall have; the present ones if neither this nor a scale is
                given.
            target_width: columns, likewise.
            scale_height: factor of the height, where no target is given.
            scale_width: factor of the width, likewise.
            show_progress: whether a bar is drawn on standard error.
            progress: told the share that is done.

        Returns:
            An array of the picture's dtype and channels.

        Raises:
            ImageError: no picture, or a mask of another size.
            SettingError: a size below 1, or more than ten times the picture's.
        """
        picture = taken(image)
        height, width = picture.shape[:2]
        size = (
            _side(height, target_height, scale_height),
            _side(width, target_width, scale_width),
        )
        if show_progress and progress is None:
            from semcodec_seam.bar import bar

            with bar("carving") as drawn:
                return self.carved(picture, size, drawn).picture
        return self.carved(picture, size, progress).picture

    def carved(
        self,
        picture: NDArray[Any],
        size: tuple[int, int],
        progress: Callable[[float], None] | None = None,
    ) -> Scene:
        """Give the picture a height and width, with energy and masks as they are then."""
        return self.resized(self.scene(picture), size, progress)

    def resized(
        self,
        scene: Scene,
        size: tuple[int, int],
        progress: Callable[[float], None] | None = None,
    ) -> Scene:
        """Give a scene a height, then a width.

        Raises:
            SettingError: a side below 1, or more than ten times as long.
        """
        check_size(scene.size, size)
        todo = [abs(target - side) for target, side in zip(size, scene.size, strict=True)]
        done = 0.0
        axes: tuple[Axis, Axis] = ("height", "width")
        for axis, target, count in zip(axes, size, todo, strict=True):
            share = count / max(1, sum(todo))
            scene = resized(
                scene,
                axis,
                target,
                cost=self.cost,
                **self._renewal,
                progress=_after(progress, done, share),
            )
            done += share
        if self._live and any(todo):
            scene = replace(scene, energy=self.measure(scene.picture))
        return scene

    def scene(self, picture: NDArray[Any]) -> Scene:
        """Give a picture with its energy and masks."""
        size = picture.shape[0], picture.shape[1]
        masks = {name: read_mask(m, size, f"{name}_mask") for name, m in self._masks.items()}
        return Scene(
            picture=picture,
            energy=self.measure(picture),
            planes={name: mask for name, mask in masks.items() if mask is not None},
        )

    def seams(self, image: Any, n_seams: int, direction: Direction = "vertical") -> Order:
        """Find the seams that would go first.

        Returns:
            int32 (height, width): k for the pixels of the k-th seam, 0 elsewhere; in the places of
            the picture itself.

        Raises:
            SettingError: as many seams as there are columns, or rows.
        """
        one_of("a direction", direction, get_args(Direction))
        n_seams = whole("n_seams", n_seams)
        scene = self.scene(taken(image))
        axis: Axis = "height" if direction == "horizontal" else "width"
        side = scene.size[axis == "width"]
        if not 0 <= n_seams < side:
            raise SettingError(f"expected 0 to {side - 1} {direction} seams, got {n_seams}")
        return first_seams(scene, axis, n_seams, cost=self.cost, **self._renewal)

    def visualize_energy(self, image: Any) -> NDArray[np.uint8]:
        """Draw the energy from black over red and yellow to white: uint8 (height, width, 3)."""
        return heat(self.measure(taken(image)))

    def visualize_seams(
        self, image: Any, n_seams: int = 10, direction: Direction = "vertical"
    ) -> NDArray[np.uint8]:
        """Draw the first seams in red over the picture: uint8 (height, width, 3)."""
        picture = taken(image)
        return with_seams(picture, self.seams(picture, n_seams, direction))

    def animate(
        self,
        image: Any,
        path: str | Path,
        n_seams: int,
        direction: Direction = "vertical",
        count: int = 32,
    ) -> None:
        """Write an animation of the first seams leaving the picture, GIF or WebP.

        Args:
            image: a path, a Pillow image or an array.
            path: where to.
            n_seams: how many seams leave.
            direction: which way they run.
            count: how many frames at most.

        Raises:
            ImageError: no picture, or a path of another format.
            SettingError: as many seams as there are columns, or rows; no frames.
        """
        picture = taken(image)
        order = self.seams(picture, n_seams, direction)
        write_animation(frames(picture, order, direction, count), path)

    def remove_object(self, image: Any, *, restore: bool = False) -> NDArray[Any]:
        """Take out all of the mask to be removed, along the axis that loses fewer seams.

        Args:
            image: the picture.
            restore: whether seams are doubled afterwards until the picture has its size again.

        Raises:
            SettingError: there is no mask, or it fills all rows and columns.
        """
        picture = taken(image)
        scene = self.scene(picture)
        mask = scene.planes.get("remove")
        if mask is not None and "keep" in scene.planes:
            mask = mask & ~scene.planes["keep"]
            scene = replace(scene, planes={**scene.planes, "remove": mask})
        if mask is None or not mask.any():
            raise SettingError("expected a remove_mask that marks something to go, got none")
        needed = {"width": int(mask.sum(axis=1).max()), "height": int(mask.sum(axis=0).max())}
        sides = {"height": scene.size[0], "width": scene.size[1]}
        axis: Axis = "width" if needed["width"] <= needed["height"] else "height"
        if needed[axis] >= sides[axis]:
            axis = "height" if axis == "width" else "width"
        if needed[axis] >= sides[axis]:
            raise SettingError("expected a remove_mask that leaves a row or column, it fills all")
        # A seam may miss part of a mask whose rows lie apart; go on until nothing is left.
        while scene.planes["remove"].any() and scene.size[axis == "width"] > 1:
            rows = scene.planes["remove"].sum(axis=1 if axis == "width" else 0)
            target = max(1, scene.size[axis == "width"] - int(rows.max()))
            scene = resized(scene, axis, target, cost=self.cost, **self._renewal)
        if restore:
            scene = resized(scene, axis, sides[axis], cost=self.cost, **self._renewal)
        return scene.picture


def _side(side: int, target: int | None, scale: float | None) -> int:
    if target is not None or scale is None:
        return side if target is None else whole("a target", target)
    if not 0 <= number("a scale", scale) * side < _FAR:
        raise SettingError(f"expected a finite scale of at least 0 and at most ten, got {scale}")
    return int(side * scale)


def _after(
    progress: Callable[[float], None] | None, done: float, share: float
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    whole = progress
    return lambda part: whole(done + share * part)
