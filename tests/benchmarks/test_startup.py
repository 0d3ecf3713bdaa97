"""Starting up: whole processes, against an empty Python measured in the same run."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import semcodec

ROOT = Path(semcodec.__file__).parents[1]
ROUNDS = 9
# Idle threads of linear algebra spin, which would count as processor time of the work.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
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


@pytest.fixture(scope="module")
def coded(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    """The arguments that code and decode a small picture; the machine code is there already."""
    folder = tmp_path_factory.mktemp("coded")
    picture, file, decoded = (str(folder / name) for name in ("a.png", "a.smc", "b.png"))
    rows, columns = np.mgrid[:64, :64]
    semcodec.write_image((2 * rows + columns).astype(np.uint8)[:, :, None], picture)
    arguments = {
        "encode": ("encode", picture, "-p", "flat-dct", "-o", file),
        "decode": ("decode", file, "-o", decoded),
    }
    for each in arguments.values():
        run(compiled, None, "-c", SCRIPT, *each)
    return arguments


@pytest.mark.benchmark
@pytest.mark.parametrize("command", ["encode", "decode"])
def test_a_second_process_takes_at_most_46_times_an_empty_python(
    compiled: Path, coded: dict[str, tuple[str, ...]], command: str
) -> None:
    """0.6 s where, with nothing else running, an empty Python takes 0.013 s and numba 0.38 s.

    Of processor time, of which other processes take none, and the least of several, for they slow
    it down. Ratios to two peers: one that starts and one that imports.
    """
    resource = pytest.importorskip("resource", reason="processor time of children")
    lines = {
        "empty": ("-c", "pass"),
        "numba": ("-c", "import numba"),
        "whole": ("-c", SCRIPT, *coded[command]),
    }

    def now() -> tuple[float, float]:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime, time.perf_counter()

    work: dict[str, float] = dict.fromkeys(lines, math.inf)
    wall: dict[str, float] = dict.fromkeys(lines, math.inf)
    for _ in range(ROUNDS):
        for name, arguments in lines.items():
            start = now()
            run(compiled, None, *arguments)
            worked, passed = (after - before for after, before in zip(now(), start, strict=True))
            work[name], wall[name] = min(work[name], worked), min(wall[name], passed)
    empty, numba = (work["whole"] / work[name] for name in ("empty", "numba"))
    print(
        f"\nsemcodec {command}, second process: {empty:.1f} times an empty Python (at most 46), "
        f"{numba:.2f} times import numba (at most 1.6); {work['whole']:.3f} s of processor time, "
        f"{wall['whole']:.3f} s by the clock (beside {wall['empty']:.3f} s and "
        f"{wall['numba']:.3f} s)"
    )
    assert empty <= 46
    assert numba <= 1.6


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
