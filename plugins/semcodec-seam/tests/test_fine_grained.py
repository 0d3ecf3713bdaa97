"""The energy of semantic segmentation, by random weights in the real format."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_seam.energies.fine_grained import FineGrained
from semcodec_seam.pictures import energy_of

from semcodec.contracts.weights import Weights
from semcodec.errors import PluginError, SettingError, WeightsError
from semcodec.testing import SaliencySourceTests

torch = pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
pytest.importorskip("semcodec_torch", reason="pip install 'semcodec-seam[deep]'")
models = pytest.importorskip("torchvision.models", reason="pip install 'semcodec-seam[deep]'")
save = pytest.importorskip("safetensors.torch").save_file

LIGHT = "lraspp_mobilenet_v3_large"


def named(path: Path) -> Weights:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Weights(uri=f"file:{path}", sha256=digest)


def of_classes(path: Path, *bias: float) -> Weights:
    """Weights that give each class the same logit everywhere: the classifiers are but a bias."""
    torch.manual_seed(0)
    made = models.get_model(LIGHT, weights=None, weights_backbone=None, num_classes=len(bias))
    state = made.state_dict()
    for name in ("low", "high"):
        state[f"classifier.{name}_classifier.weight"].zero_()
        state[f"classifier.{name}_classifier.bias"].zero_()
    state["classifier.low_classifier.bias"].copy_(torch.tensor(bias))
    save(state, path)
    return named(path)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    torch.manual_seed(0)
    made = models.get_model(LIGHT, weights=None, weights_backbone=None, num_classes=5)
    path = tmp_path_factory.mktemp("light") / "light.safetensors"
    save(made.state_dict(), path)
    return named(path)


def test_energy_is_the_probability_of_all_but_the_background(scene: Any, tmp_path: Path) -> None:
    weights = of_classes(tmp_path / "w.safetensors", 2.0, 0.5, -1.0)
    share = np.exp([2.0, 0.5, -1.0])
    share /= share.sum()
    energy = energy_of(FineGrained(model=LIGHT, weights=weights), scene)
    assert energy.shape == (60, 90)
    assert np.allclose(energy, share[1] + share[2], atol=1e-5)
    other = FineGrained(model=LIGHT, weights=weights, background=(1, 2))
    assert np.allclose(energy_of(other, scene), share[0], atol=1e-5)


def test_a_network_sure_of_seeing_nothing_gives_no_energy(scene: Any, tmp_path: Path) -> None:
    weights = of_classes(tmp_path / "w.safetensors", 30.0, 0.0, -20.0)
    assert energy_of(FineGrained(model=LIGHT, weights=weights), scene).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("fcn_resnet50", {"aux_loss": True}),
        ("deeplabv3_mobilenet_v3_large", {"aux_loss": False}),
        (LIGHT, {}),
    ],
)
def test_each_network_runs_for_as_many_classes_as_its_file(
    scene: Any, tmp_path: Path, name: Any, extra: Any
) -> None:
    torch.manual_seed(0)
    made = models.get_model(name, weights=None, weights_backbone=None, num_classes=7, **extra)
    path = tmp_path / "weights.safetensors"
    save(made.state_dict(), path)
    energy = energy_of(FineGrained(model=name, weights=named(path), size=64), scene)
    assert energy.shape == (60, 90)
    assert 0 < energy.min() <= energy.max() < 1


def test_a_large_picture_is_seen_small(light: Weights) -> None:
    sizes: list[Any] = []

    def note(module: Any, given: Any) -> None:
        if type(module).__name__ == "LRASPP":
            sizes.append(tuple(given[0].shape))

    watch = torch.nn.modules.module.register_module_forward_pre_hook(note)
    picture = np.random.default_rng(0).integers(0, 256, (40, 700, 3)).astype(np.uint8)
    try:
        energy_of(FineGrained(model=LIGHT, weights=light, size=64), picture)
    finally:
        watch.remove()
    assert sizes == [(1, 3, 4 + 64, 64 + 64)]


def test_no_weights_say_how_to_get_them(scene: Any) -> None:
    with pytest.raises(WeightsError, match="no weights of fcn_resnet50 ship") as caught:
        energy_of(FineGrained(), scene)
    assert "get_model('fcn_resnet50'" in str(caught.value)
    with pytest.raises(WeightsError, match="save_pretrained"):
        energy_of(FineGrained(model="transformers"), scene)


@pytest.mark.parametrize(
    ("module", "model", "remedy"),
    [
        ("torchvision.models", LIGHT, "semcodec-seam[deep]"),
        ("transformers", "transformers", "pip install transformers"),
    ],
)
def test_without_a_package_it_says_so(
    scene: Any, tmp_path: Path, monkeypatch: Any, module: str, model: Any, remedy: str
) -> None:
    weights = of_classes(tmp_path / "model.safetensors", 1.0, 0.0)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PluginError, match=f"needs {module.partition('.')[0]}") as caught:
        energy_of(FineGrained(model=model, weights=weights), scene)
    assert remedy in str(caught.value)


def test_weights_of_another_network_say_so(scene: Any, light: Weights, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="expected weights of fcn_resnet50"):
        energy_of(FineGrained(weights=light), scene)
    path = tmp_path / "pickle.pt"
    torch.save({"a": torch.zeros(1)}, path)
    with pytest.raises(WeightsError, match="it was not read"):
        energy_of(FineGrained(weights=named(path)), scene)
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"\x08\0\0\0\0\0\0\0{}nothing")
    with pytest.raises(WeightsError, match="expected"):
        energy_of(FineGrained(weights=named(path)), scene)


@pytest.mark.parametrize("background", [(), (5,), (-1,)])
def test_a_background_of_no_class_says_so(scene: Any, light: Weights, background: Any) -> None:
    with pytest.raises(SettingError, match="classes 0 to 4"):
        energy_of(FineGrained(model=LIGHT, weights=light, background=background), scene)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SegFormer of three classes with random weights, as save_pretrained writes it."""
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    torch.manual_seed(0)
    sizes = {"hidden_sizes": [8, 8, 8, 8], "num_attention_heads": [1, 1, 1, 1]}
    config = transformers.SegformerConfig(
        num_labels=3, depths=[1, 1, 1, 1], decoder_hidden_size=8, **sizes
    )
    path: Path = tmp_path_factory.mktemp("segformer")
    transformers.SegformerForSemanticSegmentation(config).save_pretrained(path)
    return path


def test_a_folder_of_transformers_runs(scene: Any, folder: Path) -> None:
    weights = named(folder / "model.safetensors")
    source = FineGrained(model="transformers", weights=weights, size=64)
    energy = energy_of(source, scene)
    assert energy.shape == (60, 90)
    assert 0 < energy.min() < energy.max() < 1
    assert np.array_equal(energy, energy_of(source, scene))
    others = [energy_of(replace(source, background=(each,)), scene) for each in range(3)]
    assert np.allclose(sum(others), 2, atol=1e-4)


def test_a_folder_of_something_else_says_so(scene: Any, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.safetensors"
    copy.write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(WeightsError, match="as save_pretrained"):
        energy_of(FineGrained(model="transformers", weights=named(copy)), scene)
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    save({"x": torch.zeros(1)}, copy)
    with pytest.raises(WeightsError, match="are missing or of another shape"):
        energy_of(FineGrained(model="transformers", weights=named(copy)), scene)


class TestFineGrained(SaliencySourceTests):
    component = FineGrained

    def subjects(self) -> Any:
        # Subjects are listed before any fixture is made.
        folder = Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        weights = of_classes(folder / "weights.safetensors", 1.0, 0.0, 0.5)
        data = {"uri": weights.uri, "sha256": weights.sha256}
        self.configurations = ({"model": LIGHT, "weights": data, "size": 64},)
        return super().subjects()
