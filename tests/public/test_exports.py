"""The public surface: it may grow on purpose and never shrinks by accident."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import semcodec

ROOT = Path(__file__).resolve().parents[2]

PUBLIC = [
    "AdaptivePass",
    "Blob",
    "Codec",
    "Context",
    "Dataset",
    "DecodeSession",
    "Decoder",
    "EncodeOnly",
    "EncodeSession",
    "EntropyCoder",
    "EntropyModel",
    "Ge",
    "Gt",
    "Image",
    "Interval",
    "Latent",
    "Le",
    "Len",
    "Lt",
    "Map",
    "Metric",
    "Parameter",
    "Port",
    "Quantizer",
    "Region",
    "SaliencySource",
    "Sample",
    "SemcodecError",
    "SetMetric",
    "Symbols",
    "TablePass",
    "Tables",
    "Text",
    "Trace",
    "Transform",
    "Weights",
    "__version__",
    "command",
    "component",
    "decode",
    "errors",
    "hookimpl",
    "inspect",
    "load",
    "pipeline",
    "read_image",
    "ref",
    "register",
    "write_image",
]


def test_the_public_names_are_these() -> None:
    assert semcodec.__all__ == PUBLIC
    assert dir(semcodec) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(semcodec, name) is not None


def test_editors_see_what_python_finds() -> None:
    """The imports under TYPE_CHECKING name the same modules as the lazy table."""
    tree = ast.parse(Path(semcodec.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            if alias.name == "errors":
                assert semcodec.errors is importlib.import_module("semcodec.errors")
            else:
                assert semcodec._HOME[alias.name] == str(node.module).removeprefix("semcodec.")
    listed = {alias.name for node in block.body for alias in node.names}  # type: ignore[attr-defined]
    assert listed == set(PUBLIC) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = semcodec.nonsense


def test_the_version_is_that_of_the_distribution() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    match = re.search(r'^version = "(.+)"$', text, re.MULTILINE)
    assert match is not None
    assert semcodec.__version__ == match[1]


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import semcodec; "
        "print(*(m for m in set(sys.modules) - before if not m.startswith('_')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {m for m in loaded if m.startswith("semcodec.")}
    assert not {"numpy", "click", "pluggy", "dataclasses", "typing"} & set(loaded)
