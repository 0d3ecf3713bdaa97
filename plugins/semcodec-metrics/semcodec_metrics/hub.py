"""Models in the layout of the Hugging Face hub: a folder, or a revision in the local cache."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

from semcodec.errors import WeightsError
from semcodec_metrics.checkpoints import digest_of

__all__ = ["backbone_of", "find_model", "missing_model"]

_WEIGHTS = "model.safetensors"
_PINNED = re.compile(r"(?P<repo>[\w][\w.-]*/[\w][\w.-]*)@(?P<revision>[0-9a-f]{40})", re.ASCII)


def missing_model(model: str, files: tuple[str, ...]) -> str:
    """Say what of a model is missing and the command that fetches it; empty if it is all here.

    Args:
        model: a folder, or ``owner/repo@<40-digit commit>`` in the hub's local cache.
        files: what it must have.
    """
    pinned = _PINNED.fullmatch(model)
    if pinned is None:
        folder = Path(model).expanduser()
        lacking = [name for name in files if not (folder / name).is_file()]
        if not lacking:
            return ""
        return (
            f"weights are absent ({model!r} is no folder with {', '.join(lacking)}): "
            "name a folder, or owner/repo@<40-digit commit> of the hub"
        )
    if find_spec("huggingface_hub") is None:
        return 'huggingface_hub is not installed: pip install "semcodec-metrics[semantic]"'
    if _cached(pinned["repo"], pinned["revision"], files) is None:
        names = " ".join(map(shlex.quote, files))
        command = f"hf download {pinned['repo']} {names} --revision {pinned['revision']}"
        return f"weights are absent: {command}"
    return ""


def backbone_of(model: str) -> str:
    """Name a model in few words: repository and commit, or folder and hash of its weights."""
    if _PINNED.fullmatch(model):
        return model
    if not model:
        return "no model"
    file = Path(model).expanduser() / _WEIGHTS
    return f"{file.parent.name} {digest_of(file)[:8]}" if file.is_file() else file.parent.name


def find_model(model: str, files: tuple[str, ...]) -> Path:
    """Give the folder of a model that is here.

    Raises:
        WeightsError: it is not.
    """
    lacking = missing_model(model, files)
    if lacking:
        reason, _, remedy = lacking.partition(": ")
        raise WeightsError(f"{model}: {reason}", hint=remedy)
    pinned = _PINNED.fullmatch(model)
    if pinned is None:
        return Path(model).expanduser()
    found = _cached(pinned["repo"], pinned["revision"], files)
    assert found is not None
    return found


def _cached(repo: str, revision: str, files: tuple[str, ...]) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    paths = [try_to_load_from_cache(repo, name, revision=revision) for name in files]
    return Path(str(paths[0])).parent if all(isinstance(path, str) for path in paths) else None
