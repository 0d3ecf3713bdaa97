"""Networks that say of every pixel what it belongs to; torch is imported inside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.contracts.context import Context
from semcodec.contracts.weights import Weights
from semcodec.errors import WeightsError
from semcodec_seam.energies.backbones import Backbone, require

__all__ = ["CLASSIFIERS", "folder_network", "torchvision_network"]

CLASSIFIERS = {
    "fcn_resnet50": "classifier.4.weight",
    "deeplabv3_mobilenet_v3_large": "classifier.4.weight",
    "lraspp_mobilenet_v3_large": "classifier.low_classifier.weight",
}
"""Networks of torchvision, and the tensor whose first axis counts the classes."""

_MOST = 4096
"""Classes that are believed: a file must not make a network of any size."""


@dataclass(frozen=True)
class _Build:
    """Makes a network of torchvision; equal ones are one to what keeps networks."""

    model: str
    classes: int
    auxiliary: bool

    def __call__(self) -> Any:
        models = require("torchvision.models", f"seam.fine-grained of {self.model}")
        extra = {"aux_loss": True} if self.auxiliary else {}
        return models.get_model(
            self.model, weights=None, weights_backbone=None, num_classes=self.classes, **extra
        )


def torchvision_network(model: str, weights: Weights, ctx: Context) -> Any:
    """Give a network of torchvision with weights, for as many classes as they are for.

    Raises:
        WeightsError: they cannot be read, or are of another network.
        PluginError: torchvision or semcodec-torch is missing.
    """
    found = require("semcodec_torch.weights", "seam.fine-grained")
    shapes = _shapes(found.find(weights, ctx), weights.uri)
    last = shapes.get(CLASSIFIERS[model], ())
    if not last or not 1 < last[0] <= _MOST:
        raise WeightsError(
            f"{weights.uri}: expected weights of {model}, with a tensor {CLASSIFIERS[model]!r} "
            f"for 2 to {_MOST} classes, got {'one of shape ' + str(last) if last else 'none'}",
            hint="They belong to another network; name it as the model.",
        )
    auxiliary = any(name.startswith("aux_classifier.") for name in shapes)
    return found.network(_Build(model, last[0], auxiliary), weights, ctx)


def _shapes(path: Path, uri: str) -> dict[str, tuple[int, ...]]:
    """Read names and shapes of tensors, without their values."""
    from safetensors import safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            return {
                name: tuple(file.get_slice(name).get_shape())
                for name in file.keys()  # noqa: SIM118
            }
    except Exception as error:  # damaged headers raise nearly anything
        raise WeightsError(
            f"{uri}: expected a safetensors file; {error!s:.200}",
            hint="It is damaged or of another format; fetch it again.",
        ) from None


def folder_network(weights: Weights, ctx: Context) -> tuple[Any, Backbone]:
    """Give a network that ``save_pretrained`` of transformers saved, and what it takes.

    Args:
        weights: its ``model.safetensors``; ``config.json`` stands beside it, and
            ``preprocessor_config.json`` may.
        ctx: the context, for the device.

    Raises:
        WeightsError: they cannot be read, or lack tensors that the network has.
        PluginError: transformers or semcodec-torch is missing.
    """
    path = require("semcodec_torch.weights", "seam.fine-grained").find(weights, ctx)
    device = require("semcodec_torch.devices", "seam.fine-grained").device_of(ctx)
    transformers = require(
        "transformers", "seam.fine-grained of a folder", "pip install transformers"
    )
    if path.name != "model.safetensors":
        raise WeightsError(
            f"{weights.uri}: expected the file model.safetensors of a folder, got {path.name}",
            hint="Save the network by save_pretrained(FOLDER, max_shard_size='100GB').",
        )
    try:
        made, said = transformers.AutoModelForSemanticSegmentation.from_pretrained(
            path.parent,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except Exception as error:  # whatever a configuration of any kind leads to
        raise WeightsError(
            f"{path.parent}: expected a network of semantic segmentation as save_pretrained "
            f"writes it; {type(error).__name__}: {error!s:.300}"
        ) from None
    odd = sorted([*said["missing_keys"], *map(str, said["mismatched_keys"])])
    if odd:
        raise WeightsError(
            f"{weights.uri}: expected all tensors of the network that config.json describes; "
            f"{len(odd)} are missing or of another shape, {odd[0]} first"
        )
    return made.to(device).eval().requires_grad_(False), _takes(path.parent)


def _takes(folder: Path) -> Backbone:
    path = folder / "preprocessor_config.json"
    plain = Backbone((), lambda: None)
    if not path.is_file():
        return plain
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        mean = tuple(float(value) for value in said.get("image_mean", plain.mean))
        deviation = tuple(float(value) for value in said.get("image_std", plain.deviation))
        if len(mean) != 3 or len(deviation) != 3 or not min(deviation) > 0:
            raise ValueError("not of three colours")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{path}: expected image_mean and image_std of three colours; {error}"
        ) from None
    return Backbone((), plain.build, mean, deviation)
