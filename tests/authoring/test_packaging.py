"""Every packaging check catches the package that is faulty in its way, and no other one does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from semcodec.authoring.conformance import Row
from semcodec.authoring.make import Plugin
from semcodec.authoring.names import Names
from semcodec.authoring.packaging.check import Check
from semcodec.authoring.packaging.examine import CHECKS, examined, opened
from semcodec.authoring.packaging.project import read_project
from semcodec.authoring.packaging.wheel import build
from semcodec.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]
Examine = Callable[[Path, Sequence[Check]], list[Row]]

# Fifteen processes are measured for it: for the packages that it is about.
TIMED = "imports-quickly"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} no longer holds {old!r}"
    path.write_text(text.replace(old, new))


class Fault(NamedTuple):
    """What is done to a sound package, and what must be said of it.

    ``line`` is a piece of the line that the check names; empty where it names none.
    """

    check: str
    name: str
    file: str
    old: str
    new: str
    line: str
    says: str


TOML, INIT, YAML = (
    "pyproject.toml",
    "semcodec_acme/__init__.py",
    "semcodec_acme/pipelines/acme-flat.yaml",
)
QUANTIZER, METRIC = "semcodec_acme/quantizer.py", "semcodec_acme/metric.py"
ENTRY = '[project.entry-points.semcodec]\nacme = "semcodec_acme"\n'
PACKAGES = 'packages = ["semcodec_acme"]'
LICENCE = 'license = "Apache-2.0"\n'
ZONE = (
    "        zone: magnitude, in steps, from which a value is not zero; "
    "0.5 rounds to the nearest.\n"
)
FAULTS = (
    Fault("wheel-builds", "version", TOML, '"0.1.0"', '"newest"', "build-system", "does not build"),
    Fault("entry-point", "none", TOML, ENTRY, "", "[project]", 'acme = "semcodec_acme"'),
    Fault("entry-point", "name", TOML, "acme =", "Acme =", "Acme =", "kebab, got 'Acme'"),
    Fault(
        "modules-shipped",
        "excluded",
        TOML,
        PACKAGES,
        f'{PACKAGES}\nexclude = ["semcodec_acme/metric.py"]',
        "[tool.",
        "semcodec_acme.metric is not in the wheel",
    ),
    Fault(
        "modules-shipped",
        "package",
        TOML,
        PACKAGES,
        'only-include = ["README.md"]',
        "[tool.",
        "module semcodec_acme is not in the wheel",
    ),
    Fault(
        "entry-point-resolves",
        "component",
        METRIC,
        "import numpy as np",
        "import nowhere\nimport numpy as np",
        '"""A metric',
        "No module named 'nowhere'",
    ),
    Fault(
        "entry-point-resolves",
        "kind",
        METRIC,
        "class MaxError(Metric)",
        "class MaxError",
        '"""A metric',
        "does not import",
    ),
    Fault(
        "entry-point-resolves",
        "entry",
        INIT,
        "semcodec_api = 1",
        "semcodec_api = nothing",
        '"""What',
        "name 'nothing' is not defined",
    ),
    Fault(
        "entry-point-resolves",
        "future",
        INIT,
        "semcodec_api = 1",
        "semcodec_api = 99",
        '"""What',
        "needs plugin API 99",
    ),
    Fault(
        "entry-point-resolves",
        "hook",
        INIT,
        '    return [ref("acme.max-error", "semcodec_acme.metric:MaxError")]',
        '    return ["acme.max-error"]',
        '"""What',
        "must list Ref objects",
    ),
    Fault(
        "imports-light",
        "yaml",
        INIT,
        "from semcodec import",
        "import yaml\nfrom semcodec import",
        "import yaml",
        "imports yaml",
    ),
    Fault(
        "imports-light",
        "implementation",
        INIT,
        "from semcodec import",
        "from semcodec_acme.metric import MaxError\nfrom semcodec import",
        "import MaxError",
        "imports numpy",
    ),
    Fault(
        TIMED,
        "loop",
        INIT,
        "semcodec_api = 1",
        "semcodec_api = 1\nTOTAL = sum(range(10**7))",
        '"""What',
        "times as long as starting Python",
    ),
    Fault(
        "pipelines-shipped",
        "excluded",
        TOML,
        PACKAGES,
        f'{PACKAGES}\nexclude = ["*.yaml"]',
        "",
        "acme-flat.yaml is not in the wheel",
    ),
    Fault(
        "pipelines-valid",
        "parameter",
        YAML,
        "{use: acme.dead-zone, step: 24}",
        "{use: acme.dead-zone, stepp: 24}",
        "stepp: 24",
        "no parameter 'stepp'",
    ),
    Fault(
        "locks-in-step",
        "spec",
        YAML,
        "{use: acme.dead-zone, step: 24}",
        "{use: acme.dead-zone, step: 20}",
        "{",
        "semcodec lock semcodec_acme/pipelines/acme-flat.yaml -o",
    ),
    Fault(
        "locks-in-step",
        "default",
        QUANTIZER,
        "0.65",
        "0.7",
        "{",
        "semcodec lock semcodec_acme/pipelines/acme-flat.yaml -o",
    ),
    Fault(
        "parameters-documented",
        "parameter",
        QUANTIZER,
        ZONE,
        "",
        "    zone: ",
        "parameter zone is not",
    ),
    Fault(
        "parameters-documented",
        "class",
        METRIC,
        '    """Largest error of any sample, in levels."""\n\n',
        "",
        "@component",
        "acme.max-error has no docstring",
    ),
    Fault(
        "licence-shipped", "name", TOML, 'files = ["LICENSE"]', "files = []", "license", "LICENSE"
    ),
    Fault(
        "nothing-else-shipped",
        "tests",
        TOML,
        PACKAGES,
        'packages = ["semcodec_acme", "tests"]',
        "[tool.",
        "would install tests",
    ),
    Fault(
        "metadata-complete",
        "python",
        TOML,
        'requires-python = ">=3.10"\n',
        "",
        "[project]",
        "requires-python",
    ),
    Fault("metadata-complete", "licence", TOML, LICENCE, "", "[project]", "license is missing"),
    Fault(
        "metadata-complete",
        "description",
        TOML,
        'description = "Components for semcodec under the prefix acme"\n',
        "",
        "[project]",
        "description is missing",
    ),
    Fault(
        "metadata-complete",
        "semcodec",
        TOML,
        '"semcodec>=0.1.0", ',
        "",
        "dependencies = ",
        "dependencies lack semcodec",
    ),
    Fault(
        "nothing-pinned",
        "exact",
        TOML,
        '"numpy>=1.26"',
        '"numpy>=1.26", "torch==2.4.0"',
        "torch==2.4.0",
        "torch is bounded by ==2.4.0",
    ),
    Fault("nothing-pinned", "above", TOML, "numpy>=1.26", "numpy<3", "numpy<3", "bounded by <3"),
    Fault("readme-shown", "none", TOML, 'readme = "README.md"\n', "", "[project]", "no README"),
)
GONE = (
    ("pipelines-shipped", "semcodec_acme/pipelines/acme-flat.lock.json", "semcodec lock"),
    ("types-shipped", "semcodec_acme/py.typed", "add that empty file"),
    ("tests-present", "tests", "there is no tests/test_*.py"),
)


def failures(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["outcome"] == "failed"]


def only(examine: Examine, folder: Path, check: str) -> Row:
    """Assert that one check catches a package, and that it passes without that check."""
    checks = [each for each in CHECKS if each.id == check or each.id != TIMED]
    rows = examine(folder, checks)
    failed = failures(rows)
    assert {row["id"] for row in failed} == {check}
    assert not failures([row for row in rows if row["id"] != check])
    assert {row["level"] for row in rows} == {0}
    return failed[0]


def test_a_new_package_passes_every_check(sound: Path, examine: Examine) -> None:
    rows = examine(sound, CHECKS)
    assert [(row["id"], row["outcome"], row["where"]) for row in rows] == [
        (check.id, "passed", "") for check in CHECKS
    ]
    (note,) = [row["reason"] for row in rows if row["reason"]]
    assert "prefix 'acme' is not registered" in note
    assert {row["subject"] for row in rows} == {"semcodec-acme"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.check}-{fault.name}")
def test_a_faulty_package_is_caught_by_the_check_for_it(
    fault: Fault, package: Path, examine: Examine
) -> None:
    edit(package / fault.file, fault.old, fault.new)
    if fault.check == "licence-shipped":  # build backends add a file of that name by themselves
        (package / "LICENSE").unlink()
    failed = only(examine, package, fault.check)
    assert fault.says in failed["reason"]
    if fault.line:
        file, _, line = failed["where"].partition(":")
        named = (package / file).read_text().splitlines()[int(line or 1) - 1]
        assert fault.line in named, failed


@pytest.mark.parametrize(("check", "path", "says"), GONE, ids=[gone[0] for gone in GONE])
def test_a_package_without_a_file_is_caught(
    check: str, path: str, says: str, package: Path, examine: Examine
) -> None:
    gone = package / path
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert says in only(examine, package, check)["reason"]


def test_a_prefix_of_another_distribution_in_the_register_is_caught(
    tmp_path: Path, examine: Examine
) -> None:
    thief = Plugin(Names(distribution="semcodec-thief", prefix="anchors-too"), ("metric",))
    for name, text in thief.files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("anchors-too", "saic"))
    failed = only(examine, tmp_path, "prefix-owned")
    assert "is semcodec-saic's in registry.yaml" in failed["reason"]
    file, _, line = failed["where"].partition(":")
    assert (tmp_path / file).read_text().splitlines()[int(line) - 1].startswith("saic = ")


def test_a_prefix_that_an_installed_distribution_claims_is_caught(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examine: Examine
) -> None:
    info = tmp_path / "site" / "rival-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[semcodec]\nacme = rival\n")
    monkeypatch.syspath_prepend(str(info.parent))
    failed = only(examine, package, "prefix-owned")
    assert "claimed by rival 1.0 too" in failed["reason"]


@pytest.mark.parametrize(
    "folder", sorted((ROOT / "plugins").glob("semcodec-*")), ids=lambda folder: folder.name
)
def test_what_we_publish_passes_too(folder: Path, examine: Examine) -> None:
    assert not failures(examine(folder, CHECKS))


def test_every_check_has_a_faulty_package_and_a_law() -> None:
    """A check that no package here fails on might as well not be there."""
    faulty = {fault.check for fault in FAULTS} | {gone[0] for gone in GONE} | {"prefix-owned"}
    assert faulty == {check.id for check in CHECKS}
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.id)
        assert re.fullmatch(r"[A-Z].+\.", check.law)


def test_a_shared_package_may_be_bounded_in_an_extra(package: Path, examine: Examine) -> None:
    edit(package / TOML, "hatchling>=1.24", "numpy<2")
    assert not failures(examine(package, [c for c in CHECKS if c.id == "nothing-pinned"]))


def test_a_src_layout_is_read_and_faults_are_named_in_it(package: Path, examine: Examine) -> None:
    (package / "src").mkdir()
    (package / "semcodec_acme").rename(package / "src" / "semcodec_acme")
    edit(package / TOML, PACKAGES, 'packages = ["src/semcodec_acme"]')
    checks = [check for check in CHECKS if check.id != TIMED]
    assert not failures(examine(package, checks))
    edit(package / "src" / QUANTIZER, ZONE, "")
    (failed,) = failures(examine(package, checks))
    assert re.fullmatch(r"src/semcodec_acme/quantizer\.py:\d+", failed["where"])


def test_the_check_looks_at_the_wheel_and_not_at_the_folder_it_is_run_in(
    package: Path, monkeypatch: pytest.MonkeyPatch, examine: Examine
) -> None:
    """Else a module that is not shipped would be found all the same."""
    edit(package / TOML, PACKAGES, f'{PACKAGES}\nexclude = ["semcodec_acme/quantizer.py"]')
    monkeypatch.chdir(package)
    failed = {row["id"] for row in failures(examine(Path(), CHECKS))}
    assert failed == {"modules-shipped", "pipelines-valid"}


def test_nothing_is_left_in_the_project(package: Path, examine: Examine) -> None:
    before = sorted(package.rglob("*"))
    examine(package, CHECKS)
    assert sorted(package.rglob("*")) == before


def test_a_plugin_that_ends_the_process_is_reported(package: Path, examine: Examine) -> None:
    edit(package / INIT, "semcodec_api = 1", "import os\nos._exit(3)")
    (failed,) = failures(examine(package, CHECKS))
    assert failed["id"] == "entry-point-resolves"
    assert "ends with 3" in failed["reason"]


def test_a_build_backend_that_is_not_installed_is_named(package: Path, tmp_path: Path) -> None:
    edit(package / TOML, 'build-backend = "hatchling.build"', 'build-backend = "nowhere.build"')
    with pytest.raises(SettingError, match=r"nowhere\.build is not installed") as caught:
        build(read_project(package), tmp_path)
    assert caught.value.hint == 'pip install "hatchling>=1.24"'


def test_a_backend_inside_the_project_builds(package: Path) -> None:
    (package / "backend").mkdir()
    (package / "backend" / "own.py").write_text("from hatchling.build import build_wheel\n")
    edit(
        package / TOML,
        'build-backend = "hatchling.build"',
        'build-backend = "own"\nbackend-path = ["backend"]',
    )
    with opened(read_project(package)) as subject:
        assert not failures(list(examined(subject, CHECKS[:1])))


@pytest.mark.parametrize(
    ("text", "says"), [(None, "No such file"), ("[project", "expected TOML"), (b"\xff", "TOML")]
)
def test_a_folder_without_a_readable_project_is_refused(
    text: str | bytes | None, says: str, tmp_path: Path
) -> None:
    if text is not None:
        path = tmp_path / TOML
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingError, match=says):
        read_project(tmp_path)


def test_the_page_lists_every_check_with_its_law() -> None:
    page = (ROOT / "docs" / "components.md").read_text()
    listed = re.findall(r"^\| `([\w-]+)` \| ([A-Z].*\.) \|$", page, re.MULTILINE)
    assert listed[:-1] == [(check.id, check.law) for check in CHECKS]
    assert listed[-1][0] == "tests-pass"
