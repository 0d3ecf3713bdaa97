from __future__ import annotations

import json
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("accelerate", reason="needs accelerate")

from semcodec_torch.training.loop import CHECKPOINT, LOG, train  # noqa: E402
from semcodec_torch.training.packing import Pack, pack  # noqa: E402
from semcodec_torch.training.pictures import find_pictures  # noqa: E402
from semcodec_torch.training.settings import Settings  # noqa: E402
from semcodec_torch.training.state import load_state, load_tensors  # noqa: E402
from semcodec_torch.training.task import WEIGHTS, Task, Terms  # noqa: E402

from semcodec.errors import SettingError, WeightsError  # noqa: E402


class _Killed(BaseException):
    """What no handler catches, as nothing catches SIGKILL."""


class _Module(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Denoises: has dropout and noise, so that it needs the generators, and a buffer."""

    def __init__(self) -> None:
        super().__init__()
        layers = [torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.Dropout()]
        self.layers = torch.nn.Sequential(*layers, torch.nn.Conv2d(4, 3, 3, padding=1))
        self.before: Callable[[int], None] = lambda call: None
        self.calls = 0

    def forward(self, batch: dict[str, Any]) -> Terms:
        self.before(self.calls)
        self.calls += 1
        x = batch["picture"].float().permute(0, 3, 1, 2) / 255
        found = self.layers(x + 0.1 * torch.rand_like(x)).float()
        error = ((found - x) ** 2).mean()
        return Terms(error * 10, {"rate": found.abs().mean()}, {"psnr": error})


@dataclass(frozen=True, kw_only=True)
class _Denoiser(Task):
    offset: float = 0.0

    def module(self) -> Any:
        return _Module()

    def prepare(self, crop: Any, rng: np.random.Generator) -> dict[str, Any]:
        return {"picture": np.roll(crop, int(rng.integers(4)), axis=0)}

    def evaluate(self, module: Any, pictures: Sequence[Any]) -> list[dict[str, float]]:
        assert not module.training
        assert not torch.is_grad_enabled()
        return [{"count": float(len(pictures)), "mean_db": float(np.mean(pictures[0]))}]


TASK = _Denoiser()
SETTINGS = Settings(
    steps=7, batch=2, crop=16, warmup=2, workers=0, threads=1, held_out=1, log_steps=2, decay=0.9
)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    from accelerate.state import AcceleratorState, PartialState

    yield
    AcceleratorState._reset_state()
    PartialState._reset_state()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    from PIL import Image

    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(1)
    for number in range(5):
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), np.uint8)).save(folder / f"{number}.png")
    return pack(find_pictures([folder]), folder / "pack")


def _state(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = load_state(folder / CHECKPOINT)
    return {n: v for n, v in state.items() if n not in ("run", "seconds")}


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return list(first) == list(second) and all(_same(first[k], second[k]) for k in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(_same, first, second))
    return torch.equal(first, second) if isinstance(first, torch.Tensor) else first == second


def _acting(at: int, act: Callable[[], None]) -> Task:
    def before(call: int) -> None:
        if call == at:
            act()

    class Acting(_Denoiser):
        def module(self) -> Any:
            made = _Module()
            made.before = before
            return made

    return Acting()


def _kill() -> None:
    raise _Killed


@pytest.mark.parametrize(
    ("optimizer", "at"), [("adam", 1), ("adam", 4), ("adam", 6), ("soap", 1), ("soap", 4)]
)
def test_a_run_killed_and_resumed_ends_with_the_same_weights(
    pictures: Pack, tmp_path: Path, optimizer: str, at: int
) -> None:
    if optimizer == "soap":
        pytest.importorskip("pytorch_optimizer", reason='pip install "semcodec-torch[train]"')
    settings = replace(SETTINGS, optimizer=optimizer)
    whole = train(TASK, pictures, tmp_path / "whole", settings)
    often = replace(settings, save_minutes=1e-9)
    with pytest.raises(_Killed):
        train(_acting(at, _kill), pictures, tmp_path / "killed", often)
    assert _state(tmp_path / "killed")["step"] == at
    resumed = train(TASK, pictures, tmp_path / "killed", settings)
    assert whole.steps == resumed.steps == 7
    assert _same(_state(tmp_path / "whole"), _state(tmp_path / "killed"))
    files = [(tmp_path / run / WEIGHTS).read_bytes() for run in ("whole", "killed")]
    assert files[0] == files[1]
    losses = [
        [row["loss_bpp"] for row in _rows(tmp_path / run) if row["kind"] == "train"]
        for run in ("whole", "killed")
    ]
    assert losses[0][-1] == losses[1][-1]
    assert [r["step"] for r in _rows(tmp_path / "killed") if r["kind"] == "train"] == [2, 4, 6]


def test_a_signal_saves_and_the_run_goes_on_the_same(pictures: Pack, tmp_path: Path) -> None:
    train(TASK, pictures, tmp_path / "whole", SETTINGS)
    task = _acting(3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    stopped = train(task, pictures, tmp_path / "stopped", SETTINGS)
    assert signal.getsignal(signal.SIGTERM) is before
    assert (stopped.finished, stopped.steps) == (False, 4)
    assert train(TASK, pictures, tmp_path / "stopped", SETTINGS).finished
    assert _same(_state(tmp_path / "whole"), _state(tmp_path / "stopped"))


def test_saving_and_grading_change_nothing(pictures: Pack, tmp_path: Path) -> None:
    train(TASK, pictures, tmp_path / "plain", SETTINGS)
    train(TASK, pictures, tmp_path / "saved", replace(SETTINGS, save_minutes=1e-9, grade_steps=2))
    assert _same(_state(tmp_path / "plain"), _state(tmp_path / "saved"))


def test_seeds_matter_and_repeat(pictures: Pack, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(TASK, pictures, tmp_path / name, replace(SETTINGS, seed=seed, steps=2))
    assert _same(_state(tmp_path / "a"), _state(tmp_path / "b"))
    assert not _same(_state(tmp_path / "a")["module"], _state(tmp_path / "c")["module"])


def test_the_average_is_what_is_shipped_and_continued_from(pictures: Pack, tmp_path: Path) -> None:
    train(TASK, pictures, tmp_path / "run", SETTINGS)
    state = _state(tmp_path / "run")
    shipped = load_tensors(tmp_path / "run" / WEIGHTS)
    name = "layers.0.weight"
    assert torch.equal(shipped[name], state["average"][f"module.{name}"])
    assert not torch.equal(shipped[name], state["module"][name])
    slow = replace(SETTINGS, steps=1, rate=1e-12)
    train(TASK, pictures, tmp_path / "on", slow, start=tmp_path / "run")
    torch.testing.assert_close(_state(tmp_path / "on")["module"][name], shipped[name])


def test_the_average_is_a_plain_mean_at_first(pictures: Pack, tmp_path: Path) -> None:
    name = "layers.0.weight"
    seen = []
    for steps in (1, 2):
        settings = replace(SETTINGS, steps=steps, cooldown=0.0)
        train(TASK, pictures, tmp_path / str(steps), settings)
        seen.append(_state(tmp_path / str(steps)))
    weights = [state["module"][name] for state in seen]
    assert torch.equal(seen[0]["average"][f"module.{name}"], weights[0])
    # One average before it: the decay is (1 + 1) / (10 + 1).
    expected = weights[0] * 2 / 11 + weights[1] * 9 / 11
    torch.testing.assert_close(seen[1]["average"][f"module.{name}"], expected)


def _rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LOG).read_text().splitlines()]


def test_the_log_is_in_bits_a_pixel_and_decibels(pictures: Pack, tmp_path: Path) -> None:
    summary = train(TASK, pictures, tmp_path, SETTINGS)
    rows = _rows(tmp_path)
    trained = [row for row in rows if row["kind"] == "train"]
    assert [row["step"] for row in trained] == [2, 4, 6]
    for row in trained:
        assert set(row) == {
            "kind", "step", "seconds", "rate", "loss_bpp", "rate_bpp", "psnr_db",
        }  # fmt: skip
        # The loss is ten times the error here.
        assert row["loss_bpp"] == pytest.approx(10 * 10 ** (-row["psnr_db"] / 10), rel=1e-4)
    held = [row for row in rows if row["kind"] == "held-out"]
    assert [row["step"] for row in held] == [0, 7]
    (grade,) = summary.grades
    assert grade["mean_db"] == pytest.approx(held[1]["mean_db"], rel=1e-5)


def test_a_limit_of_minutes_ends_a_run(pictures: Pack, tmp_path: Path) -> None:
    summary = train(TASK, pictures, tmp_path, replace(SETTINGS, steps=0, minutes=0.01))
    assert summary.finished
    assert summary.steps > 0
    assert summary.minutes >= 0.01
    again = train(TASK, pictures, tmp_path, replace(SETTINGS, steps=0, minutes=0.01))
    assert again.steps == summary.steps


def test_bfloat16_trains(pictures: Pack, tmp_path: Path) -> None:
    settings = replace(SETTINGS, precision="bf16", steps=3, held_out=0)
    assert train(TASK, pictures, tmp_path, settings).steps == 3
    assert _state(tmp_path)["module"]["layers.0.weight"].dtype == torch.float32


def test_other_settings_are_refused(pictures: Pack, tmp_path: Path) -> None:
    train(TASK, pictures, tmp_path, replace(SETTINGS, steps=1))
    with pytest.raises(SettingError, match=r"batch was 2, is 3; offset was 0\.0, is 1\.0"):
        train(_Denoiser(offset=1.0), pictures, tmp_path, replace(SETTINGS, batch=3))
    assert train(TASK, pictures, tmp_path, replace(SETTINGS, steps=2, log_steps=1)).steps == 2


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("ran",))


@pytest.mark.parametrize("content", [pickle.dumps(_Evil()), b"", b"\x00" * 99, b"{}"])
def test_a_checkpoint_that_is_none_is_refused_and_runs_nothing(
    pictures: Pack, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(WeightsError, match="as safetensors"):
        train(TASK, pictures, tmp_path, SETTINGS)
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(WeightsError, match="as safetensors"):
        train(TASK, pictures, tmp_path / "new", SETTINGS, start=tmp_path)
    assert "ran" not in capsys.readouterr().out


def test_weights_of_another_model_are_refused(pictures: Pack, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"other": torch.zeros(2)}, tmp_path / WEIGHTS)
    with pytest.raises(WeightsError, match="not of this model"):
        train(TASK, pictures, tmp_path / "new", SETTINGS, start=tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(WeightsError, match=f"'{WEIGHTS}', got none of its files"):
        train(TASK, pictures, tmp_path / "new", SETTINGS, start=tmp_path / "none")


def test_a_pack_without_a_picture_to_train_on_is_refused(pictures: Pack, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="more than 5 pictures"):
        train(TASK, pictures, tmp_path, replace(SETTINGS, held_out=5))


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0}, {"precision": "fp16"}, {"batch": 0}, {"decay": 1.0}, {"cooldown": 2.0},
        {"crop": -1}, {"clip": 0.0},
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="expected"):
        replace(SETTINGS, **wrong)
