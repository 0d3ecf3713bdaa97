"""Packages that only some codecs need, and the command that installs each."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import Any

from semcodec.errors import PluginError

__all__ = ["NEEDS", "Need", "needed"]


@dataclass(frozen=True)
class Need:
    """A package that an extra of this distribution installs.

    Attributes:
        module: what is imported.
        package: its name in the index.
        extra: the extra.
    """

    module: str
    package: str
    extra: str

    @property
    def remedy(self) -> str:
        """The command that installs it."""
        return f'pip install "semcodec-anchors[{self.extra}]"'

    def load(self) -> Any:
        """Import the module.

        Raises:
            PluginError: it is absent or does not import; the hint is the command.
        """
        try:
            return importlib.import_module(self.module)
        except ImportError as error:
            raise PluginError(
                f"this codec needs {self.package}, which does not import: {error}",
                hint=self.remedy,
            ) from error


NEEDS = (
    Need("imageio_ffmpeg", "imageio-ffmpeg", "ffmpeg"),
    Need("pillow_heif", "pillow-heif", "heic"),
    Need("pillow_jxl", "pillow-jxl-plugin", "jxl"),
    Need("torch", "torch", "compressai"),
    Need("compressai", "compressai", "compressai"),
    Need("safetensors", "safetensors", "compressai"),
)


def needed(module: str) -> Need:
    """Find a need by its module, or by one inside it, which is then the one to load."""
    need = next(need for need in NEEDS if need.module == module.partition(".")[0])
    return replace(need, module=module)
