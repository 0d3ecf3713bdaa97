"""Checkpoints: where the ecosystem's packages keep them, what fetches them, how they are read.

Nothing is downloaded. A checkpoint is looked for where its own package would put it, so that who
has used that package has it; or it is named by a :class:`~semcodec.Weights` with its hash. It is
read as tensors only: pickled code is refused.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from semcodec import Weights
from semcodec.contracts.weights import open_weights
from semcodec.errors import WeightsError

__all__ = [
    "ALEXNET",
    "DISTS",
    "INCEPTION",
    "MUSIQ",
    "NIQE",
    "VGG16",
    "Checkpoint",
    "both_missing",
    "digest_of",
    "fill",
    "load",
    "stamp",
]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file that a package downloads on first use.

    Attributes:
        url: where it is published; the last part is the file's name in the cache of torch.hub.
        sha256: first digits of its hash, as torch.hub's file names carry them; empty if its
            publisher states none.
        folder: below ``$TORCH_HOME/hub``, where its package keeps it.
    """

    url: str
    sha256: str = ""
    folder: str = "checkpoints"

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]

    @property
    def path(self) -> Path:
        """Where its package keeps it, ``$TORCH_HOME/hub/checkpoints`` for torch.hub."""
        cache_home = os.environ.get("XDG_CACHE_HOME", "~/.cache")
        home = Path(os.environ.get("TORCH_HOME", Path(cache_home, "torch"))).expanduser()
        return home / "hub" / self.folder / self.name

    def backbone(self, own: Weights | None) -> str:
        """Name the file that is used, with the first digits of its hash.

        Args:
            own: weights that the user names instead.
        """
        if own is not None:
            return f"{own.uri.rpartition('/')[2].rpartition(':')[2]} {own.sha256[:8]}"
        if self.sha256 or not self.path.is_file():
            return self.name
        return f"{self.name} {digest_of(self.path)[:8]}"

    def missing(self, own: Weights | None) -> str:
        """Say what is missing and the command that fetches it; empty if it is here.

        Args:
            own: weights that the user names instead.
        """
        if own is not None:
            try:
                open_weights(own)
            except WeightsError as error:
                return f"weights are absent ({error.args[0]}): {error.hint}"
            return ""
        if self.path.is_file():
            return ""
        where = shlex.quote(str(self.path))
        return f"weights are absent: curl -fL --create-dirs -o {where} {shlex.quote(self.url)}"

    def find(self, own: Weights | None) -> Path:
        """Give its path, its hash checked as far as one is known.

        Raises:
            WeightsError: absent, or of another hash.
        """
        if own is not None:
            return open_weights(own)
        lacking = self.missing(None)
        if lacking:
            raise WeightsError(f"{self.url}: not at {self.path}", hint=lacking.partition(": ")[2])
        if self.sha256 and not digest_of(self.path).startswith(self.sha256):
            raise WeightsError(
                f"{self.path}: expected a sha256 that starts {self.sha256}, "
                f"got {digest_of(self.path)}",
                hint="Delete it and fetch it again: it is damaged or another file.",
            )
        return self.path


ALEXNET = Checkpoint(
    "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth", sha256="7be5be79"
)
VGG16 = Checkpoint("https://download.pytorch.org/models/vgg16-397923af.pth", sha256="397923af")
DISTS = Checkpoint(
    "https://github.com/photosynthesis-team/piq/releases/download/v0.4.1/dists_weights.pt"
)
_IQA = "https://huggingface.co/chaofengc/IQA-PyTorch-Weights/resolve/main/"
MUSIQ = Checkpoint(f"{_IQA}musiq_koniq_ckpt-e95806b9.pth", sha256="e95806b9", folder="pyiqa")
NIQE = Checkpoint(f"{_IQA}niqe_modelparameters.mat", folder="pyiqa")
INCEPTION = Checkpoint(
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
    "weights-inception-2015-12-05-6726825d.pth",
    sha256="6726825d",
)


def both_missing(one: str, other: str) -> str:
    """Join what two checkpoints say is missing; two commands become one."""
    reason, _, command = one.partition(": ")
    also, _, further = other.partition(": ")
    if one and other and reason == also:
        return f"{reason}: {command} && {further}"
    return one or other


def stamp(path: Path) -> int:
    """Give a number that changes when a file is replaced, for caches of what was read from it."""
    return path.stat().st_mtime_ns


def digest_of(path: Path) -> str:
    """Give a file's SHA-256 in hexadecimal, computed once while the file stays as it is."""
    return _digested(path, stamp(path))


@cache
def _digested(path: Path, changed: int) -> str:
    import hashlib

    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()


def load(path: Path) -> dict[str, Any]:
    """Read a state dictionary, of safetensors or of ``torch.save``, as tensors only.

    Raises:
        WeightsError: it is none, or holds more than tensors.
    """
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        import torch

        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise WeightsError(
            f"{path}: expected a state dictionary of tensors, got {type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else ''}",
            hint="Fetch the file again; pickled code is never run.",
        ) from None
    if not isinstance(state, dict):
        raise WeightsError(f"{path}: expected a state dictionary, got {type(state).__name__}")
    return state


def fill(network: Any, state: dict[str, Any], path: Path, name: str = "") -> None:
    """Load a state dictionary into a network, every key of it.

    Args:
        network: which is set to evaluation.
        state: tensors by name.
        path: where they come from, for the message.
        name: of the network, for the message; that of its class if empty.

    Raises:
        WeightsError: keys or shapes are not the network's.
    """
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        said = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{path}: not weights of {name or type(network).__name__}: {said}",
            hint="Give the checkpoint that the documentation of the metric names.",
        ) from None
    network.eval().requires_grad_(False)
