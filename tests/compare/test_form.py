from __future__ import annotations

import pytest

from semcodec.compare.form import plan_of, read_plan
from semcodec.compare.matrix import MAX_CELLS
from semcodec.compare.model import file_name
from semcodec.errors import SpecError


def names(**given):
    return [e.name for e in plan_of({"compare": 1, "data": "x", **given}).entries]


def refused(**given):
    with pytest.raises(SpecError) as caught:
        plan_of({"compare": 1, "data": "x", **given})
    return str(caught.value)


def test_a_matrix_keeps_the_bases_own_of_every_address():
    found = names(base="flat-dct", swap={"coder": ["rans", "zstd"]}, set={"quantizer.rdo": [0.2]})
    assert found == [
        "flat-dct",
        "flat-dct+quantizer.rdo=0.2",
        "flat-dct+coder=rans",
        "flat-dct+coder=rans,quantizer.rdo=0.2",
        "flat-dct+coder=zstd",
        "flat-dct+coder=zstd,quantizer.rdo=0.2",
    ]


def test_exclusions_are_patterns_of_names_or_what_was_changed():
    swap = {"coder": ["rans", {"use": "zstd", "level": 3}]}
    given = {"base": "flat-dct", "swap": swap, "set": {"quantizer.rdo": [0.2]}}
    left = names(**given, exclude=["*zstd*", {"coder": "rans", "quantizer.rdo": 0.2}])
    assert left == ["flat-dct", "flat-dct+quantizer.rdo=0.2", "flat-dct+coder=rans"]
    assert names(**given, exclude=[{"coder": "zstd"}]) == names(**given, exclude=["*zstd*"])


def test_an_exclusion_that_meets_nothing_is_refused():
    assert "exclude.0: meets no codec" in refused(codecs=["jpeg"], exclude=["jepg"])


def test_all_problems_are_reported_at_once_with_lines(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(
        "compare: 1\ncodcs: [jpeg]\nrates:\n  target_bp: [1]\n  target_bytes: [0, x]\n"
        "metrics: psnr\nseeds: [1, 1]\nworkers: 0\n"
    )
    with pytest.raises(SpecError) as caught:
        read_plan(file)
    said = str(caught.value)
    for each in (
        "line 2: codcs: unknown key 'codcs' (did you mean 'codecs'?)",
        "line 4: rates.target_bp: unknown key 'target_bp' (did you mean 'target_bpp'?)",
        "line 5: rates.target_bytes.0: expected a number above 0, got 0",
        "line 5: rates.target_bytes.1: expected a number above 0, got 'x'",
        "line 6: metrics: expected a list, got text",
        "line 7: seeds.1: expected different whole numbers",
        "line 8: workers: expected a whole number from 1",
        "data: expected a folder",
    ):
        assert each in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "expected at least one codec"),
        ({"codecs": ["a", "A"]}, "two codecs are called 'A'"),
        ({"codecs": [{"use": "a", "label": "../b"}]}, "expected a name fit for a folder"),
        ({"codecs": [{"use": "a", "swp": {}}]}, "did you mean 'swap'?"),
        ({"codecs": [3]}, "expected a name, a path, a spec"),
        ({"swap": {"coder": ["rans"]}}, "needs a 'base'"),
        ({"base": "a", "swap": {"coder": "rans"}}, "expected a list of what to put there"),
        ({"base": "a", "set": {str(i): list(range(9)) for i in range(9)}}, f"at most {MAX_CELLS}"),
        ({"codecs": ["a"], "rates": {"target_bpp": [1, 1.0]}}, "rate 1bpp stands twice"),
        ({"codecs": ["a"], "rates": {"scope": "all"}}, "expected image or dataset"),
        ({"codecs": ["a"], "metrics": ["psnr", "psnr"]}, "give one a 'label'"),
        ({"codecs": ["a"], "masks": "nowhere"}, "there is no folder"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said):
    assert said in refused(**given)


def test_what_is_written_into_the_folder_says_the_same(tmp_path):
    plan = plan_of(
        {
            "compare": 1,
            "base": "flat-dct",
            "swap": {"coder": ["rans"]},
            "codecs": [{"use": "jpeg", "rates": {"settings": [{"quality": 40}]}}],
            "rates": {"target_bpp": [0.5, 1], "scope": "dataset"},
            "metrics": ["psnr", {"use": "psnr", "label": "again"}],
            "data": str(tmp_path),
            "seeds": [3],
        }
    )
    again = plan_of(plan.resolved)
    assert again.resolved == plan.resolved
    assert [(e.name, e.set, e.swap, e.rates) for e in again.entries] == [
        (e.name, e.set, e.swap, e.rates) for e in plan.entries
    ]


def test_relative_paths_start_at_the_file(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "c.yaml"
    file.write_text("compare: 1\ncodecs: [mine.yaml]\ndata: photos\n")
    monkeypatch.chdir(tmp_path)
    plan = read_plan(file)
    assert plan.data["path"] == str(tmp_path / "deep" / "photos")
    assert plan.entries[0].spec == str(tmp_path / "deep" / "mine.yaml")


@pytest.mark.parametrize("name", ["", "..", "/", "a/../b", ".hidden", "\0", "a\nb", "é"])
def test_file_names_stay_in_their_folder(name):
    made = file_name(name)
    assert made
    assert not made.startswith(".")
    assert not set(made) & set("/\\\0\n")
