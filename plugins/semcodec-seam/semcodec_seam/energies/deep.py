"""The energy of a network's activations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import enlarge, shrink
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component
from semcodec.contracts.weights import Weights
from semcodec.errors import PluginError, SettingError
from semcodec_seam.energies.backbones import BACKBONES, own_weights

__all__ = ["Aggregate", "Deep"]

Aggregate: TypeAlias = Literal["sum", "max", "weighted", "mean"]
Model: TypeAlias = Literal["saic", "vgg16", "vgg19", "resnet18", "resnet50", "efficientnet_b0"]


_MARGIN = 32


@component
class Deep(SaliencySource):
    """How strongly a network answers: magnitudes of its activations, summed over channels.

    Each layer is divided by its largest value, so that none drowns the others, brought to the
    picture's size, and joined; the network runs no further than its last layer that counts.
    Without weights of one's own only ``saic`` runs, whose network ships with semcodec-saic: it was
    trained to code pictures, not to name what they show.

    Attributes:
        model: which network.
        weights: its weights as safetensors, of torchvision's layout; of ``saic`` those that ship
            if none are named.
        layers: names of the modules that count; by default those of ``backbones.py``.
        aggregate: how layers are joined. ``weighted`` is a mean whose weights rise from 0.5 at the
            first to 1 at the last; ``sum`` and ``mean`` differ by a factor alone, which the scaling
            of the result takes away.
        size: most pixels along a side of the picture that the network sees.
    """

    model: Model = "saic"
    weights: Weights | None = None
    layers: tuple[str, ...] = ()
    aggregate: Aggregate = "sum"
    size: Annotated[int, Interval(ge=32, le=2048)] = 512

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1], the largest value 1.

        Raises:
            WeightsError: no weights, or weights of another network.
            SettingError: a layer that there is not; the nearest one is named.
            PluginError: torch, torchvision or semcodec-saic is missing.
        """
        maps = [_scaled(each) for each in self._activations(shrink(image, self.size), ctx)]
        made = _joined(maps, self.aggregate)
        return enlarge(_scaled(made), ctx.image.height, ctx.image.width)

    def _activations(self, seen: NDArray[np.float32], ctx: Context) -> list[NDArray[np.float32]]:
        """Run the network on (rows, columns, 3) in [0, 1]; give one map of that size a layer."""
        try:
            from semcodec_torch.devices import device_of, inference, require
            from semcodec_torch.weights import network
        except ImportError as error:
            raise PluginError(
                f"seam.deep needs semcodec-torch, which does not import: {error}",
                hint='pip install "semcodec-seam[deep]"',
            ) from error
        torch = require()
        backbone = BACKBONES[self.model]
        names = self.layers or backbone.layers
        made = network(backbone.build, self.weights or own_weights(self.model), ctx)
        modules = _modules(made, names)
        rows, columns = seen.shape[:2]
        # Mirrored beyond its borders: zeros there would be edges to the network.
        around = [
            (_MARGIN, _MARGIN + -(side + 2 * _MARGIN) % backbone.stride) for side in (rows, columns)
        ]
        padded = np.pad(seen, [*around, (0, 0)], mode="symmetric")
        values = (padded - backbone.mean) / backbone.deviation
        x = torch.from_numpy(values.astype(np.float32).transpose(2, 0, 1).copy())[None]
        found: dict[str, Any] = {}
        with inference(device_of(ctx)):
            hooks = [
                module.register_forward_hook(_Keep(found, name, len(names)))
                for name, module in modules.items()
            ]
            try:
                _run(self.model, made, x.to(device_of(ctx)))
            except _Enough:
                pass
            finally:
                for hook in hooks:
                    hook.remove()
            size = tuple(x.shape[2:])
            large = [
                torch.nn.functional.interpolate(
                    found[name].abs().sum(1, keepdim=True), size, mode="bilinear"
                )
                for name in names
            ]
            inside = [
                each[0, 0, _MARGIN : _MARGIN + rows, _MARGIN : _MARGIN + columns] for each in large
            ]
            return [each.float().cpu().numpy() for each in inside]


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


def _run(model: str, made: Any, x: Any) -> None:
    if model == "saic":
        made.analysis(x, x[:, :1] * 0)
    else:
        made(x)


def _modules(made: Any, names: Sequence[str]) -> dict[str, Any]:
    from difflib import get_close_matches

    known = dict(made.named_modules())
    for name in names:
        if name not in known or not name:
            near = get_close_matches(name, known, n=1, cutoff=0.0)
            raise SettingError(
                f"seam.deep: expected names of layers, got {name!r}",
                hint=f"The nearest one is {near[0]!r}." if near else "",
            )
    if len(set(names)) != len(names):
        raise SettingError(f"seam.deep: expected each layer once, got {', '.join(names)}")
    return {name: known[name] for name in names}


def _scaled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = values / max(values.max(initial=0), np.float32(1e-12))
    return made


def _joined(maps: Sequence[NDArray[np.float32]], how: Aggregate) -> NDArray[np.float32]:
    stacked = np.stack(maps)
    if how == "max":
        most: NDArray[np.float32] = stacked.max(axis=0)
        return most
    weights = np.linspace(0.5, 1, len(maps)) if how == "weighted" else np.ones(len(maps))
    made: NDArray[np.float32] = np.average(stacked, axis=0, weights=weights).astype(np.float32)
    return made
