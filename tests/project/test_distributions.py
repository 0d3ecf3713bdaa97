"""The distributions that the register names are built here, looked into, installed and tested.

A build is what ``python -m build`` makes of the working tree: a source distribution and a wheel.
"""

from __future__ import annotations

import email.parser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

import semcodec
from semcodec.registry import load_register

pytestmark = pytest.mark.distribution

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = {
    "semcodec": ROOT,
    **{path.parent.name: path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))},
}
PLUGINS = [name for name in PROJECTS if name != "semcodec"]

# What the tests of an installed distribution leave out, and why; all else is run.
LEFT_OUT = {
    "tests/project": "about the checkout: its history, its style, these builds",
    "tests/evaluation": "scripts for pictures that the repository does not carry",
    "tests/benchmarks": "time bounds, which mean nothing beside another run of the tests",
    "tests/authoring": "builds wheels of plugins itself, by the checkout's own tools",
    "tests/docs": "about the pages, which no wheel holds; slow",
    "tests/coding/test_damage.py": "the slowest property tests, of code that is the same file",
}

INSTALLED = """
import sys
from importlib.metadata import version
from pathlib import Path

import semcodec
import semcodec_anchors
import semcodec_metrics
import semcodec_saic
import semcodec_seam
import semcodec_torch


def test_the_installed_packages_are_the_ones_tested():
    plugins = semcodec_anchors, semcodec_metrics, semcodec_saic, semcodec_seam, semcodec_torch
    for package in (semcodec, *plugins):
        assert Path(package.__file__).is_relative_to(sys.prefix)
    assert semcodec.__version__ == version("semcodec")
"""


@dataclass(frozen=True)
class Built:
    """What the build of one project made."""

    wheel: Path
    sdist: Path

    @property
    def files(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @property
    def metadata(self) -> Message:
        [text] = [data for name, data in self.files.items() if name.endswith("/METADATA")]
        return email.parser.Parser().parsestr(text.decode())

    def unpack(self, folder: Path) -> Path:
        """Unpack the source distribution; give its folder."""
        with tarfile.open(self.sdist) as archive:
            archive.extractall(
                folder, **({"filter": "data"} if sys.version_info >= (3, 12) else {})
            )
        [inside] = folder.iterdir()
        return inside


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run a command that must succeed, free of what this run of the tests has set."""
    hidden = ("PYTEST_", "PYTHONPATH", "SEMCODEC_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(project: Path, folder: Path, *kinds: str) -> None:
    """Build without an environment of its own, so that no package index is needed."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("build is not installed; pip install -e '.[dev]'")
    run(sys.executable, "-m", "build", "-n", *kinds, "-o", folder, project)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Build a project once, by its name."""
    made: dict[str, Built] = {}

    def give(name: str) -> Built:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            build(PROJECTS[name], folder)
            [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
            made[name] = Built(wheel, sdist)
        return made[name]

    return give


def tracked(project: Path, *folders: str) -> set[str]:
    """Files of a project that are in the repository or about to be."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders)
    done = subprocess.run(listing, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return {name for name in done.stdout.splitlines() if (project / name).exists()}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_wheel_holds_the_package_and_no_more(name: str, built: Callable[[str], Built]) -> None:
    package = name.replace("-", "_")
    expected = tracked(PROJECTS[name], package)
    assert f"{package}/py.typed" in expected
    if name == "semcodec":
        expected.add("semcodec/registry/registry.yaml")
    found = built(name).files
    about = f"{package}-{semcodec.__version__}.dist-info/"
    assert {file for file in found if not file.startswith(about)} == expected
    assert found[f"{about}licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert built(name).wheel.name.endswith("-py3-none-any.whl")


@pytest.mark.parametrize("name", PROJECTS)
def test_the_source_distribution_builds_the_same_wheel(
    name: str, built: Callable[[str], Built], tmp_path: Path
) -> None:
    inside = built(name).unpack(tmp_path / "source")
    assert (inside / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    folders = ["tests", "docs"] if name == "semcodec" else ["tests"]
    for file in tracked(PROJECTS[name], *folders):
        assert (inside / file).read_bytes() == (PROJECTS[name] / file).read_bytes(), file
    assert not (inside / "plugins").exists()
    build(inside, tmp_path / "again", "--wheel")
    [again] = (tmp_path / "again").iterdir()
    assert again.name == built(name).wheel.name
    assert again.read_bytes() == built(name).wheel.read_bytes()


@pytest.mark.parametrize("name", PROJECTS)
def test_the_metadata_says_what_an_index_should_show(
    name: str, built: Callable[[str], Built]
) -> None:
    found = built(name).metadata
    assert found["Name"] == name
    assert found["License-Expression"] == "Apache-2.0"
    assert found.get_all("License-File") == ["LICENSE"]
    assert found["Requires-Python"] == ">=3.10"
    classifiers = found.get_all("Classifier") or []
    assert "Typing :: Typed" in classifiers
    for minor in (10, 11, 12, 13):
        assert f"Programming Language :: Python :: 3.{minor}" in classifiers
    urls = dict(line.split(", ", 1) for line in found.get_all("Project-URL") or [])
    assert urls.keys() == {"Homepage", "Documentation", "Changelog", "Issues"}
    for url in urls.values():
        assert url.startswith(urls["Homepage"])
    pages = [re.sub(r".*/blob/main/", "", urls[key]) for key in ("Documentation", "Changelog")]
    assert all((ROOT / page).is_file() for page in pages)
    links = re.findall(r"\]\((.+?)\)", found.get_payload())
    assert links
    assert all(link.startswith(("https://", "#")) for link in links), links


@pytest.mark.parametrize("name", PROJECTS)
def test_an_index_would_take_it_and_render_its_page(
    name: str, built: Callable[[str], Built]
) -> None:
    if importlib.util.find_spec("twine") is None:
        pytest.skip("twine is not installed; pip install -e '.[dev]'")
    made = built(name)
    run(sys.executable, "-m", "twine", "check", "--strict", made.wheel, made.sdist)


def test_one_version_for_all(built: Callable[[str], Built]) -> None:
    """All carry the core's version, and a plugin needs at least its first two numbers."""
    for name in PROJECTS:
        assert built(name).metadata["Version"] == semcodec.__version__
    major, minor = semcodec.__version__.split(".")[:2]
    for name in PLUGINS:
        needs = built(name).metadata.get_all("Requires-Dist") or []
        assert f"semcodec>={major}.{minor}" in needs


def test_the_changes_have_a_page_for_the_version() -> None:
    folder = ROOT / "docs" / "changes"
    page = folder / f"{semcodec.__version__}.md"
    if page.exists():
        assert f"]({page.name})" in (folder / "README.md").read_text(encoding="utf-8")
    else:
        title = (folder / "next.md").read_text(encoding="utf-8").splitlines()[0]
        assert title == f"# Next: {semcodec.__version__}"


def test_the_register_names_what_is_built(built: Callable[[str], Built]) -> None:
    """An install hint names a distribution that exists; a planned one does not exist yet."""
    register = load_register()
    available = {p.distribution: p for p in register.providers if p.status == "available"}
    planned = {p.distribution for p in register.providers if p.status == "planned"}
    assert available.keys() == PROJECTS.keys()
    assert not planned & PROJECTS.keys()
    for name, provider in available.items():
        assert provider.install == f"pip install {name}"
        assert f"Homepage, {provider.home}" in (built(name).metadata.get_all("Project-URL") or [])
        files = built(name).files
        [about] = {file.split("/")[0] for file in files if ".dist-info/" in file}
        entries = files[f"{about}/entry_points.txt"].decode()
        section = re.search(r"\[semcodec\]\n((?:.+ = .+\n?)+)", entries)
        prefixes = re.findall(r"^(\S+) = ", section[1], re.MULTILINE) if section else ["core"]
        assert prefixes == [provider.prefix]
    shipped = {codec.provider for codec in register.codecs}
    assert shipped <= available.keys()


@pytest.mark.parametrize("page", ["README.md", "docs/releasing.md"])
def test_the_pages_list_what_is_built(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    table = re.search(r"^\| distribution \|.*\n\| -.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    assert re.findall(r"^\| \[?`([\w-]+)`", table[1], re.MULTILINE) == list(PROJECTS)


def test_installed_wheels_pass_the_tests(built: Callable[[str], Built], tmp_path: Path) -> None:
    """A fresh environment, wheels and their dependencies; tests from the source distributions."""
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    probe = subprocess.run(
        [*pip, "download", "-q", "--no-deps", "-d", tmp_path / "probe", "pluggy"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode:
        pytest.skip(f"no package index can be reached: {probe.stderr.strip().splitlines()[-1]}")
    wheels = [built(name).wheel for name in PROJECTS]
    asked = [f"{wheels[0]}[testing]", *wheels[1:], "pytest-xdist", "jsonschema"]
    run(*pip, "install", "-q", *asked)
    assert run(python, "-m", "semcodec", "--version").strip() == f"semcodec {semcodec.__version__}"
    run(python, "-m", "semcodec", "doctor", cwd=tmp_path)

    core = built("semcodec").unpack(tmp_path / "core")
    shutil.rmtree(core / "semcodec")
    (core / "tests" / "test_installed.py").write_text(INSTALLED)
    for name in PLUGINS:
        plugin = built(name).unpack(tmp_path / name)
        shutil.copytree(plugin / "tests", core / "tests" / name)
    ignored = [f"--ignore={path}" for path in LEFT_OUT]
    said = run(python, "-m", "pytest", "-q", "-n", "2", *ignored, "tests", cwd=core)
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None
    assert int(passed[1]) > 1000, said
