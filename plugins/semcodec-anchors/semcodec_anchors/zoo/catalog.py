"""What CompressAI publishes: architectures, files and their hashes, and where torch.hub keeps them.

A copy of ``model_urls`` of ``compressai.zoo`` (1.2.8), because what is missing must be named where
CompressAI is not installed; the tests hold it against the original. A file's name carries the first
8 hexadecimal digits of its SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from semcodec.errors import WeightsError

__all__ = ["FIXED", "PUBLISHED", "VARIABLE", "Published", "hashes"]

FIXED = (
    "bmshj2018-factorized",
    "bmshj2018-factorized-relu",
    "bmshj2018-hyperprior",
    "cheng2020-anchor",
    "cheng2020-attn",
    "mbt2018",
    "mbt2018-mean",
)
"""Architectures with one network for each rate."""

VARIABLE = ("bmshj2018-hyperprior-vbr", "mbt2018-mean-vbr", "mbt2018-vbr")
"""Architectures with one network for all rates."""

_ROOT = "https://compressai.s3.amazonaws.com/models/v1"

# Architecture and metric: the files' names, and the hashes from the lowest rate to the highest.
PUBLISHED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("bmshj2018-factorized", "mse"): (
        "bmshj2018-factorized-prior-{quality}-{sha256}.pth.tar",
        "446d5c7f 87279a02 5c6f152b 1ed4405a 866ba797 9b02ea3a 6dfd6734 5232faa3",
    ),
    ("bmshj2018-factorized", "ms-ssim"): (
        "bmshj2018-factorized-ms-ssim-{quality}-{sha256}.pth.tar",
        "9781d705 4a584386 5352f123 4f91b847 b3a88897 ee028763 8c265a29 8811bd14",
    ),
    ("bmshj2018-hyperprior", "mse"): (
        "bmshj2018-hyperprior-{quality}-{sha256}.pth.tar",
        "7eb97409 93677231 6d87be32 de1b779c f8b614e1 1ab9c41e 3804dcbd a583f0cf",
    ),
    ("bmshj2018-hyperprior", "ms-ssim"): (
        "bmshj2018-hyperprior-ms-ssim-{quality}-{sha256}.pth.tar",
        "5cf249be 1ff60d1f 92dd7878 4377354e c34afc8d 3a6d8229 8747d3bc cc15b5f3",
    ),
    ("mbt2018-mean", "mse"): (
        "mbt2018-mean-{quality}-{sha256}.pth.tar",
        "e522738d e54a039d 723404a8 6dba02a3 d504e8eb a19628ab d5d441d1 8089ae3e",
    ),
    ("mbt2018-mean", "ms-ssim"): (
        "mbt2018-mean-ms-ssim-{quality}-{sha256}.pth.tar",
        "5bf9c0b6 e2a1bf3f 640ce819 12626c13 1be7f059 b83bf379 ddf9644c 0cc7b94f",
    ),
    ("mbt2018", "mse"): (
        "mbt2018-{quality}-{sha256}.pth.tar",
        "3f36cd77 43b70cdd 22901978 456e2af9 b4a046dd 7052e5ea 8ba2bf82 dd0097aa",
    ),
    ("mbt2018", "ms-ssim"): (
        "mbt2018-ms-ssim-{quality}-{sha256}.pth.tar",
        "2878436b c41cb208 d0dd64e8 a120e037 9b30e3b7 f8b3626f 16e6ff50 0cb49d43",
    ),
    ("cheng2020-anchor", "mse"): (
        "cheng2020-anchor-{quality}-{sha256}.pth.tar",
        "dad2ebff a29008eb e49be189 98b0b468 23852949 4c052b1a",
    ),
    ("cheng2020-anchor", "ms-ssim"): (
        "cheng2020_anchor-ms-ssim-{quality}-{sha256}.pth.tar",
        "20f521db c7ff5812 c23e22d5 0e658304 c0a95e77 f2dc1913",
    ),
    ("cheng2020-attn", "mse"): (
        "cheng2020_attn-mse-{quality}-{sha256}.pth.tar",
        "465f2b64 e0805385 2d07bbdf f7b0ccf2 26c8920e 730501f2",
    ),
    ("cheng2020-attn", "ms-ssim"): (
        "cheng2020_attn-ms-ssim-{quality}-{sha256}.pth.tar",
        "c5381d91 5dad201d 5c9be841 8b2f647e 5ca1f34c 216423ec",
    ),
    ("bmshj2018-hyperprior-vbr", "mse"): (
        "bmshj2018-hyperprior-mse-vbr-{sha256}.pth.tar",
        "cddd26be",
    ),
    ("mbt2018-mean-vbr", "mse"): ("mbt2018-mean-mse-vbr-{sha256}.pth.tar", "45d095e9"),
    ("mbt2018-vbr", "mse"): ("mbt2018-mse-vbr-{sha256}.pth.tar", "f12581a1"),
}


def hashes(model: str, metric: str) -> tuple[str, ...]:
    """Give the first 8 digits of the hash of each published file, from the lowest rate upwards.

    Empty where nothing is published.
    """
    _, listed = PUBLISHED.get((model, metric), ("", ""))
    return tuple(listed.split())


@dataclass(frozen=True, slots=True)
class Published:
    """A file that CompressAI publishes.

    Attributes:
        model: architecture, a first key of :data:`PUBLISHED`.
        metric: ``"mse"`` or ``"ms-ssim"``, what it was trained for.
        quality: its place among the rates, from 1; the only one of a model for all rates is 1.
        sha256: the first 8 digits of its hash.
    """

    model: str
    metric: str
    quality: int
    sha256: str

    @property
    def url(self) -> str:
        """Where it is published."""
        pattern, _ = PUBLISHED[self.model, self.metric]
        return f"{_ROOT}/{pattern.format(quality=self.quality, sha256=self.sha256)}"

    @property
    def path(self) -> Path:
        """Where torch.hub keeps it: ``$TORCH_HOME/hub/checkpoints``."""
        cache_home = os.environ.get("XDG_CACHE_HOME", "~/.cache")
        home = Path(os.environ.get("TORCH_HOME", Path(cache_home, "torch"))).expanduser()
        return home / "hub" / "checkpoints" / self.url.rpartition("/")[2]

    @property
    def command(self) -> str:
        """What fetches it."""
        where = shlex.quote(str(self.path))
        return f"curl -fL --create-dirs -o {where} {self.url}"

    def find(self) -> Path:
        """Give its path, its hash checked.

        Raises:
            WeightsError: absent, unreadable or of another hash; the hint is the command that
                fetches it. Nothing is downloaded.
        """
        path = self.path
        try:
            facts = path.stat()
            found = _sha256(path, facts.st_size, facts.st_mtime_ns)
        except OSError as error:
            raise WeightsError(
                f"{self.url}: not at {path} ({error.strerror or error})", hint=self.command
            ) from None
        if not found.startswith(self.sha256):
            raise WeightsError(
                f"{path}: expected a sha256 that starts {self.sha256}, got {found}",
                hint=f"It is damaged or another file; fetch it again: {self.command}",
            )
        return path


@cache
def _sha256(path: Path, size: int, changed: int) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()
