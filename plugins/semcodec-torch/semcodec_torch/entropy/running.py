"""The networks of a hyperprior on a device: from decoded integers to table indexes and means."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec_torch.devices import require
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.steps import limited, residuals, step_of
from semcodec_torch.exact.runtime import Runtime

__all__ = ["Known", "Parameters", "Running"]

Ints: TypeAlias = NDArray[np.int32]
_MARGIN = 2  # of the largest kernel, 5
_FARTHEST = 127


class Parameters(NamedTuple):
    """What the symbols of a part are coded with.

    Attributes:
        indexes: int32 (channels of the part, places), within the tables.
        means: float32 of the same shape.
    """

    indexes: Ints
    means: NDArray[np.float32]


class Running:
    """Networks ready to run. It keeps no state between calls.

    Args:
        made: the networks.
        device: a ``torch.device``.
    """

    def __init__(self, made: Conditional, device: Any) -> None:
        self._made = made
        self._hyper = Runtime(made.hyper, device)
        self._heads = [Runtime(head, device) for head in made.heads]
        self._contexts = [None, *(Runtime(context, device) for context in made.contexts)]
        self._taps = [
            [] if context is None else part.taps(context.layers[0].weight.shape[2])
            for part, _, context in made.steps()
        ]

    def features(self, z: Ints, shift: NDArray[np.integer[Any]]) -> Any:
        """Run what all parts share.

        Args:
            z: integers (inputs, ...), the hyper-latent.
            shift: integers (channels or 1, rows, columns).

        Returns:
            A tensor (1, features + 1, rows, columns): those of the hyper-latent and the plane.
        """
        rows, columns = shift.shape[1:]
        made = self._hyper.forward(self._hyper.tensor(z[None]))[..., :rows, :columns]
        plane = -limited(shift.max(axis=0))
        return _joined(made, self._heads[0].tensor(plane[None, None]))

    def known(self, shift: NDArray[np.integer[Any]]) -> Known:
        """Start with nothing known."""
        return Known(self._made, shift, self._hyper.device)

    def parameters(
        self, index: int, features: Any, known: Known, places: NDArray[np.int64]
    ) -> Parameters:
        """Give what the symbols of a part are coded with.

        Args:
            index: which part.
            features: as :meth:`features` gave them.
            known: symbols of all parts before.
            places: those of the part, indexes into rows and columns as one axis; at least one.
        """
        wanted = require().from_numpy(places).to(features.device)
        x = features.flatten(2).index_select(2, wanted)[:, :, None]
        context = self._contexts[index]
        if context is not None:
            x = _joined(x, context.gathered(known.padded, wanted, _MARGIN, self._taps[index]))
        head = self._heads[index]
        both = head.integers(head.forward(x))[0, :, 0]
        count = len(both) // 2
        indexes, means = np.clip(both[:count], 0, len(self._made.tables) - 1), both[count:]
        # Integers below 2**24 and a power of two: exact.
        return Parameters(indexes, means.astype(np.float32) * np.float32(2.0**-self._made.fraction))


class Known:
    """What contexts see of one latent: residuals in steps of gain 1, and their magnitudes.

    Attributes:
        padded: int8 tensor (2 channels, rows + 4, columns + 4), of each group first residuals, then
            magnitudes, 0 where nothing is known.
    """

    def __init__(self, made: Conditional, shift: NDArray[np.integer[Any]], device: Any) -> None:
        torch = require()
        self._steps = step_of(shift)
        sides = [side + 2 * _MARGIN for side in shift.shape[1:]]
        self.padded = torch.zeros((2 * made.channels, *sides), dtype=torch.int8, device=device)

    def add(self, start: int, stop: int, symbols: Ints) -> None:
        """Note the symbols of a group.

        Args:
            start: its first channel.
            stop: the channel after its last.
            symbols: (channels of the group, rows, columns), 0 where they are not known yet.
        """
        steps = self._steps if len(self._steps) == 1 else self._steps[start:stop]
        made = residuals(symbols, steps)
        both = np.empty((2 * len(made), *made.shape[1:]), np.int8)
        np.clip(made, -_FARTHEST, _FARTHEST, out=both[: len(made)], casting="unsafe")
        np.abs(both[: len(made)], out=both[len(made) :])
        inside = slice(_MARGIN, -_MARGIN)
        self.padded[2 * start : 2 * stop, inside, inside] = require().from_numpy(both)


def _joined(one: Any, other: Any) -> Any:
    return require().cat([one, other], dim=1)
