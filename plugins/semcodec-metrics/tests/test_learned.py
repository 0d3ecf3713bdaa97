"""Metrics by networks, on small or random checkpoints written in the packages' own formats."""

from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pytest
from semcodec_metrics.checkpoints import Checkpoint, load
from semcodec_metrics.hub import missing_model
from semcodec_metrics.learned.inception import Fid, Kid, patches
from semcodec_metrics.learned.perceptual import Dists, FeatureMatching, Lpips
from semcodec_metrics.learned.semantic import ClipImage, ClipScore, SegmenterIou
from semcodec_metrics.learned.unreferenced import Musiq, Niqe
from semcodec_metrics.packages import absent

from semcodec import Weights
from semcodec.errors import SettingError, WeightsError

HUB = (ClipImage, ClipScore, SegmenterIou)
CACHED = (Dists, FeatureMatching, Fid, Kid, Lpips, Musiq, Niqe)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path_factory, monkeypatch):
    """Keep what the machine has downloaded out of the tests."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def needs(*modules):
    lacking = absent(modules, "weights")
    if lacking:
        pytest.skip(lacking)


def named(path):
    return Weights(uri=f"file:{path}", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    needs("torch", "torchvision")
    import torch
    from torchvision.models import vgg16

    torch.manual_seed(0)
    network = vgg16(weights=None, num_classes=1000)
    path = tmp_path_factory.mktemp("vgg") / "vgg16.pth"
    torch.save(network.state_dict(), path)
    yield named(path)
    path.unlink()


@pytest.fixture(scope="module")
def alexnet(tmp_path_factory):
    needs("torch", "torchvision", "lpips")
    import torch
    from torchvision.models import alexnet

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    state = alexnet(weights=None).state_dict()
    torch.save({name: value for name, value in state.items() if "features" in name}, path)
    return named(path)


@pytest.mark.parametrize("cls", [*CACHED, *HUB], ids=lambda c: c.__name__)
def test_what_is_absent_is_said_in_one_line_with_a_command_and_never_fetched(cls, photo):
    metric, picture = cls(), photo(256, 256)
    said = metric.missing()
    assert said.count("\n") == 0
    reason, _, command = said.partition(": ")
    assert reason
    assert command.startswith(("curl -fL ", "pip install ", "hf download "))
    guides = {"caption": "waves"} if metric.ports else {}
    run = metric.observe if isinstance(metric, Fid | Kid) else metric.compare
    with pytest.raises(SettingError, match="is unavailable") as caught:
        run(*[picture] * 2, *([] if isinstance(metric, Fid | Kid) else [guides]))
    assert caught.value.hint == command


def test_a_checkpoint_of_another_hash_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    wanted = Checkpoint("https://example.org/net-0123abcd.pth", sha256="0123abcd")
    assert wanted.missing(None).startswith("weights are absent: curl -fL --create-dirs -o ")
    wanted.path.parent.mkdir(parents=True)
    wanted.path.write_bytes(b"something else")
    assert wanted.missing(None) == ""
    with pytest.raises(WeightsError, match="starts 0123abcd, got"):
        wanted.find(None)


def test_pickled_code_is_not_run(tmp_path):
    needs("torch")
    ran = tmp_path / "ran"

    class Hostile:
        def __reduce__(self):
            return (ran.touch, ())

    path = tmp_path / "hostile.pth"
    path.write_bytes(pickle.dumps({"weight": Hostile()}))
    with pytest.raises(WeightsError, match="state dictionary of tensors"):
        load(path)
    assert not ran.exists()


def test_weights_of_another_network_are_refused(vgg, photo):
    needs("lpips")
    with pytest.raises(WeightsError, match="not weights of alexnet"):
        Lpips(trunk=vgg).compute(photo(64, 64), photo(64, 64))


def grows(metric, picture, noisy, *, best=0.0):
    found = [metric.compute(picture, noisy(picture, s)) for s in (0, 4, 16, 48)]
    assert found[0] == pytest.approx(best, abs=1e-5)
    assert found == sorted(found, reverse=metric.higher_is_better)
    assert len(set(found)) == 4
    return found


def test_lpips_is_what_the_package_gives(alexnet, photo, noisy):
    picture = photo(65, 71)
    grows(Lpips(trunk=alexnet), picture, noisy)
    import lpips
    import torch
    from semcodec_metrics.tensors import quiet, tensor

    with quiet():
        theirs = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False)
        state = load(_path(alexnet))
        for name, value in theirs.net.state_dict().items():
            value.copy_(state[f"features.{name.split('.', 1)[1]}"])
        expected = theirs(tensor(picture) * 2 - 1, tensor(noisy(picture, 16)) * 2 - 1)
    assert torch.is_tensor(expected)
    found = Lpips(trunk=alexnet).compute(picture, noisy(picture, 16))
    assert found == pytest.approx(float(expected), rel=1e-6)


def _path(weights):
    from semcodec.contracts.weights import open_weights

    return open_weights(weights)


def test_feature_matching_and_dists_share_a_trunk_and_not_its_pooling(vgg, photo, noisy, tmp_path):
    needs("piq")
    import torch

    picture = photo(65, 71)
    matching = FeatureMatching(trunk=vgg)
    before = grows(matching, picture, noisy)
    path = tmp_path / "dists_weights.pt"
    torch.save({name: torch.rand(1, 1475, 1, 1) / 1475 for name in ("alpha", "beta")}, path)
    dists = Dists(trunk=vgg, weights=named(path))
    found = [dists.compute(picture, noisy(picture, s)) for s in (4, 16, 48)]
    assert found == sorted(found)
    assert [matching.compute(picture, noisy(picture, s)) for s in (0, 4, 16, 48)] == before


def test_patches_come_from_two_grids():
    picture = np.arange(9 * 13).reshape(9, 13, 1)
    found = patches(picture, 4)
    assert found.shape == (6 + 2, 4, 4, 1)
    assert (found[1] == picture[:4, 4:8]).all()
    assert (found[6] == picture[2:6, 2:6]).all()
    assert patches(picture[:4, :4], 4).shape == (1, 4, 4, 1)


@pytest.mark.parametrize("cls", [Fid, Kid], ids=lambda c: c.__name__)
def test_distances_of_sets(cls, monkeypatch):
    needs("torch", "torch_fidelity")
    rng = np.random.default_rng(0)
    base = rng.standard_normal((100, 21, 1, 24)).astype(np.float32)
    moved = [np.concatenate([base, base + step], axis=2) for step in (0, 0.2, 1)]
    found = [cls().summarise(list(each)) for each in moved]
    assert found == sorted(found)
    if cls is Fid:
        assert found == pytest.approx([0, 24 * 0.04, 24], rel=1e-3, abs=1e-6)
    else:
        assert abs(found[0]) < 0.1 * found[1]
    with pytest.raises(SettingError, match="expected at least 100 pictures with"):
        cls().summarise(list(moved[1][:99]))
    with pytest.raises(SettingError, match="got 100 with 100"):
        cls().summarise([row[:1] for row in moved[1]])


def test_inception_reads_its_own_format(tmp_path, photo, noisy):
    needs("torch", "torch_fidelity")
    import torch
    from torch_fidelity import feature_extractor_inceptionv3 as module

    path = tmp_path / "inception.pth"
    torch.manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        kept = {}

        def pretend(network, state):
            kept.update(network.state_dict())

        patch.setattr(module, "load_state_dict_from_url", lambda *a, **k: {})
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", pretend)
        module.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
        torch.save(kept, path)
    fid, picture = Fid(weights=named(path)), photo(256, 300)
    row = fid.observe(picture, noisy(picture, 20))
    assert (row.shape, row.dtype) == ((1, 2, 2048), np.float32)
    assert not np.array_equal(row[:, 0], row[:, 1])
    same = fid.observe(picture, picture)
    assert np.array_equal(same[:, 0], same[:, 1])
    path.unlink()


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


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    needs("torch", "torchvision", "transformers")
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import CLIPConfig, CLIPModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1}
    small = {**small, "num_attention_heads": 2}
    text = {**small, "vocab_size": 8, "max_position_embeddings": 8, "eos_token_id": 2}
    config = CLIPConfig(
        text_config={**text, "bos_token_id": 1, "pad_token_id": 0},
        vision_config={**small, "image_size": 32, "patch_size": 8},
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


def test_clip_compares_embeddings(clip, photo, noisy):
    picture = photo(64, 64)
    metric = ClipImage(model=clip)
    assert metric.missing() == ""
    found = [metric.compute(picture, noisy(picture, s)) for s in (0, 60)]
    assert found[0] == pytest.approx(100, abs=1e-3)
    assert -100 <= found[1] < found[0]
    gray = ClipImage(model=clip).compute(picture[..., :1], picture[..., :1])
    assert gray == pytest.approx(100, abs=1e-3)


def test_clip_score_reads_the_caption_and_the_decoded_picture(clip, photo):
    metric, picture, other = ClipScore(model=clip), photo(64, 64), 255 - photo(64, 64)
    score = metric.compare(picture, picture, {"caption": "waves of grey"})
    assert 0 <= score <= 100
    assert metric.compare(other, picture, {"caption": "waves of grey"}) == score
    with pytest.raises(SettingError, match="needs a caption"):
        metric.compute(picture, picture)


def test_a_segmenter_agrees_with_itself(tmp_path, photo, noisy):
    needs("torch", "torchvision", "transformers")
    import torch
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

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
    SegformerForSemanticSegmentation(config).save_pretrained(tmp_path)
    prepare = {"image_processor_type": "SegformerImageProcessor", "do_resize": False}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(prepare))
    metric, picture = SegmenterIou(model=str(tmp_path)), photo(64, 96)
    assert metric.compute(picture, picture) == 1
    assert 0 <= metric.compute(picture, noisy(picture, 60)) < 1


def test_a_folder_that_is_no_model_is_refused(tmp_path, photo):
    needs("torch", "torchvision", "transformers")
    for name in ("config.json", "model.safetensors", "preprocessor_config.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(WeightsError, match="transformers cannot open it"):
        ClipImage(model=str(tmp_path)).compute(photo(64, 64), photo(64, 64))


def test_a_pinned_model_comes_with_the_command_that_fetches_it():
    needs("huggingface_hub")
    said = missing_model(f"acme/clip@{'0' * 40}", ("config.json", "model.safetensors"))
    revision = "0" * 40
    assert said == (
        f"weights are absent: hf download acme/clip --revision {revision} "
        "--include config.json model.safetensors"
    )
    assert "no folder" in missing_model("acme/clip@main", ("config.json",))


def test_musiq_and_niqe_read_their_own_formats(tmp_path, photo, noisy):
    needs("torch", "pyiqa")
    import torch
    from scipy.io import savemat
    from semcodec_metrics.tensors import quiet

    with quiet():
        from pyiqa.archs.musiq_arch import MUSIQ

        torch.manual_seed(0)
        network = MUSIQ(pretrained=False)
    path = tmp_path / "musiq.pth"
    torch.save(network.state_dict(), path)
    picture = photo(192, 200)
    musiq = Musiq(weights=named(path))
    assert musiq.compute(picture, picture) == musiq.compute(255 - picture, picture)
    path.unlink()
    model = tmp_path / "niqe.mat"
    savemat(model, {"mu_prisparam": np.zeros((1, 36)), "cov_prisparam": np.eye(36)})
    found = [Niqe(weights=named(model)).compute(picture, noisy(picture, s)) for s in (4, 30)]
    assert found[0] != found[1]
    model.write_bytes(b"no matrix")
    with pytest.raises(WeightsError):
        Niqe(weights=named(model)).compute(picture, picture)
