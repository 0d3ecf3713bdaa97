"""Weights: absent, of another hash, of another network, damaged, pickled; and absent packages."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_saic.saliency import detector, packages, snapshots
from semcodec_saic.saliency.boxes import Boxes
from semcodec_saic.saliency.detector import PINNED, GroundingDino
from semcodec_saic.saliency.grounded import GroundedSam
from semcodec_saic.saliency.packages import absent
from semcodec_saic.saliency.sam_sizes import sizes_of
from semcodec_saic.saliency.segmenter import PINNED as PINNED_SAM
from semcodec_saic.saliency.segmenter import Sam

from semcodec import Weights
from semcodec.errors import PluginError, WeightsError

REVISION = "0123456789abcdef0123456789abcdef01234567"
BOXES = "2,3,20,30"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and no network."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="no huggingface_hub")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def cached(cache: Path, repo: str, revision: str, folder: Path) -> None:
    """Put a folder into the cache as the hub's own tool does."""
    place = cache / f"models--{repo.replace('/', '--')}"
    (place / "blobs").mkdir(parents=True)
    snapshot = place / "snapshots" / revision
    snapshot.mkdir(parents=True)
    for file in folder.iterdir():
        blob = place / "blobs" / hashlib.sha256(file.read_bytes()).hexdigest()
        shutil.copy(file, blob)
        (snapshot / file.name).symlink_to(blob)


def named(file: Path) -> Weights:
    return Weights(uri=f"file:{file}", sha256=hashlib.sha256(file.read_bytes()).hexdigest())


@pytest.fixture
def copied(weights: Any, tmp_path: Path) -> Any:
    """Copy small weights to a folder that may be damaged."""

    def copy(name: str) -> Path:
        file = Path(weights(name).uri.removeprefix("file:"))
        shutil.copytree(file.parent, tmp_path / name)
        return tmp_path / name / file.name

    return copy


def test_absent_weights_name_id_revision_hash_and_command(
    cache: Path, photo: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: name)
    image = photo(33, 47)
    with pytest.raises(WeightsError) as caught:
        GroundingDino().saliency(image, {}, context(image))
    said = str(caught.value.args[0])
    assert "IDEA-Research/grounding-dino-tiny" in said
    assert "a2bb814dd30d776dcf7e30523b00659f4f141c71" in said
    assert PINNED.sha256 in said
    assert caught.value.hint == (
        "hf download IDEA-Research/grounding-dino-tiny "
        "--revision a2bb814dd30d776dcf7e30523b00659f4f141c71 "
        "--include '*.[jst]*'"
    )
    with pytest.raises(WeightsError, match="facebook/sam-vit-base at 70c1a07f") as caught:
        Sam().saliency(image, {}, context(image, boxes=BOXES))
    assert caught.value.hint.startswith("hf download facebook/sam-vit-base --revision 70c1a07f")


def test_the_command_fetches_all_that_is_read_and_no_pickle(cache: Path) -> None:
    from fnmatch import fnmatch

    wanted = [PINNED.uri.rpartition("/")[2]]
    wanted += [name for each in detector._BESIDE for name in each.split("|")]
    assert all(fnmatch(name, snapshots._TEXTS_AND_TENSORS) for name in wanted)
    for name in ("pytorch_model.bin", "tf_model.h5", "model.pth", "model.onnx"):
        assert not fnmatch(name, snapshots._TEXTS_AND_TENSORS)
    uri = f"hf:some/one@{REVISION}/sam.pth"
    assert snapshots.missing_weights(uri, ()).endswith(f"--revision {REVISION} sam.pth")


def test_what_is_missing_is_listed_without_reading_anything(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: name)
    for source in (GroundingDino(), Sam(), GroundedSam()):
        assert "hf download" in source.missing()
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    assert GroundingDino().missing() == (
        'transformers and torch are not installed: pip install "semcodec-saic[grounded]"'
    )
    pth = Weights(uri="file:/nowhere/sam.pth", sha256="0" * 64)
    assert 'pip install "semcodec-saic[segment-anything]"' in Sam(weights=pth).missing()
    assert GroundedSam().missing() == GroundingDino().missing()
    assert GroundedSam(detector=Boxes(), segmenter=Boxes()).missing() == ""


def test_absent_packages_name_the_extra(
    photo: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    image = photo(33, 47)
    ctx = context(image, boxes=BOXES)
    for source in (GroundingDino(), GroundedSam(), Sam()):
        with pytest.raises(PluginError, match="is unavailable: transformers and torch") as caught:
            source.saliency(image, {}, ctx)
        assert caught.value.hint == 'pip install "semcodec-saic[grounded]"'
    pth = Weights(uri="file:/nowhere/sam.pth", sha256="0" * 64)
    with pytest.raises(PluginError, match="segment_anything") as caught:
        Sam(weights=pth).saliency(image, {}, ctx)
    assert caught.value.hint == 'pip install "semcodec-saic[segment-anything]"'
    assert absent(("json",), "x") == 'json is not installed: pip install "semcodec-saic[x]"'


def test_without_huggingface_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "find_spec", lambda name: None)
    assert "pip install" in snapshots.missing_weights(PINNED.uri, ())
    assert snapshots.cached_weights(PINNED_SAM) is None


def test_modules_import_without_the_networks_packages() -> None:
    for name in ("torch", "transformers", "segment_anything", "huggingface_hub"):
        assert not hasattr(sys.modules["semcodec_saic.saliency.grounded"], name)


def test_a_pinned_revision_is_found_in_the_cache(
    cache: Path, photo: Any, context: Any, weights: Any
) -> None:
    folder = Path(weights("detector").uri.removeprefix("file:")).parent
    cached(cache, "some/detector", REVISION, folder)
    pinned = Weights(
        uri=f"hf:some/detector@{REVISION}/model.safetensors", sha256=weights("detector").sha256
    )
    image = photo(33, 47)
    source = GroundingDino(weights=pinned, box_threshold=0.0)
    assert source.missing() == ""
    here = GroundingDino(weights=weights("detector"), box_threshold=0.0)
    np.testing.assert_array_equal(
        source.saliency(image, {}, context(image)), here.saliency(image, {}, context(image))
    )


def test_a_cache_without_the_tokenizer_says_so(cache: Path, weights: Any, tmp_path: Path) -> None:
    part = tmp_path / "part"
    shutil.copytree(Path(weights("detector").uri.removeprefix("file:")).parent, part)
    (part / "tokenizer_config.json").unlink()
    cached(cache, "some/detector", REVISION, part)
    pinned = Weights(
        uri=f"hf:some/detector@{REVISION}/model.safetensors", sha256=weights("detector").sha256
    )
    assert "tokenizer_config.json" in GroundingDino(weights=pinned).missing()


def test_sam_without_weights_takes_what_the_pinned_commit_has(
    cache: Path, photo: Any, context: Any, weights: Any
) -> None:
    """The hub names a large file by its hash, which is then held against the file."""
    assert "not at hand" in Sam().backbone
    given = weights("segmenter")
    folder = Path(given.uri.removeprefix("file:")).parent
    revision = PINNED_SAM.partition("@")[2].partition("/")[0]
    cached(cache, "facebook/sam-vit-base", revision, folder)
    image = photo(33, 47)
    ctx = context(image, boxes=BOXES)
    np.testing.assert_array_equal(
        Sam().saliency(image, {}, ctx), Sam(weights=given).saliency(image, {}, ctx)
    )
    assert Sam().backbone == f"{PINNED_SAM} {given.sha256[:8]}"
    snapshot = cache / "models--facebook--sam-vit-base" / "snapshots" / revision
    blob = (snapshot / "model.safetensors").resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(WeightsError, match=f"expected sha256 {given.sha256}"):
        Sam().saliency(image, {}, ctx)


def test_a_cache_without_links_is_taken_by_its_own_hash(cache: Path, weights: Any) -> None:
    given = weights("segmenter")
    revision = PINNED_SAM.partition("@")[2].partition("/")[0]
    snapshot = cache / "models--facebook--sam-vit-base" / "snapshots" / revision
    shutil.copytree(Path(given.uri.removeprefix("file:")).parent, snapshot)
    assert snapshots.cached_weights(PINNED_SAM) == Weights(uri=PINNED_SAM, sha256=given.sha256)


@pytest.mark.parametrize("name", ["detector", "segmenter", "checkpoint"])
def test_another_hash_is_refused(photo: Any, context: Any, weights: Any, name: str) -> None:
    other = Weights(uri=weights(name).uri, sha256="0" * 64)
    source = (GroundingDino if name == "detector" else Sam)(weights=other)
    image = photo(33, 47)
    with pytest.raises(WeightsError, match="expected sha256 0000"):
        source.saliency(image, {}, context(image, boxes=BOXES))


@pytest.mark.parametrize("name", ["detector", "segmenter"])
def test_a_folder_lacks_a_file(photo: Any, context: Any, copied: Any, name: str) -> None:
    file = copied(name)
    file.with_name("processor_config.json").unlink()
    source = (GroundingDino if name == "detector" else Sam)(weights=named(file))
    assert "preprocessor_config.json or processor_config.json" in source.missing()
    image = photo(33, 47)
    with pytest.raises(WeightsError, match=r"has no preprocessor_config\.json or"):
        source.saliency(image, {}, context(image, boxes=BOXES))


@pytest.mark.parametrize("name", ["detector", "segmenter"])
@pytest.mark.parametrize(
    ("damage", "match"),
    [
        ("config", "expected a configuration in JSON"),
        ("type", "expected a model of type"),
        ("remote", "cannot open it|expected a model of type"),
        ("tensors", "cannot open it"),
        ("processor", "cannot open it"),
        ("fewer", "tensors of .* are absent or of another shape"),
    ],
)
def test_a_damaged_folder_is_refused(
    photo: Any, context: Any, copied: Any, name: str, damage: str, match: str
) -> None:
    from safetensors.torch import load_file, save_file

    file = copied(name)
    config = file.with_name("config.json")
    if damage == "config":
        config.write_text("{")
    elif damage == "type":
        config.write_text(json.dumps({**json.loads(config.read_text()), "model_type": "bert"}))
    elif damage == "remote":
        code = {"AutoConfig": "own.Config", "AutoModelForZeroShotObjectDetection": "own.Model"}
        changed = {**json.loads(config.read_text()), "model_type": "own", "auto_map": code}
        config.write_text(json.dumps(changed))
        config.with_name("own.py").write_text("raise SystemExit('run')")
    elif damage == "tensors":
        file.write_bytes(b"\x08" + bytes(7) + b"{broken}" + bytes(100))
    elif damage == "processor":
        file.with_name("processor_config.json").write_text("[")
    else:
        state = load_file(file)
        state.pop(next(key for key in sorted(state) if key.endswith("weight")))
        save_file(state, file, metadata={"format": "pt"})
    source = (GroundingDino if name == "detector" else Sam)(weights=named(file))
    image = photo(33, 47)
    with pytest.raises(WeightsError, match=match):
        source.saliency(image, {}, context(image, boxes=BOXES))


def test_one_network_is_not_the_other(photo: Any, context: Any, weights: Any) -> None:
    image = photo(33, 47)
    with pytest.raises(WeightsError, match="expected a model of type sam, got 'grounding-dino'"):
        Sam(weights=weights("detector")).saliency(image, {}, context(image, boxes=BOXES))


class Code:
    """A pickle of it runs what it names."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('the pickle ran')",)


@pytest.mark.parametrize("form", ["torch", "protocol 2", "protocol 4"])
def test_a_pickle_with_code_is_refused_by_name(
    photo: Any, context: Any, tiny: Any, tmp_path: Path, form: str
) -> None:
    import torch

    file = tmp_path / "sam.pth"
    if form == "torch":
        torch.save({"image_encoder.pos_embed": Code()}, file)
    else:
        file.write_bytes(pickle.dumps(Code(), protocol=int(form[-1])))
    said = "code" if form == "protocol 4" else "exec"  # torch names it where it read that far
    image = photo(33, 47)
    with pytest.raises(WeightsError, match=f"refused: .* the pickle asks for .*{said}") as caught:
        Sam(weights=named(file)).saliency(image, {}, context(image, boxes=BOXES))
    assert "torch.save(model.state_dict(), FILE)" in caught.value.hint


@pytest.mark.parametrize("what", ["garbage", "list", "numbers", "other", "fewer", "shape", "empty"])
def test_what_is_no_checkpoint_is_refused(
    photo: Any, context: Any, tiny: Any, tmp_path: Path, what: str
) -> None:
    import torch

    file = tmp_path / "sam.pth"
    state = tiny["sam"]().state_dict()
    if what == "garbage":
        file.write_bytes(b"PK\x03\x04" + bytes(60))
    elif what == "empty":
        file.write_bytes(b"")
    else:
        if what == "fewer":
            del state["mask_decoder.iou_token.weight"]
        elif what == "shape":
            state["image_encoder.neck.2.weight"] = torch.zeros(2, 2)
        other = {
            "list": [torch.zeros(1)],
            "numbers": {"depth": 3},
            "other": {"weight": torch.zeros(3, 3)},
        }
        torch.save(other.get(what, state), file)
    image = photo(33, 47)
    with pytest.raises(WeightsError, match=r"sam\.pth"):
        Sam(weights=named(file)).saliency(image, {}, context(image, boxes=BOXES))


@pytest.mark.parametrize("depth", [1, 3, 4])
@pytest.mark.parametrize("window", [3, 5])
def test_sizes_are_read_off_the_tensors(tiny: Any, depth: int, window: int) -> None:
    network = tiny["sam"](depth=depth, window=window)
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    sizes = sizes_of(shapes, "here")
    assert (sizes.depth, sizes.heads, sizes.grid, sizes.patch) == (depth, 3, 8, 8)
    assert sizes.unwindowed == tuple(n for n in (0, 2) if n < depth)
    assert sizes.window == (window if depth > 1 else 8)


@pytest.mark.parametrize("name", ["vit_b", "vit_l", "vit_h"])
def test_the_published_sizes_are_recognised(tiny: Any, name: str) -> None:
    """Built without memory by the package's own builders."""
    import torch
    from segment_anything import sam_model_registry

    with torch.device("meta"):
        network = sam_model_registry[name]()
    sizes = sizes_of({k: tuple(v.shape) for k, v in network.state_dict().items()}, "here")
    expected = {
        "vit_b": (768, 12, 12, (2, 5, 8, 11)),
        "vit_l": (1024, 24, 16, (5, 11, 17, 23)),
        "vit_h": (1280, 32, 16, (7, 15, 23, 31)),
    }[name]
    assert (sizes.width, sizes.depth, sizes.heads, sizes.unwindowed) == expected
    assert (sizes.window, sizes.grid, sizes.patch, sizes.mlp) == (14, 64, 16, 4 * sizes.width)
    assert (sizes.prompt, sizes.mask_channels, sizes.masks) == (256, 16, 4)
    assert (sizes.layers, sizes.decoder_mlp, sizes.iou_layers, sizes.iou_width) == (2, 2048, 3, 256)


def test_a_checkpoint_gives_the_masks_of_the_network_it_was_saved_from(
    photo: Any, context: Any, tiny: Any, weights: Any
) -> None:
    import torch
    from segment_anything import SamPredictor

    image = photo(48, 64)
    with torch.inference_mode():
        predictor = SamPredictor(tiny["sam"]())
        predictor.set_image(image)
        masks, ious, _ = predictor.predict(box=np.array([10, 5, 50, 40]), multimask_output=True)
    (found,) = Sam(weights=weights("checkpoint")).regions(
        image, {}, context(image, boxes="10,5,50,40")
    )
    best = masks[ious.argmax()]
    assert best.any()
    np.testing.assert_array_equal(found.mask, best)
