"""The project keeps its own rules: style, types, imports, and a README that is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import semcodec

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def readme_line(mark: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {mark} -->\n```sh\n(.*)\n```", text)
    assert found is not None
    return found.group(1)


def test_ci_runs_the_line_of_the_readme() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == readme_line("test")


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports", "--no-cache"),
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_tools_find_nothing(command: tuple[str, ...]) -> None:
    tool = BIN / command[0]
    if not tool.exists():
        pytest.skip(f"{command[0]} is not installed beside this Python; pip install -e '.[dev]'")
    result = run(str(tool), *command[1:])
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_top_level_is_what_it_should_be() -> None:
    tracked = run("git", "ls-files")
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= {
        "LICENSE",
        "README.md",
        "docs",
        "plugins",
        "pyproject.toml",
        "registry.yaml",
        "semcodec",
        "tests",
    }


def test_the_readmes_commands_work(tmp_path: Path) -> None:
    """What follows the set-up in the README's first line, and the block after it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"Then, with `.venv/bin` on the path:\n\n```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    first = readme_line("run").split(" && ")[2:]
    lines = [line.split("#")[0].strip() for line in block.group(1).splitlines()]
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    for line in [*first, *lines]:
        words = line.removeprefix(".venv/bin/").split()
        result = run(sys.executable, "-m", *words, cwd=tmp_path)
        assert result.returncode == 0, f"{line}\n{result.stderr}"
    assert semcodec.read_image(tmp_path / "chelsea-decoded.png").shape == (300, 451, 3)
    assert (tmp_path / "a.smc").stat().st_size * 8 <= 0.5 * 300 * 451
    assert (tmp_path / "b.smc").stat().st_size <= 6000


def test_the_readmes_spec_and_component_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    spec = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert spec is not None
    assert code is not None
    path = tmp_path / "my-dct.yaml"
    path.write_text(spec.group(1))
    codec = semcodec.load(path)
    lock = semcodec.inspect(codec.encode(np.zeros((8, 8, 3), dtype=np.uint8))).parts[1]
    stated = re.search(r"compressed \((\d+) bytes here\)", text)
    assert stated is not None
    assert lock.name == "header"
    assert abs(lock.size - 4 - int(stated.group(1))) <= 2
    monkeypatch.chdir(ROOT)
    space: dict[str, object] = {}
    exec(compile(code.group(1), "README.md", "exec", dont_inherit=True), space)
    picture, data = space["picture"], space["data"]
    assert isinstance(picture, np.ndarray)
    assert isinstance(data, bytes)
    assert picture.shape == (300, 451, 3)
    assert len(data) <= 8000


def test_no_machine_paths_are_committed() -> None:
    tracked = run("git", "ls-files")
    if tracked.returncode:
        pytest.skip("not a git checkout")
    home = str(Path.home()) + os.sep
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".json"):
            text = path.read_text(encoding="utf-8")
            assert home not in text, name
            assert f"{ROOT}{os.sep}" not in text, name
