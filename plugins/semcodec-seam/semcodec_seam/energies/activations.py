"""What the layers of a network answer to a picture; torch is imported inside.

Networks are shared between callers, and what listens to a layer hears every run of it: one runs at
a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SettingError
from semcodec_seam.energies.backbones import Backbone

__all__ = ["MARGIN", "RUNNING", "activations", "inside", "modules_of", "padded"]

RUNNING = Lock()
"""Held while a network runs that others may share."""

MARGIN = 32
"""Pixels at least that a network sees beyond each border."""


def padded(seen: NDArray[np.float32], backbone: Backbone) -> Any:
    """Make the input of a network, mirrored beyond its borders: zeros there would be edges to it.

    Args:
        seen: float32 (rows, columns, 3) in [0, 1].
        backbone: says what the network takes.

    Returns:
        A float32 tensor (1, 3, rows + 64 or more, columns + 64 or more) on the CPU.
    """
    import torch

    around = [(MARGIN, MARGIN + -(side + 2 * MARGIN) % backbone.stride) for side in seen.shape[:2]]
    values = np.pad(seen, [*around, (0, 0)], mode="symmetric")
    values = (values - backbone.mean) / backbone.deviation
    return torch.from_numpy(values.astype(np.float32).transpose(2, 0, 1).copy())[None]


def inside(planes: Any, seen: NDArray[np.float32]) -> Any:
    """Cut what belongs to the picture out of planes (..., rows + 64 or more, likewise)."""
    rows, columns = seen.shape[:2]
    return planes[..., MARGIN : MARGIN + rows, MARGIN : MARGIN + columns]


def activations(backbone: Backbone, made: Any, names: Sequence[str], x: Any) -> list[Any]:
    """Run a network as far as the last of some layers.

    The caller holds :data:`RUNNING` where the network is shared.

    Args:
        backbone: which network.
        made: the network.
        names: of the layers.
        x: what :func:`padded` gives, on the network's device.

    Returns:
        A tensor (1, channels, rows, columns) of each layer.

    Raises:
        SettingError: a layer that there is not, or one twice.
    """
    found: dict[str, Any] = {}
    hooks = [
        module.register_forward_hook(_Keep(found, name, len(names)))
        for name, module in modules_of(made, names).items()
    ]
    try:
        backbone.run(made, x)
    except _Enough:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return [found[name] for name in names]


def modules_of(made: Any, names: Sequence[str]) -> dict[str, Any]:
    """Give the layers of a network by their names.

    Raises:
        SettingError: a layer that there is not; the nearest one is named. One twice.
    """
    known = dict(made.named_modules())
    for name in names:
        if name not in known or not name:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingError(
                f"expected names of the network's layers, got {name!r}",
                hint=f"The nearest one is {near[0]!r}." if near else "",
            )
    if len(set(names)) != len(names):
        raise SettingError(f"expected each layer once, got {', '.join(names)}")
    return {name: known[name] for name in names}


class _Enough(Exception):
    """All that was wanted of a network is there."""


class _Keep:
    """Keeps what a module gives, and stops the network when nothing else is wanted."""

    def __init__(self, found: dict[str, Any], name: str, wanted: int) -> None:
        self._found, self._name, self._wanted = found, name, wanted

    def __call__(self, module: Any, given: Any, out: Any) -> None:
        self._found[self._name] = out.clone()  # what follows may work in place
        if len(self._found) == self._wanted:
            raise _Enough
