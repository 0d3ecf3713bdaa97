"""What `plugins new` writes: sound for every choice of kinds and names, whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from semcodec.authoring import make, rendering
from semcodec.authoring.make import CODING, LICENCES, Plugin, new_plugin
from semcodec.authoring.names import Names, check_free, names_of
from semcodec.cli.listing import KINDS
from semcodec.discovery.hookspecs import API_VERSION
from semcodec.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ACME = Names(distribution="semcodec-acme", prefix="acme")
CHOICES = [*combinations(KINDS, 1), *combinations(KINDS, 2), KINDS]


def written(plugin: Plugin, folder: Path) -> Path:
    """Write the files alone: locks take a process each."""
    for name, text in plugin.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_kinds_are_the_contracts() -> None:
    from semcodec.contracts.kinds import KINDS as CONTRACTS

    assert {*CODING, "metric", "dataset"} == set(KINDS) == set(CONTRACTS)


@pytest.mark.parametrize("kinds", CHOICES, ids="+".join)
def test_a_package_holds_what_was_picked_and_nothing_else(kinds: tuple[str, ...]) -> None:
    plugin = Plugin(ACME, kinds)
    files = plugin.files()
    modules = {Path(name).stem for name in files if name.startswith("semcodec_acme/")}
    tests = {Path(name).stem for name in files if name.startswith("tests/")}
    specs = {Path(name).stem for name in files if name.endswith(".yaml")}
    assert modules & set(KINDS) == set(kinds)
    assert tests == {f"test_{kind}" for kind in kinds} | (
        {"test_pipelines"} if plugin.pipelines else set()
    )
    assert specs == set(plugin.pipelines)
    assert bool(specs) == bool(set(kinds) & set(CODING))
    assert {"pyproject.toml", "README.md", "LICENSE", ".gitignore"} < set(files)
    assert {"semcodec_acme/py.typed", ".github/workflows/test.yml"} < set(files)
    own = set(re.findall(r'ref\("(acme\.[\w-]+)"', files["semcodec_acme/__init__.py"]))
    assert len(own) == len(kinds)
    used = set()
    for name in specs:
        text = files[f"semcodec_acme/pipelines/{name}.yaml"]
        assert yaml.safe_load(text)["name"] == name
        used |= set(re.findall(r"use: (acme\.[\w-]+)", text))
        assert f"-p {name}" in files["README.md"] or len(specs) > 1
        assert f'pipeline = "{name}"' in files["tests/test_pipelines.py"]
    # Pipelines use all that codes anything; metrics and data sets stand beside them.
    beside = {"acme.max-error"} & own | {"acme.charts"} & own
    assert used == own - beside
    for id_ in own:
        assert f"`{id_}`" in files["README.md"]
    for name, text in files.items():
        assert not re.search(r"(#|<!--) (if \w+|end)( -->)?$", text, re.MULTILINE), name
        assert "\n\n\n\n" not in text, name
        if name != "semcodec_acme/py.typed":
            assert text.endswith("\n"), name


def test_every_condition_and_word_of_the_template_is_known() -> None:
    """A misspelt condition would silently never hold."""
    known = {*KINDS, "author", "components", "flat", "pipelines", "roi_only"}
    text = "\n".join(
        path.read_text()
        for path in (ROOT / "semcodec" / "authoring" / "template").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    assert set(re.findall(r"(?:#|<!--) if (?:not )?(\w+)", text)) == known
    assert text.count("# if ") + text.count("<!-- if ") == len(
        re.findall(r"(?:#|<!--) end\b", text)
    )


def test_no_word_of_the_template_is_left() -> None:
    plugin = Plugin(
        Names(distribution="semcodec-zed", prefix="zz", author="Ann Other"), KINDS, "MIT"
    )
    files = plugin.files()
    for name, text in files.items():
        assert "acme" not in (name + text).lower(), name
        assert not re.search(r"AUTHOR_NAME|HOLDER_NAME|LICENCE_ID|SEMCODEC_VERSION|YEAR_NOW", text)
    assert 'authors = [{ name = "Ann Other" }]' in files["pyproject.toml"]
    assert re.search(r"Copyright \(c\) 20\d\d Ann Other\n", files["LICENSE"])
    assert 'license = "MIT"' in files["pyproject.toml"]
    assert "zz.dead-zone" in files["semcodec_zed/pipelines/zz-flat.yaml"]
    assert files["README.md"].endswith("\nMIT.\n")


def test_names_that_hold_the_templates_own_words_are_kept_apart() -> None:
    """The replacements are made at once: one must not be replaced again by another."""
    names = Names(distribution="semcodec-acme-two", prefix="x", author="semcodec_acme")
    toml = Plugin(names, ("metric",)).files()["pyproject.toml"]
    assert 'name = "semcodec-acme-two"' in toml
    assert 'x = "semcodec_acme_two"' in toml
    assert 'authors = [{ name = "semcodec_acme" }]' in toml


def test_the_licences_are_those_on_offer() -> None:
    folder = ROOT / "semcodec" / "authoring" / "licences"
    assert {path.name for path in folder.iterdir()} == set(LICENCES)
    assert (folder / "Apache-2.0").read_text() == (ROOT / "LICENSE").read_text()
    from semcodec.cli import plugins

    assert plugins._LICENCES == LICENCES


def test_a_package_states_the_version_of_the_hooks_it_was_written_for() -> None:
    init = Plugin(ACME, KINDS).files()["semcodec_acme/__init__.py"]
    assert f"\nsemcodec_api = {API_VERSION}\n" in init


def test_a_quantizer_and_its_test_are_at_most_40_lines() -> None:
    """Everything its author writes, blank lines left out; the laws are the kit's."""
    files = Plugin(ACME, ("quantizer",)).files()
    own = files["semcodec_acme/quantizer.py"] + files["tests/test_quantizer.py"]
    lines = [line for line in own.splitlines() if line.strip()]
    print(f"\na quantizer and its test: {len(lines)} lines (at most 40)")
    assert len(lines) <= 40
    assert "QuantizerTests" in own
    assert "Attributes:" in own


SELECT = "--select=E,F,W,I,N,UP,B,D1,PTH,RUF,SIM"


@pytest.mark.parametrize(
    "command",
    [
        ("check", SELECT, "--per-file-ignores=**/tests/*:D1", '--config=src=["package-*"]'),
        ("format", "--check"),
    ],
    ids=lambda command: command[0],
)
def test_ruff_finds_nothing_in_any_package(command: tuple[str, ...], tmp_path: Path) -> None:
    tool = BIN / "ruff"
    if not tool.exists():
        pytest.skip("ruff is not installed beside this Python; pip install -e '.[dev]'")
    for number, kinds in enumerate(CHOICES):
        written(Plugin(ACME, kinds), tmp_path / f"package-{number}")
    folders = sorted(tmp_path.iterdir())
    done = subprocess.run(
        [tool, *command, "--isolated", "--line-length=100", *folders],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_packages_types_are_right(tmp_path: Path) -> None:
    """It says that it has types, so they had better be."""
    tool = BIN / "mypy"
    if not tool.exists():
        pytest.skip("mypy is not installed beside this Python; pip install -e '.[dev]'")
    written(Plugin(ACME, KINDS), tmp_path)
    cache = f"--cache-dir={ROOT / '.mypy_cache'}"
    done = subprocess.run(
        [tool, "--strict", cache, "-p", "semcodec_acme"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "holds", "made"),
    [
        ("a\n# if x\nb\n# end\nc", {"x"}, "a\nb\nc\n"),
        ("a\n# if x\nb\n# end\nc", set(), "a\nc\n"),
        ("a\n  # if not x\n  b\n  # end", {"x"}, "a\n"),
        ("# if x\n# if y\na\n# end\nb\n# end", {"x"}, "b\n"),
        ("# if x\n# if y\na\n# end\nb\n# end", {"y"}, ""),
        ("<!-- if x -->\na\n<!-- end -->\n", {"x"}, "a\n"),
        ("# if only words follow\n# endless\n", set(), "# if only words follow\n# endless\n"),
    ],
)
def test_conditions(text: str, holds: set[str], made: str) -> None:
    assert rendering.rendered(text, holds, {"never": "there"}) == made


@pytest.mark.parametrize(
    "name",
    [
        *("", "Acme", "a_b", "a--b", "-a", "a-", "1a", "a.b", "a/b", "../a", "\u00e9", "a" * 41),
        *("a b", "a\n", "core", "local", "semcodec", "semcodec-", "semcodec-core"),
    ],
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match=r"expected a name|reserved"):
        names_of(name)
    with pytest.raises(SettingError, match=r"expected a prefix|reserved"):
        names_of("fine", prefix=name.removeprefix("semcodec-"))


@given(st.text(max_size=50))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        names = names_of(text)
    except SettingError:
        return
    assert re.fullmatch(r"semcodec-[a-z][a-z0-9]*(-[a-z0-9]+)*", names.distribution)
    assert names.package.isidentifier()


@given(st.text(max_size=120))
def test_any_author_is_quoted_safely_or_refused(text: str) -> None:
    try:
        names = names_of("fine", author=text)
    except SettingError:
        return
    toml = Plugin(names, ("metric",)).files()["pyproject.toml"]
    if sys.version_info >= (3, 11):
        import tomllib

        authors = [{"name": text}] if text else None
        assert tomllib.loads(toml)["project"].get("authors") == authors


def test_the_name_may_be_given_with_the_distributions_start() -> None:
    assert names_of("semcodec-acme") == names_of("acme") == ACME


@pytest.mark.parametrize(
    ("name", "prefix", "pipelines", "says"),
    [
        ("x", "diffusion", (), "semcodec-diffusion in registry.yaml"),
        ("x", "x", ("jpeg",), "semcodec-anchors in registry.yaml"),
        ("x", "rehearsal", (), "semcodec-rehearsal 0.1.0, which is installed"),
        ("x", "x", ("hyperprior",), "semcodec-rehearsal, which is installed"),
        ("rehearsal", "x", (), "semcodec-rehearsal is installed already"),
    ],
)
@pytest.mark.usefixtures("rehearsals")
def test_a_name_that_is_taken_is_refused(
    name: str, prefix: str, pipelines: tuple[str, ...], says: str
) -> None:
    with pytest.raises(SettingError, match=re.escape(says)):
        check_free(names_of(name, prefix=prefix), pipelines)


def test_the_owner_of_a_prefix_may_start_its_package() -> None:
    check_free(Names(distribution="semcodec-diffusion", prefix="diffusion"), ("diffusion-one",))


def test_a_new_folder_has_usual_permissions_and_nothing_beside_it(sound: Path) -> None:
    assert [path.name for path in sound.parent.iterdir()] == ["semcodec-acme"]
    plain = sound.parent / "plain"
    plain.mkdir()
    assert stat.S_IMODE(sound.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    plain.rmdir()
    assert not list(sound.rglob("__pycache__"))


@pytest.mark.parametrize("what", ["file", "folder", "link"])
def test_what_exists_is_never_written_over(what: str, tmp_path: Path) -> None:
    target = tmp_path / "semcodec-acme"
    {
        "file": lambda: target.write_text("mine"),
        "folder": lambda: target.mkdir(),
        "link": lambda: target.symlink_to(tmp_path / "nowhere"),
    }[what]()
    with pytest.raises(SettingError, match="it exists already"):
        new_plugin(Plugin(ACME, ("metric",)), tmp_path)
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="there is no folder"):
        new_plugin(Plugin(ACME, ("metric",)), tmp_path / "nowhere")


def test_nothing_is_left_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "_write_locks", fail)
    with pytest.raises(SettingError, match="No space left"):
        new_plugin(Plugin(ACME, ("quantizer",)), tmp_path)
    assert not list(tmp_path.iterdir())
