from __future__ import annotations

import sys
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.discovery.metadata import Registration, normalized, registrations

if TYPE_CHECKING:
    from tests.discovery.conftest import Site

WORD = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
LINE = st.one_of(
    st.builds("{} = {}".format, WORD, WORD),
    st.builds("{}={}.{}".format, WORD, WORD, WORD),
    st.builds("# {}".format, WORD),
    st.sampled_from(["", "[semcodec]", "[console_scripts]", "  spaced  =  pkg.mod  "]),
)


@given(st.lists(LINE, max_size=12))
def test_it_reads_what_the_library_reads(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("site")
    info = folder / "Some_Name-1.2.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("\n".join(["[other]", "x = y", *lines]))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Some.Name\nVersion: 1.2\n\nText")
    expected = [
        Registration(entry.name, entry.value, "Some.Name", "1.2")
        for dist in distributions(path=[str(folder)])
        for entry in dist.entry_points
        if entry.group == "semcodec"
    ]
    assert registrations([str(folder)]) == list(dict.fromkeys(expected))


def test_every_installed_package_is_found_as_the_library_finds_it() -> None:
    expected = {
        (entry.name, entry.value)
        for dist in distributions()
        for entry in dist.entry_points
        if entry.group == "semcodec"
    }
    assert {(each.name, each.value) for each in registrations()} == expected


def test_a_finder_of_distributions_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        @staticmethod
        def find_spec(*args: Any) -> None:
            return None

        @staticmethod
        def find_distributions(context: Any) -> Any:
            return [Distribution.at(info)]

    hidden = site.folder / "hidden"
    hidden.mkdir()
    info = hidden / "elsewhere-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[semcodec]\nfar = pkg_far\n")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert Registration("far", "pkg_far", "elsewhere", "3") in registrations()


def test_an_archive_on_the_path_is_read(tmp_path: Path) -> None:
    archive = tmp_path / "wheel.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(
            "zipped-2.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 2\n"
        )
        file.writestr("zipped-2.dist-info/entry_points.txt", "[semcodec]\nzipped = pkg_z\n")
    assert registrations([str(archive)]) == [Registration("zipped", "pkg_z", "zipped", "2")]


def test_the_first_on_the_path_hides_a_later_one_of_the_same_distribution(tmp_path: Path) -> None:
    for folder, version in (("new", "2"), ("old", "1")):
        info = tmp_path / folder / f"Acme_Codec-{version}.egg-info"
        info.mkdir(parents=True)
        (info / "PKG-INFO").write_text(f"Name: acme-codec\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[semcodec]\nacme = pkg_{folder}\n")
    path = [str(tmp_path / "absent"), str(tmp_path / "new"), str(tmp_path / "old")]
    assert registrations(path) == [Registration("acme", "pkg_new", "acme-codec", "2")]


def test_damaged_metadata_does_no_harm(site: Site) -> None:
    info = site.folder / "damaged-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_bytes(b"[semcodec]\nx = y\n\xff\xfe = \x00\n= \n[")
    (info / "METADATA").write_bytes(b"\xff\xfe\x00")
    (site.folder / "file.dist-info").write_text("no folder")
    found = registrations([str(site.folder)])
    assert found[0] == Registration("x", "y", "damaged", "1")


@pytest.mark.parametrize("name", ["Acme_Codec", "acme.codec", "ACME--codec", "acme-_.codec"])
def test_names_are_compared_as_indexes_do(name: str) -> None:
    assert normalized(name) == "acme-codec"
