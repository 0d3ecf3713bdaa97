"""The energy that learns: training, its file, and what is refused."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from semcodec_seam import LearnedEnergyFunction, SeamCarver
from semcodec_seam.energies.learned import Learned
from semcodec_seam.learning.command import train_energy
from semcodec_seam.pictures import energy_of

from semcodec.contracts.weights import Weights
from semcodec.errors import ImageError, PluginError, SettingError, WeightsError
from semcodec.testing import SaliencySourceTests

torch = pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")
safetensors = pytest.importorskip("safetensors", reason="pip install 'semcodec-seam[deep]'")
save_file = pytest.importorskip("safetensors.torch").save_file


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(seed: int, count: int) -> list[Any]:
    """Red discs, which matter, and blue squares, which do not: uint8 (48, 64, 3) and bool."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:48, :64]
    pairs = []
    for _ in range(count):
        picture = rng.integers(80, 180) + rng.normal(0, 5, (48, 64, 3))
        cy, cx = rng.integers(12, 36), rng.integers(12, 52)
        disc = (x - cx) ** 2 + (y - cy) ** 2 < 10**2
        cy, cx = rng.integers(8, 40), rng.integers(8, 56)
        picture[(abs(x - cx) < 8) & (abs(y - cy) < 8)] = (40, 60, 200)
        picture[disc] = (200, 40, 40)
        pairs.append((np.clip(picture, 0, 255).astype(np.uint8), disc))
    return pairs


@pytest.fixture(scope="module")
def toy() -> Any:
    return drawn(1, 6)


@pytest.fixture(scope="module")
def trained(toy: Any) -> Any:
    """An energy that learned, with what its losses were."""
    energy = LearnedEnergyFunction(width=16)
    return energy, energy.fine_tune(*zip(*toy, strict=True))


@pytest.fixture(scope="module")
def saved(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("learned") / "energy.safetensors"
    trained[0].save(path)
    return path


@pytest.fixture
def folders(toy: Any, tmp_path: Path) -> Any:
    """The first three as folders of pictures and of targets."""
    for name in ("pictures", "targets"):
        (tmp_path / name).mkdir()
    for index, (picture, disc) in enumerate(toy[:3]):
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{index}.webp", lossless=True)
        Image.fromarray(disc).save(tmp_path / "targets" / f"{index}.png")
    return tmp_path / "pictures", tmp_path / "targets"


def named(path: Path) -> Weights:
    return Weights(uri=f"file:{path}", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_training_lowers_the_loss_and_holds_for_another_picture(trained: Any) -> None:
    energy, losses = trained
    assert len(losses) == 10
    assert losses[-1] < losses[0] / 5
    for picture, disc in drawn(2, 3):
        made = energy.compute(picture)
        assert made.shape == disc.shape
        assert 0 <= made.min() <= made.max() <= 1
        assert np.corrcoef(made.ravel(), disc.ravel())[0, 1] > 0.6


def test_equal_seeds_give_equal_weights(toy: Any, tmp_path: Path) -> None:
    made = []
    for index, seed in enumerate((3, 3, 4)):
        energy = LearnedEnergyFunction(width=4)
        energy.fine_tune(*zip(*toy[:2], strict=True), epochs=2, seed=seed)
        energy.save(tmp_path / f"{index}.safetensors")
        made.append((tmp_path / f"{index}.safetensors").read_bytes())
    assert made[0] == made[1] != made[2]


def test_a_file_gives_the_same_map_in_another_process(
    trained: Any, saved: Path, tmp_path: Path
) -> None:
    picture = drawn(5, 1)[0][0]
    Image.fromarray(picture).save(tmp_path / "picture.png")
    code = (
        "import sys, numpy, torch; from semcodec_seam import LearnedEnergyFunction as L; "
        "torch.set_num_threads(1); numpy.save(sys.argv[3], "
        "L(fine_tuned_weights=sys.argv[1]).compute(sys.argv[2]))"
    )
    words = [saved, tmp_path / "picture.png", tmp_path / "map.npy"]
    subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True)
    wanted = trained[0].compute(picture)
    assert np.array_equal(np.load(tmp_path / "map.npy"), wanted)
    assert np.array_equal(energy_of(Learned(weights=named(saved)), picture), wanted)


def test_the_file_says_what_it_is_of(saved: Path) -> None:
    with safetensors.safe_open(str(saved), framework="numpy") as file:
        header = json.loads(file.metadata()["semcodec"])
        names = list(file.keys())
    assert header == {
        "kind": "seam.learned 1",
        "base": "saic",
        "layers": ["analysis.layers.2", "analysis.layers.4", "analysis.layers.7"],
        "width": 16,
        "size": 512,
        "steps": 60,
    }
    # Nothing behind the last layer, nothing of the other networks.
    assert any(name.startswith("base.analysis.layers.7.") for name in names)
    assert not any("layers.8" in name or "synthesis" in name for name in names)


def test_training_goes_on_from_a_file(toy: Any, trained: Any, saved: Path) -> None:
    energy = LearnedEnergyFunction(fine_tuned_weights=saved)
    before = energy.compute(toy[0][0])
    losses = energy.fine_tune(*zip(*toy, strict=True), epochs=1)
    assert losses[0] < trained[1][1]
    assert not np.array_equal(energy.compute(toy[0][0]), before)
    # What others read from the same file is not changed by it.
    assert np.array_equal(LearnedEnergyFunction(fine_tuned_weights=saved)(toy[0][0]), before)


def test_the_base_is_tuned_only_if_asked(toy: Any, saved: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    before = load_file(saved)
    for tune in (False, True):
        energy = LearnedEnergyFunction(fine_tuned_weights=saved)
        energy.fine_tune(*zip(*toy[:2], strict=True), epochs=1, tune_base=tune)
        energy.save(tmp_path / "after.safetensors")
        after = load_file(tmp_path / "after.safetensors")
        base = [name for name in before if name.startswith("base.")]
        assert any(not np.array_equal(before[n], after[n]) for n in base) is tune


def test_a_base_of_torchvision_learns_too(toy: Any, tmp_path: Path) -> None:
    models = pytest.importorskip("torchvision.models", reason="pip install torchvision")
    torch.manual_seed(0)
    weights = tmp_path / "resnet18.safetensors"
    save_file(models.get_model("resnet18", weights=None).state_dict(), weights)
    energy = LearnedEnergyFunction(
        "resnet18", base_weights=weights, layer_names=["layer1"], width=8, size=64
    )
    losses = energy.fine_tune(*zip(*toy[:3], strict=True), epochs=3)
    assert losses[-1] < losses[0]
    energy.save(tmp_path / "energy.safetensors")
    again = LearnedEnergyFunction(fine_tuned_weights=tmp_path / "energy.safetensors")
    assert np.array_equal(again.compute(toy[0][0]), energy.compute(toy[0][0]))
    with pytest.raises(WeightsError, match="no weights of vgg16 ship"):
        LearnedEnergyFunction("vgg16").fine_tune(*zip(*toy, strict=True))


def test_folders_are_paired_by_their_stems(toy: Any, folders: Any) -> None:
    lists, files = LearnedEnergyFunction(width=4), LearnedEnergyFunction(width=4)
    lists.fine_tune(*zip(*toy[:3], strict=True), epochs=1)
    files.fine_tune(*folders, epochs=1)
    assert np.array_equal(lists.compute(toy[5][0]), files.compute(toy[5][0]))


def test_a_picture_without_a_target_is_named(folders: Any) -> None:
    pictures, targets = folders
    (targets / "1.png").unlink()
    (targets / "alone.png").write_bytes(b"")
    with pytest.raises(SettingError, match=r"there is none for 1\.webp\n"):
        LearnedEnergyFunction().fine_tune(pictures, targets)


def test_two_files_of_a_stem_are_named(folders: Any) -> None:
    (folders[1] / "1.bmp").write_bytes(b"")
    with pytest.raises(SettingError, match=r"one file of each stem, got 1\.bmp, 1\.png"):
        LearnedEnergyFunction().fine_tune(*folders)


def test_targets_of_another_size_are_scaled(toy: Any) -> None:
    """A map of twice the size, its pixels repeated, says the same."""
    pictures, discs = zip(*toy[:2], strict=True)
    large = [disc.repeat(2, 0).repeat(2, 1).astype(np.float32) for disc in discs]
    made = []
    for targets in (discs, large):
        energy = LearnedEnergyFunction(width=4)
        energy.fine_tune(pictures, targets, epochs=2)
        made.append(energy.compute(pictures[0]))
    assert np.allclose(*made, atol=0.05)
    with pytest.raises(ImageError, match="expected a target of its proportions, 64x48, got"):
        LearnedEnergyFunction().fine_tune([pictures[0]], [discs[0][:, :30]])


@pytest.mark.parametrize(
    ("images", "targets", "says"),
    [
        ([], [], "there are none"),
        ([np.zeros((4, 4), np.uint8)], [], "got 1 pictures and 0 targets"),
        ("nowhere", "nowhere", "expected a folder"),
        ("nowhere", [], "a list and a folder"),
    ],
)
def test_what_cannot_be_learned_from_says_so(images: Any, targets: Any, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        LearnedEnergyFunction().fine_tune(images, targets)


@pytest.mark.parametrize("given_", [{"epochs": 0}, {"lr": 0.0}, {"lr": float("nan")}])
def test_settings_that_train_nothing_say_so(toy: Any, given_: Any) -> None:
    with pytest.raises(SettingError, match="epochs of at least 1 and lr above 0"):
        LearnedEnergyFunction(width=1).fine_tune(*zip(*toy[:1], strict=True), **given_)


def test_a_target_of_no_numbers_says_so(toy: Any) -> None:
    with pytest.raises(ImageError, match=r"floats in \[0, 1\]"):
        LearnedEnergyFunction(width=1).fine_tune([toy[0][0]], [np.full((48, 64), np.nan)])


def test_what_has_learned_nothing_says_so(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="learned nothing yet"):
        LearnedEnergyFunction().compute(scene)
    with pytest.raises(WeightsError, match="learned nothing yet"):
        LearnedEnergyFunction().save(tmp_path / "energy.safetensors")
    with pytest.raises(WeightsError, match="train-energy"):
        energy_of(Learned(), scene)
    with pytest.raises(SettingError, match="a network of saic, vgg16"):
        LearnedEnergyFunction("vgg11")
    with pytest.raises(SettingError, match="a width of 1 to 1024"):
        LearnedEnergyFunction(width=0)


def test_what_is_given_beside_a_file_must_agree_with_it(saved: Path) -> None:
    LearnedEnergyFunction("saic", saved, width=16)
    with pytest.raises(SettingError, match="expected a base of saic, which it was trained with"):
        LearnedEnergyFunction("vgg16", saved)
    with pytest.raises(SettingError, match="expected a width of 16"):
        LearnedEnergyFunction(fine_tuned_weights=saved, width=32)


def test_unknown_layers_name_the_nearest(toy: Any) -> None:
    energy = LearnedEnergyFunction(layer_names=["analysis.layer.2"])
    with pytest.raises(SettingError, match=r"nearest one is 'analysis\.layers\.2'"):
        energy.fine_tune(*zip(*toy[:1], strict=True))


def spoiled(saved: Path, path: Path, **changes: Any) -> Path:
    """Write the file anew with a changed header, or without a tensor."""
    from safetensors.torch import load_file

    with safetensors.safe_open(str(saved), framework="pt") as file:
        header = json.loads(file.metadata()["semcodec"])
    tensors = load_file(saved)
    if "without" in changes:
        del tensors[changes.pop("without")]
    save_file(tensors, path, {"semcodec": json.dumps({**header, **changes})})
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "seam.learned 9"}, "kind"),
        ({"base": "vgg11"}, "a base of saic, vgg16"),
        ({"base": ["saic"]}, "a base of saic, vgg16"),
        ({"layers": []}, "1 to 16 layers"),
        ({"width": 10**9}, "a width of 1 to 1024"),
        ({"width": None}, "TypeError"),
        ({"size": 4}, "a size of 32"),
        ({"width": 8}, "tensors differ"),
        ({"without": "head.last.bias"}, r"'head\.last\.bias' of shape \(1,\), got none"),
        ({"layers": ["analysis.layers.2"]}, "tensors differ"),
    ],
)
def test_mismatched_files_are_refused(saved: Path, tmp_path: Path, changes: Any, says: str) -> None:
    path = spoiled(saved, tmp_path / "spoiled.safetensors", **changes)
    with pytest.raises(WeightsError, match=says):
        LearnedEnergyFunction(fine_tuned_weights=path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.safetensors"
    save_file({"a": torch.zeros(1)}, plain)
    pickled = tmp_path / "energy.pt"
    torch.save({"a": torch.zeros(1)}, pickled)
    garbage = tmp_path / "garbage.safetensors"
    garbage.write_bytes(b"nothing of the kind, but long enough")
    for path, says in (
        (plain, "expected the weights of a learned energy"),
        (pickled, "it was not read"),
        (garbage, "expected the weights of a learned energy"),
        (tmp_path / "nowhere", "nowhere"),
    ):
        with pytest.raises(WeightsError, match=says):
            LearnedEnergyFunction(fine_tuned_weights=path)


def test_without_torch_it_says_so(monkeypatch: Any, saved: Path, toy: Any) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(PluginError, match="LearnedEnergyFunction needs torch") as caught:
        LearnedEnergyFunction(fine_tuned_weights=saved)
    assert "semcodec-seam[deep]" in str(caught.value)
    with pytest.raises(PluginError, match="LearnedEnergyFunction needs torch"):
        LearnedEnergyFunction().fine_tune(*zip(*toy, strict=True))
    with pytest.raises(PluginError, match=r"seam\.learned needs torch"):
        energy_of(Learned(weights=named(saved)), toy[0][0])


def test_it_carves(saved: Path, toy: Any) -> None:
    picture, disc = toy[0]
    energy = LearnedEnergyFunction(fine_tuned_weights=saved)
    left = SeamCarver(energy).resize(picture, target_width=40)
    red = (left[..., 0] > 190) & (left[..., 2] < 60)
    assert red.sum() > 0.9 * disc.sum()


def run(*words: Any) -> Result:
    return CliRunner().invoke(train_energy, [str(word) for word in words])


def test_the_command_trains_goes_on_and_says_what_it_does(folders: Any, tmp_path: Path) -> None:
    out = tmp_path / "energy.safetensors"
    first = run(*folders, "-o", out, "--epochs", 2, "--width", 4)
    assert first.exit_code == 0, first.output
    assert f"{out}: {out.stat().st_size} bytes, loss" in first.stdout
    assert "epoch 2: loss" in first.stderr
    before = out.read_bytes()
    second = run(*folders, "-o", out, "--epochs", 1)
    assert f"goes on with {out}" in second.stderr
    assert out.read_bytes() != before
    other = run(*folders, "-o", tmp_path / "other.safetensors", "--from", out, "--epochs", 1)
    assert other.exit_code == 0, other.output


def test_the_command_says_what_is_missing(folders: Any, tmp_path: Path) -> None:
    (folders[1] / "2.png").unlink()
    result = run(*folders, "-o", tmp_path / "energy.safetensors")
    assert isinstance(result.exception, SettingError)
    assert "2.webp" in str(result.exception)
    assert not (tmp_path / "energy.safetensors").exists()


class TestLearned(SaliencySourceTests):
    component = Learned

    def subjects(self) -> Any:
        # Subjects are listed before any fixture is made.
        folder = Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        energy = LearnedEnergyFunction(width=2, size=64)
        energy.fine_tune(*zip(*drawn(0, 1), strict=True), epochs=1)
        energy.save(folder / "energy.safetensors")
        weights = named(folder / "energy.safetensors")
        self.configurations = ({"weights": {"uri": weights.uri, "sha256": weights.sha256}},)
        return super().subjects()
