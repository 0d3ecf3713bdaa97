"""The commands of the register."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from semcodec.cli.main import main
from semcodec.cli.output import WIDTH
from semcodec.registry import load_register, register_file


def call(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(["registry", *args])
    out, err = capsys.readouterr()
    shorter = out
    for path in (*args, str(register_file())):  # which are as long as they are
        shorter = shorter.replace(path, "FILE") if os.sep in path else shorter
    assert all(len(line) <= WIDTH for line in shorter.splitlines())
    return code, out, err


def test_bare_it_lists_prefixes_and_pipelines(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys)
    assert code == 0
    register = load_register()
    for name in [c.name for c in register.codecs] + [p.prefix for p in register.providers]:
        assert f" {name} " in out
    listed = json.loads(call(capsys, "--json")[1])["found"]
    assert {each["kind"] for each in listed} == {"prefix", "pipeline"}
    assert len(listed) >= len(register.codecs) + len(register.providers)


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "search", "DCT")
    assert code == 0
    assert "dct-context" in out
    found = json.loads(call(capsys, "search", "flat-dct", "--json")[1])["found"]
    assert [each["name"] for each in found if each["name"] == "flat-dct"] == ["flat-dct"]
    assert found[0]["code"] == 2


def test_a_word_that_nothing_has_is_the_answer_no(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "search", "zzzz")
    assert (code, out) == (1, "")
    assert "'zzzz'" in err
    code, out, _ = call(capsys, "search", "zzzz", "--json")
    assert (code, json.loads(out)) == (1, {"found": []})


@pytest.mark.usefixtures("bare")
def test_search_gives_the_command_of_what_is_not_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = call(capsys, "search", "webp")
    assert "Not installed here:\n  pip install semcodec-anchors\n" in out
    _, out, _ = call(capsys, "search", "diffusion")
    assert "planned" in out
    assert "pip" not in out


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalog of the core alone."""
    from semcodec import discovery

    alone = discovery.Catalog(path=[])
    monkeypatch.setattr(discovery, "catalog", lambda: alone)


@pytest.mark.parametrize("name", ["2", "flat-dct"])
def test_show_a_codec(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = call(capsys, "show", name)
    entry = load_register().code(2)
    assert entry is not None
    assert code == 0
    for text in ("flat-dct", entry.digest, "step (61 levels)", "pip install semcodec"):
        assert text in out
    (facts,) = json.loads(call(capsys, "show", name, "--json")[1])["entries"]
    assert facts["wire"] == {"step": 61}


def test_show_a_prefix(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "show", "anchors")
    assert "jpeg, webp, avif" in out
    _, out, _ = call(capsys, "show", "diffusion")
    assert "pip" not in out


def test_show_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "show", "flat-dtc")
    assert code == 1
    assert "Did you mean flat-dct?" in err
    assert call(capsys, "show", "99")[0] == 1


def test_verify_the_shipped_register(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "verify")
    assert code == 0
    assert out.endswith("Everything is in order.\n")
    report = json.loads(call(capsys, "verify", "--json")[1])
    assert report["broken"] == 0
    assert "2 flat-dct" in [check["subject"] for check in report["checks"]]


@pytest.fixture
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register with another number of levels for code 2, and without code 18 and later.

    Its path is short: lines are filled to the width, and a path stays in one piece.
    """
    text = register_file().read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("r") / "registry.yaml"
    at = text.index("  - code: 18\n")
    path.write_text(text[:at].replace("step: 61", "step: 60"), encoding="utf-8")
    return path


def test_verify_compares_with_what_is_installed(
    capsys: pytest.CaptureFixture[str], edited: Path
) -> None:
    code, out, _ = call(capsys, "verify", str(edited))
    assert code == 1
    assert "expected wire {'step': 60}, got {'step': 61}" in out


def test_verify_against_a_file(capsys: pytest.CaptureFixture[str], edited: Path) -> None:
    code, out, _ = call(capsys, "verify", str(edited), "--against", str(register_file()))
    assert code == 1
    assert "code 18 (avif): expected to stay, got removed" in " ".join(out.split())
    code, out, _ = call(capsys, "verify", "--against", str(register_file()))
    assert code == 0
    assert "nothing but additions" in out


def test_verify_against_a_commit(capsys: pytest.CaptureFixture[str], edited: Path) -> None:
    text = edited.read_text(encoding="utf-8")
    edited.write_text(register_file().read_text(encoding="utf-8"), encoding="utf-8")
    git = ["git", "-C", str(edited.parent), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    assert call(capsys, "verify", str(edited), "--against-git", "HEAD")[0] == 0
    edited.write_text(text, encoding="utf-8")
    code, out, _ = call(capsys, "verify", str(edited), "--against-git", "HEAD")
    assert code == 1
    assert "against registry.yaml in HEAD: code 18" in " ".join(out.split())


def test_verify_without_history_says_so(capsys: pytest.CaptureFixture[str], edited: Path) -> None:
    code, _, err = call(capsys, "verify", str(edited), "--against-git", "HEAD")
    assert code == 1
    assert "not a git repository" in err
    assert "--against FILE" in err


def test_verify_a_damaged_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("register: 1\nproviders: []\ncodecs: [{code: 0}]\n")
    code, _, err = call(capsys, "verify", str(path))
    assert code == 1
    assert "codecs.0.code: expected a wire code" in err
    assert call(capsys, "verify", str(tmp_path / "absent.yaml"))[0] == 1


@pytest.mark.parametrize("arguments", [("verify", "--against", "a", "--against-git", "b"),
                                       ("--json", "search", "x"), ("serach", "x")])  # fmt: skip
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert call(capsys, *arguments)[0] == 2


@pytest.mark.parametrize("name", ["search", "show", "verify"])
def test_every_subcommand_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"semcodec registry {name}" in call(capsys, name, "--help")[1]
