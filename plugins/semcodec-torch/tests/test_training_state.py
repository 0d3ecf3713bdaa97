from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="needs torch")

from semcodec_torch.training.state import (  # noqa: E402
    load_state,
    load_tensors,
    save_state,
    save_tensors,
)

from semcodec.errors import SettingError, WeightsError  # noqa: E402

_leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.builds(
        lambda shape, dtype: torch.from_numpy(np.arange(np.prod(shape)).reshape(shape)).to(dtype),
        st.lists(st.integers(0, 3), max_size=3).map(tuple),
        st.sampled_from([torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.bool]),
    )
)
_trees = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers(-9, 9), inner, max_size=3)
    ),
    max_leaves=12,
)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        return first.dtype == second.dtype and torch.equal(first, second)
    if isinstance(first, dict):
        return list(first) == list(second) and all(_same(first[k], second[k]) for k in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return type(first) is type(second) and first == second


@given(st.dictionaries(st.text(max_size=4), _trees, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_is_saved_is_loaded(tmp_path_factory: Any, state: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("state") / "state.safetensors"
    save_state(state, path)
    assert _same(load_state(path), state)


def test_an_optimiser_goes_on_after_a_round_trip(tmp_path: Path) -> None:
    def step(weight: Any, optimizer: Any) -> None:
        (weight**3).sum().backward()
        optimizer.step()
        optimizer.zero_grad()

    weight = torch.nn.Parameter(torch.arange(4.0))
    optimizer = torch.optim.Adam([weight], lr=0.1)
    step(weight, optimizer)
    save_state({"weight": weight, "optimizer": optimizer.state_dict()}, tmp_path / "s")
    state = load_state(tmp_path / "s")
    again = torch.nn.Parameter(state["weight"].clone())
    other = torch.optim.Adam([again], lr=0.5)
    other.load_state_dict(state["optimizer"])
    step(weight, optimizer)
    step(again, other)
    assert torch.equal(weight, again)


@pytest.mark.parametrize("value", [object(), {1.5: 1}, {True: 1}, {"a": np.zeros(1)}, {1, 2}])
def test_what_cannot_be_kept_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(TypeError, match="expected"):
        save_state({"a": value}, tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_state({"a": 1}, tmp_path / "s")

    def fail(self: Path, target: Path) -> None:
        raise OSError("full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SettingError, match="full"):
        save_state({"a": 2}, tmp_path / "s")
    assert load_state(tmp_path / "s") == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_tied_tensors_are_two_values(tmp_path: Path) -> None:
    weight = torch.ones(3)
    save_state({"a": weight, "b": weight[:2]}, tmp_path / "s")
    assert _same(load_state(tmp_path / "s"), {"a": torch.ones(3), "b": torch.ones(2)})


@pytest.mark.parametrize("content", [pickle.dumps({"a": 1}), b"", b"\xff" * 64])
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").write_bytes(content)
    for load in (load_state, load_tensors):
        with pytest.raises(WeightsError, match="safetensors"):
            load(tmp_path / "s")
        with pytest.raises(WeightsError):
            load(tmp_path / "missing")


@pytest.mark.parametrize(
    "header", ["{}", '{"tensor": "7"}', '{"map": [[1]]}', "[" * 5000, '{"map": 3}']
)
def test_a_damaged_outline_is_refused(tmp_path: Path, header: str) -> None:
    save_tensors({}, tmp_path / "s", {"semcodec": header})
    with pytest.raises(WeightsError, match="expected a checkpoint"):
        load_state(tmp_path / "s")
    save_tensors({}, tmp_path / "s", {"other": "x"})
    with pytest.raises(WeightsError, match="expected a checkpoint"):
        load_state(tmp_path / "s")


def test_half_precision_is_read_as_float32(tmp_path: Path) -> None:
    tensors = {"a": torch.tensor([1.5]).half(), "n": torch.tensor([3])}
    save_tensors(tensors, tmp_path / "s", {})
    loaded = load_tensors(tmp_path / "s")
    assert (loaded["a"].dtype, loaded["n"].dtype) == (torch.float32, torch.int64)
    assert loaded["a"].item() == 1.5
