"""Metrics by networks, on small or random checkpoints written in the packages' own formats."""

from __future__ import annotations

import hashlib
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from semcodec_metrics.checkpoints import Checkpoint, load
from semcodec_metrics.hub import missing_model
from semcodec_metrics.learned.cosine import FeatureCosine
from semcodec_metrics.learned.inception import Fid, Kid, patches
from semcodec_metrics.learned.perceptual import Dists, FeatureMatching, Lpips
from semcodec_metrics.learned.semantic import ClipImage, ClipScore, SegmenterIou
from semcodec_metrics.learned.unreferenced import Musiq, Niqe
from semcodec_metrics.packages import absent

from semcodec import Weights
from semcodec.errors import SettingError, WeightsError

HUB = (ClipImage, ClipScore, SegmenterIou)
CACHED = (Dists, FeatureCosine, FeatureMatching, Fid, Kid, Lpips, Musiq, Niqe)


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


@pytest.fixture
def vgg(checkpoints):
    needs("torch", "torchvision")
    return Weights(**checkpoints.vgg)


@pytest.fixture
def alexnet(checkpoints):
    needs("torch", "torchvision", "lpips")
    return Weights(**checkpoints.alexnet)


@pytest.fixture
def clip(checkpoints):
    needs("torch", "torchvision", "transformers")
    return checkpoints.clip


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


def test_two_files_are_fetched_by_one_command():
    needs("piq", "torch", "torchvision")
    said = Dists().missing()
    assert said.startswith("weights are absent: curl ")
    assert re.search(r"/vgg16-397923af.pth && curl .*/dists_weights.pt$", said)


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


def test_the_cosine_is_that_of_torchs_over_sixteen_modules(vgg, photo, noisy):
    import torch
    from semcodec_metrics.tensors import tensor
    from torchvision.models import vgg16
    from torchvision.transforms.functional import normalize

    metric, picture = FeatureCosine(trunk=vgg), photo(65, 71)
    grows(metric, picture, noisy, best=1.0)
    whole = vgg16(weights=None, init_weights=False)
    whole.load_state_dict(load(_path(vgg)), strict=False)
    means, spreads = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    with torch.inference_mode():
        one, other = (
            whole.features[:16](normalize(tensor(each), means, spreads)).flatten(1)
            for each in (picture, noisy(picture, 16))
        )
        expected = float(torch.nn.functional.cosine_similarity(one, other))
    assert metric.compute(picture, noisy(picture, 16)) == pytest.approx(expected, abs=1e-5)


def test_feature_matching_and_dists_share_a_trunk_and_not_its_pooling(
    vgg, checkpoints, photo, noisy
):
    needs("piq")
    picture = photo(65, 71)
    matching = FeatureMatching(trunk=vgg)
    before = grows(matching, picture, noisy)
    dists = Dists(trunk=vgg, weights=Weights(**checkpoints.dists))
    found = [dists.compute(picture, noisy(picture, s)) for s in (4, 16, 48)]
    assert found == sorted(found)
    assert [matching.compute(picture, noisy(picture, s)) for s in (0, 4, 16, 48)] == before


def test_dists_is_what_piq_gives(vgg, checkpoints, photo, noisy, monkeypatch):
    needs("piq")
    import piq
    import torch
    from semcodec_metrics.tensors import quiet, tensor
    from torchvision.models import vgg16

    picture = photo(65, 71)
    with quiet():
        whole = vgg16(weights=None, init_weights=False)
        whole.load_state_dict(load(_path(vgg)), strict=False)
        monkeypatch.setattr(piq.perceptual, "vgg16", lambda **_: whole, raising=False)
        monkeypatch.setattr("torchvision.models.vgg16", lambda **_: whole)
        state = load(_path(Weights(**checkpoints.dists)))
        monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_, **__: state)
        expected = piq.DISTS()(tensor(picture), tensor(noisy(picture, 16)))
    found = Dists(trunk=vgg, weights=Weights(**checkpoints.dists))
    assert found.compute(picture, noisy(picture, 16)) == pytest.approx(float(expected), rel=1e-5)


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
    shuffled = [moved[1][k] for k in rng.permutation(100)]
    assert cls().summarise(shuffled) == pytest.approx(found[1], rel=0.02)
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


def test_a_long_caption_is_cut_and_not_refused(clip, photo):
    metric, picture = ClipScore(model=clip), photo(64, 64)
    score = metric.compare(picture, picture, {"caption": "waves of grey " * 200})
    assert 0 <= score <= 100


def test_a_segmenter_agrees_with_itself(checkpoints, photo, noisy):
    needs("torch", "torchvision", "transformers")
    metric, picture = SegmenterIou(model=checkpoints.segmenter), photo(64, 96)
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
        "weights are absent: hf download acme/clip config.json model.safetensors "
        f"--revision {revision}"
    )
    assert "no folder" in missing_model("acme/clip@main", ("config.json",))


def test_musiq_and_niqe_see_the_decoded_picture_alone(checkpoints, photo, noisy, tmp_path):
    needs("torch", "pyiqa")
    picture = photo(192, 200)
    for metric in (
        Musiq(weights=Weights(**checkpoints.musiq)),
        Niqe(weights=Weights(**checkpoints.niqe)),
    ):
        found = [metric.compute(picture, noisy(picture, s)) for s in (4, 30)]
        assert found[0] != found[1]
        assert metric.compute(noisy(picture, 30), noisy(picture, 4)) == found[0]
    model = tmp_path / "niqe.mat"
    model.write_bytes(b"no matrix")
    with pytest.raises(WeightsError):
        Niqe(weights=named(model)).compute(picture, picture)


def test_checkpoints_are_where_their_packages_download_them():
    needs("lpips", "piq", "pyiqa", "torch_fidelity", "torchvision")
    from semcodec_metrics import checkpoints as ours
    from semcodec_metrics.tensors import quiet

    with quiet():
        import piq
        import torch_fidelity.feature_extractor_inceptionv3 as inception
        import torchvision
        from pyiqa.archs import musiq_arch, niqe_arch
        from pyiqa.utils import download_util

    weights = torchvision.models
    assert weights.AlexNet_Weights.IMAGENET1K_V1.url == ours.ALEXNET.url
    assert weights.VGG16_Weights.IMAGENET1K_V1.url == ours.VGG16.url
    assert piq.DISTS._weights_url == ours.DISTS.url
    assert ours.INCEPTION.url == inception.URL_INCEPTION_V3
    assert musiq_arch.default_model_urls["koniq10k"] == ours.MUSIQ.url
    assert niqe_arch.default_model_urls["niqe"] == ours.NIQE.url
    assert Path(download_util.DEFAULT_CACHE_DIR).name == ours.MUSIQ.folder == ours.NIQE.folder


def test_versions_name_the_backbone(tmp_path):
    own = tmp_path / "alexnet.pth"
    own.write_bytes(b"weights")
    assert Lpips.version.endswith("; v0.1")
    assert Lpips().version.endswith("; v0.1; alex: alexnet-owt-7be5be79.pth")
    assert Lpips(net="vgg").version.endswith("; vgg: vgg16-397923af.pth")
    digest = hashlib.sha256(b"weights").hexdigest()[:8]
    assert Lpips(trunk=named(own)).version.endswith(f"; alex: alexnet.pth {digest}")
    assert Dists().version.endswith("; vgg16-397923af.pth and dists_weights.pt")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert ClipImage(model=str(tmp_path)).version.endswith(f"; {tmp_path.name} {digest}")
    pinned = f"acme/clip@{'0' * 40}"
    assert ClipImage(model=pinned).version.endswith(f"; {pinned}")
    assert ClipImage().version.endswith("; no model")


def test_a_cached_file_without_a_known_hash_is_named_with_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    path = tmp_path / "hub" / "checkpoints" / "dists_weights.pt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    assert Dists().version.endswith(hashlib.sha256(b"weights").hexdigest()[:8])
