from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import semcodec
from semcodec.builtin import COMMANDS
from semcodec.cli import listing
from semcodec.cli.main import main
from semcodec.cli.output import WIDTH, table
from semcodec.contracts.kinds import KINDS

if TYPE_CHECKING:
    from tests.cli.conftest import Install, Run

ACME = """
    from semcodec import command, hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("acme.halve", "pkg_acme_parts:Halve"), ref("acme.gone", "pkg_acme_gone:X")]

    @hookimpl
    def semcodec_commands():
        return [command(name, f"pkg_acme_commands:{name}", f"Does {name}.")
                for name in ("fine", "fails", "stops", "warns", "disk", "number")]
"""
PARTS = '''
    from typing import Annotated
    from semcodec import EncodeOnly, Gt, Quantizer, component

    @component
    class Halve(Quantizer):
        """Halves → by default → what it is given.

        Attributes:
            step: how far.
        """

        step: Annotated[float, Gt(0)] = 2.0
        zone: EncodeOnly[float] = 0.6

        def quantize(self, x, guides, ctx):
            return x

        def dequantize(self, q, guides, ctx):
            return q
'''
COMMAND_SOURCE = """
    import warnings
    import click

    number = 3

    @click.command()
    def fine():
        click.echo("fine")

    @click.command()
    def fails():
        raise ZeroDivisionError("by nought")

    @click.command()
    def stops():
        raise KeyboardInterrupt

    @click.command()
    def warns():
        warnings.warn("mind the gap")

    @click.command()
    def disk():
        raise PermissionError(13, "Permission denied", "out.png")
"""


@pytest.fixture
def acme(install: Install) -> None:
    install(
        "semcodec-acme",
        "acme",
        pkg_acme=ACME,
        pkg_acme_parts=PARTS,
        pkg_acme_commands=COMMAND_SOURCE,
    )


@pytest.fixture
def broken(install: Install) -> None:
    install("semcodec-broken", "broken", pkg_broken="import nowhere_at_all")


def lines_fit(text: str) -> bool:
    return all(len(line) <= WIDTH and line == line.rstrip() for line in text.splitlines())


@pytest.mark.usefixtures("acme", "broken")
def test_help_lists_every_command_and_survives_a_broken_plugin(run: Run) -> None:
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for ref in COMMANDS:
        assert f"  {ref.name} " in done.stdout
        assert ref.help in done.stdout
    assert "Commands of plugins:" in done.stdout
    assert "Does fine." in done.stdout
    assert "Exit codes:" in done.stdout


@pytest.mark.parametrize("name", ["plugins", "components", "info", "doctor"])
def test_every_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"  Examples?:\n    semcodec {name}", out)
    assert lines_fit(out)


def test_kinds_are_those_of_the_contracts() -> None:
    assert tuple(KINDS) == listing.KINDS
    assert all(kind in (listing.components.help or "") for kind in KINDS)


@pytest.mark.usefixtures("acme", "broken")
def test_plugins_lists_all_and_what_is_wrong(run: Run) -> None:
    done = run("plugins")
    assert (done.returncode, done.stderr) == (0, "")
    assert lines_fit(done.stdout)
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert rows["acme"] == ["acme", "semcodec-acme", "0.1", "2", "-"]
    assert rows["broken"] == ["broken", "semcodec-broken", "0.1", "-", "-"]
    assert "No module named 'nowhere_at_all'" in " ".join(done.stdout.split())


@pytest.mark.usefixtures("acme", "broken")
def test_plugins_as_json(run: Run) -> None:
    found = json.loads(run("plugins", "--json").stdout)
    (acme,) = [p for p in found["plugins"] if p["name"] == "acme"]
    assert acme == {
        "name": "acme",
        "distribution": "semcodec-acme",
        "version": "0.1",
        "module": "pkg_acme",
        "usable": True,
        "ids": ["acme.halve", "acme.gone"],
        "pipelines": [],
        "commands": ["fine", "fails", "stops", "warns", "disk", "number"],
        "problems": [],
    }
    (problem,) = [p for p in found["problems"] if "broken" in p]
    assert "semcodec-broken 0.1" in problem


@pytest.mark.usefixtures("acme")
def test_components_shows_the_broken_ones_with_their_reason(run: Run) -> None:
    done = run("components")
    assert done.returncode == 0
    assert lines_fit(done.stdout)
    assert "acme.halve" in done.stdout
    assert "Halves → by default → what it is given." in " ".join(done.stdout.split())
    usable, _, rest = done.stdout.partition("Cannot be used:")
    assert "acme.gone" not in usable
    assert "component acme.gone (semcodec-acme 0.1)" in rest
    assert "No module named 'pkg_acme_gone'" in " ".join(rest.split())


@pytest.mark.usefixtures("acme")
def test_components_of_one_kind(run: Run) -> None:
    found = json.loads(run("components", "quantizer", "--json").stdout)["components"]
    assert {each["kind"] for each in found} == {"quantizer"}
    assert {
        "id": "acme.halve",
        "kind": "quantizer",
        "distribution": "semcodec-acme",
        "doc": "Halves → by default → what it is given.",
    } in found
    assert run("components", "sausage").returncode == 2


@pytest.mark.usefixtures("acme")
def test_a_pipe_that_lacks_a_character_still_gets_its_text(run: Run) -> None:
    done = run("components", "quantizer", PYTHONIOENCODING="cp1252")
    assert done.returncode == 0
    assert r"Halves \u2192 by default" in done.stdout


@pytest.mark.usefixtures("acme")
def test_info_explains_a_component(run: Run, tmp_path: Path) -> None:
    done = run("info", "acme.halve")
    assert done.returncode == 0
    assert lines_fit(done.stdout.replace(str(tmp_path), ""))
    text = " ".join(done.stdout.split())
    for part in (
        "acme.halve Halves → by default",
        "kind quantizer",
        "determinism bitexact",
        "consumes latent",
        "distribution semcodec-acme",
        "licence MIT",
        "step: float > 0, default 2.0 how far.",
        "zone: float, default 0.6, encoder only",
        f"source {tmp_path / 'pkg_acme_parts.py'}:5",
    ):
        assert part in text


@pytest.mark.usefixtures("acme")
def test_info_knows_formats(run: Run) -> None:
    assert json.loads(run("info", "acme.halve@1", "--json").stdout)["format"] == 1
    for wrong in ("2", "0", "x", ""):
        done = run("info", f"acme.halve@{wrong}")
        assert done.returncode == 1
        assert "expected a format from 1 to 1" in done.stderr


def test_info_explains_a_pipeline(run: Run, install: Install, tmp_path: Path) -> None:
    install(
        "semcodec-piped",
        "piped",
        pkg_piped="""
            from semcodec import hookimpl, pipeline

            @hookimpl
            def semcodec_pipelines():
                return [pipeline("soft", "pkg_specs", "soft.yaml")]
        """,
    )
    (tmp_path / "pkg_specs").mkdir()
    (tmp_path / "pkg_specs" / "__init__.py").touch()
    (tmp_path / "pkg_specs" / "soft.yaml").write_text(
        "description: Very\n  soft.\ntransform: [{use: dct}]\nquantizer: {use: uniform}\n"
    )
    assert json.loads(run("info", "soft", "--json").stdout) == {
        "pipeline": "soft",
        "doc": "Very soft.",
        "uses": ["dct", "uniform"],
        "locked": False,
        "distribution": "semcodec-piped",
        "version": "0.1",
        "licence": "MIT",
        "source": "pkg_specs/soft.yaml",
    }
    done = run("info", "sofd")
    assert done.returncode == 1
    assert done.stderr.startswith("error: 'sofd' is neither a component nor a pipeline")
    assert "Did you mean soft?" in done.stderr


@pytest.mark.usefixtures("broken")
def test_doctor_exits_with_1_when_something_is_broken(run: Run) -> None:
    done = run("doctor")
    assert done.returncode == 1
    assert lines_fit(re.sub(r"/[^\s()]+", "/", done.stdout))  # a path is never broken
    assert "broken  plugin" in done.stdout
    assert "semcodec-broken 0.1" in done.stdout
    found = json.loads(run("doctor", "--json").stdout)
    assert found["broken"] == sum(c["state"] == "broken" for c in found["checks"]) >= 1


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("fine", 0, ""),
        (
            "fails",
            70,
            "error: unexpected ZeroDivisionError: by nought\n  This is a bug in semcodec",
        ),
        ("stops", 130, ""),
        ("warns", 0, "warning: mind the gap\n"),
        ("disk", 1, "error: Permission denied: out.png\n"),
        ("number", 1, "error: command number (semcodec-acme 0.1): expected"),
        ("fin", 2, "No such command 'fin'. Did you mean fine"),
        ("--nonsense", 2, "No such option"),
    ],
)
def test_exit_codes(run: Run, name: str, code: int, says: str) -> None:
    done = run(name)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("acme")
def test_debug_shows_the_traceback_wherever_it_stands(run: Run) -> None:
    for done in (
        run("fails", "--debug"),
        run("--debug", "fails"),
        run("fails", SEMCODEC_DEBUG="1"),
    ):
        assert done.returncode == 70
        assert "Traceback" in done.stderr
        assert "in fails" in done.stderr
    assert "Traceback" in run("info", "nothing-like-it", "--debug").stderr
    assert "Traceback" not in run("fails", SEMCODEC_DEBUG="0").stderr


def test_no_plugin_takes_the_name_of_a_core_command(run: Run, install: Install) -> None:
    install(
        "semcodec-thief",
        "thief",
        pkg_thief="""
            from semcodec import command, hookimpl

            @hookimpl
            def semcodec_commands():
                return [command("plugins", "pkg_thief_commands:plugins", "Steals.")]
        """,
    )
    done = run("plugins")
    assert done.returncode == 0
    assert "command plugins is claimed by semcodec" in done.stdout
    assert "semcodec-thief 0.1" in done.stdout
    assert "Steals." not in run("--help").stdout


def test_a_reader_that_goes_away_is_met_with_silence(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [sys.executable, "-m", "semcodec", "plugins"],
        env={**os.environ, "PYTHONPATH": str(Path(semcodec.__file__).parents[1])},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (1, "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"semcodec {semcodec.__version__}\n"


def test_the_listing_commands_are_where_the_table_says() -> None:
    for ref in COMMANDS:
        module, _, name = ref.target.partition(":")
        if module == listing.__name__:
            assert isinstance(getattr(listing, name), click.Command)


def test_a_table_aligns_and_wraps_its_last_column() -> None:
    text = table([("a", "x" * 3, "word " * 40), ("long", "y", "")], ("ID", "K", "DOC"))
    first, *rest = text.splitlines()
    assert first == "ID    K    DOC"
    assert rest[0].startswith("a     xxx  word word")
    assert rest[1].startswith("           word")
    assert rest[-1] == "long  y"
    assert lines_fit(text)
    assert table([]) == ""
