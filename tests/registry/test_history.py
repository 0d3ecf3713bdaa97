"""The register of this project only grew: against the last commit, and version by version."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from semcodec.errors import RegisterError
from semcodec.registry import additions_problems, parse_register
from semcodec.registry.history import committed_text, revisions
from semcodec.registry.shipped import NAME

BROKEN = {
    # Before anything was released, code 1 changed its name when a better codec took the old one;
    # its digest stayed, and so its files decode.
    "code 1 (flat-dct): expected name to stay 'flat-dct', got 'plain-dct'",
}
"""Where the law was broken. Nothing may be added to it."""


@pytest.fixture
def committed() -> Path:
    path = Path(__file__).resolve().parents[2] / NAME
    try:
        committed_text(path)
    except RegisterError as error:
        pytest.skip(f"no history to compare with: {error.args[0]}")
    return path


def test_the_working_register_adds_to_the_last_commit(committed: Path) -> None:
    new = parse_register(committed.read_text(encoding="utf-8"))
    assert additions_problems(parse_register(committed_text(committed)), new) == []


def test_every_version_adds_to_the_one_before(committed: Path) -> None:
    texts = [committed_text(committed, revision) for revision in revisions(committed)]
    texts.append(committed.read_text(encoding="utf-8"))
    # The very first commit held comments alone; no later version may be unreadable.
    if not yaml.safe_load(texts[0]):
        del texts[0]
    versions = [parse_register(text) for text in texts]
    problems = [
        problem for old, new in pairwise(versions) for problem in additions_problems(old, new)
    ]
    assert set(problems) <= BROKEN


@pytest.fixture
def history(tmp_path: Path, text: str) -> Path:
    """A repository of its own with two commits of a register and an edit that is in neither."""
    path = tmp_path / "some" / "registry.yaml"
    path.parent.mkdir()
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    for version in (text, text.replace("status: draft", "status: permanent")):
        path.write_text(version, encoding="utf-8")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "a version"], check=True)
    path.write_text(text.replace("beta: 16", "beta: 32"), encoding="utf-8")
    return path


def test_earlier_versions_are_read_as_they_were(history: Path, text: str) -> None:
    assert committed_text(history, "HEAD~1") == text
    assert "status: draft" not in committed_text(history)
    first, second = revisions(history)
    assert committed_text(history, first) == text
    assert committed_text(history, second) == committed_text(history)


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~7", "--output=x", "", "HEAD:../x"])
def test_a_revision_that_is_none_is_answered(history: Path, revision: str) -> None:
    with pytest.raises(RegisterError, match=r"expected (an earlier version|a commit)"):
        committed_text(history, revision)


def test_without_history_the_answer_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError, match="not a git repository") as caught:
        committed_text(path)
    assert "--against FILE" in caught.value.hint


def test_a_file_that_was_never_committed_is_answered(history: Path, text: str) -> None:
    other = history.with_name("other.yaml")
    other.write_text(text, encoding="utf-8")
    with pytest.raises(RegisterError, match=r"other\.yaml"):
        committed_text(other)
    assert revisions(other) == []


def test_without_git_the_answer_says_so(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(history.parent))
    with pytest.raises(RegisterError, match="expected git") as caught:
        committed_text(history)
    assert "--against FILE" in caught.value.hint


def test_a_hook_s_own_repository_is_not_mistaken_for_the_file_s(
    history: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(history.parent / "nowhere"))
    assert committed_text(history, "HEAD~1") == text
