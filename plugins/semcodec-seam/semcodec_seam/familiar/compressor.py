"""The compressor of Semantic Compress, by its names and arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.kinds import SaliencySource
from semcodec.errors import SettingError, TargetError
from semcodec_seam.analysis import Statistics, statistics
from semcodec_seam.arguments import one_of, whole
from semcodec_seam.carver import SeamCarver
from semcodec_seam.choosing import SCALES, chosen
from semcodec_seam.familiar.energies import EnergyFunction, HybridEnergyFunction
from semcodec_seam.familiar.result import CompressionResult
from semcodec_seam.grading import QualityMetric, checked
from semcodec_seam.methods import by_content, gone
from semcodec_seam.pictures import taken
from semcodec_seam.saving import FORMATS, within
from semcodec_seam.sizes import check_size, target_size
from semcodec_seam.visual import with_gone

__all__ = ["Method", "SemanticCompressor", "compress_image"]

Method: TypeAlias = Literal["seam_carving", "smart_crop", "hybrid", "jpeg"]
Size: TypeAlias = tuple[int, int]


class SemanticCompressor:
    """Gives pictures another size, by seams, a crop or both.

    Args:
        energy_function: what matters; by default gradient and spectral residual together.
        quality_metric: by what the scale is chosen where bytes are asked for and no size:
            ``"perceptual"``, ``"semantic"`` or ``"psnr"``, of
            :func:`~semcodec_seam.grading.grade`; None takes the largest at which the file has a
            quality of 75.
        carver: options of :class:`~semcodec_seam.carver.SeamCarver`: masks, ``forward``,
            ``rigidity``, ``delta_x``, ``refresh``.

    Raises:
        SettingError: no such metric.
    """

    def __init__(
        self,
        energy_function: EnergyFunction | SaliencySource | None = None,
        quality_metric: QualityMetric | None = None,
        **carver: Any,
    ) -> None:
        self.quality_metric = checked(quality_metric)
        self.carver = SeamCarver(energy_function or HybridEnergyFunction(), **carver)

    def compress(
        self,
        image: Any,
        target_bytes: int | None = None,
        target_pixels: int | None = None,
        max_dimension: int | None = None,
        scale: float | None = None,
        method: Method = "hybrid",
        preserve_aspect: bool = True,
        show_progress: bool = False,
        form: str = "jpeg",
    ) -> CompressionResult:
        """Compress a picture.

        Of several sizes asked for, ``scale`` counts before ``target_pixels``, and that before
        ``max_dimension``. With ``target_bytes`` the file that the result saves has at most so many;
        where no size is asked for, one of twenty scales is chosen, see the class, or the next
        smaller one whose carved picture fits. The result's metadata then says by what metric, and
        what a plain resize to this size in so many bytes reaches by it.

        Args:
            image: a path, a Pillow image or an array.
            target_bytes: most bytes of the saved file.
            target_pixels: most pixels.
            max_dimension: most pixels on the longer side.
            scale: factor of both sides.
            method: ``"seam_carving"``; ``"smart_crop"``, the window of most energy;
                ``"hybrid"``, a crop to 1.2 times the size where a side shrinks below 0.7, then
                seams; ``"jpeg"``, no other size.
            preserve_aspect: whether both sides shrink by one factor, see
                :func:`~semcodec_seam.sizes.target_size`.
            show_progress: whether a bar is drawn on standard error.
            form: the format that ``target_bytes`` is of: ``"jpeg"``, ``"webp"``, ``"avif"``,
                ``"png"`` or ``"tiff"``. A result saved as another one has as few bytes, or is
                refused then.

        Raises:
            ImageError: no picture.
            SettingError: arguments that are no size, no method or no format.
            TargetError: a target of bytes that no scale and quality meets; it says what is the
                smallest.
        """
        picture = taken(image)
        size = picture.shape[0], picture.shape[1]
        wishes = {
            "scale": scale,
            "target_pixels": target_pixels,
            "max_dimension": max_dimension,
        }
        targets = self._wanted(size, wishes, target_bytes, method, preserve_aspect, form)
        if target_bytes is None:
            made = self._watched(picture, targets[0], method, show_progress)
            return CompressionResult(made, size, targets[0], method)
        target = targets[0]
        metadata: dict[str, Any] = {}
        if all(wish is None for wish in wishes.values()):
            target, metadata = chosen(picture, targets, target_bytes, self.quality_metric, form)
        errors = []
        # Seams leave more detail than the resize by which a size was chosen.
        for each in targets[targets.index(target) :]:
            made = self._watched(picture, each, method, show_progress)
            try:
                within(made, form, target_bytes)
            except TargetError as error:
                errors.append(error)
                continue
            if each != target:
                _, metadata = chosen(picture, [each], target_bytes, self.quality_metric, form)
            metadata["target_bytes"] = target_bytes
            return CompressionResult(made, size, each, method, metadata)
        least = min(errors, key=lambda error: error.reached)
        if len(targets) > 1:
            least.hint = "No scale is small enough: give more bytes, or another format."
        raise least

    def _wanted(
        self,
        size: Size,
        wishes: dict[str, Any],
        target_bytes: int | None,
        method: Method,
        preserve_aspect: bool,
        form: str,
    ) -> list[Size]:
        """Give the heights and widths that may be taken, the largest first."""
        one_of("a method", method, get_args(Method))
        one_of("a form", form, FORMATS)
        if target_bytes is not None and whole("target_bytes", target_bytes) < 1:
            raise SettingError(f"expected target_bytes of at least 1, got {target_bytes}")
        sized = any(wish is not None for wish in wishes.values())
        if method == "jpeg" and sized:
            raise SettingError(
                "expected no size with the method 'jpeg', which keeps it",
                hint="Give target_bytes, or another method.",
            )
        if target_bytes is None or sized or method == "jpeg":
            target = target_size(size, preserve_aspect=preserve_aspect, **wishes)
            check_size(size, target)
            return [target]
        every = (target_size(size, scale=s, preserve_aspect=preserve_aspect) for s in SCALES)
        return list(dict.fromkeys(every))

    def _watched(
        self, picture: NDArray[Any], target: Size, method: Method, show: bool
    ) -> NDArray[Any]:
        if not show:
            return self._sized(picture, target, method, None)
        from semcodec_seam.bar import bar

        with bar(method) as drawn:
            return self._sized(picture, target, method, drawn)

    def _sized(
        self,
        picture: NDArray[Any],
        target: Size,
        method: Method,
        progress: Callable[[float], None] | None,
    ) -> NDArray[Any]:
        if method == "jpeg" or target == picture.shape[:2]:
            return picture
        return by_content(self.carver.scene(picture), target, method, self.carver, progress)

    def visualize_removed(
        self,
        image: Any,
        target_bytes: int | None = None,
        target_pixels: int | None = None,
        max_dimension: int | None = None,
        scale: float | None = None,
        method: Method = "hybrid",
        preserve_aspect: bool = True,
        form: str = "jpeg",
    ) -> NDArray[np.uint8]:
        """Draw in half red what :meth:`compress` with the same arguments leaves out.

        Returns:
            uint8 (height, width, 3), of the picture's own size.

        Raises:
            SettingError: as of :meth:`compress`, and for a side that grows.
            TargetError: as of :meth:`compress`.
        """
        picture = taken(image)
        wishes = {
            "scale": scale,
            "target_pixels": target_pixels,
            "max_dimension": max_dimension,
        }
        size = picture.shape[0], picture.shape[1]
        target, *others = self._wanted(size, wishes, target_bytes, method, preserve_aspect, form)
        if others:
            # Which of them fits is known when it is made.
            target = self.compress(
                picture,
                target_bytes,
                method=method,
                preserve_aspect=preserve_aspect,
                form=form,
            ).compressed_size
        if method == "jpeg":
            target, method = size, "seam_carving"
        return with_gone(picture, gone(self.carver.scene(picture), target, method, self.carver))

    def compress_batch(
        self, images: Iterable[Any], *, workers: int = 1, **given: Any
    ) -> list[CompressionResult]:
        """Compress several pictures alike, in their order.

        Args:
            images: as :meth:`compress` takes each.
            workers: how many at a time.
            given: further arguments of :meth:`compress`.

        Raises:
            SettingError: no worker.
        """
        if whole("workers", workers) < 1:
            raise SettingError(f"expected at least 1 worker, got {workers}")
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(lambda image: self.compress(image, **given), images))

    def analyze_content(self, image: Any) -> Statistics:
        """Say how energy is spread over a picture."""
        picture = taken(image)
        return statistics(self.carver.measure(picture))


def compress_image(
    image: Any,
    energy_function: EnergyFunction | SaliencySource | None = None,
    quality_metric: QualityMetric | None = None,
    **given: Any,
) -> CompressionResult:
    """Compress one picture; other arguments as of :meth:`SemanticCompressor.compress`."""
    return SemanticCompressor(energy_function, quality_metric).compress(image, **given)
