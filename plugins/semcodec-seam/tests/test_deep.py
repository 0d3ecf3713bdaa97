"""Energies of networks, by small pictures and random weights in the real format."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from semcodec_seam import DeepEnergyFunction, SeamCarver
from semcodec_seam.energies.backbones import BACKBONES
from semcodec_seam.energies.deep import Aggregate, Deep
from semcodec_seam.energies.fine_grained import Segmenter
from semcodec_seam.energies.segmentation import CLASSIFIERS
from semcodec_seam.options import AGGREGATES, DEEP, SEGMENTERS
from semcodec_seam.pictures import energy_of

from semcodec.contracts.weights import Weights
from semcodec.errors import SettingError, WeightsError
from semcodec.testing import SaliencySourceTests

torch = pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Weights of torchvision's networks, drawn at random and written as safetensors."""
    models = pytest.importorskip("torchvision.models")
    save = pytest.importorskip("safetensors.torch").save_file
    made: dict[str, Weights] = {}

    def weights(name: str) -> Weights:
        if name not in made:
            torch.manual_seed(0)
            path: Path = tmp_path_factory.mktemp("weights") / f"{name}.safetensors"
            save(models.get_model(name, weights=None).state_dict(), path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            made[name] = Weights(uri=f"file:{path}", sha256=digest)
        return made[name]

    return weights


def test_the_network_that_ships_sees_the_disc(scene: Any, disc: Any) -> None:
    energy = energy_of(Deep(), scene)
    assert energy.shape == (60, 90)
    assert energy.max() == pytest.approx(1, abs=0.05)
    edge = disc ^ np.roll(disc, 1, 1)
    assert energy[edge].mean() > 1.5 * energy[:, :15].mean()


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0"])
def test_networks_of_torchvision_run_with_weights_of_ones_own(
    scene: Any, random_weights: Any, name: Any
) -> None:
    energy = energy_of(Deep(model=name, weights=random_weights(name)), scene)
    assert energy.std() > 0.01
    assert np.array_equal(energy, energy_of(Deep(model=name, weights=random_weights(name)), scene))


@pytest.mark.parametrize("name", [name for name in BACKBONES if name != "saic"])
def test_the_layers_that_count_are_there(name: str) -> None:
    pytest.importorskip("torchvision")
    with torch.device("meta"):
        made = BACKBONES[name].build()
    assert set(BACKBONES[name].layers) <= dict(made.named_modules()).keys()


def test_the_network_stops_at_the_last_layer_that_counts(scene: Any, random_weights: Any) -> None:
    seen: list[str] = []
    watch = torch.nn.modules.module.register_module_forward_hook(
        lambda module, given, out: seen.append(type(module).__name__)
    )
    try:
        source = Deep(model="resnet18", weights=random_weights("resnet18"), layers=("layer1",))
        energy_of(source, scene)
    finally:
        watch.remove()
    assert "Linear" not in seen
    assert seen.count("BasicBlock") == 2


def test_ways_to_join_differ_where_they_should(scene: Any) -> None:
    made = {
        how: energy_of(Deep(aggregate=how), scene) for how in ("sum", "max", "weighted", "mean")
    }
    assert np.allclose(made["sum"], made["mean"])
    assert not np.allclose(made["sum"], made["max"])
    assert not np.allclose(made["sum"], made["weighted"])


def test_each_layer_has_its_say(scene: Any) -> None:
    layers = BACKBONES["saic"].layers
    whole = energy_of(Deep(), scene)
    for name in layers:
        assert not np.allclose(whole, energy_of(Deep(layers=(name,)), scene), atol=0.01)


def test_a_large_picture_is_seen_small() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 700, 3)).astype(np.uint8)
    assert energy_of(Deep(size=64), picture).shape == (40, 700)


def test_unknown_layers_name_the_nearest(scene: Any) -> None:
    with pytest.raises(SettingError, match=r"nearest one is 'analysis\.layers\.2'"):
        energy_of(Deep(layers=("analysis.layer.2",)), scene)
    with pytest.raises(SettingError, match="each layer once"):
        energy_of(Deep(layers=("analysis", "analysis")), scene)


def test_the_command_line_knows_every_network() -> None:
    assert tuple(BACKBONES) == DEEP
    assert (*SEGMENTERS[:-1],) == tuple(CLASSIFIERS)
    assert set(SEGMENTERS) == set(get_args(Segmenter))
    assert set(AGGREGATES) == set(get_args(Aggregate))


def test_no_weights_say_how_to_get_them(scene: Any) -> None:
    with pytest.raises(WeightsError, match="no weights of vgg16 ship") as caught:
        energy_of(Deep(model="vgg16"), scene)
    assert "get_model('vgg16'" in str(caught.value)


def test_weights_of_another_network_say_so(scene: Any, random_weights: Any) -> None:
    source = Deep(model="resnet18", weights=random_weights("efficientnet_b0"))
    with pytest.raises(WeightsError, match="tensors differ"):
        energy_of(source, scene)


def test_the_familiar_class_falls_back_and_says_so(scene: Any) -> None:
    with pytest.warns(UserWarning, match="no weights of vgg16 are named"):
        energy = DeepEnergyFunction(model_name="vgg16", aggregate_method="weighted")
    assert np.array_equal(energy.compute(scene), energy_of(Deep(aggregate="weighted"), scene))
    with pytest.raises(WeightsError, match="nowhere"):
        DeepEnergyFunction("resnet18", weights="nowhere.safetensors")


def test_weights_come_as_a_file(scene: Any, random_weights: Any) -> None:
    path = random_weights("resnet18").uri.removeprefix("file:")
    energy = DeepEnergyFunction("resnet18", ["layer2"], weights=path)
    assert energy.compute(scene).shape == (60, 90)


def test_the_familiar_class_carves(scene: Any) -> None:
    carver = SeamCarver(DeepEnergyFunction("saic", aggregate_method="weighted"))
    assert carver.resize(scene, target_width=60).shape == (60, 60, 3)
    with pytest.raises(SettingError, match="a network of saic, vgg16"):
        DeepEnergyFunction("vgg11")


class TestDeep(SaliencySourceTests):
    component = Deep
    configurations = ({}, {"aggregate": "max", "size": 64})
