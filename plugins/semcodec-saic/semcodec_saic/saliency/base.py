"""What sources that find regions share: they look at a smaller picture and join what is found."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Context, Image, Map, Region, SaliencySource
from semcodec.contracts.kinds import Guides
from semcodec_saic.saliency.boxes import given_boxes
from semcodec_saic.saliency.pictures import enlarge, photograph
from semcodec_saic.saliency.regions import enlarged, union

__all__ = ["NothingFound", "RegionSource"]


class NothingFound(UserWarning):
    """A source found nothing in a picture, and another one made the map."""


class RegionSource(SaliencySource):
    """A source that finds regions on a picture of bounded size and makes its map of them.

    A subclass has the fields below and defines :meth:`find`.

    Attributes:
        id: its component id, for messages.
        boxed: whether it reads the input ``boxes``, which then fits the small picture.
        size: most pixels along a side of the picture that is looked at.
        weighted: whether a region counts by its score.
        otherwise: asked where nothing is found.
    """

    id: ClassVar[str] = ""
    boxed: ClassVar[bool] = False
    size: int
    weighted: bool
    otherwise: SaliencySource | None

    @abstractmethod
    def find(self, picture: NDArray[np.uint8], guides: Guides, ctx: Context) -> list[Region]:
        """List the regions of a small picture, most important first.

        Args:
            picture: uint8 (rows, columns, 3).
            guides: as of :meth:`saliency`.
            ctx: of that picture.
        """

    def sought(self, ctx: Context) -> str:
        """Say in few words what is looked for, for the warning that it is not there."""
        return ""

    def missing(self) -> str:
        """Say what it lacks to run here and the command that mends it; empty if nothing."""
        return ""

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give ``M = max(score * mask)``, float32 (height, width) in [0, 1].

        Where nothing is found, the map is that of ``otherwise``, with a :class:`NothingFound`.
        """
        found, small = self._found(image, guides, ctx)
        if not found:
            return self._other(image, guides, ctx)
        values = self.joined(found, small)
        return enlarge(values, ctx.image.height, ctx.image.width)

    def joined(self, found: Sequence[Region], ctx: Context) -> NDArray[np.float32]:
        """Join regions of the small picture to its map."""
        return union(found, ctx.image.height, ctx.image.width, self.weighted)

    def regions(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Sequence[Region]:
        """List what is found, highest score first; nothing where ``otherwise`` makes the map."""
        found, _ = self._found(image, guides, ctx)
        return [enlarged(each, ctx.image.height, ctx.image.width) for each in found]

    def _found(
        self, image: NDArray[Any], guides: Guides, ctx: Context
    ) -> tuple[list[Region], Context]:
        picture = photograph(image, self.size)
        height, width = picture.shape[:2]
        shape, inputs = Map(height, width), dict(ctx.inputs)
        if self.boxed:
            rows = given_boxes(self.id, ctx)
            rows[:, [0, 2]] *= width / ctx.image.width
            rows[:, [1, 3]] *= height / ctx.image.height
            # What began inside begins inside, however it was rounded.
            rows[:, :2] = np.minimum(rows[:, :2], np.nextafter([width, height], 0))
            inputs["boxes"] = rows
        small = replace(ctx, image=Image(height, width), shape=shape, coded=shape, inputs=inputs)
        return self.find(picture, guides, small), small

    def _other(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        assert self.otherwise is not None
        name = type(self.otherwise).__name__
        what = f"{self.id} found nothing{self.sought(ctx)}; the map is of {name}"
        warnings.warn(what, NothingFound, stacklevel=3)
        ctx.progress(1.0, what)
        return self.otherwise.saliency(image, guides, ctx)
