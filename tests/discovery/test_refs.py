from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec import command, pipeline, ref
from semcodec.discovery.refs import is_id, is_name
from semcodec.errors import PluginBroken

WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=5)
NAME = st.lists(WORD, min_size=1, max_size=3).map("-".join)


@given(NAME, NAME)
def test_names_in_lower_case_kebab_are_accepted(prefix: str, name: str) -> None:
    assert is_name(name)
    assert ref(name, "a.b:C").id == name
    assert ref(f"{prefix}.{name}", "a.b:C").id == f"{prefix}.{name}"
    assert not is_name(f"{prefix}.{name}")


@given(st.text(max_size=8))
def test_what_is_accepted_is_ascii_without_surprises(text: str) -> None:
    if is_id(text):
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert not {"", "-"} & set(text.replace(".", "-").split("-"))


@pytest.mark.parametrize(
    "id_",
    ["", "Acme.x", "acme.", ".x", "a.b.c", "a_b", "a--b", "-a", "a-", "a b", "a\n", "ä", "x@1", 3],
)
def test_malformed_ids_are_refused(id_: str) -> None:
    assert not is_id(id_)
    with pytest.raises(PluginBroken, match="expected an id"):
        ref(id_, "a.b:C")


@pytest.mark.parametrize(
    "target", ["", "a", "a.b", "a:", ":C", "a-b:C", "a.b:C.d", "a:C\n", "a b:C"]
)
def test_malformed_targets_are_refused(target: str) -> None:
    with pytest.raises(PluginBroken, match="expected a target"):
        ref("x", target)
    with pytest.raises(PluginBroken, match="expected a target"):
        command("x", target, "Help.")


@pytest.mark.parametrize(
    "path", ["", "a", "a.yml", "/a.yaml", "../a.yaml", "b/../a.yaml", "b\\a.yaml", "a.yaml\n"]
)
def test_a_pipeline_stays_inside_its_package(path: str) -> None:
    with pytest.raises(PluginBroken, match="inside the package"):
        pipeline("x", "pkg", path)


def test_a_pipeline_has_a_bare_name_and_a_package() -> None:
    with pytest.raises(PluginBroken, match="pipeline name"):
        pipeline("acme.x", "pkg", "x.yaml")
    with pytest.raises(PluginBroken, match="importable package"):
        pipeline("x", "pkg/..", "x.yaml")


def test_a_lock_lies_beside_its_pipeline() -> None:
    assert pipeline("x", "pkg", "pipelines/x.yaml").lock_path == "pipelines/x.lock.json"


@pytest.mark.parametrize("text", ["", "two\nlines", None])
def test_a_command_has_one_line_of_help(text: str) -> None:
    with pytest.raises(PluginBroken, match="one line of help"):
        command("x", "a:b", text)
