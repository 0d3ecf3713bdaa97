"""The trainer ``saic``: one model for all rates, with and without guidance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from semcodec_torch.entropy.order import PHASES
from semcodec_torch.training.task import Task

from semcodec_saic.gains import COARSEST, gain_index, step_of, weight_of
from semcodec_saic.maps import pooled, quantized, synthetic_map

__all__ = ["ENTROPY", "NETWORKS", "TRAINING", "Saic"]

NETWORKS = "networks.safetensors"
ENTROPY = "entropy.safetensors"
TRAINING = "training.safetensors"

_INSIDE = "networks."
_CELL = 16
_GRADED = (0, 4, 8, 12, 16, 20, 24)
_LARGEST = 512
_PLAIN = 0.4
_SKIPPED = 0.1
_SKIPPED_WEIGHT = 0.1
_LEAST_BETA = 0.25
_FINEST = 0.6


@dataclass(frozen=True, kw_only=True)
class Saic(Task):
    """Trains analysis, synthesis and hyperprior for base steps 1 to 19 and any map.

    Attributes:
        trunk: channels at strides 4, 8 and 16.
        blocks: residual blocks there, in each direction.
        latent: channels of the latent.
        hyper: channels of the hyper-latent.
        groups: channels of each group of the latent, in coding order.
        phases: of each group, in how many its places are coded: 1, 2 or 4.
        balance: weight of coarse steps, as :class:`semcodec_saic.model.Model` has it.
        rdo: what a bit is worth to the encoder, likewise.
    """

    trunk: tuple[int, ...] = (64, 96, 128)
    blocks: tuple[int, ...] = (2, 1, 2)
    latent: int = 320
    hyper: int = 96
    groups: tuple[int, ...] = (6, 26, 96, 192)
    phases: tuple[int, ...] = (4, 4, 2, 2)
    balance: float = 1.0
    rdo: float = 0.08

    def __post_init__(self) -> None:
        for name in ("trunk", "blocks"):
            sizes = getattr(self, name)
            if len(sizes) != 3 or min(sizes) < (name == "trunk"):
                raise ValueError(f"expected {name} for three strides, got {sizes}")
        if min(self.latent, self.hyper) < 1 or self.trunk[0] < 2:
            raise ValueError("expected at least 1 channel of each latent and 2 at stride 4")
        if min(self.groups) < 1 or sum(self.groups) != self.latent:
            raise ValueError(f"expected groups of {self.latent} channels, got {self.groups}")
        if len(self.phases) != len(self.groups) or not set(self.phases) <= set(PHASES):
            raise ValueError(
                f"expected 1, 2 or 4 phases for each of {len(self.groups)} groups, "
                f"got {self.phases}"
            )

    def module(self) -> Any:
        """Make the model with new weights."""
        from semcodec_saic.model import Model
        from semcodec_saic.networks import Widths

        widths = Widths(self.trunk, self.blocks, self.latent, self.hyper)  # type: ignore[arg-type]
        groups = tuple(zip(self.groups, self.phases, strict=True))
        return Model(widths, groups, self.balance, self.rdo)

    def prepare(self, crop: NDArray[np.uint8], rng: np.random.Generator) -> dict[str, Any]:
        """Draw a base step, a map and a beta; the map is sent in 2 or 4 levels.

        Of the guided samples 10 % code nothing where the map is 0; there a tenth of the usual
        weight keeps what the hyper-latent alone gives close to the picture.

        No beta makes a step finer than 0.6: below the finest base step there is little to gain, and
        the few samples with a weight of hundreds would drown the others.
        """
        index = int(rng.integers(COARSEST + 1))
        if rng.random() < _PLAIN:
            return _sample(crop, np.zeros(crop.shape[:2], np.float32), index, 0.0, 2)
        betas = _LEAST_BETA, max(2 * _LEAST_BETA, step_of(index) / _FINEST - 1)
        beta = float(np.exp(rng.uniform(*np.log(betas))))
        levels, skip = 2 if rng.integers(2) else 4, bool(rng.random() < _SKIPPED)
        return _sample(crop, synthetic_map(crop, rng), index, beta, levels, skip=skip)

    def evaluate(
        self, module: Any, pictures: Sequence[NDArray[np.uint8]]
    ) -> list[dict[str, float]]:
        """Code pictures without guidance at seven steps, and with a box in the middle at one.

        Returns:
            Rows ``index``, ``beta``, ``rate_bpp``, ``hyper_bpp``, ``psnr_db`` and ``box_db``, the
            PSNR inside the box: means over pictures of at most 512x512. Rates are estimates.
        """
        points = [(index, 0.0) for index in _GRADED] + [(12, 3.0)]
        return [_graded(module, pictures, index, beta) for index, beta in points]

    def files(self, module: Any) -> Mapping[str, Mapping[str, Any]]:
        """Give what codes, in half precision and as integers, and what else training needs.

        Returns:
            :data:`NETWORKS`, the state of :class:`semcodec_saic.networks.Networks`;
            :data:`ENTROPY`, exact networks and tables for ``torch.hyperprior`` and
            ``torch.factorized``; :data:`TRAINING`, the reals that these were made of.
        """
        import torch

        networks: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for name, tensor in module.state_dict().items():
            kept = networks if name.startswith(_INSIDE) else rest
            kept[name.removeprefix(_INSIDE)] = tensor.half()
        entropy = {n: torch.tensor(a) for n, a in module.entropy().items()}
        return {NETWORKS: networks, ENTROPY: entropy, TRAINING: rest}

    def state(self, files: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
        """Join the files of reals."""
        networks = {f"{_INSIDE}{name}": each for name, each in files[NETWORKS].items()}
        return {**networks, **files[TRAINING]}


def _sample(
    crop: NDArray[np.uint8],
    saliency: NDArray[np.float32],
    index: int,
    beta: float,
    levels: int,
    *,
    skip: bool = False,
) -> dict[str, Any]:
    cells = quantized(pooled(saliency, _CELL), levels)
    kept = (cells > 0) | (not skip)
    return {
        "picture": crop,
        "saliency": np.rint(saliency * 255).astype(np.uint8),
        "gain_index": gain_index(index, beta, cells),
        "weight": np.where(kept, weight_of(beta, cells), np.float32(_SKIPPED_WEIGHT)),
        "kept": kept,
        "step": np.float32(step_of(index)),
    }


def _graded(
    module: Any, pictures: Sequence[NDArray[np.uint8]], index: int, beta: float
) -> dict[str, float]:
    import torch
    from semcodec_torch.training.log import decibels

    device = next(module.parameters()).device
    rows = []
    for picture in map(_middle, pictures):
        height, width, _ = picture.shape
        box = np.zeros((height, width), np.float32)
        box[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = 1
        shown = box if beta else np.zeros_like(box)
        index_map = gain_index(index, beta, pooled(shown, _CELL))
        x = torch.tensor(picture, device=device).permute(2, 0, 1)[None].float() / 255
        coded = module.code(
            x,
            torch.tensor(shown, device=device)[None, None],
            torch.tensor(index_map, device=device)[None, None],
        )
        decoded = torch.round(coded.picture.clamp(0, 1) * 255) / 255
        error = ((decoded - x) ** 2).mean(1)[0]
        hyper = float(coded.hyper_bits.sum())
        bits = float(coded.latent_bits.sum()) + hyper
        inside = float(error[torch.tensor(box, device=device) > 0].mean())
        pixels = height * width
        errors = decibels(float(error.mean())), decibels(inside)
        rows.append((bits / pixels, hyper / pixels, *errors))
    means = np.mean(rows, axis=0)
    names = ("rate_bpp", "hyper_bpp", "psnr_db", "box_db")
    return {"index": index, "beta": beta, **dict(zip(names, map(float, means), strict=True))}


def _middle(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut the middle, sides the largest multiples of 64 up to 512; a small one is continued."""
    short = [(0, max(0, 64 - side)) for side in picture.shape[:2]]
    picture = np.pad(picture, [*short, (0, 0)], mode="symmetric")
    sides = [min(_LARGEST, side // 64 * 64) for side in picture.shape[:2]]
    top, left = ((whole - side) // 2 for whole, side in zip(picture.shape, sides, strict=False))
    return np.array(picture[top : top + sides[0], left : left + sides[1]])
