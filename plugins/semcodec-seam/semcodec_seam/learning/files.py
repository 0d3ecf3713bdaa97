"""Files of learned energies: safetensors, what the network is made of in the header.

This module imports torch.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from semcodec.contracts.weights import Weights
from semcodec.errors import WeightsError
from semcodec_seam.energies.backbones import BACKBONES, require
from semcodec_seam.learning.network import EnergyNetwork, Plan

__all__ = ["read", "save"]

_KEY = "semcodec"
_KIND = "seam.learned 1"
_HINT = "Files of learned energies are written by LearnedEnergyFunction.save and train-energy."


def save(network: EnergyNetwork, path: Path) -> None:
    """Write a network, whole or not at all.

    Raises:
        SettingError: the file cannot be written.
    """
    state = require("semcodec_torch.training.state", "seam.learned")
    header = {"kind": _KIND, **asdict(network.plan)}
    state.save_tensors(network.tensors(), path, {_KEY: json.dumps(header)})


def read(weights: Weights, device: str = "cpu") -> EnergyNetwork:
    """Read a network; the last four are kept: do not change what it gives.

    Raises:
        WeightsError: no file, another than was promised, a pickle, damaged, or no learned energy.
        SettingError: there is no such device.
        PluginError: the base needs a package that is missing.
    """
    path = require("semcodec_torch.weights", "seam.learned").find(weights)
    require("semcodec_torch.devices", "seam.learned").device_of(device)
    return _read(path, weights.sha256, device)


@lru_cache(maxsize=4)
def _read(path: Path, sha256: str, device: str) -> EnergyNetwork:
    import torch

    plan, tensors = _opened(path)
    # Layers begin with random numbers, which are the caller's to draw.
    with torch.random.fork_rng(devices=[]):
        network = EnergyNetwork(plan, BACKBONES[plan.base].build())
    wanted = {name: tuple(value.shape) for name, value in network.tensors().items()}
    given = {name: tuple(value.shape) for name, value in tensors.items()}
    names = sorted(wanted.keys() | given.keys())
    odd = [name for name in names if wanted.get(name) != given.get(name)]
    if odd:
        raise WeightsError(
            f"{path}: expected {odd[0]!r} of shape {wanted.get(odd[0], 'none')}, got "
            f"{given.get(odd[0], 'none')}; {len(odd)} tensors differ",
            hint=_HINT,
        )
    network.load_state_dict(tensors, strict=False)
    moved: EnergyNetwork = network.to(device).eval().requires_grad_(False)
    return moved


def _opened(path: Path) -> tuple[Plan, dict[str, Any]]:
    from safetensors import safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            plan = _plan(json.loads((file.metadata() or {})[_KEY]))
            return plan, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:  # damaged headers raise nearly anything
        raise WeightsError(
            f"{path}: expected the weights of a learned energy; {type(error).__name__}: "
            f"{error!s:.200}",
            hint=_HINT,
        ) from None


def _plan(said: Any) -> Plan:
    """Take a header for what it says, if that is a network of reasonable size."""
    if said["kind"] != _KIND:
        raise ValueError(f"it is of the kind {said['kind']!r}, not {_KIND!r}")
    plan = Plan(
        base=str(said["base"]),
        layers=tuple(map(str, said["layers"])),
        width=int(said["width"]),
        size=int(said["size"]),
        steps=int(said["steps"]),
    )
    if plan.base not in BACKBONES or not 1 <= len(plan.layers) <= 16:
        raise ValueError(f"a base of {', '.join(BACKBONES)} and 1 to 16 layers were expected")
    if not (1 <= plan.width <= 1024 and 32 <= plan.size <= 2048):
        raise ValueError("a width of 1 to 1024 and a size of 32 to 2048 were expected")
    return plan
