"""SAM through transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semcodec import Context
from semcodec_saic.saliency.hub import load

__all__ = ["masks_by_hub"]


def masks_by_hub(
    path: Path, picture: NDArray[np.uint8], boxes: NDArray[np.float32], chunk: int, ctx: Context
) -> NDArray[np.bool_]:
    """Outline what is in each box.

    Args:
        path: the safetensors file.
        picture: uint8 (rows, columns, 3).
        boxes: float32 (n, 4), left, top, right, bottom in pixels; n at least 1.
        chunk: boxes at once.
        ctx: its device is where the network runs.

    Returns:
        bool (n, rows, columns): of the network's masks for a box that of the highest predicted
        IoU.

    Raises:
        WeightsError: they are not SAM's.
    """
    import torch
    from PIL import Image as Pillow

    network, processor = load("SamModel", path, ("sam",), ctx.device)
    # Boxes are nested [picture][box][corner].
    nested = [boxes.astype(float).tolist()]
    asked = processor(images=Pillow.fromarray(picture), input_boxes=nested, return_tensors="pt")
    prompts = asked["input_boxes"].to(device=ctx.device, dtype=torch.float32)
    seen = network.get_image_embeddings(asked["pixel_values"].to(ctx.device))
    sizes = [asked[name].tolist() for name in ("original_sizes", "reshaped_input_sizes")]
    found = []
    for first in range(0, len(boxes), chunk):
        ctx.progress(first / len(boxes), "outlining what is in the boxes")
        some = prompts[:, first : first + chunk]
        answer = network(image_embeddings=seen, input_boxes=some, multimask_output=True)
        best = answer.iou_scores[0].argmax(dim=1)
        chosen = answer.pred_masks[0][torch.arange(len(best), device=best.device), best]
        large = processor.post_process_masks([chosen[:, None].cpu()], *sizes)[0]
        found.append(large[:, 0].numpy())
    return np.concatenate(found)
