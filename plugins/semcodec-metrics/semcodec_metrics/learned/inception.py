"""FID and KID: distances of distributions of Inception features, over patches of the pictures.

The patch protocol is that of Mentzer et al. 2020 (HiFiC, section 5.2 and appendix A.7): every
picture is cut into patches of 256x256 without overlap, and once more from half a patch to the
right and below; distances are between all patches of the decoded and all of the reference
pictures. Network, resizing and distances are torch-fidelity's, whose numbers are those of the
first TensorFlow implementations.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Interval, SetMetric, Weights, component
from semcodec.errors import SettingError
from semcodec.image import to_depth8
from semcodec_metrics.checkpoints import INCEPTION, load, stamp
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair, rgb
from semcodec_metrics.tensors import quiet

__all__ = ["Fid", "Kid", "patches"]

_BATCH = 16
_FEATURES = 2048


class _Inception(SetMetric):
    """What both distances share: patches, features, and how many are enough."""

    higher_is_better: ClassVar[bool] = False
    fewest: ClassVar[int] = 100
    _id: ClassVar[str] = ""
    _fewest_patches: ClassVar[int] = 0
    patch: Annotated[int, Interval(ge=32, le=1024)]
    weights: Weights | None

    @property
    def backbone(self) -> str:
        """Name the network's file."""
        return INCEPTION.backbone(self.weights)

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        return absent(("torch_fidelity", "torch"), "weights") or INCEPTION.missing(self.weights)

    def observe(self, reference: NDArray[Any], decoded: NDArray[Any]) -> NDArray[Any]:
        """Give the features of every patch.

        Returns:
            float32 (patches, 2, 2048): of the reference, of the decoded picture.

        Raises:
            ImageError: they differ in shape or dtype, or are smaller than one patch.
            SettingError: a package or the weights are missing.
            WeightsError: the weights are not what was promised.
        """
        who = f"metrics.{self._id}"
        both = pair(reference, decoded, who, self.patch)
        require(who, self.missing())
        with quiet():
            path = INCEPTION.find(self.weights)
            network = _network(path, stamp(path))
            return np.stack(
                [_features(network, patches(to_depth8(rgb(p)), self.patch)) for p in both], axis=1
            )

    def summarise(self, rows: Sequence[NDArray[Any]]) -> float:
        """Give the distance of the two sets.

        Raises:
            SettingError: fewer pictures or patches than the number needs to mean anything.
        """
        who = f"metrics.{self._id}"
        count = sum(len(row) for row in rows)
        if len(rows) < self.fewest or count < self._fewest_patches:
            raise SettingError(
                f"{who}: expected at least {self.fewest} pictures with {self._fewest_patches} "
                f"patches of {self.patch}x{self.patch}, got {len(rows)} with {count}",
                hint="Use a larger data set, or lpips or dists, which need no set.",
            )
        require(who, absent(("torch_fidelity", "torch"), "weights"))
        features = np.concatenate(rows)
        with quiet():
            return self._distance(features[:, 0], features[:, 1])

    @abstractmethod
    def _distance(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Give the distance of two sets of features, each (patches, features)."""


@component
class Fid(_Inception):
    """Fréchet Inception distance (Heusel et al. 2017, eq. 6), FID/256 over patches.

    Refused below 100 pictures or 2049 patches: the covariance of 2048 features has full rank from
    there, and the bias at fewer exceeds what codecs differ by. Even so it falls with the number of
    patches: compare figures of one data set only.

    Attributes:
        patch: side of a patch.
        weights: of Inception; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(
        made_by("torch-fidelity", "patches with half-shifted second grid")
    )
    _id: ClassVar[str] = "fid"
    _fewest_patches: ClassVar[int] = _FEATURES + 1
    patch: Annotated[int, Interval(ge=32, le=1024)] = 256
    weights: Weights | None = None

    def _distance(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        import torch
        from torch_fidelity.metric_fid import (
            fid_features_to_statistics,
            fid_statistics_to_metric,
        )

        statistics = [
            fid_features_to_statistics(torch.from_numpy(each.astype(np.float64)))
            for each in (decoded, reference)
        ]
        found = fid_statistics_to_metric(*statistics, verbose=False)
        # Rounding in the matrix root leaves tiny negative distances of equal sets.
        return max(float(found["frechet_inception_distance"]), 0.0)


@component
class Kid(_Inception):
    """Kernel Inception distance (Bińkowski et al. 2018, section 4), times 1000, over patches.

    Mean over 100 subsets of 1000 patches of the unbiased squared maximum mean discrepancy with a
    cubic polynomial kernel; around 0, also below it, for equal sets. Refused below 100 pictures
    or 1000 patches.

    Attributes:
        patch: side of a patch.
        weights: of Inception; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(
        made_by("torch-fidelity", "patches, 100 subsets of 1000, seed 2020")
    )
    unit: ClassVar[str] = "1e-3"
    _id: ClassVar[str] = "kid"
    _fewest_patches: ClassVar[int] = 1000
    patch: Annotated[int, Interval(ge=32, le=1024)] = 256
    weights: Weights | None = None

    def _distance(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        import torch
        from torch_fidelity.metric_kid import kid_features_to_metric

        found = kid_features_to_metric(
            torch.from_numpy(decoded.copy()),
            torch.from_numpy(reference.copy()),
            kid_subsets=100,
            kid_subset_size=1000,
            rng_seed=2020,
            verbose=False,
        )
        return 1000 * float(found["kernel_inception_distance_mean"])


def patches(picture: NDArray[Any], side: int) -> NDArray[Any]:
    """Cut a picture into whole patches, and again from half a patch to the right and below.

    Args:
        picture: (height, width, channels), no side shorter than ``side``.
        side: of a patch.

    Returns:
        (patches, side, side, channels) of the same dtype.
    """
    found = []
    for start in (0, side // 2):
        part = picture[start:, start:]
        rows, columns = part.shape[0] // side, part.shape[1] // side
        if rows and columns:
            whole = part[: rows * side, : columns * side]
            cut = whole.reshape(rows, side, columns, side, -1).swapaxes(1, 2)
            found.append(cut.reshape(rows * columns, side, side, -1))
    return np.concatenate(found)


def _features(network: Any, cut: NDArray[np.uint8]) -> NDArray[np.float32]:
    import torch

    planes = np.ascontiguousarray(cut.transpose(0, 3, 1, 2))
    found = [
        network(torch.from_numpy(planes[start : start + _BATCH]))[0].numpy()
        for start in range(0, len(planes), _BATCH)
    ]
    return np.concatenate(found).astype(np.float32)


@lru_cache(maxsize=1)
def _network(path: Path, changed: int) -> Any:
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    load(path)  # the package unpickles whatever the file says; by then it is known to be tensors
    return FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(path)
    )
