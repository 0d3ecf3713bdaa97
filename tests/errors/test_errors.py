"""Laws of every error that semcodec raises on purpose."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

import semcodec
from semcodec import errors
from semcodec.errors import Problem, SemcodecError, SpecError, TargetError

PROBLEMS = (Problem("coder.use", "no such coder", 3, "did you mean 'range'?"), Problem("", "odd"))


def tree(cls: type[SemcodecError] = SemcodecError) -> Iterator[type[SemcodecError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


CLASSES = sorted(set(tree()), key=lambda cls: cls.__name__)


def make(cls: type[Any]) -> SemcodecError:
    if issubclass(cls, SpecError):
        error: SemcodecError = cls(PROBLEMS, source="mine.yaml", hint="Mend it.")
    elif issubclass(cls, TargetError):
        error = cls("not reached", reached=0.25, hint="Ask for less.")
    else:
        error = cls("expected this, got that", hint="Do so.")
    return error


def same(one: SemcodecError, other: SemcodecError) -> bool:
    alike = (type(one), one.args, str(one)) == (type(other), other.args, str(other))
    return alike and vars(one) == vars(other)


def test_the_tree_is_all_that_the_module_exports() -> None:
    exported = {getattr(errors, name) for name in errors.__all__} - {Problem}
    assert exported == set(CLASSES)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling(cls: type[SemcodecError], protocol: int) -> None:
    error = make(cls)
    error.__dict__["path"] = "added by a caller"
    assert same(pickle.loads(pickle.dumps(error, protocol)), error)


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_survives_copying(cls: type[SemcodecError]) -> None:
    error = make(cls)
    assert same(copy.copy(error), error)
    assert same(copy.deepcopy(error), error)


class Own(SpecError):
    """What a plugin may derive: with a signature of its own."""

    def __init__(self, first: str, *, second: int) -> None:
        super().__init__([Problem(first, str(second))])
        self.second = second


def test_an_error_that_a_plugin_derives_survives_too() -> None:
    error = Own("here", second=7)
    found = pickle.loads(pickle.dumps(error))
    assert same(found, error)
    assert found.second == 7


def test_errors_come_back_from_another_process() -> None:
    """As they do from a pool: with what the class promises, not as a TypeError of the pickle."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        with pytest.raises(SpecError) as caught:
            pool.submit(semcodec.load, {"semcodec": 1, "quantiser": "uniform"}).result()
        with pytest.raises(errors.ContainerError) as damaged:
            pool.submit(semcodec.decode, b"\x08").result()
    assert "quantiser" in [problem.path for problem in caught.value.problems]
    assert caught.value.source == "spec"
    assert damaged.value.hint == "This is no semcodec file."


@pytest.mark.parametrize("cls", CLASSES)
def test_the_hint_stands_under_the_message(cls: type[SemcodecError]) -> None:
    error = make(cls)
    assert str(error) == f"{error.args[0]}\n  {error.hint}"
    assert "hint" in inspect.signature(cls).parameters
