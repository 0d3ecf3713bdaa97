"""Reads the pages, and runs what stands on them in a folder where they find what they name."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from semcodec.cli import main
from semcodec.discovery import catalog

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REHEARSAL = ROOT / "tests" / "rehearsals" / "plugin" / "semcodec_rehearsal"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (semcodec_acme/[\w/.-]+\.(?:py|yaml))\b.*\n")
PROJECT = re.compile(r"# semcodec-[\w/.-]+\.(?:py|yaml)\n")  # a file of a package, no code to run
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text and the line of the page where the text starts."""

    language: str
    text: str
    line: int
    page: Path

    @property
    def name(self) -> str:
        return f"{self.page.name}:{self.line}"


def read(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1, page)
        for found in FENCE.finditer(text)
    ]


def alike(shown: str, got: str) -> bool:
    """Equal but for spaces, and for numbers that a machine's floats may move by a little."""
    one, other = " ".join(shown.split()), " ".join(got.split())
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(float(a) == pytest.approx(float(b), rel=0.05, abs=1) for a, b in pairs)


def installed(folder: Path, name: str, version: str, entry: str) -> None:
    """Write the metadata that pip would leave beside a package."""
    info = folder / f"semcodec_{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: semcodec-{name}\nVersion: {version}\n"
    )
    (info / "entry_points.txt").write_text(f"[semcodec]\n{entry}\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed plugins: the rehearsals, and what a test adds before first use."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "semcodec_rehearsal").symlink_to(REHEARSAL)
    installed(folder, "rehearsal", "0.1.0", "rehearsal = semcodec_rehearsal")
    monkeypatch.syspath_prepend(str(folder))
    search = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(search))
    catalog.cache_clear()
    yield folder
    catalog.cache_clear()


class Runner:
    """Runs the blocks of one page in order, in one namespace and one folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str], space: dict[str, Any]) -> None:
        self.capsys = capsys
        self.space = space
        self.printed = ""

    def run_all(self, blocks: list[Block]) -> None:
        for block in blocks:
            self.run(block)

    def run(self, block: Block) -> None:
        step: Callable[[Block], None] | None = getattr(self, f"run_{block.language}", None)
        if step is None or PROJECT.match(block.text):
            return
        step(block)
        if block.language != "text":
            out, err = self.capsys.readouterr()
            self.printed = out + err

    def run_python(self, block: Block) -> None:
        padded = "\n" * (block.line - 1) + block.text  # tracebacks show the page's own lines
        exec(compile(padded, str(block.page), "exec"), self.space)

    def run_yaml(self, block: Block) -> None:
        if block.text.startswith("# compare.yaml\n"):
            Path("compare.yaml").write_text(block.text)
        if not block.text.startswith("semcodec: 1\n"):
            return
        name = re.search(r"^name: (\S+)$", block.text, re.MULTILINE)
        assert name is not None, f"{block.name}: a spec on a page has a name"
        path = Path(f"{name[1]}.yaml")
        path.write_text(block.text)
        code = main(["validate", str(path)])
        out, err = self.capsys.readouterr()
        refused = re.findall(r"^# refused: (.+)$", block.text, re.MULTILINE)
        assert code == bool(refused), f"{block.name}: {out}{err}"
        for message in refused:
            assert message in err, f"{block.name}: {err}"

    def run_sh(self, block: Block) -> None:
        for number, line in enumerate(block.text.splitlines(), block.line):
            if not line.startswith("semcodec "):
                continue
            words, _, file = line.partition(" > ")
            wanted = re.search(r"# exits with (\d+)$", line)
            code = main(shlex.split(words, comments=True)[1:])
            if file:
                Path(file).write_text(self.capsys.readouterr().out)
            if code != (int(wanted[1]) if wanted else 0):
                pytest.fail(f"{block.page.name}:{number}: exit {code}\n{self.capsys.readouterr()}")

    def run_text(self, block: Block) -> None:
        if not alike(block.text, self.printed):
            pytest.fail(f"{block.name}: got\n{self.printed}")


@pytest.fixture
def runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runner:
    pictures = tmp_path / "docs" / "pictures"
    pictures.mkdir(parents=True)
    (pictures / "chelsea.png").symlink_to(DOCS / "pictures" / "chelsea.png")
    monkeypatch.chdir(tmp_path)
    page = ModuleType("page")  # data classes look their module up
    monkeypatch.setitem(sys.modules, "page", page)
    return Runner(capsys, vars(page))


@pytest.fixture
def read_page() -> Callable[[Path], list[Block]]:
    return read


@pytest.fixture
def blocks() -> Callable[[str], list[Block]]:
    return lambda name: read(DOCS / f"{name}.md")


@pytest.fixture
def acme(site: Path, blocks: Callable[[str], list[Block]]) -> Path:
    """The package of components.md, installed from the files that the page shows."""
    for block in blocks("components"):
        found = FILE.match(block.text)
        if found:
            path = site / found[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text[found.end() :])
    (toml,) = [b.text for b in blocks("components") if b.language == "toml"]
    entry = re.search(r"\[project\.entry-points\.semcodec\]\n(.+)\n", toml)
    assert entry is not None
    installed(site, "acme", "0.1.0", entry[1].replace('"', ""))
    return site
