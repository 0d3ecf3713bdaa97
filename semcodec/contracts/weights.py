"""Weights: named by URI, identified by hash, never trusted and never fetched by a decoder.

    builtin:semcodec_saic/weights/hyper.safetensors     beside a package's modules
    file:/data/hyper.safetensors                        a file of the user's
    hf:owner/repo@<40-digit commit>/model.safetensors   a hub file, from the local hub cache only

The URI says where to look and is no part of a codec's identity; the SHA-256 is.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from semcodec.errors import RegisterError, WeightsError

__all__ = ["Weights", "open_weights"]

_SEGMENT = r"(?!\.\.?(?:/|$))[\w.+-]+"
_INSIDE = re.compile(rf"{_SEGMENT}(/{_SEGMENT})*", re.ASCII)
_HUB = re.compile(
    rf"(?P<repo>\w[\w.-]*/\w[\w.-]*)@(?P<revision>[0-9a-f]{{40}})/(?P<file>{_INSIDE.pattern})",
    re.ASCII,
)
# What follows a scheme reaches paths and the commands that hints print, so nothing else gets in.
_REST = {
    "builtin": (_INSIDE, "builtin:PACKAGE/FILE, plain names joined by slashes"),
    "file": (re.compile(r"[^\x00-\x1f\x7f]+"), "file:PATH without control characters"),
    "hf": (_HUB, "hf:owner/repo@<40-digit commit>/file"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Where weights are and what they must be.

    Attributes:
        uri: one of the forms above.
        sha256: 64 hexadecimal digits.
    """

    uri: str
    sha256: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"expected a sha256 of 64 hexadecimal digits, got {self.sha256!r}")
        scheme, _, rest = self.uri.partition(":")
        if scheme not in _REST:
            raise ValueError(f"expected a URI that starts builtin:, file: or hf:, got {self.uri!r}")
        form, words = _REST[scheme]
        if not form.fullmatch(rest):
            raise ValueError(f"expected {words}, got {self.uri!r}")


def open_weights(weights: Weights) -> Path:
    """Find a weights file and verify its hash; reads the file once a process.

    Raises:
        WeightsError: absent, or another hash than promised.
    """
    scheme, _, rest = weights.uri.partition(":")
    finder = {"builtin": _find_builtin, "file": _find_file, "hf": _find_hub}[scheme]
    path = finder(rest, weights.uri)
    try:
        stamp = path.stat()
        found = _sha256(path, stamp.st_size, stamp.st_mtime_ns)
    except OSError as error:
        raise WeightsError(
            f"{weights.uri}: {path} cannot be read: {error.strerror or error}",
            hint="Make the file readable, or name where else the weights are.",
        ) from None
    if found != weights.sha256:
        raise WeightsError(
            f"{weights.uri}: expected sha256 {weights.sha256}, the file at {path} has {found}",
            hint="Fetch the right file again, or name these weights in the spec by their own hash.",
        )
    return path


@lru_cache(maxsize=64)
def _sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return (
            hashlib.file_digest(file, "sha256").hexdigest()
            if hasattr(hashlib, "file_digest")
            else _read_digest(file)
        )


def _read_digest(file: object) -> str:
    hasher = hashlib.sha256()
    while chunk := file.read(1 << 20):  # type: ignore[attr-defined]
        hasher.update(chunk)
    return hasher.hexdigest()


def _find_builtin(rest: str, uri: str) -> Path:
    package, _, inside = rest.partition("/")
    try:
        spec = importlib.util.find_spec(package) if package.isidentifier() else None
    except ValueError:  # __main__ has no spec
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"{uri}: no package {package!r} is installed",
            hint=_provider(package.replace("_", "-")),
        )
    root = Path(spec.submodule_search_locations[0]).resolve()
    path = (root / inside).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise WeightsError(
            f"{uri}: no such file in package {package!r}",
            hint=f"pip install --upgrade {package.replace('_', '-')}",
        )
    return path


def _provider(distribution: str) -> str:
    """Say how to install a distribution, if the register knows it: the name comes from a file."""
    from semcodec.registry import load_register

    try:
        owner = load_register().distribution(distribution)
    except RegisterError:
        owner = None
    if owner is None:
        return "The register knows no distribution of that name; ask who made the codec."
    if owner.status == "planned":
        return f"It will come with {owner.distribution}, which is not out yet."
    return owner.install


def _find_file(rest: str, uri: str) -> Path:
    path = Path(rest)
    with contextlib.suppress(RuntimeError):  # no home folder, so the path stays as it is
        path = path.expanduser()
    if not path.is_file():
        raise WeightsError(
            f"{uri}: no such file", hint="Put the weights there, or name where they are."
        )
    return path


def _find_hub(rest: str, uri: str) -> Path:
    match = _HUB.fullmatch(rest)
    assert match is not None
    repo, revision, name = match["repo"], match["revision"], match["file"]
    command = f"hf download {repo} {name} --revision {revision}"
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        raise WeightsError(
            f"{uri}: huggingface_hub is not installed",
            hint=f'pip install "semcodec[hub]" && {command}',
        ) from None
    try:
        path = try_to_load_from_cache(repo, name, revision=revision)
    except ValueError as error:
        raise WeightsError(f"{uri}: {error}", hint="Check the owner and the repository.") from None
    if not isinstance(path, str):
        raise WeightsError(f"{uri}: not in the local hub cache", hint=command)
    return Path(path)
