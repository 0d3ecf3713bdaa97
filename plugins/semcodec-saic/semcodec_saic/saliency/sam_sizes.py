"""How large a SAM is, read off the names and shapes of its tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from semcodec.errors import WeightsError

__all__ = ["Sizes", "sizes_of"]

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What segment_anything's constructors ask for.

    Attributes:
        width: channels of the image encoder.
        depth: its blocks.
        heads: its attention heads.
        mlp: hidden channels of its blocks.
        patch: pixels along a side of a patch.
        grid: patches along a side of the picture.
        window: patches along a side of a window of attention.
        unwindowed: blocks that attend to the whole picture.
        prompt: channels of prompts and of the decoder.
        mask_channels: hidden channels of the embedding of masks.
        masks: masks that the decoder makes for a prompt, the single one included.
        layers: of the decoder's transformer.
        decoder_mlp: hidden channels of those.
        iou_layers: of the head that predicts the IoU.
        iou_width: hidden channels of it.
    """

    width: int
    depth: int
    heads: int
    mlp: int
    patch: int
    grid: int
    window: int
    unwindowed: tuple[int, ...]
    prompt: int
    mask_channels: int
    masks: int
    layers: int
    decoder_mlp: int
    iou_layers: int
    iou_width: int


def sizes_of(shapes: Shapes, where: str) -> Sizes:
    """Read the sizes of a checkpoint of segment_anything.

    Args:
        shapes: of the tensors, by name.
        where: the file, for the message.

    Raises:
        WeightsError: these are not the tensors of a Sam.
    """
    try:
        return _sizes(shapes)
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        raise WeightsError(
            f"{where}: not a checkpoint of segment_anything: "
            f"{len(shapes)} tensors, no fit for {str(error) or 'their shapes'}",
            hint="Give a checkpoint as its authors publish it, such as sam_vit_b_01ec64.pth.",
        ) from None


def _sizes(shapes: Shapes) -> Sizes:
    encoder, decoder = "image_encoder.", "mask_decoder."
    _, grid, across, width = shapes[f"{encoder}pos_embed"]
    depth = _count(shapes, rf"{encoder}blocks\.(\d+)\.")
    # Relative positions run from -(side - 1) to side - 1, for every channel of a head.
    reach = [shapes[f"{encoder}blocks.{n}.attn.rel_pos_h"] for n in range(depth)]
    sides = [(length + 1) // 2 for length, _ in reach]
    heads, rest = divmod(width, reach[0][1])
    if grid != across or rest or any(not 1 <= side <= grid for side in sides):
        raise ValueError(f"a grid of {grid}x{across}, {width} channels and windows {sides}")
    windows = {side for side in sides if side != grid}
    if len(windows) > 1:
        raise ValueError(f"windows of several sizes {sorted(windows)}")
    prompt = shapes[f"{encoder}neck.0.weight"][0]
    iou = f"{decoder}iou_prediction_head.layers"
    return Sizes(
        width=width,
        depth=depth,
        heads=heads,
        mlp=shapes[f"{encoder}blocks.0.mlp.lin1.weight"][0],
        patch=shapes[f"{encoder}patch_embed.proj.weight"][2],
        grid=grid,
        window=max(windows, default=grid),
        unwindowed=tuple(n for n, side in enumerate(sides) if side == grid),
        prompt=prompt,
        mask_channels=shapes["prompt_encoder.mask_downscaling.3.weight"][0],
        masks=shapes[f"{decoder}mask_tokens.weight"][0],
        layers=_count(shapes, rf"{decoder}transformer\.layers\.(\d+)\."),
        decoder_mlp=shapes[f"{decoder}transformer.layers.0.mlp.lin1.weight"][0],
        iou_layers=_count(shapes, re.escape(iou) + r"\.(\d+)\."),
        iou_width=shapes[f"{iou}.0.weight"][0],
    )


def _count(shapes: Shapes, pattern: str) -> int:
    found = {int(match[1]) for name in shapes if (match := re.match(pattern, name))}
    if not found or max(found) + 1 != len(found):
        raise ValueError(f"{pattern} numbered from 0")
    return len(found)
