"""What ``torch.hyperprior`` reads from its weights: exact networks and tables that fit together.

    form                     int32 (2,)    version 2, bits of the means' fraction
    groups                   int32 (n, 2)  channels and phases of each group, in coding order
    hyper                    network       hyper-latent to features
    head0, head1, ...        networks      of each part: features to parameters
    context1, ...            networks      of each part but the first: what is known to features
    tables                   tables        one for each scale of the grid

Parameters are two planes a channel of the part: first all table indexes, then all means, in units
of ``2**-fraction``. Indexes are those of gain 1: the engine shifts them where a quantizer has
another gain. Groups, phases and parts are those of ``order.py``.

A symbol 3 is three fine steps or three coarse ones, so a context sees residuals in steps of gain 1
(``steps.py``), and all parameters are made with a plane in view that says how coarse the steps are:
``-k``, k the shift of the place, or the largest of its channels, limited to the grid. A residual 0
of a coarse step says less than one of a fine step, and coarse steps leave errors that a scale has
to cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import SCALES
from semcodec.contracts.coding import Tables
from semcodec.errors import WeightsError
from semcodec_torch.entropy import tables as table_files
from semcodec_torch.entropy.order import PHASES, Group, Part, parts
from semcodec_torch.exact import files
from semcodec_torch.exact.layers import Network
from semcodec_torch.weights import Arrays

__all__ = ["Conditional"]

VERSION = 2
_FINEST = 12
_MOST_CHANNELS = 1 << 16
_MOST_GROUPS = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditional:
    """Networks and tables of a hyperprior.

    Attributes:
        hyper: hyper-latent to F features, on a grid finer by ``factor``.
        groups: channels and phases of each group.
        heads: of each part the network from features, the plane, and what its context gives, in
            this order, to parameters. It sees one place at a time, kernels of 1.
        contexts: of each part but the first the network from residuals in steps of gain 1 of the
            channels that are known, 0 where they are not, to features. Of each group in turn it
            takes residuals, then magnitudes. The first layer has a kernel of 3 or 5, others of 1.
        tables: one for each scale of the core's grid.
        fraction: bits of a mean after the point, 0 to 12.

    Raises:
        ValueError: they do not fit together.
    """

    hyper: Network
    groups: tuple[Group, ...]
    heads: tuple[Network, ...]
    contexts: tuple[Network, ...]
    tables: Tables
    fraction: int

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= _FINEST:
            raise ValueError(f"expected a fraction of 0 to {_FINEST} bits, got {self.fraction}")
        if len(self.tables) != SCALES:
            raise ValueError(f"expected {SCALES} tables, one a scale, got {len(self.tables)}")
        if self.hyper.size(3, 5) != (3 * self.factor, 5 * self.factor):
            raise ValueError("expected the network 'hyper' to keep or multiply the size")
        _check_groups(self.groups)
        if (len(self.heads), len(self.contexts)) != (len(self.parts), len(self.parts) - 1):
            raise ValueError(
                f"groups {self.groups} make {len(self.parts)} parts: expected as many heads, and a "
                f"context of all but the first, got {len(self.heads)} and {len(self.contexts)}"
            )
        for index, (part, head, context) in enumerate(self.steps()):
            _check_part(index, part, self.hyper.outputs + 1, head, context)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The passes, in coding order."""
        return tuple(parts(self.groups))

    @property
    def channels(self) -> int:
        """Channels of the latent."""
        return sum(channels for channels, _ in self.groups)

    @property
    def factor(self) -> int:
        """How many rows of the latent a row of the hyper-latent stands for."""
        return self.hyper.size(1, 1)[0]

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them."""
        return (self.hyper, *self.heads, *self.contexts)

    def steps(self) -> Iterator[tuple[Part, Network, Network | None]]:
        """Go through the parts with the head and the context of each."""
        yield from zip(self.parts, self.heads, (None, *self.contexts), strict=True)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give all of it as named integer tensors, for :func:`semcodec_torch.weights.write`."""
        made: dict[str, NDArray[Any]] = {
            "form": np.array([VERSION, self.fraction], dtype=np.int32),
            "groups": np.array(self.groups, dtype=np.int32),
            **table_files.to_arrays(self.tables, "tables"),
            **files.to_arrays(self.hyper, "hyper"),
        }
        for index, (_, head, context) in enumerate(self.steps()):
            made.update(files.to_arrays(head, f"head{index}"))
            if context is not None:
                made.update(files.to_arrays(context, f"context{index}"))
        return made

    @classmethod
    def from_arrays(cls, arrays: Arrays, source: str = "weights") -> Conditional:
        """Make one of named tensors, its networks proved exact again.

        Args:
            arrays: tensors of a file.
            source: what errors call the file.

        Raises:
            WeightsError: something is absent, malformed, or does not fit.
        """
        hint = "Export it again by semcodec_torch.entropy.hyperprior, or fetch the file again."
        form = arrays.get("form")
        if form is None or form.dtype != np.int32 or form.shape != (2,):
            raise WeightsError(
                f"{source}: expected weights of torch.hyperprior, there is no tensor 'form' of "
                "two int32",
                hint=hint,
            )
        if int(form[0]) != VERSION:
            raise WeightsError(
                f"{source}: expected version {VERSION}, got {int(form[0])}",
                hint="pip install --upgrade semcodec-torch",
            )
        rows = arrays.get("groups")
        if rows is None or rows.dtype != np.int32 or rows.ndim != 2 or rows.shape[1] != 2:
            raise WeightsError(f"{source}: expected a tensor 'groups' of int32 (n, 2)", hint=hint)
        groups = tuple(
            (int(channels), int(phases)) for channels, phases in rows[: _MOST_GROUPS + 1]
        )
        try:
            _check_groups(groups)
            count = len(parts(groups))
            return cls(
                hyper=files.from_arrays(arrays, "hyper", source),
                groups=groups,
                heads=tuple(files.from_arrays(arrays, f"head{i}", source) for i in range(count)),
                contexts=tuple(
                    files.from_arrays(arrays, f"context{i}", source) for i in range(1, count)
                ),
                tables=table_files.from_arrays(arrays, "tables", source),
                fraction=int(form[1]),
            )
        except ValueError as error:
            raise WeightsError(f"{source}: {error}", hint=hint) from None


def _check_groups(groups: tuple[Group, ...]) -> None:
    if not 1 <= len(groups) <= _MOST_GROUPS:
        raise ValueError(f"expected 1 to {_MOST_GROUPS} groups, got {len(groups)}")
    for channels, phases in groups:
        if not 1 <= channels <= _MOST_CHANNELS or phases not in PHASES:
            raise ValueError(
                f"expected groups of 1 to {_MOST_CHANNELS} channels in 1, 2 or 4 phases, got "
                f"{channels} in {phases}"
            )


def _check_part(
    index: int, part: Part, features: int, head: Network, context: Network | None
) -> None:
    taken = features if context is None else features + context.outputs
    given = 2 * (part.stop - part.start)
    if (head.inputs, head.outputs) != (taken, given):
        raise ValueError(
            f"expected 'head{index}' to take {taken} channels and give {given}, it takes "
            f"{head.inputs} and gives {head.outputs}"
        )
    both = (head,) if context is None else (head, context)
    if any(each.stride != 1 or each.upsampling != "none" for n in both for each in n.layers):
        raise ValueError("expected networks but 'hyper' to keep the size in every layer")
    single = head.layers
    if context is not None:
        if context.inputs != 2 * part.seen:
            raise ValueError(
                f"expected 'context{index}' to take {2 * part.seen} channels, it takes "
                f"{context.inputs}"
            )
        if context.layers[0].weight.shape[2] == 1:
            raise ValueError(
                f"expected the first layer of 'context{index}' to have a kernel of 3 or 5"
            )
        single += context.layers[1:]
    if any(each.weight.shape[2] != 1 for each in single):
        raise ValueError(
            "expected heads, and contexts from their second layer on, to have kernels of 1"
        )
