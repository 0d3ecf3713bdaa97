"""From the options of ``semcodec seam`` to the energy that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

__all__ = ["AGGREGATES", "DEEP", "ENERGIES", "SEGMENTERS", "energy_of_options"]

ENERGIES = ("gradient", "forward", "saliency", "deep", "fine-grained", "learned", "hybrid")
DEEP = ("saic", "vgg16", "vgg19", "resnet18", "resnet50", "efficientnet_b0")
SEGMENTERS = (
    "fcn_resnet50",
    "deeplabv3_mobilenet_v3_large",
    "lraspp_mobilenet_v3_large",
    "transformers",
)
AGGREGATES = ("sum", "max", "weighted", "mean")

_NETWORKS = ("deep", "fine-grained", "learned")


def energy_of_options(given: Mapping[str, Any]) -> Any:
    """Make the energy function that options name.

    Args:
        given: ``energy``, ``energies``, ``weights``, ``adaptive``, ``model``, ``network``,
            ``layers``, ``aggregate`` and ``device``, as the command line gave them; None, False or
            empty where it did not.

    Raises:
        click.UsageError: options that do not go together: none is silently ignored.
        SettingError: weights that do not fit.
        WeightsError: a network without weights, or weights that cannot be read.
    """
    from semcodec_seam.familiar.energies import HybridEnergyFunction

    hybrid = given["energy"] == "hybrid"
    if not hybrid:
        for name in ("energies", "weights", "adaptive"):
            if given[name]:
                more = " A network's file is --network FILE." if name == "weights" else ""
                raise click.UsageError(f"--{name} is of -e hybrid.{more}")
    names = _parts(given) if hybrid else [given["energy"]]
    models = _models(given["model"], names)
    networks = _files(given["network"], names)
    for name in ("layers", "aggregate"):
        if given[name] and "deep" not in names:
            raise click.UsageError(f"--{name} is of the energy deep, which is not among them.")
    made = [_made(name, given, models, networks) for name in names]
    if not hybrid:
        return made[0]
    return HybridEnergyFunction(made, _numbers(given["weights"]), given["adaptive"])


def _parts(given: Mapping[str, Any]) -> list[str]:
    """Name the energies of a hybrid: a network's too, where its model was chosen."""
    if given["energies"]:
        names: list[str] = given["energies"].split(",")
        known = [name for name in ENERGIES if name != "hybrid"]
        for name in names:
            if name not in known:
                raise click.UsageError(f"--energies: expected {', '.join(known)}, got {name!r}.")
        if len(set(names)) != len(names):
            raise click.UsageError(f"--energies: expected each once, got {','.join(names)}.")
        return names
    models = set(given["model"])
    named = {path.partition("=")[0] for path in given["network"]}
    networks = [
        name
        for name, known in (("deep", DEEP), ("fine-grained", SEGMENTERS), ("learned", ()))
        if models & {*known} or name in named
    ]
    return ["gradient", *networks, "saliency"]


def _models(given: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Give each model to the energy that knows it."""
    found: dict[str, str] = {}
    for model in given:
        owner = "deep" if model in DEEP else "fine-grained"
        if owner not in names:
            raise click.UsageError(
                f"--model {model} is of the energy {owner}, which is not among them: "
                f"{', '.join(names)}."
            )
        if owner in found:
            raise click.UsageError(f"--model: one of {found[owner]} and {model} for {owner}.")
        found[owner] = model
    return found


def _files(given: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Give each file of weights to its energy, which may be left out where there is but one."""
    wanted = [name for name in names if name in _NETWORKS]
    found: dict[str, str] = {}
    for text in given:
        owner, equals, path = text.partition("=")
        if not equals or owner not in _NETWORKS:
            if len(wanted) != 1:
                which = " or ".join(f"{name}=FILE" for name in wanted) or "-e with a network"
                raise click.UsageError(f"--network {text}: whose weights are they? {which}.")
            owner, path = wanted[0], text
        if owner not in wanted:
            raise click.UsageError(f"--network: the energy {owner} is not among them.")
        if owner in found:
            raise click.UsageError(f"--network: one file for {owner}, got {found[owner]} too.")
        found[owner] = path
    return found


def _numbers(text: str | None) -> list[float] | None:
    if not text:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        hint = f" Weights of a network: --network {text}." if Path(text).suffix else ""
        raise click.UsageError(
            f"--weights: expected a number for each energy, as 1,0.5, got {text!r}.{hint}"
        ) from None


def _made(
    name: str, given: Mapping[str, Any], models: Mapping[str, str], networks: Mapping[str, str]
) -> Any:
    from semcodec_seam.familiar import energies

    file, device = networks.get(name), given["device"]
    if name == "deep":
        layers = given["layers"].split(",") if given["layers"] else None
        return energies.DeepEnergyFunction(
            models.get(name, "saic"), layers, device, given["aggregate"] or "sum", file
        )
    if name == "fine-grained":
        model = models.get(name, SEGMENTERS[0])
        return energies.SaliencyEnergyFunction("fine_grained", device, file, model)
    if name == "learned":
        from semcodec_seam.familiar.learned import LearnedEnergyFunction

        if file is None:
            raise click.UsageError(
                "-e learned needs --network FILE, which semcodec train-energy writes."
            )
        return LearnedEnergyFunction(fine_tuned_weights=file, device=device)
    if name == "forward":
        from semcodec_seam.energies.forward import Forward

        return Forward()
    plain = {
        "gradient": energies.GradientEnergyFunction,
        "saliency": energies.SaliencyEnergyFunction,
    }
    return plain[name]()
