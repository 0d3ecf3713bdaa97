"""The core's entropy models."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from annotated_types import Gt
from numpy.typing import NDArray

from semcodec.coding.primitives import (
    CAPTIONS,
    DCT,
    ENGLISH,
    LABELS,
    NOTHING,
    PLANE,
    SEQUENCE,
    problem,
)
from semcodec.coding.tables import RATIO, laplace_tables, scale_index
from semcodec.contracts.coding import AdaptivePass, TablePass
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import EntropyModel, Guides
from semcodec.contracts.params import component
from semcodec.contracts.values import Symbols

__all__ = ["ByteContext", "DctContext", "LabelContext", "Laplace", "PlaneContext"]

Passes: TypeAlias = Generator[TablePass | AdaptivePass, NDArray[np.int32], None]


@component
class PlaneContext(EntropyModel):
    """Maps of few levels (saliency levels, labels), each value predicted by its neighbours."""

    adaptive: ClassVar[bool] = True

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return problem(symbols, AdaptivePass(primitive=PLANE))

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`."""
        yield AdaptivePass(primitive=PLANE)


@component
class LabelContext(EntropyModel):
    """Masks and label maps, each label in the light of a template and of where its edges go."""

    adaptive: ClassVar[bool] = True

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return problem(symbols, AdaptivePass(primitive=LABELS))

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`."""
        yield AdaptivePass(primitive=LABELS)


@component
class DctContext(EntropyModel):
    """Quantised blocks of the DCT, predicted within the block and from the blocks around."""

    adaptive: ClassVar[bool] = True

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return problem(symbols, AdaptivePass(primitive=DCT))

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`."""
        yield AdaptivePass(primitive=DCT)


@component
class ByteContext(EntropyModel):
    """Text and other sequences of bytes, each in the light of the two before it.

    Attributes:
        prior: what is expected from the first byte on: ``captions`` English captions of pictures,
            ``english`` the letters of English; ``none`` learns everything.
    """

    prior: Literal["captions", "english", "none"] = "english"

    adaptive: ClassVar[bool] = True

    def accepts(self, symbols: Symbols) -> str:
        """See :meth:`EntropyModel.accepts`."""
        return problem(symbols, self._pass())

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`."""
        yield self._pass()

    def _pass(self) -> AdaptivePass:
        number = {"none": NOTHING, "english": ENGLISH, "captions": CAPTIONS}[self.prior]
        return AdaptivePass(primitive=SEQUENCE, params=(number,))


@component
class Laplace(EntropyModel):
    """Symbols around zero with Laplace tables, one scale for all; index shifts may move it.

    Attributes:
        scale: mean magnitude of the symbols; the nearest of 64 scales from 0.11 to 257 is used.
    """

    index_ratio: ClassVar[float | None] = RATIO

    scale: Annotated[float, Gt(0)] = 1.0

    def passes(self, symbols: Symbols, guides: Guides, ctx: Context) -> Passes:
        """See :meth:`EntropyModel.passes`."""
        yield TablePass(tables=laplace_tables(), indexes=scale_index(self.scale))
