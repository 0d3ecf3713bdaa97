"""SAM through segment_anything and its ``.pth`` checkpoints.

The package's own builders know three sizes and read pickles. Here the size is read off the
tensors, and the file is read as tensors only.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec import Context
from semcodec.errors import WeightsError
from semcodec_saic.saliency.digests import stamp
from semcodec_saic.saliency.sam_sizes import Sizes, sizes_of

__all__ = ["masks_by_checkpoint"]


def masks_by_checkpoint(
    path: Path, picture: NDArray[np.uint8], boxes: NDArray[np.float32], chunk: int, ctx: Context
) -> NDArray[np.bool_]:
    """Outline what is in each box; see :func:`~semcodec_saic.saliency.sam_hub.masks_by_hub`.

    Args:
        path: the ``.pth`` file.
        picture: uint8 (rows, columns, 3).
        boxes: float32 (n, 4), left, top, right, bottom in pixels; n at least 1.
        chunk: boxes at once.
        ctx: its device is where the network runs.

    Returns:
        bool (n, rows, columns).

    Raises:
        WeightsError: it is no checkpoint of SAM, or holds more than tensors.
    """
    import torch
    from segment_anything import SamPredictor

    predictor = SamPredictor(_opened(path, stamp(path)).to(ctx.device))
    predictor.set_image(picture)
    prompts = torch.from_numpy(predictor.transform.apply_boxes(boxes, picture.shape[:2]))
    prompts = prompts.to(device=ctx.device, dtype=torch.float32)
    found = []
    for first in range(0, len(boxes), chunk):
        ctx.progress(first / len(boxes), "outlining what is in the boxes")
        some = prompts[first : first + chunk]
        masks, ious, _ = predictor.predict_torch(None, None, boxes=some, multimask_output=True)
        best = ious.argmax(dim=1)
        found.append(masks[torch.arange(len(best), device=best.device), best].cpu().numpy())
    return np.concatenate(found)


@lru_cache(maxsize=2)
def _opened(path: Path, changed: int) -> Any:
    state = _tensors(path)
    sizes = sizes_of({name: tuple(tensor.shape) for name, tensor in state.items()}, str(path))
    network = _built(sizes)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        said = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{path}: not weights of segment_anything's Sam: {said}",
            hint="Give a checkpoint as its authors publish it, such as sam_vit_b_01ec64.pth.",
        ) from None
    return network.eval().requires_grad_(False)


def _tensors(path: Path) -> dict[str, Any]:
    import pickle

    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        said = " ".join(str(error).split())
        what = said.partition("GLOBAL ")[2].partition(" ")[0]
        raise WeightsError(
            f"{path}: refused: expected tensors only, the pickle asks for "
            f"{what or 'code'}, which would be run",
            hint="If you trust it, save its tensors alone: torch.save(model.state_dict(), FILE).",
        ) from None
    except Exception as error:  # a damaged archive fails in many ways
        said = (str(error).splitlines() or [""])[0][:200]
        raise WeightsError(
            f"{path}: expected a checkpoint of torch.save: {type(error).__name__}: {said}",
            hint="Fetch it again.",
        ) from None
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise WeightsError(
            f"{path}: expected a state dictionary, tensors by name, got {type(state).__name__}",
            hint="Save the state_dict alone: torch.save(model.state_dict(), FILE).",
        )
    return state


def _built(sizes: Sizes) -> Any:
    from segment_anything.modeling import (
        ImageEncoderViT,
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )
    from torch import nn

    side = sizes.grid * sizes.patch
    return Sam(
        image_encoder=ImageEncoderViT(
            img_size=side,
            patch_size=sizes.patch,
            embed_dim=sizes.width,
            depth=sizes.depth,
            num_heads=sizes.heads,
            mlp_ratio=sizes.mlp / sizes.width,
            out_chans=sizes.prompt,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=sizes.window,
            global_attn_indexes=sizes.unwindowed,
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=sizes.prompt,
            image_embedding_size=(sizes.grid, sizes.grid),
            input_image_size=(side, side),
            mask_in_chans=sizes.mask_channels,
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=sizes.masks - 1,
            transformer=TwoWayTransformer(
                depth=sizes.layers,
                embedding_dim=sizes.prompt,
                mlp_dim=sizes.decoder_mlp,
                num_heads=8,
            ),
            transformer_dim=sizes.prompt,
            iou_head_depth=sizes.iou_layers,
            iou_head_hidden_dim=sizes.iou_width,
        ),
    )
