"""Fake installed distributions: real metadata in a folder on ``sys.path``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcodec.discovery import Catalog


class Site:
    """A folder that distributions are installed into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, distribution: str, plugins: dict[str, str], **files: str) -> None:
        """Install a distribution.

        Args:
            distribution: its name; its version is 0.1.
            plugins: entry-point name to value.
            files: name of a module to its source.
        """
        info = self.folder / f"{distribution.replace('-', '_')}-0.1.dist-info"
        info.mkdir()
        lines = [f"{name} = {value}" for name, value in plugins.items()]
        (info / "entry_points.txt").write_text("\n".join(["[semcodec]", *lines]))
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1\nLicense: MIT\n"
        )
        for module, source in files.items():
            self.write(f"{module}.py", source)

    def write(self, path: str, text: str) -> None:
        """Write a file, its folders included."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def catalog(self) -> Catalog:
        """Give a fresh catalog of the core and this folder."""
        return Catalog(path=[str(self.folder)])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Site(tmp_path)
    inside = [
        name
        for name, module in sys.modules.items()
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path))
    ]
    for name in inside:
        del sys.modules[name]


@pytest.fixture
def good(site: Site) -> Site:
    """The site with one faultless plugin, ``good``, beside which others may fail."""
    site.add(
        "semcodec-good",
        {"good": "pkg_good"},
        pkg_good="""
            from semcodec import command, hookimpl, pipeline, ref

            @hookimpl
            def semcodec_components():
                return [ref("good.halve", "pkg_good_parts:Halve")]

            @hookimpl
            def semcodec_metrics():
                return [ref("good.zero", "pkg_good_parts:Zero")]

            @hookimpl
            def semcodec_commands():
                return [command("good", "pkg_good_parts:run", "Do good.")]
        """,
        pkg_good_parts="""
            from semcodec import Metric, Quantizer, component

            @component(format=3, changed={1: {"step": 4.0}})
            class Halve(Quantizer):
                step: float = 2.0

                def quantize(self, x, guides, ctx):
                    return (x / self.step).astype("int32")

                def dequantize(self, q, guides, ctx):
                    return q * self.step

            @component
            class Zero(Metric):
                def compute(self, reference, decoded):
                    return 0.0
        """,
    )
    return site
