"""Networks whose activations are energies: what they are called, and which layers are looked at.

This module imports torch inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from semcodec.contracts.weights import Weights
from semcodec.errors import PluginError, WeightsError

__all__ = ["BACKBONES", "Backbone", "no_weights", "own_weights", "require"]

_SAVE = (
    "Save it by transformers, where there is a network: AutoModelForSemanticSegmentation."
    "from_pretrained(NAME).save_pretrained(FOLDER), and name FOLDER/model.safetensors"
)
_CONVERT = (
    'python -c "import torchvision, safetensors.torch as s; s.save_file(torchvision.models.'
    "get_model('{name}', weights='DEFAULT').state_dict(), '{name}.safetensors')\", where there is "
    "a network, and name the file by weights={{uri: file:..., sha256: ...}} or by --network"
)


def _run(made: Any, x: Any) -> None:
    made(x)


@dataclass(frozen=True)
class Backbone:
    """A network.

    Attributes:
        layers: modules whose activations count, in the order they run.
        build: makes it with random weights.
        mean: what is subtracted from red, green and blue in [0, 1].
        deviation: what they are divided by then.
        stride: sides of what it is given are multiples of this.
        run: applies it to such pictures, whatever comes out.
    """

    layers: tuple[str, ...]
    build: Callable[[], Any]
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    deviation: tuple[float, float, float] = (0.229, 0.224, 0.225)
    stride: int = 1
    run: Callable[[Any, Any], None] = _run


def require(module: str, what: str, remedy: str = 'pip install "semcodec-seam[deep]"') -> Any:
    """Import a module that an energy needs beside what this package depends on.

    Args:
        module: its name.
        what: who needs it, in words.
        remedy: the command that installs it.

    Raises:
        PluginError: it does not import.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise PluginError(
            f"{what} needs {module.partition('.')[0]}, which does not import: {error}", hint=remedy
        ) from error


def _torchvision(name: str) -> Callable[[], Any]:
    return lambda: require("torchvision.models", f"seam.deep of {name}").get_model(
        name, weights=None
    )


def _saic() -> Any:
    networks = require("semcodec_saic.networks", "the network that ships")
    return networks.Networks(networks.Widths())


def _run_saic(made: Any, x: Any) -> None:
    """Its fourth channel is a map: there is none."""
    made.analysis(x, x[:, :1] * 0)


BACKBONES = {
    "saic": Backbone(
        layers=("analysis.layers.2", "analysis.layers.4", "analysis.layers.7"),
        build=_saic,
        mean=(0.0, 0.0, 0.0),
        deviation=(1.0, 1.0, 1.0),
        stride=16,
        run=_run_saic,
    ),
    "vgg16": Backbone(("features.8", "features.15", "features.22"), _torchvision("vgg16")),
    "vgg19": Backbone(("features.8", "features.17", "features.26"), _torchvision("vgg19")),
    "resnet18": Backbone(("layer1", "layer2", "layer3"), _torchvision("resnet18")),
    "resnet50": Backbone(("layer1", "layer2", "layer3"), _torchvision("resnet50")),
    "efficientnet_b0": Backbone(
        ("features.2", "features.4", "features.6"), _torchvision("efficientnet_b0")
    ),
}
"""By name; layers are those of Semantic Compress, of ``saic`` the last ones at strides 4, 8, 16."""


def own_weights(model: str) -> Weights:
    """Give the weights of a network for which nobody named any: those that ship, of ``saic``.

    Raises:
        WeightsError: none ship; the hint says how to get some.
        PluginError: semcodec-saic is missing.
    """
    if model != "saic":
        raise no_weights("seam.deep", model)
    package = require("semcodec_saic", "the network that ships")
    return _installed(Path(package.__file__).parent / "weights" / "networks.safetensors")


def no_weights(who: str, model: str) -> WeightsError:
    """Say that no weights of a network were named, and how to make a file of them."""
    return WeightsError(
        f"{who}: no weights of {model} ship with semcodec, and none are named",
        hint=_SAVE if model == "transformers" else _CONVERT.format(name=model),
    )


@lru_cache(maxsize=2)
def _installed(path: Path) -> Weights:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Weights(uri="builtin:semcodec_saic/weights/networks.safetensors", sha256=digest)
