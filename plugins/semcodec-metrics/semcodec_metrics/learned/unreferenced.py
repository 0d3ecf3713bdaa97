"""Metrics of the decoded picture alone, by pyiqa: MUSIQ and NIQE.

The reference takes no part, so a decoded picture may be rated above its reference: quote the
reference's own figure beside them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from semcodec import Metric, Weights, component
from semcodec.errors import ImageError, WeightsError
from semcodec_metrics.checkpoints import MUSIQ, NIQE, Checkpoint, fill, load, stamp
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair
from semcodec_metrics.tensors import quiet, tensor

__all__ = ["Musiq", "Niqe"]


class _Blind(Metric):
    """A metric of pyiqa on one picture."""

    _id: ClassVar[str] = ""
    _least: ClassVar[int] = 32
    _checkpoint: ClassVar[Checkpoint]
    weights: Weights | None

    @property
    def backbone(self) -> str:
        """Name the network's file."""
        return self._checkpoint.backbone(self.weights)

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        return absent(("pyiqa", "torch"), "iqa") or self._checkpoint.missing(self.weights)

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Rate the decoded uint8 or uint16 picture; the reference only has to be of its form.

        Raises:
            ImageError: they differ in shape or dtype, are too small, or get no figure.
            SettingError: pyiqa or the weights are missing.
            WeightsError: the weights are not what was promised.
        """
        who = f"metrics.{self._id}"
        _, right = pair(reference, decoded, who, self._least)
        require(who, self.missing())
        with quiet():
            path = self._checkpoint.find(self.weights)
            found = float(_network(self._id, path, stamp(path))(tensor(right)))
        if not math.isfinite(found):
            raise ImageError(
                f"{who}: pyiqa gives {found} for a picture of {right.shape[1]}x{right.shape[0]}",
                hint="A picture without texture has no natural statistics; leave it out.",
            )
        return found


@component
class Musiq(_Blind):
    """Multi-scale image quality transformer (Ke et al. 2021), trained on KonIQ-10k; 0 to 100.

    Attributes:
        weights: of pyiqa's network; pyiqa's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("pyiqa", "musiq koniq10k"))
    _id: ClassVar[str] = "musiq"
    _checkpoint: ClassVar[Checkpoint] = MUSIQ
    weights: Weights | None = None


@component
class Niqe(_Blind):
    """Natural image quality evaluator (Mittal et al. 2013): distance from natural statistics.

    Attributes:
        weights: the pristine model's parameters, a ``.mat`` file; pyiqa's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("pyiqa", "niqe, luma"))
    higher_is_better: ClassVar[bool] = False
    _id: ClassVar[str] = "niqe"
    _least: ClassVar[int] = 192
    _checkpoint: ClassVar[Checkpoint] = NIQE
    weights: Weights | None = None


@lru_cache(maxsize=2)
def _network(name: str, path: Path, changed: int) -> Any:
    if name == "niqe":
        from pyiqa.archs.niqe_arch import NIQE as Niqe_  # noqa: N811 - the checkpoint has the name

        try:
            return Niqe_(pretrained_model_path=str(path)).eval()
        except Exception as error:  # SciPy has a dozen for a damaged file
            raise WeightsError(
                f"{path}: expected mu_prisparam and cov_prisparam in a .mat file, got "
                f"{type(error).__name__}: {error}",
                hint="Fetch the file again.",
            ) from None
    from pyiqa.archs.arch_util import clean_state_dict
    from pyiqa.archs.musiq_arch import MUSIQ as Musiq_  # noqa: N811 - likewise

    network = Musiq_(pretrained=False)
    fill(network, clean_state_dict(load(path)), path)
    return network
