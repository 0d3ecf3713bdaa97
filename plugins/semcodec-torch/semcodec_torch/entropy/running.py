"""The networks of a hyperprior on a device: from decoded integers to table indexes and means."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec_torch.devices import require
from semcodec_torch.entropy.conditional import Conditional, anchors
from semcodec_torch.entropy.steps import limited, residuals
from semcodec_torch.exact.runtime import Runtime

__all__ = ["Parameters", "Running"]

Ints: TypeAlias = NDArray[np.int32]


class Parameters(NamedTuple):
    """What symbols are coded with.

    Attributes:
        indexes: int32 (channels, rows, columns), within the tables.
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
        self._hyper, self._head = Runtime(made.hyper, device), Runtime(made.head, device)
        self._around = None if made.context is None else Runtime(made.context, device)
        self._joint = None if made.joint is None else Runtime(made.joint, device)
        size = 1 if made.context is None else made.context.layers[0].weight.shape[2]
        # From a place that is coded last, those coded first are an odd number of steps away.
        odd = np.argwhere(~anchors(size, size))
        self._taps = [(int(row), int(column)) for row, column in odd]

    def features(self, z: Ints, shift: NDArray[np.integer[Any]]) -> Any:
        """Run what all places share.

        Args:
            z: integers (inputs, ...), the hyper-latent.
            shift: integers (channels or 1, rows, columns).

        Returns:
            A tensor (1, features + 1, rows, columns): those of the hyper-latent and the plane.
        """
        rows, columns = shift.shape[1:]
        made = self._hyper.forward(self._hyper.tensor(z[None]))[..., :rows, :columns]
        plane = -limited(shift.max(axis=0))
        return _joined(made, self._head.tensor(plane[None, None]))

    def alone(self, features: Any, places: NDArray[np.int64] | None) -> Parameters:
        """Give parameters that no symbol has part in.

        Args:
            features: as :meth:`features` gave them.
            places: indexes into rows and columns as one axis; None for all.

        Returns:
            Parameters (channels, 1, places), or (channels, rows, columns).
        """
        x = features if places is None else _taken(features, places)
        return self._parted(self._head, x)

    def beside(
        self,
        features: Any,
        known: Ints,
        shift: NDArray[np.integer[Any]],
        places: NDArray[np.int64],
    ) -> Parameters:
        """Give parameters with a view of symbols that are known.

        Args:
            features: as :meth:`features` gave them.
            known: (channels, rows, columns) of the anchors, 0 elsewhere.
            shift: as above.
            places: where parameters are wanted, none of them an anchor.

        Returns:
            Parameters (channels, 1, places).
        """
        assert self._around is not None
        assert self._joint is not None
        near = self._around.tensor(residuals(known, shift)[None])
        wanted = _indexes(places, near)
        around = self._around.gathered(_joined(near, near.abs()), wanted, self._taps)
        return self._parted(self._joint, _joined(_taken(features, places), around))

    def _parted(self, network: Runtime, x: Any) -> Parameters:
        made = network.integers(network.forward(x))[0]
        indexes, means = np.split(made, 2)
        indexes = np.clip(indexes, 0, len(self._made.tables) - 1)
        # Integers below 2**24 and a power of two: exact.
        return Parameters(indexes, means.astype(np.float32) * np.float32(2.0**-self._made.fraction))


def _joined(one: Any, other: Any) -> Any:
    return require().cat([one, other], dim=1)


def _taken(x: Any, places: NDArray[np.int64]) -> Any:
    """Take places as one row of them: (1, channels, 1, places)."""
    return x.flatten(2).index_select(2, _indexes(places, x))[:, :, None]


def _indexes(places: NDArray[np.int64], like: Any) -> Any:
    return require().from_numpy(places).to(like.device)
