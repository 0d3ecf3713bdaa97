"""What ``torch.hyperprior`` reads from its weights: exact networks and tables that fit together.

    form                     int32 (2,)   version 1, bits of the means' fraction
    hyper, head              networks     hyper-latent to features, features to parameters
    context, joint           networks     optional: anchors to features, both to parameters
    tables                   tables       one for each scale of the grid

Parameters are two planes a channel of the latent: first all table indexes, then all means, in
units of ``2**-fraction``. Indexes are those of gain 1: the engine shifts them where a quantizer has
another gain.

A symbol 3 is three fine steps or three coarse ones, so a context sees residuals in steps of gain 1
(``steps.py``), and both kinds of parameters are made with a plane in view that says how coarse the
steps are: ``-k``, k the shift of the place, or the largest of its channels, limited to the grid. A
residual 0 of a coarse step says less than one of a fine step, and coarse steps leave errors that a
scale has to cover.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import SCALES
from semcodec.contracts.coding import Tables
from semcodec.errors import WeightsError
from semcodec_torch.entropy import tables as table_files
from semcodec_torch.exact import files
from semcodec_torch.exact.layers import Network
from semcodec_torch.weights import Arrays

__all__ = ["Conditional", "anchors"]

VERSION = 1
_FINEST = 12


def anchors(rows: int, columns: int) -> NDArray[np.bool_]:
    """Give the places that are coded first: those whose row and column sum to an even number.

    Every neighbour of a place in its row or column is of the other kind (He et al.,
    arXiv 2103.15306).
    """
    made: NDArray[np.bool_] = np.add.outer(np.arange(rows), np.arange(columns)) % 2 == 0
    return made


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditional:
    """Networks and tables of a hyperprior.

    Attributes:
        hyper: hyper-latent to features, on a grid finer by ``factor``.
        head: features, then the plane, to parameters: for all places, or for the anchors where
            there is a context. It sees one place at a time, kernels of 1.
        tables: one for each scale of the core's grid.
        fraction: bits of a mean after the point, 0 to 12.
        context: the anchors' residuals in steps of gain 1, then their magnitudes, to features;
            None for a single pass. Its first layer has a kernel of 3 or 5, others of 1.
        joint: features of ``hyper``, the plane and features of ``context``, in this order, to
            parameters; one place at a time as well.

    Raises:
        ValueError: they do not fit together.
    """

    hyper: Network
    head: Network
    tables: Tables
    fraction: int
    context: Network | None = None
    joint: Network | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= _FINEST:
            raise ValueError(f"expected a fraction of 0 to {_FINEST} bits, got {self.fraction}")
        if len(self.tables) != SCALES:
            raise ValueError(f"expected {SCALES} tables, one a scale, got {len(self.tables)}")
        if self.hyper.size(3, 5) != (3 * self.factor, 5 * self.factor):
            raise ValueError("expected the network 'hyper' to keep or multiply the size")
        if self.head.inputs != self.hyper.outputs + 1 or self.head.outputs % 2:
            raise ValueError(
                f"expected 'head' to take {self.hyper.outputs + 1} channels and give pairs, "
                f"it takes {self.head.inputs} and gives {self.head.outputs}"
            )
        single, kept = list(self.head.layers), [self.head]
        if (self.context is None) != (self.joint is None):
            raise ValueError("expected both of 'context' and 'joint', or neither")
        if self.context is not None and self.joint is not None:
            single += self.joint.layers
            kept += [self.context, self.joint]
            taken = self.head.inputs + self.context.outputs
            if (self.context.inputs, self.joint.inputs) != (2 * self.channels, taken):
                raise ValueError(
                    f"expected 'context' to take {2 * self.channels} channels and 'joint' {taken}, "
                    f"they take {self.context.inputs} and {self.joint.inputs}"
                )
            if self.joint.outputs != self.head.outputs:
                raise ValueError(
                    f"expected 'joint' to give {self.head.outputs} channels, "
                    f"it gives {self.joint.outputs}"
                )
        if any(each.stride != 1 or each.upsampling != "none" for n in kept for each in n.layers):
            raise ValueError("expected networks but 'hyper' to keep the size in every layer")
        around = () if self.context is None else self.context.layers[1:]
        if self.context is not None and self.context.layers[0].weight.shape[2] == 1:
            raise ValueError("expected the first layer of 'context' to have a kernel of 3 or 5")
        if any(each.weight.shape[2] != 1 for each in (*single, *around)):
            raise ValueError(
                "expected 'head', 'joint' and 'context' from its second layer on to "
                "have kernels of 1"
            )

    @property
    def channels(self) -> int:
        """Channels of the latent."""
        return self.head.outputs // 2

    @property
    def factor(self) -> int:
        """How many rows of the latent a row of the hyper-latent stands for."""
        return self.hyper.size(1, 1)[0]

    @property
    def networks(self) -> tuple[Network, ...]:
        """Those that there are."""
        found = (self.hyper, self.head, self.context, self.joint)
        return tuple(network for network in found if network is not None)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Give all of it as named integer tensors, for :func:`semcodec_torch.weights.write`."""
        made: dict[str, NDArray[Any]] = {
            "form": np.array([VERSION, self.fraction], dtype=np.int32),
            **table_files.to_arrays(self.tables, "tables"),
        }
        for name in ("hyper", "head", "context", "joint"):
            network = getattr(self, name)
            if network is not None:
                made.update(files.to_arrays(network, name))
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
        found = {
            name: files.from_arrays(arrays, name, source)
            for name in ("hyper", "head", "context", "joint")
            if name in ("hyper", "head") or f"{name}.form" in arrays
        }
        tables = table_files.from_arrays(arrays, "tables", source)
        try:
            return cls(tables=tables, fraction=int(form[1]), **found)
        except ValueError as error:
            raise WeightsError(f"{source}: {error}", hint=hint) from None
