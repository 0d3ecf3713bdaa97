"""Builds a project's wheel and unpacks it, so that what is looked at is what is published."""

from __future__ import annotations

import importlib.util
import zipfile
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from semcodec.authoring.packaging.project import Project
from semcodec.authoring.process import run_python
from semcodec.errors import PluginBroken, SettingError

__all__ = ["Wheel", "build"]

# A build frontend in a line (PEP 517): its hook is called in the project's folder, in a process of
# its own. The first entry of the path is that folder, which is not meant to be importable.
_HOOK = """
import importlib, sys
backend, out, *sys.path[:1] = sys.argv[1:]
module, _, names = backend.partition(":")
hooks = importlib.import_module(module)
for name in filter(None, names.split(".")):
    hooks = getattr(hooks, name)
hooks.build_wheel(out)
"""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel, unpacked.

    Attributes:
        folder: where to.
        files: its files, with forward slashes.
        info: its metadata.
    """

    folder: Path
    files: frozenset[str]
    info: Distribution

    @property
    def name(self) -> str:
        """The distribution's name."""
        return str(self.info.metadata["Name"])

    @property
    def entries(self) -> dict[str, str]:
        """Its entry points for plugins: what each names, by prefix."""
        return {e.name: e.value for e in self.info.entry_points if e.group == "semcodec"}

    def holds_module(self, module: str) -> bool:
        """Whether a module's file is in it."""
        path = module.replace(".", "/")
        return any(
            file.startswith((f"{path}.py", f"{path}/__init__.py"))
            or (file.startswith(f"{path}.") and file.endswith((".so", ".pyd")))
            for file in self.files
        )


def build(project: Project, into: Path) -> Wheel:
    """Build the wheel with what is installed here, without a network.

    Args:
        project: the project.
        into: an empty folder.

    Raises:
        SettingError: the build backend is not installed.
        PluginBroken: the project does not build; the message is the last line of the output.
    """
    system = project.data.get("build-system", {})
    backend = str(system.get("build-backend", "setuptools.build_meta"))
    paths = [str(project.folder / each) for each in system.get("backend-path", ())]
    package = backend.partition(":")[0].partition(".")[0]
    if not paths and importlib.util.find_spec(package) is None:
        needs = " ".join(f'"{each}"' for each in system.get("requires", (package,)))
        raise SettingError(
            f"{project.folder.name}: its build backend {backend} is not installed",
            hint=f"pip install {needs}",
        )
    built = into / "built"
    built.mkdir()
    done = run_python("-c", _HOOK, backend, str(built), *paths, cwd=project.folder)
    wheels = list(built.glob("*.whl"))
    if done.returncode or not wheels:
        lines = done.stderr.strip().splitlines() or ["the build backend wrote no wheel"]
        raise PluginBroken(lines[-1])
    unpacked = into / "unpacked"
    with zipfile.ZipFile(wheels[0]) as archive:
        files = frozenset(name for name in archive.namelist() if not name.endswith("/"))
        archive.extractall(unpacked)
    (info,) = unpacked.glob("*.dist-info")
    return Wheel(unpacked, files, Distribution.at(info))
