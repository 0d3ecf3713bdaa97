"""Everything that is checked about a plugin, and where the answer is kept."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from semcodec.authoring.conformance import Row, document
from semcodec.authoring.kit import kit_rows, require_kit
from semcodec.authoring.packaging.examine import examined, opened
from semcodec.authoring.packaging.project import read_project
from semcodec.image.atomic import write_bytes

__all__ = ["DOCUMENT", "check_plugin"]

DOCUMENT = "conformance.json"


def check_plugin(folder: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """Check a plugin's package and run its tests; write ``conformance.json`` into its folder.

    Args:
        folder: the plugin's project.
        progress: called with a few words before what takes long.

    Returns:
        The document.

    Raises:
        SettingError: the folder is no project's, or what the checks need is not installed.
    """
    require_kit()
    project = read_project(folder)
    progress("building the wheel")
    with opened(project) as subject, tempfile.TemporaryDirectory() as temporary:
        progress("checking the package")
        rows: list[Row] = list(examined(subject))
        if subject.built is None:
            name, version = str(project.data.get("project", {}).get("name", "")), ""
        else:
            name, version = subject.built.name, subject.built.info.version
            if any(each["id"] == "tests-present" and each["outcome"] == "passed" for each in rows):
                progress("running its tests")
                rows += kit_rows(subject, Path(temporary))
    found = document(name, version, rows)
    write_bytes((json.dumps(found, indent=1) + "\n").encode(), project.folder / DOCUMENT)
    return found
