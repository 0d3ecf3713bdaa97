"""Runs the command in a process of its own, beside fake installed distributions."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import semcodec
from semcodec.cli import main

ROOT = Path(semcodec.__file__).parents[1]

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Install = Callable[..., None]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Install a distribution: its name, its plugin, and the source of its modules."""

    def add(distribution: str, plugin: str, **modules: str) -> None:
        info = tmp_path / f"{distribution.replace('-', '_')}-0.1.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text(f"[semcodec]\n{plugin} = {next(iter(modules))}\n")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1\nLicense: MIT\n"
        )
        for module, source in modules.items():
            (tmp_path / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    return add


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``semcodec`` with arguments; the fake distributions are on its path."""

    def call(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(tmp_path), str(ROOT)])
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEMCODEC_", "PYTHON"))}
        return subprocess.run(
            [sys.executable, "-m", "semcodec", *args],
            env={**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **environment},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return call


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run ``semcodec`` in an empty folder and give exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        code = main(list(args))
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return code, done.out, done.err

    return run
