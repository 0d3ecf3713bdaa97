"""Grounding DINO and SAM on small random networks in the real formats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from semcodec_saic.saliency import detector as detector_module
from semcodec_saic.saliency import hub
from semcodec_saic.saliency.base import NothingFound
from semcodec_saic.saliency.detector import GroundingDino
from semcodec_saic.saliency.grounded import GroundedSam
from semcodec_saic.saliency.segmenter import Sam

from semcodec.components.saliency.plain import Centre
from semcodec.errors import SettingError

FILES = ("segmenter", "checkpoint")
BOXES = "2,3,20,30,0.5 10,0,40,33,0.75 0,0,1,1,0.25"


def opened(weights: Any) -> tuple[Any, Any]:
    from pathlib import Path

    path = Path(weights.uri.removeprefix("file:"))
    return hub.load(
        "AutoModelForZeroShotObjectDetection", path, ("grounding-dino",), weights and "cpu"
    )


@pytest.fixture
def asked(weights: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that the detector's processor is asked with."""
    processor = type(opened(weights("detector"))[1])
    called, texts = processor.__call__, []

    def call(self: Any, *args: Any, **named: Any) -> Any:
        texts.append(named["text"])
        return called(self, *args, **named)

    monkeypatch.setattr(processor, "__call__", call)
    return texts


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (33, 47), (90, 700)])
def test_boxes_are_the_networks_own(
    photo: Any, context: Any, weights: Any, size: tuple[int, int]
) -> None:
    """What the source gives is what transformers gives, fitted to pixels."""
    import torch
    from PIL import Image as Pillow
    from semcodec_saic.saliency.pictures import widened
    from semcodec_saic.saliency.regions import fitted

    image = photo(*size)
    source = GroundingDino(weights=weights("detector"), box_threshold=0.0, prompt="a cat")
    found = source.regions(image, {}, context(image))
    network, processor = opened(weights("detector"))
    seen, _ = widened(image)
    inputs = processor(images=Pillow.fromarray(seen), text="a cat .", return_tensors="pt")
    with torch.inference_mode():
        answer = network(**inputs)
    (told,) = processor.post_process_grounded_object_detection(
        answer, threshold=0.0, target_sizes=[size]
    )
    pairs = zip(told["boxes"].tolist(), told["scores"].tolist(), strict=True)
    expected = [(fitted(box, *size), score) for box, score in pairs]
    kept = sorted((each for each in expected if each[0]), key=lambda each: -each[1])
    assert kept
    assert [(each.box, each.score) for each in found] == kept


def test_the_map_is_of_the_boxes_scores(photo: Any, context: Any, weights: Any) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=0.0, most=2)
    found = source.regions(image, {}, context(image))
    assert len(found) == 2
    assert found[0].score >= found[1].score
    expected = np.maximum(*[each.mask * np.float32(each.score) for each in found])
    np.testing.assert_array_equal(source.saliency(image, {}, context(image)), expected)
    binary = replace(source, weighted=False).saliency(image, {}, context(image))
    np.testing.assert_array_equal(binary, expected > 0)


def test_a_label_that_no_word_reaches_is_kept_empty(photo: Any, context: Any, weights: Any) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=0.0, text_threshold=1.0)
    found = source.regions(image, {}, context(image))
    assert found
    assert {each.label for each in found} == {""}
    named = replace(source, text_threshold=0.0).regions(image, {}, context(image))
    assert all("person" in each.label for each in named)
    assert [each.box for each in named] == [each.box for each in found]


def test_phrases_are_lower_case_and_asked_together(
    photo: Any, context: Any, weights: Any, asked: list[str]
) -> None:
    image = photo(33, 47)
    source = GroundingDino(
        weights=weights("detector"), prompt="A  Cat. the DOG;person\ncat . a cat"
    )
    with pytest.warns(NothingFound):
        replace(source, box_threshold=1.0).saliency(image, {}, context(image))
    assert asked == ["a cat . the dog . person . cat ."]


def test_the_prompt_of_a_picture_goes_first(
    photo: Any, context: Any, weights: Any, asked: list[str]
) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=1.0)
    with pytest.warns(NothingFound, match="above 1 for the prompt 'Dogs'"):
        source.saliency(image, {}, context(image, prompt="Dogs"))
    assert asked == ["dogs ."]


def test_a_long_prompt_is_asked_in_parts(
    photo: Any, context: Any, weights: Any, asked: list[str]
) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("brief"), box_threshold=0.0, most=1000)
    prompt = "cat . dog . person animal cat dog person animal cat dog person animal . animal"
    found = source.regions(image, {}, context(image, prompt=prompt))
    assert asked == [
        "cat . dog . person animal .",
        "cat dog person animal .",
        "cat dog person animal .",
        "animal .",
    ] or all(len(text.split()) + 2 <= 12 for text in asked)
    assert " ".join(asked).replace(" .", "").split() == prompt.replace(" .", "").split()
    assert len(found) > 6


def test_2000_characters_will_do(photo: Any, context: Any, weights: Any, asked: list[str]) -> None:
    image = photo(33, 47)
    prompt = ("animal dog . cat person x . " * 80)[:1990] + " the end ."
    source = GroundingDino(weights=weights("detector"), box_threshold=0.0)
    assert source.regions(image, {}, context(image, prompt=prompt))
    words = ". ".join(f"{a}{b}{c}" for a in "uvwxyz" for b in "abcdefgh" for c in "klmnopqrs")[
        :2000
    ]
    asked.clear()
    assert source.regions(image, {}, context(image, prompt=words))
    assert len(asked) > 1
    unbroken = "x" * 2000
    assert source.regions(image, {}, context(image, prompt=unbroken))  # one unknown word


def test_a_word_that_does_not_fit_is_refused(photo: Any, context: Any, weights: Any) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("brief"), prompt="cat . abcdefghijklmnop")
    with pytest.raises(SettingError, match="words of at most 9 tokens"):
        source.saliency(image, {}, context(image))


@pytest.mark.parametrize("prompt", ["", " ", ". . ;", "\n"])
def test_a_prompt_that_names_nothing_is_refused(photo: Any, context: Any, prompt: str) -> None:
    image = photo(3, 4)
    with pytest.raises(SettingError, match="a prompt that names something"):
        GroundingDino(prompt=prompt).saliency(image, {}, context(image))


def test_the_old_name_of_the_threshold(
    photo: Any, context: Any, weights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers before 4.51 called it box_threshold, and the labels otherwise."""
    processor = type(opened(weights("detector"))[1])
    new = processor.post_process_grounded_object_detection

    def old(
        self: Any,
        outputs: Any,
        input_ids: Any,
        box_threshold: float = 0.25,
        text_threshold: float = 0.25,
        target_sizes: Any = None,
    ) -> Any:
        (told,) = new(self, outputs, input_ids, box_threshold, text_threshold, target_sizes)
        return [{"scores": told["scores"], "boxes": told["boxes"], "labels": told["text_labels"]}]

    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=0.4)
    before = source.regions(image, {}, context(image))
    monkeypatch.setattr(processor, "post_process_grounded_object_detection", old)
    after = source.regions(image, {}, context(image))
    assert [(each.box, each.label) for each in after] == [(each.box, each.label) for each in before]


def test_nothing_detected_is_said_and_answered_otherwise(
    photo: Any, context: Any, weights: Any
) -> None:
    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=1.0, otherwise=Centre())
    with pytest.warns(NothingFound, match="saic.grounding-dino found nothing above 1"):
        values = source.saliency(image, {}, context(image))
    np.testing.assert_array_equal(values, Centre().saliency(image, {}, context(image)))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("size", [(1, 1), (1, 200), (33, 47), (150, 90)])
def test_chunks_change_no_mask(
    photo: Any, context: Any, weights: Any, name: str, size: tuple[int, int]
) -> None:
    image = photo(*size)
    rows = [[0, 0, 1, 1, 0.5], [0, 0, size[1], size[0], 0.75], [0, 0, size[1], 1, 1.0]]
    ctx = context(image, boxes=rows)
    source = Sam(weights=weights(name))
    found = source.regions(image, {}, ctx)
    again = replace(source, chunk=1).regions(image, {}, ctx)
    assert [each.score for each in found] == [0.5, 0.75, 1.0]
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.mask, other.mask)
        assert one.mask.any()
        assert one.mask.shape == size


@pytest.mark.parametrize("name", FILES)
def test_the_picture_is_looked_at_once(
    photo: Any, context: Any, weights: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segment_anything.modeling import ImageEncoderViT
    from transformers import SamModel

    looks = []
    kind, method = {
        "segmenter": (SamModel, "get_image_embeddings"),
        "checkpoint": (ImageEncoderViT, "forward"),
    }[name]
    usual = getattr(kind, method)
    monkeypatch.setattr(
        kind, method, lambda self, *a, **k: (looks.append(1), usual(self, *a, **k))[1]
    )
    image = photo(33, 47)
    Sam(weights=weights(name), chunk=1).regions(image, {}, context(image, boxes=BOXES))
    assert len(looks) == 1


def test_the_best_of_three_by_hub(
    photo: Any, context: Any, weights: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One network answers with known masks: left, right and top, the second rated best."""
    import torch
    from transformers import SamModel

    def answer(self: Any, image_embeddings: Any, input_boxes: Any, multimask_output: bool) -> Any:
        assert multimask_output
        assert input_boxes.shape == (1, 1, 4)
        masks = -torch.ones(1, 1, 3, 32, 32)
        masks[0, 0, 0, :, :16] = masks[0, 0, 1, :, 16:] = masks[0, 0, 2, :16] = 1
        ious = torch.tensor([[[0.25, 0.75, 0.5]]])
        return type("Answer", (), {"pred_masks": masks, "iou_scores": ious})

    monkeypatch.setattr(SamModel, "__call__", answer)
    image = photo(64, 64)
    (found,) = Sam(weights=weights("segmenter")).regions(
        image, {}, context(image, boxes="0,0,64,64")
    )
    assert not found.mask[:, :31].any()
    assert found.mask[:, 33:].all()


@pytest.mark.parametrize("best", [0, 1, 2])
def test_the_best_of_three_by_checkpoint(
    photo: Any, context: Any, weights: Any, monkeypatch: pytest.MonkeyPatch, best: int
) -> None:
    import torch
    from segment_anything import SamPredictor

    def answer(self: Any, *given: Any, boxes: Any, multimask_output: bool) -> Any:
        assert multimask_output
        masks = torch.zeros(1, 3, 20, 30, dtype=torch.bool)
        for n in range(3):
            masks[0, n, n] = True
        return masks, torch.eye(3)[best : best + 1], None

    monkeypatch.setattr(SamPredictor, "predict_torch", answer)
    image = photo(20, 30)
    (found,) = Sam(weights=weights("checkpoint")).regions(
        image, {}, context(image, boxes="0,0,9,9")
    )
    assert np.nonzero(found.mask.any(axis=1))[0].tolist() == [best]


@pytest.mark.parametrize("name", FILES)
def test_an_empty_mask_becomes_the_box(
    photo: Any, context: Any, weights: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(path: Any, picture: Any, boxes: Any, chunk: int, ctx: Any) -> Any:
        return np.zeros((len(boxes), *picture.shape[:2]), np.bool_)

    module = "semcodec_saic.saliency.segmenter.masks_by_"
    monkeypatch.setattr(f"{module}{'hub' if name == 'segmenter' else 'checkpoint'}", nothing)
    image = photo(33, 47)
    found = Sam(weights=weights(name)).regions(image, {}, context(image, boxes=BOXES))
    assert [each.box for each in found] == [(2, 3, 20, 30), (10, 0, 40, 33), (0, 0, 1, 1)]
    for each in found:
        left, top, right, bottom = each.box
        assert each.mask.sum() == (right - left) * (bottom - top)
        assert each.mask[top:bottom, left:right].all()


def test_sam_without_boxes(photo: Any, context: Any, weights: Any) -> None:
    image = photo(33, 47)
    source = Sam(weights=weights("segmenter"))
    with pytest.raises(SettingError, match=r"saic\.sam: expected the input 'boxes'") as caught:
        source.saliency(image, {}, context(image))
    assert "saic.grounded-sam" in caught.value.hint
    with pytest.warns(NothingFound, match="the map is of Centre"):
        values = replace(source, otherwise=Centre()).saliency(image, {}, context(image))
    np.testing.assert_array_equal(values, Centre().saliency(image, {}, context(image)))


@pytest.mark.parametrize("name", FILES)
def test_a_prompt_becomes_a_map(photo: Any, context: Any, weights: Any, name: str) -> None:
    source = GroundedSam(
        detector=GroundingDino(weights=weights("detector"), box_threshold=0.0),
        segmenter=Sam(weights=weights(name)),
        uniform_above=1.0,
    )
    image = photo(70, 150)
    found = source.regions(image, {}, context(image))
    values = source.saliency(image, {}, context(image))
    expected = np.max([each.mask * np.float32(each.score) for each in found], axis=0)
    np.testing.assert_array_equal(values, expected)
    assert len({each.score for each in found}) > 1


def test_nothing_detected_never_opens_sam(photo: Any, context: Any, weights: Any) -> None:
    from semcodec import Weights

    absent = Weights(uri="file:/nowhere/model.safetensors", sha256="0" * 64)
    source = GroundedSam(
        detector=GroundingDino(weights=weights("detector"), box_threshold=1.0),
        segmenter=Sam(weights=absent),
        otherwise=Centre(),
    )
    image = photo(33, 47)
    with pytest.warns(NothingFound, match="grounded-sam found nothing above 1 for the prompt"):
        values = source.saliency(image, {}, context(image))
    np.testing.assert_array_equal(values, Centre().saliency(image, {}, context(image)))


@pytest.mark.parametrize("name", ["detector", "segmenter", "checkpoint"])
def test_a_device_that_is_not_there(photo: Any, context: Any, weights: Any, name: str) -> None:
    source = GroundingDino if name == "detector" else Sam
    image = photo(33, 47)
    ctx = replace(context(image, boxes=BOXES), device="cuda:77")
    with pytest.raises(SettingError, match="failed on device 'cuda:77'"):
        source(weights=weights(name)).saliency(image, {}, ctx)


def test_networks_have_not_been_left_elsewhere(photo: Any, context: Any, weights: Any) -> None:
    """Two runs on the processor agree bit for bit, and no gradient is kept."""
    image = photo(33, 47)
    source = GroundingDino(weights=weights("detector"), box_threshold=0.0)
    first, second = (source.saliency(image, {}, context(image)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    network, _ = opened(weights("detector"))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_pinned_weights_are_named_whole() -> None:
    assert detector_module.PINNED.uri.startswith("hf:IDEA-Research/grounding-dino-tiny@a2bb814d")
    assert GroundingDino().weights == detector_module.PINNED


def test_boxes_at_the_very_border_of_a_large_picture(
    photo: Any, context: Any, weights: Any
) -> None:
    image = photo(97, 301)
    source = Sam(weights=weights("segmenter"), size=32)
    edge = np.nextafter([301.0, 97.0], 0)
    rows = [[*edge, 302, 98], [-5, -5, 1e-9, 1e-9]]
    one, two = source.regions(image, {}, context(image, boxes=rows))
    assert one.box[2:] == (301, 97)
    assert two.box[:2] == (0, 0)
    assert one.mask.any()
    assert two.mask.any()
