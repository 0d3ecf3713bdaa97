from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from semcodec_torch.training.task import Task
from semcodec_torch.training.trainers import make_task, task_class, trainers

import semcodec.discovery
from semcodec.cli.main import main
from semcodec.errors import PluginBroken, PluginConflict, PluginError, SettingError


@dataclass(frozen=True, kw_only=True)
class _Task(Task):
    width: int = 8
    widths: tuple[int, ...] = (1, 2)
    share: float = 0.5
    name: str = "x"

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError("expected a width of at least 1")

    def module(self) -> Any:
        return None

    def prepare(self, crop: Any, rng: Any) -> Any:
        return {}

    def evaluate(self, module: Any, pictures: Any) -> Any:
        return []


Publish = Callable[..., None]


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Make the catalog hold plugins with lists of trainers."""

    def these(*listed: Any, usable: bool = True) -> None:
        plugins = []
        for number, each in enumerate(listed):
            module = ModuleType(f"semcodec_published_{number}")
            module.semcodec_trainers = each  # type: ignore[attr-defined]
            module.Task = _Task  # type: ignore[attr-defined]
            module.nothing = 3  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, module.__name__, module)
            plugins.append(
                SimpleNamespace(module=module.__name__, usable=usable, distribution=f"d{number}")
            )
        found = SimpleNamespace(plugins=plugins)
        monkeypatch.setattr(semcodec.discovery, "catalog", lambda: found)

    return these


def test_trainers_of_all_plugins_are_listed_by_name(publish: Publish) -> None:
    publish({"b": "m:B"}, {"a": "m:A"}, {})
    assert trainers() == {"a": "m:A", "b": "m:B"}
    publish({"b": "m:B"}, usable=False)
    assert trainers() == {}


def test_two_of_one_name_are_a_conflict(publish: Publish) -> None:
    publish({"a": "m:A"}, {"a": "m:B"})
    with pytest.raises(PluginConflict, match="d0 and d1"):
        trainers()


@pytest.mark.parametrize("listed", [["a"], {"a": 3}, {3: "a:b"}, None])
def test_a_list_of_another_form_is_refused(publish: Publish, listed: Any) -> None:
    publish(listed)
    with pytest.raises(PluginBroken, match="d0"):
        trainers()


def test_a_trainer_is_imported_by_name(publish: Publish) -> None:
    here = "semcodec_published_0"
    targets = {"fine": "Task", "lacking": "Nobody", "wrong": "nothing"}
    publish({"absent": "no_such:Task", **{n: f"{here}:{t}" for n, t in targets.items()}})
    assert task_class("fine") is _Task
    for name in ("absent", "lacking", "wrong"):
        with pytest.raises(PluginBroken, match=name):
            task_class(name)
    with pytest.raises(PluginError, match="no installed plugin") as caught:
        task_class("fin")
    assert caught.value.hint == "Did you mean fine?"


def test_settings_are_read_as_the_defaults_are() -> None:
    made: Any = make_task(_Task, {"width": "3", "widths": "4,5,6", "share": "0.25", "name": "long"})
    assert (made.width, made.widths, made.share, made.name) == (3, (4, 5, 6), 0.25, "long")


@pytest.mark.parametrize(
    "sets", [{"nothing": "1"}, {"width": "wide"}, {"widths": "1,b"}, {"width": "0"}]
)
def test_settings_that_are_none_are_refused(sets: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        make_task(_Task, sets)


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: None if n == "accelerate" else real(n, *a)
    )


@pytest.mark.usefixtures("without_torch")
def test_what_is_missing_is_named_with_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from click.testing import CliRunner
    from semcodec_torch.training.command import train

    result = CliRunner().invoke(train, ["saic", "--data", "x", "--out", "y", "--steps", "1"])
    assert isinstance(result.exception, PluginError)
    assert "accelerate" in str(result.exception)
    assert 'pip install "semcodec-torch[train]"' in result.exception.hint


def test_the_command_stands_in_the_list_of_commands() -> None:
    import semcodec_torch

    (command,) = semcodec_torch.semcodec_commands()
    assert command.name == "train"
    assert main(["--help"]) == 0


def test_a_folder_is_needed() -> None:
    from click.testing import CliRunner
    from semcodec_torch.training.command import train

    result = CliRunner().invoke(train, ["saic"])
    assert result.exit_code == 2
    assert "--out" in result.output
