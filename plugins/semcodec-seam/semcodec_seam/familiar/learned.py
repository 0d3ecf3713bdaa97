"""The energy function that learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import SettingError, WeightsError
from semcodec_seam.energies.backbones import BACKBONES, own_weights, require
from semcodec_seam.familiar.energies import EnergyFunction, weights_of
from semcodec_seam.pictures import context_of

__all__ = ["LearnedEnergyFunction"]


class LearnedEnergyFunction(EnergyFunction):
    """An energy learned from pictures and maps of what matters in them.

    Args:
        base_model: the network whose layers it joins: ``"saic"``, whose weights ship, or one of
            torchvision, as :class:`DeepEnergyFunction` knows them; ``"saic"`` if it is None.
        fine_tuned_weights: a file that :meth:`save` wrote; training goes on from it.
        device: where it runs, such as ``"cuda:0"``.
        base_weights: a safetensors file of the base's weights, for a base of torchvision.
        layer_names: modules of the base that count; by default three of each network.
        width: channels of the head.
        size: most pixels along a side of the picture that it sees.

    A file of fine-tuned weights says all but the device itself: what is given as well must agree.

    Raises:
        SettingError: no such network, a width or size out of range, or other than the file says.
        WeightsError: a file cannot be read, or is none of a learned energy.
    """

    def __init__(
        self,
        base_model: str | None = None,
        fine_tuned_weights: str | Path | None = None,
        device: str = "cpu",
        *,
        base_weights: str | Path | None = None,
        layer_names: Sequence[str] | None = None,
        width: int | None = None,
        size: int | None = None,
    ) -> None:
        named: dict[str, Any] = {
            "base": base_model,
            "layers": None if layer_names is None else tuple(layer_names),
            "width": width,
            "size": size,
        }
        given = {name: value for name, value in named.items() if value is not None}
        self.device = device
        self._base = None if base_weights is None else weights_of(base_weights)
        self._network: Any = None
        if fine_tuned_weights is None:
            self._plan: dict[str, Any] = {"base": "saic", "width": 32, "size": 512, **given}
            _check(self._plan)
            return
        require("torch", "LearnedEnergyFunction")
        from semcodec_seam.learning.files import read

        self._network = read(weights_of(fine_tuned_weights), device)
        _agree(given, self._network.plan, fine_tuned_weights)

    def measure(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        """See :meth:`EnergyFunction.measure`.

        Raises:
            WeightsError: it has learned nothing yet.
        """
        network = self._learned()
        from semcodec_seam.learning.network import measured

        return measured(network, picture)

    def fine_tune(
        self,
        images: Any,
        targets: Any,
        epochs: int = 10,
        lr: float = 1e-4,
        *,
        seed: int = 0,
        tune_base: bool = False,
        progress: Callable[[int, float], None] = lambda epoch, loss: None,
    ) -> list[float]:
        """Learn from pictures and their maps, from new or from what was learned before.

        Args:
            images: paths, Pillow images or arrays; or a folder.
            targets: of each a map that is bright, or 1, where it matters, of any size; or a
                folder of maps by the pictures' stems.
            epochs: how often each picture is seen.
            lr: learning rate of the base, where it is tuned; the head's is a hundred times that.
            seed: of all that is random.
            tune_base: whether the layers of the base are trained too.
            progress: told the number of an epoch, from 1, and its mean loss.

        Returns:
            The mean loss of each epoch: divergence from the maps in nats a pixel, 0 at best.

        Raises:
            SettingError: pictures without targets, which are named; epochs or a rate of nothing.
            ImageError: no picture, or a target of other proportions.
            WeightsError: no weights of the base are at hand.
            PluginError: torch or semcodec-saic is missing.
        """
        for module in ("torch", "semcodec_torch.training.state"):
            require(module, "LearnedEnergyFunction")
        from copy import deepcopy

        from semcodec_seam.learning.fitting import fit, standardise
        from semcodec_seam.learning.pairs import Pairs

        network = self._new(seed) if self._network is None else deepcopy(self._network)
        pairs = Pairs(images, targets, network.plan.size)
        if self._network is None:
            standardise(network, pairs)
        losses = fit(
            network,
            pairs,
            epochs=epochs,
            lr=lr,
            seed=seed,
            tune_base=tune_base,
            progress=progress,
        )
        self._network = network
        return losses

    def save(self, path: str | Path) -> None:
        """Write what was learned, with the layers of the base that it runs, as safetensors.

        Raises:
            WeightsError: it has learned nothing yet.
            SettingError: the file cannot be written.
        """
        network = self._learned()
        from semcodec_seam.learning.files import save

        save(network, Path(path))

    def _learned(self) -> Any:
        if self._network is None:
            raise WeightsError(
                "this LearnedEnergyFunction has learned nothing yet",
                hint="Call fine_tune(images, targets), or name a file: fine_tuned_weights=...",
            )
        return self._network

    def _new(self, seed: int) -> Any:
        from copy import deepcopy

        import torch
        from semcodec_torch.training.seeds import WEIGHTS, seed_of
        from semcodec_torch.weights import network

        from semcodec_seam.learning.network import EnergyNetwork, Plan

        name = self._plan["base"]
        plan = Plan(**{"layers": BACKBONES[name].layers, **self._plan})
        ctx = context_of((1, 1, 3), 8, self.device)
        base = network(BACKBONES[name].build, self._base or own_weights(name), ctx)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed_of(seed, WEIGHTS))
            made = EnergyNetwork(plan, deepcopy(base))
        return made.to(self.device)


def _check(plan: dict[str, Any]) -> None:
    if plan["base"] not in BACKBONES:
        known = ", ".join(BACKBONES)
        raise SettingError(f"expected a network of {known}, got {plan['base']!r}")
    if not (1 <= plan["width"] <= 1024 and 32 <= plan["size"] <= 2048):
        raise SettingError(
            f"expected a width of 1 to 1024 and a size of 32 to 2048, got {plan['width']} and "
            f"{plan['size']}"
        )


def _agree(given: dict[str, Any], plan: Any, path: str | Path) -> None:
    for name, value in given.items():
        if value != getattr(plan, name):
            raise SettingError(
                f"{path}: expected a {name} of {getattr(plan, name)}, which it was trained with, "
                f"got {value}",
                hint="Leave it out, or train a new one.",
            )
