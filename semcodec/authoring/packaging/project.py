"""The folder of a plugin's project, as its author sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError

__all__ = ["PYPROJECT", "Project", "read_project"]

PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder.

    Attributes:
        folder: where it is, resolved.
        data: what its ``pyproject.toml`` says.
        text: that file's text.
    """

    folder: Path
    data: dict[str, Any]
    text: str

    def where(self, *patterns: str) -> str:
        """Name the line of ``pyproject.toml`` that the first pattern found at all is found in."""
        for pattern in patterns:
            for number, line in enumerate(self.text.splitlines(), 1):
                if re.search(pattern, line):
                    return f"{PYPROJECT}:{number}"
        return PYPROJECT

    def place(self, path: str, root: Path) -> str:
        """Say where in the project a place of its unpacked wheel comes from.

        Args:
            path: ``file``, or ``file:line``.
            root: where the wheel was unpacked.

        Returns:
            The same, relative to the project's folder; as it is for a file of neither.
        """
        file, colon, line = path.rpartition(":") if re.search(r":\d+$", path) else (path, "", "")
        for base in (self.folder, root):
            if file and Path(file).is_absolute() and Path(file).is_relative_to(base):
                inside = Path(file).relative_to(base)
                if not (self.folder / inside).exists() and (self.folder / "src" / inside).exists():
                    inside = "src" / inside
                return f"{inside.as_posix()}{colon}{line}"
        return path


def read_project(folder: Path) -> Project:
    """Read a project.

    Raises:
        SettingError: the folder holds no ``pyproject.toml`` that can be read.
    """
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    path = folder / PYPROJECT
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise SettingError(
            f"{path}: expected the {PYPROJECT} of a plugin: {error.strerror or error}",
            hint="Name the plugin's folder. To start one: semcodec plugins new NAME",
        ) from None
    except ValueError as error:  # of UTF-8 as of TOML
        raise SettingError(f"{path}: expected TOML: {error}") from None
    return Project(folder.resolve(), data, text)
