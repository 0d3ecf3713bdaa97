"""Starting up: whole processes, against an empty Python measured in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import semcodec

ROOT = Path(semcodec.__file__).parents[1]
ROUNDS = 9
SCRIPT = "import sys; from semcodec.cli import main; sys.exit(main())"  # the console script
HEAVY = {"numpy", "yaml", "pydantic", "torch", "PIL", "numba", "rich"}
PLUGIN = """
from semcodec import command, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref(f"fake-{number}.part-{{n}}", "pkg_parts_{number}:Part") for n in range(10)]


@hookimpl
def semcodec_commands():
    return [command("run-{number}", "pkg_parts_{number}:run", "Runs.")]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty fake plugins of ten components, whose implementation fails when it is imported."""
    folder = tmp_path_factory.mktemp("site")
    for number in range(20):
        info = folder / f"fake_{number}-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: fake-{number}\nVersion: 0.1\n\n" + "A readme.\n" * 200
        )
        (info / "entry_points.txt").write_text(f"[semcodec]\nfake-{number} = pkg_{number}\n")
        (folder / f"pkg_{number}.py").write_text(PLUGIN.format(number=number))
        (folder / f"pkg_parts_{number}.py").write_text("raise ImportError('implementation')\n")
    return folder


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bytecode cache of our own: an installed package has one whatever this session's setting."""
    return tmp_path_factory.mktemp("compiled")


def run(compiled: Path, folder: Path | None, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(str(each) for each in (folder, ROOT) if each)
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    return subprocess.run(
        [sys.executable, *args], env=environment, capture_output=True, text=True, check=True
    )


def ratio(compiled: Path, folder: Path | None, *args: str) -> float:
    """Median time of ``semcodec ARGS`` over that of an empty Python, taken in turns."""
    run(compiled, folder, "-c", SCRIPT, *args)  # fills the bytecode cache
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, arguments in zip(taken, (("-c", "pass"), ("-c", SCRIPT, *args)), strict=True):
            start = time.perf_counter()
            run(compiled, folder, *arguments)
            times.append(time.perf_counter() - start)
    empty, full = (sorted(times)[ROUNDS // 2] for times in taken)
    return full / empty


@pytest.mark.benchmark
def test_help_takes_at_most_8_times_an_empty_python(compiled: Path) -> None:
    found = ratio(compiled, None, "--help")
    print(f"\nsemcodec --help: {found:.2f} times an empty Python (at most 8)")
    assert found <= 8


@pytest.mark.benchmark
def test_plugins_takes_at_most_16_times_an_empty_python_with_20_plugins(
    compiled: Path, site: Path
) -> None:
    found = ratio(compiled, site, "plugins")
    print(f"\nsemcodec plugins, 20 plugins: {found:.2f} times an empty Python (at most 16)")
    assert found <= 16


@pytest.mark.parametrize("argument", ["--help", "plugins"])
def test_neither_imports_anything_heavy_nor_an_implementation(
    compiled: Path, site: Path, argument: str
) -> None:
    code = (
        f"import sys; from semcodec.cli import main; assert main([{argument!r}]) == 0; "
        "print('MODULES', *sys.modules)"
    )
    shown, _, modules = run(compiled, site, "-c", code).stdout.partition("MODULES")
    assert ("run-19" if argument == "--help" else "fake-19") in shown
    loaded = {name.partition(".")[0] for name in modules.split()}
    assert "pkg_19" in loaded
    assert not loaded & (HEAVY | {f"pkg_parts_{number}" for number in range(20)})
