"""The tutorial's package is made as the page says, and conforms."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FILE = re.compile(r"# (semcodec-outline/\S+)\n")


def of_class(name: str, notebook: list[str]) -> str:
    """What the page tells to put into a module: imports and a class, nothing registered."""
    named = re.compile(r"^(?:import|from) .+$", re.MULTILINE)
    imports = [line for text in notebook for line in named.findall(text)]
    [found] = [text for text in notebook if f"class {name}(" in text]
    body = found[found.index("@component") : found.index("semcodec.register")]
    return "\n".join((*dict.fromkeys(imports), "", "", body))


def test_the_package_of_the_tutorial_conforms(
    shell: Callable[..., str], blocks: Callable[[str], list[Any]]
) -> None:
    page = blocks("tutorial")
    work: Path = shell.folder  # type: ignore[attr-defined]
    [new] = [block.text for block in page if block.language == "sh"]
    shell(*new.split())
    package = work / "semcodec-outline" / "semcodec_outline"
    for old in (package / "pipelines").iterdir():
        old.unlink()
    notebook = [block.text for block in page if block.language == "python"]
    for module, name in (("saliency", "Edges"), ("decoder", "Smooth")):
        (package / f"{module}.py").write_text(of_class(name, notebook[:4]))
    files = [(FILE.match(block.text), block.text) for block in page]
    written = [(work / found[1], text[found.end() :]) for found, text in files if found]
    assert len(written) == 5
    for path, text in written:
        path.write_text(text)
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    typed = re.findall(r"^    ((?:pip|semcodec) .+)$", text, re.MULTILINE)
    assert [line.split()[0] for line in typed] == ["pip", "semcodec", "semcodec"]
    install = typed[0].replace('"', "").split()
    shell(*install, "--no-build-isolation", "-q")
    shell(*typed[1].split())
    assert shell(*typed[2].split()).endswith("It conforms.\n")
