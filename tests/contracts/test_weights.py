"""Weights: found where the URI says, trusted for their hash alone, refused with a command."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from semcodec.contracts.weights import Weights, open_weights
from semcodec.errors import WeightsError

DATA = b"eight numbers"
HASH = hashlib.sha256(DATA).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "weighty_plugin"
    (folder / "weights").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('finding weights imports nothing')")
    (folder / "weights" / "a.safetensors").write_bytes(DATA)
    (tmp_path / "outside").write_bytes(DATA)
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


def test_weights_beside_a_package(package: Path) -> None:
    found = open_weights(Weights(uri="builtin:weighty_plugin/weights/a.safetensors", sha256=HASH))
    assert found.read_bytes() == DATA


def test_a_file_and_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(DATA)
    weights = Weights(uri=f"file:{path}", sha256=HASH)
    assert open_weights(weights) == path
    path.write_bytes(DATA + b"!")
    with pytest.raises(WeightsError, match=f"expected sha256 {HASH}, the file at .* has ") as error:
        open_weights(weights)
    assert "Fetch the right file" in error.value.hint


def test_home_is_where_the_tilde_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(DATA)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert open_weights(Weights(uri="file:~/a", sha256=HASH)) == tmp_path / "a"


@pytest.mark.parametrize(
    ("uri", "words", "hint"),
    [
        ("file:/nowhere/at/all", "no such file", "name where they are"),
        ("file:.", "no such file", "name where they are"),
        ("builtin:not_there_at_all/a", "no package 'not_there_at_all'", "ask who made"),
        ("builtin:__main__/a", "no package '__main__'", "ask who made"),
        ("builtin:os.path/a", "no package 'os.path'", "ask who made"),
        ("builtin:weighty_plugin/b", "no such file in", "pip install --upgrade weighty-plugin"),
        ("builtin:weighty_plugin/weights", "no such file in", "pip install --upgrade"),
        ("builtin:weighty_plugin/linked", "no such file in", "pip install --upgrade"),
        (
            f"hf:a/b@{COMMIT}/c/d.safetensors",
            "not",
            f"hf download a/b c/d.safetensors --revision {COMMIT}",
        ),
    ],
)
def test_absent_weights_say_what_to_do(package: Path, uri: str, words: str, hint: str) -> None:
    (package / "linked").symlink_to(package.parent / "outside")
    with pytest.raises(WeightsError, match=words) as error:
        open_weights(Weights(uri=uri, sha256=HASH))
    assert uri in str(error.value)
    assert hint in error.value.hint


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://example.org/a",
        "weights.safetensors",
        "builtin:",
        "builtin:pkg/../../etc/passwd",
        "builtin:pkg/./a",
        "builtin:pkg//a",
        "builtin:/etc/passwd",
        "builtin:pkg/a\0b",
        "builtin:pkg/a; rm -rf ~",
        "file:",
        "file:a\nb",
        "file:a\0b",
        "hf:a/b/c",
        f"hf:a/b@{COMMIT[:-1]}/c",
        f"hf:a/b@{COMMIT}/../../c",
        f"hf:a/b@{COMMIT}/c && curl evil",
        f"hf:../..@{COMMIT}/c",
        "hf:a/b@main/c",
    ],
)
def test_uris_that_are_none(uri: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Weights(uri=uri, sha256=HASH)


@pytest.mark.parametrize("sha256", ["", HASH[:-1], HASH.upper(), HASH + "0", "g" * 64, HASH + "\n"])
def test_hashes_that_are_none(sha256: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Weights(uri="file:a", sha256=sha256)


class TestHub:
    """With a stand-in for the hub's own package, which need not be installed."""

    URI = f"hf:owner/repo@{COMMIT}/model.safetensors"

    def _install(self, monkeypatch: pytest.MonkeyPatch, answer: object) -> list[tuple[object, ...]]:
        asked = []
        hub = ModuleType("huggingface_hub")

        def try_to_load_from_cache(repo: str, name: str, *, revision: str) -> object:
            asked.append((repo, name, revision))
            if isinstance(answer, Exception):
                raise answer
            return answer

        hub.try_to_load_from_cache = try_to_load_from_cache  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
        return asked

    def test_cached(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "model.safetensors"
        path.write_bytes(DATA)
        asked = self._install(monkeypatch, str(path))
        assert open_weights(Weights(uri=self.URI, sha256=HASH)) == path
        assert asked == [("owner/repo", "model.safetensors", COMMIT)]

    @pytest.mark.parametrize("answer", [None, object()])
    def test_not_cached(self, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
        self._install(monkeypatch, answer)
        with pytest.raises(WeightsError, match="not in the local hub cache") as error:
            open_weights(Weights(uri=self.URI, sha256=HASH))
        assert error.value.hint == f"hf download owner/repo model.safetensors --revision {COMMIT}"

    def test_cached_once_and_removed_since(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._install(monkeypatch, "/nowhere/at/all")
        with pytest.raises(WeightsError, match="cannot be read"):
            open_weights(Weights(uri=self.URI, sha256=HASH))

    def test_refused_by_the_hub(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._install(monkeypatch, ValueError("no such repository name"))
        with pytest.raises(WeightsError, match="no such repository name"):
            open_weights(Weights(uri=self.URI, sha256=HASH))

    def test_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "huggingface_hub", None)
        with pytest.raises(WeightsError, match="huggingface_hub is not installed") as error:
            open_weights(Weights(uri=self.URI, sha256=HASH))
        assert 'pip install "semcodec[hub]" && hf download owner/repo' in error.value.hint
