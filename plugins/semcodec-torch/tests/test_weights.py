"""Weights: safetensors by hash and nothing else; devices and precisions."""

from __future__ import annotations

import pickle
import sys
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from semcodec_torch import devices, weights

from semcodec import Image, Latent
from semcodec.contracts.context import Context
from semcodec.errors import PluginError, SettingError, WeightsError

HINT = "pip install semcodec-torch"


def context(device: str = "cpu") -> Context:
    return Context(image=Image(8, 8), shape=Latent((1,)), coded=Latent((1,)), device=device)


@pytest.fixture
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"b": rng.integers(-9, 9, (2, 3)).astype(np.int8), "a": rng.random((4,), np.float32)}


def test_equal_arrays_make_equal_files(tensors: dict[str, np.ndarray], tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason=HINT)
    first = weights.write(tmp_path / "x", tensors)
    again = weights.write(tmp_path / "y", dict(reversed(tensors.items())))
    assert first == again
    turned = np.asfortranarray(tensors["b"])
    assert weights.write(tmp_path / "z", {**tensors, "b": turned}) == first


def test_arrays_come_back_and_cannot_be_written_to(
    tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    pytest.importorskip("safetensors", reason=HINT)
    weights.write(tmp_path / "x.safetensors", tensors)
    known = weights.file_weights(tmp_path / "x.safetensors")
    found = weights.arrays(known, context())
    assert found.keys() == tensors.keys()
    assert all(np.array_equal(found[name], tensors[name]) for name in tensors)
    assert weights.arrays(known) is found
    with pytest.raises(ValueError, match="read-only"):
        found["a"][0] = 1


def test_a_file_that_changed_is_noticed_though_it_was_read_before(
    tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    pytest.importorskip("safetensors", reason=HINT)
    path = tmp_path / "x.safetensors"
    weights.write(path, tensors)
    known = weights.file_weights(path)
    weights.arrays(known)
    weights.write(path, {**tensors, "c": tensors["b"]})
    with pytest.raises(WeightsError, match="expected sha256"):
        weights.arrays(known)


@pytest.mark.parametrize("name", ["net.pt", "net.safetensors"])
@pytest.mark.parametrize("form", ["zip", "pickle"])
def test_a_pickle_is_refused_by_name_and_not_read(name: str, form: str, tmp_path: Path) -> None:
    path, trap = tmp_path / name, tmp_path / "trap"
    evil = b"cbuiltins\nopen\n(S'" + str(trap).encode() + b"'\nS'w'\ntR."
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", evil)
    else:
        path.write_bytes(pickle.dumps({"weight": [1.0]}))
    for call in (weights.find, weights.arrays):
        with pytest.raises(WeightsError, match=f"{name}: expected safetensors, got a pickle") as e:
            call(weights.file_weights(path))
        assert "save_file" in e.value.hint
    assert not trap.exists()


def test_the_name_of_a_checkpoint_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    path.write_bytes(b"cos\nsystem\n")  # protocol 0 has no mark of its own
    with pytest.raises(WeightsError, match="got a pickle"):
        weights.find(weights.file_weights(path))


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 7, b"\xff" * 40, (10**6).to_bytes(8, "little") + b"{}", b"cos\nsystem\n"]
)
def test_damage_is_named(data: bytes, tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason=HINT)
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="expected a safetensors file, got") as caught:
        weights.arrays(weights.file_weights(path))
    assert "fetch it again" in caught.value.hint


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "safetensors", "safetensors.numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PluginError, match="needs torch, which does not import") as caught:
        devices.device_of("cpu")
    assert caught.value.hint == HINT
    with pytest.raises(PluginError, match="needs safetensors, which does not import"):
        devices.require("safetensors.numpy")


def test_devices_that_are_not_there_are_refused() -> None:
    torch = pytest.importorskip("torch", reason=HINT)
    assert devices.device_of(context()).type == "cpu"
    with pytest.raises(SettingError, match="such as 'cpu' or 'cuda:0', got 'fast'"):
        devices.device_of("fast")
    absent = f"cuda:{torch.cuda.device_count()}"
    with pytest.raises(SettingError, match=f"of this machine, got '{absent}': torch sees"):
        devices.device_of(context(absent))


def test_precisions() -> None:
    torch = pytest.importorskip("torch", reason=HINT)
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert devices.exact_dtype(cpu) == torch.float32
    assert devices.exact_dtype(cuda) == torch.float64
    assert devices.dtype_of("bfloat16", cpu) == torch.bfloat16
    assert devices.dtype_of("float16", cpu) == torch.float32
    assert devices.dtype_of("float16", cuda) == torch.float16


@pytest.mark.parametrize("length", [0x80, 0x280, 0x480, 0x580])
def test_a_header_s_length_is_not_taken_for_a_pickle(length: int, tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason=HINT)
    header = b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'.ljust(length)
    path = tmp_path / "x.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + header + b"\x07")
    assert weights.arrays(weights.file_weights(path))["a"].tolist() == [7]


def test_a_network_is_filled_and_kept(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=HINT)
    path = tmp_path / "net.safetensors"
    net = torch.nn.Conv2d(2, 3, 1)
    weights.write(path, {name: value.numpy() for name, value in net.state_dict().items()})
    known = weights.file_weights(path)
    build = partial(torch.nn.Conv2d, 2, 3, 1)
    before = torch.random.get_rng_state()
    made = weights.network(build, known, context())
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(made.weight, net.weight)
    assert not made.training
    assert not made.weight.requires_grad
    assert weights.network(build, known, context()) is made
    short = weights.network(build, known, context(), precision="bfloat16")
    assert torch.equal(short.weight, net.weight.bfloat16())
    for other, said in (
        (
            partial(torch.nn.Conv2d, 1, 3, 1),
            r"'weight' of shape \(3, 1, 1, 1\), got \(3, 2, 1, 1\)",
        ),
        (
            partial(torch.nn.Conv2d, 2, 3, 1, bias=False),
            r"'bias' of shape none, got \(3,\); 1 tens",
        ),
    ):
        with pytest.raises(WeightsError, match=said):
            weights.network(other, known, context())
