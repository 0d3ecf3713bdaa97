"""Weights in the hub's layout: tensors named by hash, the files that describe them beside.

A :class:`~semcodec.Weights` names the tensors, ``hf:owner/repo@<commit>/model.safetensors`` in the
hub's local cache or ``file:FOLDER/model.safetensors`` as ``save_pretrained`` writes it. What else
the loader reads (configuration, preprocessing, tokenizer) lies in the same folder; in the cache the
commit pins it too. Nothing is downloaded.
"""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

from semcodec import Weights
from semcodec.contracts.weights import open_weights
from semcodec.errors import WeightsError

__all__ = ["cached_weights", "missing_weights", "open_snapshot"]

_TEXTS_AND_TENSORS = "*.[jst]*"
"""Matches .json, .safetensors and .txt, and no pickle. One pattern, because the versions of hf
disagree on how several are given, and a name that a repository lacks is an error."""
_HUB = re.compile(r"hf:(?P<repo>[^@]+)@(?P<revision>[0-9a-f]{40})/(?P<file>.+)", re.ASCII)


def cached_weights(uri: str) -> Weights | None:
    """Name what the hub's local cache has under a pinned URI whose hash nobody has promised.

    The cache names large files by their SHA-256, as the hub stated it at the download; opening the
    result compares. Where the cache does without links the hash is that of the file as it is.

    Returns:
        None if the file is not there.
    """
    found = _in_cache(uri, "")
    if found is None:
        return None
    name = found.resolve().name
    if re.fullmatch(r"[0-9a-f]{64}", name):
        return Weights(uri=uri, sha256=name)
    from semcodec_saic.saliency.digests import digest_of

    return Weights(uri=uri, sha256=digest_of(found))


def missing_weights(uri: str, beside: tuple[str, ...]) -> str:
    """Say what is not at hand and the command that fetches it; empty if it is all here.

    Args:
        uri: of the tensors.
        beside: files of the same folder; ``a|b`` is satisfied by either. Of a bare checkpoint:
            none.
    """
    if find_spec("huggingface_hub") is None and uri.startswith("hf:"):
        return 'huggingface_hub is not installed: pip install "semcodec[hub]"'
    lacking = [each for each in ("", *beside) if not _there(uri, each)]
    if not lacking:
        return ""
    pinned = _HUB.fullmatch(uri)
    folder, _, file = uri.removeprefix("file:").rpartition("/")
    names = ", ".join((each or file).replace("|", " or ") for each in lacking)
    if pinned is None:
        return (
            f"weights are absent ({folder or '.'} has no {names}): "
            "name a file of a folder that save_pretrained wrote, with its processor"
        )
    what = f"--include {shlex.quote(_TEXTS_AND_TENSORS)}" if beside else shlex.quote(pinned["file"])
    return (
        f"weights are absent ({pinned['repo']} at {pinned['revision']} has no {names} here): "
        f"hf download {pinned['repo']} --revision {pinned['revision']} {what}"
    )


def open_snapshot(weights: Weights, beside: tuple[str, ...]) -> Path:
    """Find the tensors, verify their hash, and see that the files beside them are there.

    Returns:
        The file of the tensors; the other files lie in its folder.

    Raises:
        WeightsError: something is absent, or the tensors are not what was promised. The message
            names them and the hash that is expected, the hint is the command that fetches all.
    """
    if not weights.uri.startswith("builtin:"):
        lacking = missing_weights(weights.uri, beside)
        if lacking:
            reason, _, remedy = lacking.partition(": ")
            raise WeightsError(
                f"{weights.uri}: {reason}; expected sha256 {weights.sha256}", hint=remedy
            )
    return open_weights(weights)


def _there(uri: str, names: str) -> bool:
    if _HUB.fullmatch(uri):
        return any(_in_cache(uri, name) is not None for name in names.split("|"))
    path = Path(uri.removeprefix("file:")).expanduser()
    return any((path.with_name(name) if name else path).is_file() for name in names.split("|"))


def _in_cache(uri: str, beside: str) -> Path | None:
    """Find a file of a pinned revision in the hub's local cache; the tensors for no name."""
    pinned = _HUB.fullmatch(uri)
    if pinned is None or find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    folder = pinned["file"].rpartition("/")[0]
    name = f"{folder}/{beside}".lstrip("/") if beside else pinned["file"]
    found = try_to_load_from_cache(pinned["repo"], name, revision=pinned["revision"])
    return Path(found) if isinstance(found, str) else None
