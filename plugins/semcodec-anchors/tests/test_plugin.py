"""What the plugin says of itself."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.resources import files

import pytest
import semcodec_anchors
import yaml

from semcodec.contracts.kinds import Transform
from semcodec.contracts.params import parameters


def test_every_reference_is_a_component():
    found = {}
    for reference in semcodec_anchors.semcodec_components():
        module, _, name = reference.target.partition(":")
        found[reference.id] = getattr(importlib.import_module(module), name)
    assert sorted(found) == ["anchors.avif", "anchors.jpeg", "anchors.webp"]
    assert all(issubclass(cls, Transform) and cls.invertible() for cls in found.values())


@pytest.mark.parametrize("entry", semcodec_anchors.semcodec_pipelines(), ids=lambda e: e.name)
def test_every_pipeline_names_a_component_and_its_own_parameters(entry):
    spec = yaml.safe_load(files(entry.package).joinpath(entry.path).read_text("utf-8"))
    assert (spec["semcodec"], spec["name"]) == (1, entry.name)
    targets = {r.id: r.target for r in semcodec_anchors.semcodec_components()}
    module, _, name = targets[spec["transform"].pop("use")].partition(":")
    cls = getattr(importlib.import_module(module), name)
    known = {p.name: p for p in parameters(cls)}
    assert spec["transform"].keys() <= known.keys()
    for setting in spec["encode"].values():
        assert setting["path"].removeprefix("transform.") in known
        assert setting["levels"] == setting["max"] - setting["min"] + 1
        ends = list(known["quality"].annotation.__metadata__)
        assert (ends[0].ge, ends[1].le) == (setting["min"], setting["max"])


def test_listing_imports_neither_numpy_nor_pillow():
    code = (
        "import sys, semcodec_anchors as a; a.semcodec_components(); a.semcodec_pipelines();"
        "print(*sorted({m.partition('.')[0] for m in sys.modules} & {'numpy', 'PIL', 'yaml'}))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []
