"""Energy functions by the names that users of Semantic Compress know."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency.contrast import SpectralResidual
from semcodec.contracts.kinds import SaliencySource
from semcodec.contracts.weights import Weights
from semcodec.errors import SettingError, WeightsError
from semcodec_seam.energies.backbones import BACKBONES, no_weights
from semcodec_seam.energies.deep import Aggregate, Deep
from semcodec_seam.energies.fine_grained import FineGrained, Segmenter
from semcodec_seam.energies.gradient import Gradient
from semcodec_seam.energies.hybrid import check_weights, mixed
from semcodec_seam.pictures import as_energy, energy_of, taken
from semcodec_seam.visual import shown

__all__ = [
    "DeepEnergyFunction",
    "EnergyFunction",
    "GradientEnergyFunction",
    "HybridEnergyFunction",
    "SaliencyEnergyFunction",
    "is_slope",
    "measure_of",
    "weights_of",
]


class EnergyFunction:
    """An energy of pictures: a saliency source under the name that it had.

    A subclass may define :meth:`measure` alone, or, as with Semantic Compress, :meth:`compute`
    alone, which then gets arrays uint8 (height, width, 3); neither needs the constructor.

    Args:
        source: the source; None for a subclass that measures by itself.
        device: where networks run, such as ``"cuda:0"``.
    """

    source: SaliencySource | None = None
    device: str = "cpu"

    def __init__(self, source: SaliencySource | None = None, device: str = "cpu") -> None:
        self.source = source
        self.device = device

    def measure(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1] of uint8 or uint16 (height, width, channels).

        Raises:
            SettingError: there is no source, and :meth:`compute` is the present one.
        """
        if type(self).compute is not EnergyFunction.compute:
            return as_energy(self.compute(shown(picture)), (picture.shape[0], picture.shape[1]))
        return self._by_source(picture)

    def compute(self, image: Any) -> NDArray[np.float32]:
        """Give the energy of a path, a Pillow image or an array.

        Raises:
            ImageError: it is no picture.
            SettingError: there is no source, and :meth:`measure` is the present one.
        """
        picture = taken(image)
        if type(self).measure is not EnergyFunction.measure:
            return self.measure(picture)
        # Not by measure(), which would ask an overridden compute() again.
        return self._by_source(picture)

    def __call__(self, image: Any) -> NDArray[np.float32]:
        """Give what :meth:`compute` gives."""
        return self.compute(image)

    def _by_source(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        if self.source is None:
            raise SettingError(
                f"{type(self).__name__} has no saliency source",
                hint="Give EnergyFunction one, or define compute(image) or measure(picture).",
            )
        return energy_of(self.source, picture, self.device)


class GradientEnergyFunction(EnergyFunction):
    """Slopes by Sobel's kernels.

    Args:
        use_color: whether slopes of red, green and blue are added, in place of the luma's.
    """

    def __init__(self, use_color: bool = False) -> None:
        super().__init__(Gradient(color=use_color))


class DeepEnergyFunction(EnergyFunction):
    """Activations of a network.

    Args:
        model_name: ``"saic"``, whose weights ship, or a network of torchvision: ``"vgg16"``,
            ``"vgg19"``, ``"resnet18"``, ``"resnet50"``, ``"efficientnet_b0"``.
        layer_names: modules that count; by default three of each network.
        device: where it runs, such as ``"cuda:0"``.
        aggregate_method: ``"sum"``, ``"max"``, ``"weighted"`` or ``"mean"``.
        weights: a safetensors file of the network's weights. Without one a network of torchvision
            is not at hand: ``"saic"`` runs in its place, and a ``UserWarning`` says so.

    Raises:
        SettingError: no such network or method.
        WeightsError: the file cannot be read.
    """

    def __init__(
        self,
        model_name: str = "saic",
        layer_names: Sequence[str] | None = None,
        device: str = "cpu",
        aggregate_method: str = "sum",
        weights: str | Path | None = None,
    ) -> None:
        _one_of("network", model_name, tuple(BACKBONES))
        _one_of("method", aggregate_method, get_args(Aggregate))
        if weights is None and model_name != "saic":
            warnings.warn(
                f"no weights of {model_name} are named: the network of semcodec-saic runs in its "
                "place, with layers of its own",
                stacklevel=2,
            )
            model_name, layer_names = "saic", None
        given: dict[str, Any] = {"model": model_name, "aggregate": aggregate_method}
        layers, named = tuple(layer_names or ()), weights and weights_of(weights)
        super().__init__(Deep(**given, layers=layers, weights=named or None), device)


_PLAIN = (EnergyFunction, GradientEnergyFunction)


class SaliencyEnergyFunction(EnergyFunction):
    """Where one looks.

    Args:
        method: ``"spectral"``, the spectral residual of a small picture, or ``"fine_grained"``,
            what semantic segmentation does not take for background.
        device: where a network runs, such as ``"cuda:0"``.
        weights: of ``"fine_grained"``, a safetensors file of the network's weights: none ship.
        model_name: of ``"fine_grained"``, which network: ``"fcn_resnet50"``,
            ``"deeplabv3_mobilenet_v3_large"``, ``"lraspp_mobilenet_v3_large"`` or
            ``"transformers"``.

    Raises:
        SettingError: there is no such method or network.
        WeightsError: no file is named for a network, or it cannot be read.
    """

    def __init__(
        self,
        method: str = "spectral",
        device: str = "cpu",
        weights: str | Path | None = None,
        model_name: str = "fcn_resnet50",
    ) -> None:
        _one_of("method", method, ("spectral", "fine_grained"))
        if method == "spectral":
            super().__init__(SpectralResidual(), device)
            return
        _one_of("network", model_name, get_args(Segmenter))
        if weights is None:
            raise no_weights("fine_grained", model_name)
        given: dict[str, Any] = {"model": model_name}
        super().__init__(FineGrained(**given, weights=weights_of(weights)), device)


class HybridEnergyFunction(EnergyFunction):
    """Several energies, weighed.

    Args:
        energies: energy functions or saliency sources; by default gradient and spectral.
        weights: of each; by default equal.
        adaptive_weights: whether weights are multiplied by the variance of each energy.

    Raises:
        SettingError: weights that do not fit.
    """

    def __init__(
        self,
        energies: Sequence[EnergyFunction | SaliencySource] | None = None,
        weights: Sequence[float] | None = None,
        adaptive_weights: bool = False,
    ) -> None:
        default = (GradientEnergyFunction(), SaliencyEnergyFunction())
        self._energies = [measure_of(each) for each in (default if energies is None else energies)]
        self._weights = [1.0] * len(self._energies) if weights is None else list(weights)
        self._adaptive = adaptive_weights
        try:
            check_weights(self._weights, len(self._energies))
        except ValueError as error:
            raise SettingError(str(error)) from None

    def measure(self, picture: NDArray[Any]) -> NDArray[np.float32]:
        """See :meth:`EnergyFunction.measure`."""
        maps = [energy(picture) for energy in self._energies]
        return mixed(maps, self._weights, self._adaptive)


def weights_of(path: str | Path) -> Weights:
    """Name a file of weights, by its hash as it is now.

    Raises:
        WeightsError: it cannot be read.
    """
    try:
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror or error}") from None
    return Weights(uri=f"file:{Path(path).resolve()}", sha256=digest)


def _one_of(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise SettingError(f"expected a {what} of {', '.join(known)}, got {name!r}")


def is_slope(energy: EnergyFunction | SaliencySource) -> bool:
    """Say whether an energy is the slope of the brightness, which carving can keep up itself."""
    source: Any = energy
    if isinstance(energy, EnergyFunction):
        # A subclass may measure something else.
        source = energy.source if type(energy) in _PLAIN else None
    return isinstance(source, Gradient) and not source.color


def measure_of(
    energy: EnergyFunction | SaliencySource,
) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """Give what measures pictures (height, width, channels), of an energy of either kind.

    Raises:
        SettingError: it is neither.
    """
    if isinstance(energy, EnergyFunction):
        known = energy
        return lambda picture: as_energy(_nearest(known, picture), picture.shape[:2])
    if isinstance(energy, SaliencySource):
        return lambda picture: energy_of(energy, picture)
    raise SettingError(
        f"expected an energy function or a saliency source, got {type(energy).__name__}"
    )


def _nearest(energy: EnergyFunction, picture: NDArray[Any]) -> Any:
    """Measure by the method that the nearest class defines."""
    for kind in type(energy).__mro__:
        if "measure" in vars(kind):
            break
        if "compute" in vars(kind):
            return energy.compute(shown(picture))
    return energy.measure(picture)
