"""Networks of the real architectures and formats, small and random, saved to a folder."""

from __future__ import annotations

import hashlib
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.gettempdir()) / (
    f"semcodec-tiny-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}"
)
"""The same in every process, because names of tests are made of it."""

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "person", "animal", "cat", "dog"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def named(file: Path) -> dict[str, str]:
    """Name a file as weights, as data."""
    return {"uri": f"file:{file}", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def made(name: str, make: Any) -> Path:
    """Make a folder once; another process may be making it too."""
    folder = FOLDER / name
    if not folder.exists():
        FOLDER.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as first:
            make(Path(first, name))
            try:
                Path(first, name).rename(folder)
            except OSError:
                assert folder.exists()
    return folder


def detector(folder: Path, *, seed: int = 0, text: int = 256) -> None:
    """Save a Grounding DINO with its processor, as ``save_pretrained`` does."""
    import torch
    from transformers import (
        BertConfig,
        BertTokenizerFast,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
        SwinConfig,
    )

    torch.manual_seed(seed)
    folder.mkdir()
    words = [*WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(words))
    swin = SwinConfig(
        image_size=64,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=4,
        out_indices=[2, 3, 4],
    )
    bert = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    config = GroundingDinoConfig(
        backbone_config=swin.to_dict(),
        text_config=bert.to_dict(),
        num_queries=6,
        d_model=64,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        max_text_len=text,
    )
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    GroundingDinoProcessor(
        GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96}),
        BertTokenizerFast.from_pretrained(str(folder)),
    ).save_pretrained(folder)


def segmenter(folder: Path) -> None:
    """Save a SAM with its processor, as ``save_pretrained`` does."""
    import torch
    from transformers import (
        SamConfig,
        SamImageProcessor,
        SamMaskDecoderConfig,
        SamModel,
        SamProcessor,
        SamPromptEncoderConfig,
        SamVisionConfig,
    )

    torch.manual_seed(1)
    vision = SamVisionConfig(
        hidden_size=16,
        output_channels=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=64,
        patch_size=8,
        window_size=4,
        global_attn_indexes=[1],
        num_pos_feats=8,
        mlp_ratio=2.0,
    )
    prompts = SamPromptEncoderConfig(
        hidden_size=16, image_size=64, patch_size=8, mask_input_channels=4
    )
    masks = SamMaskDecoderConfig(
        hidden_size=16,
        mlp_dim=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        iou_head_depth=2,
        iou_head_hidden_dim=16,
    )
    parts = {
        "vision_config": vision.to_dict(),
        "prompt_encoder_config": prompts.to_dict(),
        "mask_decoder_config": masks.to_dict(),
    }
    SamModel(SamConfig(**parts)).save_pretrained(folder)
    SamProcessor(
        SamImageProcessor(
            size={"longest_edge": 64},
            pad_size={"height": 64, "width": 64},
            mask_size={"longest_edge": 16},
            mask_pad_size={"height": 16, "width": 16},
        )
    ).save_pretrained(folder)


def sam(*, depth: int = 3, window: int = 3) -> Any:
    """Build segment_anything's Sam of its own modules, as its builders do."""
    import torch
    from segment_anything.modeling import (
        ImageEncoderViT,
        MaskDecoder,
        PromptEncoder,
        Sam,
        TwoWayTransformer,
    )

    torch.manual_seed(2)
    encoder = ImageEncoderViT(
        img_size=64,
        patch_size=8,
        embed_dim=24,
        depth=depth,
        num_heads=3,
        mlp_ratio=2,
        out_chans=32,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=window,
        global_attn_indexes=(0, 2),
    )
    network = Sam(
        image_encoder=encoder,
        prompt_encoder=PromptEncoder(32, (8, 8), (64, 64), 4),
        mask_decoder=MaskDecoder(
            transformer_dim=32,
            transformer=TwoWayTransformer(depth=1, embedding_dim=32, num_heads=8, mlp_dim=40),
            iou_head_depth=2,
            iou_head_hidden_dim=20,
        ),
    )
    for parameter in network.image_encoder.parameters():  # zeros that training would fill
        torch.nn.init.normal_(parameter, std=0.1)
    return network.eval()


def checkpoint(folder: Path) -> None:
    """Save the state dictionary of :func:`sam`, as published checkpoints are."""
    import torch

    folder.mkdir()
    torch.save(sam().state_dict(), folder / "sam_tiny.pth")


def detector_weights() -> dict[str, str]:
    return named(made("detector", detector) / "model.safetensors")


def brief_weights() -> dict[str, str]:
    return named(made("brief", partial(detector, text=12)) / "model.safetensors")


def segmenter_weights() -> dict[str, str]:
    return named(made("segmenter", segmenter) / "model.safetensors")


def checkpoint_weights() -> dict[str, str]:
    return named(made("checkpoint", checkpoint) / "sam_tiny.pth")
