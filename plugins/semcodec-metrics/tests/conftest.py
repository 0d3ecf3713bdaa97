from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def photo() -> Callable[..., Any]:
    """Make a smooth picture with texture, of any size, channels and depth."""

    def make(height: int, width: int, channels: int = 3, depth: int = 8) -> Any:
        y, x, c = np.meshgrid(*map(np.arange, (height, width, channels)), indexing="ij")
        waves = 128 + 60 * np.sin(x / 5 + c) + 40 * np.cos(y / 7 - c) + 20 * np.sin(x * y / 30)
        if depth == 8:
            return np.clip(waves, 0, 255).astype(np.uint8)
        return np.clip(waves * 257, 0, 65535).astype(np.uint16)

    return make


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Any]:
    """Add noise of a deviation in levels of 8 bits; the same noise, scaled, for any deviation."""

    def make(picture: Any, sigma: float) -> Any:
        top = np.iinfo(picture.dtype).max
        noise = np.random.default_rng(7).standard_normal(picture.shape) * (sigma * top / 255)
        return np.clip(np.rint(picture + noise), 0, top).astype(picture.dtype)

    return make


PREPARE = {
    "image_processor_type": "CLIPImageProcessor",
    "size": {"shortest_edge": 32},
    "crop_size": {"height": 32, "width": 32},
    "do_resize": True,
    "do_center_crop": True,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}
TINY = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}


class Checkpoints:
    """Random checkpoints in the formats that the packages read; made when they are asked for.

    A file is ``{"uri": ..., "sha256": ...}``, as weights stand in a spec; a model is a folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _saved(self, name: str, save: Callable[[Path], None]) -> dict[str, str]:
        path = self._folder / name
        save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return {"uri": f"file:{path.as_posix()}", "sha256": digest}

    def _torch(self, name: str, state: Any) -> dict[str, str]:
        import torch

        return self._saved(name, lambda path: torch.save(state, path))

    @cached_property
    def vgg(self) -> dict[str, str]:
        """VGG-16 of torchvision, the convolutions alone."""
        import torch
        from torchvision.models.vgg import cfgs, make_layers

        torch.manual_seed(0)
        state = make_layers(cfgs["D"]).state_dict()
        return self._torch("vgg16.pth", {f"features.{n}": v for n, v in state.items()})

    @cached_property
    def alexnet(self) -> dict[str, str]:
        """AlexNet of torchvision, likewise."""
        import torch
        from torchvision.models import alexnet

        torch.manual_seed(0)
        state = alexnet(weights=None).state_dict()
        return self._torch("alexnet.pth", {n: v for n, v in state.items() if "features" in n})

    @cached_property
    def dists(self) -> dict[str, str]:
        """The weights of piq's DISTS."""
        import torch

        torch.manual_seed(0)
        state = {name: torch.rand(1, 1475, 1, 1) / 1475 for name in ("alpha", "beta")}
        return self._torch("dists_weights.pt", state)

    @cached_property
    def musiq(self) -> dict[str, str]:
        """MUSIQ of pyiqa."""
        import torch
        from semcodec_metrics.tensors import quiet

        with quiet():
            from pyiqa.archs.musiq_arch import MUSIQ

            torch.manual_seed(0)
            return self._torch("musiq.pth", MUSIQ(pretrained=False).state_dict())

    @cached_property
    def niqe(self) -> dict[str, str]:
        """The pristine model of NIQE: standard normal."""
        from scipy.io import savemat

        model = {"mu_prisparam": np.zeros((1, 36)), "cov_prisparam": np.eye(36)}
        return self._saved("niqe.mat", lambda path: savemat(path, model))

    @cached_property
    def clip(self) -> str:
        """A CLIP model with a tokenizer of seven words."""
        import torch
        from tokenizers import Tokenizer, models, pre_tokenizers
        from transformers import CLIPConfig, CLIPModel, PreTrainedTokenizerFast

        folder = self._folder / "clip"
        torch.manual_seed(0)
        text = {**TINY, "vocab_size": 8, "max_position_embeddings": 8, "eos_token_id": 2}
        config = CLIPConfig(
            text_config={**text, "bos_token_id": 1, "pad_token_id": 0},
            vision_config={**TINY, "image_size": 32, "patch_size": 8},
            projection_dim=8,
        )
        CLIPModel(config).save_pretrained(folder)
        (folder / "preprocessor_config.json").write_text(json.dumps(PREPARE))
        words = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "waves": 4, "of": 5, "grey": 6}
        tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<pad>", eos_token="</s>"
        ).save_pretrained(folder)
        return str(folder)

    @cached_property
    def segmenter(self) -> str:
        """A SegFormer of five classes."""
        import torch
        from transformers import SegformerConfig, SegformerForSemanticSegmentation

        folder = self._folder / "segformer"
        torch.manual_seed(0)
        config = SegformerConfig(
            num_encoder_blocks=2,
            depths=[1, 1],
            sr_ratios=[2, 1],
            hidden_sizes=[8, 16],
            patch_sizes=[7, 3],
            strides=[4, 2],
            num_attention_heads=[1, 2],
            mlp_ratios=[2, 2],
            decoder_hidden_size=16,
            num_labels=5,
        )
        SegformerForSemanticSegmentation(config).save_pretrained(folder)
        prepare = {"image_processor_type": "SegformerImageProcessor", "do_resize": False}
        (folder / "preprocessor_config.json").write_text(json.dumps(prepare))
        return str(folder)


def pytest_configure(config: Any) -> None:
    """Offer the checkpoints while tests are collected, when there are no fixtures yet."""
    folder = tempfile.TemporaryDirectory(prefix="semcodec-")
    config.add_cleanup(folder.cleanup)
    config.checkpoints = Checkpoints(Path(folder.name))


@pytest.fixture(scope="session")
def checkpoints(pytestconfig: Any) -> Any:
    """Random checkpoints."""
    return pytestconfig.checkpoints
