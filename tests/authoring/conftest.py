"""Plugins written by the template, for tests to look at and to break."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from semcodec.authoring.conformance import Row
from semcodec.authoring.make import Plugin, new_plugin
from semcodec.authoring.names import names_of
from semcodec.authoring.packaging.check import Check
from semcodec.authoring.packaging.examine import examined, opened
from semcodec.authoring.packaging.project import read_project


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package as `plugins new` writes it: a quantizer and a metric."""
    parent = tmp_path_factory.mktemp("sound")
    return new_plugin(Plugin(names_of("acme"), ("quantizer", "metric")), parent)


@pytest.fixture
def package(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to be broken."""
    return Path(shutil.copytree(sound, tmp_path / sound.name))


@pytest.fixture
def examine() -> Callable[[Path, Sequence[Check]], list[Row]]:
    """Make checks of the package in a folder."""

    def run(folder: Path, checks: Sequence[Check]) -> list[Row]:
        with opened(read_project(folder)) as subject:
            return list(examined(subject, checks))

    return run
