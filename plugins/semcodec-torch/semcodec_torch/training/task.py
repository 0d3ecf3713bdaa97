"""What a plugin trains: a module, how a crop becomes a sample of it, how it is graded."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["WEIGHTS", "Task", "Terms"]

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Terms:
    """What one step measured, each the mean over the batch.

    Attributes:
        loss: what is minimised, in bits a pixel: distortions come multiplied by their lambda.
        rates: parts of the rate by name, bits a pixel of the picture.
        errors: mean squared errors by name, of pixels in [0, 1]; logged in dB.
    """

    loss: Tensor
    rates: Mapping[str, Tensor] = field(default_factory=dict)
    errors: Mapping[str, Tensor] = field(default_factory=dict)


class Task(abc.ABC):
    """A trainer: a frozen, keyword-only data class whose fields are its settings.

    A plugin lists it in its light module, by name, as ``package.module:Class``:

        semcodec_trainers = {"acme": "semcodec_acme.training:Acme"}

    ``semcodec train acme`` finds it there and ``--set FIELD=VALUE`` sets its fields.
    """

    @abc.abstractmethod
    def module(self) -> nn.Module:
        """Make the module with new weights.

        Its ``forward(batch)`` takes a dict of tensors, as :meth:`prepare` made them with a batch
        axis in front, and returns :class:`Terms`. Only ``forward`` is called, so that it may be
        wrapped for several devices and for mixed precision. All randomness, here and there, comes
        from torch's global generators, which the loop seeds before every step.
        """

    @abc.abstractmethod
    def prepare(self, crop: NDArray[np.uint8], rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        """Make a sample of a crop, in a worker process.

        Args:
            crop: uint8 (size, size, 3), already flipped.
            rng: of this sample alone; all randomness must come from it.

        Returns:
            Arrays by name; those of a batch have equal shapes.
        """

    @abc.abstractmethod
    def evaluate(
        self, module: nn.Module, pictures: Sequence[NDArray[np.uint8]]
    ) -> list[dict[str, float]]:
        """Grade weights on pictures that were held out.

        Args:
            module: in evaluation mode, without gradients, on its device.
            pictures: uint8 (height, width, 3) each, of any size.

        Returns:
            One row an operating point: numbers by name, the name ending in the unit (``_bpp``,
            ``_db``).
        """

    def files(self, module: nn.Module) -> Mapping[str, Mapping[str, Tensor]]:
        """Give what is shipped of the module: one file of its state, where a task does not choose.

        Args:
            module: with the averaged weights.

        Returns:
            Tensors of each safetensors file by its name.
        """
        return {WEIGHTS: module.state_dict()}

    def state(self, files: Mapping[str, Mapping[str, Tensor]]) -> Mapping[str, Tensor]:
        """Give the module's state of what :meth:`files` gave, for a run that begins with it.

        Args:
            files: tensors by name and file, half precision as float32; a file may be missing.

        Raises:
            KeyError: a file is missing.
        """
        return files[WEIGHTS]
