"""`semcodec plugins new` and `semcodec plugins check`, as they are typed."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from semcodec.authoring import kit, verdict
from semcodec.authoring.conformance import NO_TEST, Row, conforms, document, row
from semcodec.authoring.packaging.light import HEAVY
from semcodec.authoring.process import run_python
from semcodec.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run ``semcodec plugins`` in an empty folder and give exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        code = main(["plugins", *args])
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return code, done.out, done.err

    return run


def test_a_group_that_lists_when_nothing_is_asked(command: Command) -> None:
    code, out, _ = command()
    assert code == 0
    assert out.startswith("NAME      DISTRIBUTION")
    assert json.loads(command("--json")[1])["plugins"][0]["name"] == "semcodec"
    _, out, _ = command("--help")
    assert "Write a package to start a plugin from." in out
    assert "Check a plugin before it is published." in out


def test_json_before_a_subcommand_is_no_request_for_a_list(command: Command) -> None:
    code, out, error = command("--json", "new", "acme")
    assert (code, out) == (2, "")
    assert "give --json after new" in error


@pytest.mark.parametrize("words", ["plugins --help", "plugins new --help", "plugins check --help"])
def test_help_imports_nothing_heavy(words: str) -> None:
    code = f"import sys; from semcodec.cli import main; main({words.split()}); print(*sys.modules)"
    done = run_python("-c", code)
    assert done.returncode == 0
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "semcodec" in loaded
    assert not loaded & HEAVY


def test_new_says_what_to_type_next(command: Command, tmp_path: Path) -> None:
    code, out, _ = command(
        "new", "acme", "--kind", "coder", "--kind", "metric", "--author", "A. N."
    )
    assert code == 0
    assert (tmp_path / "semcodec-acme" / "semcodec_acme" / "coder.py").exists()
    assert not (tmp_path / "semcodec-acme" / "semcodec_acme" / "quantizer.py").exists()
    assert out.splitlines() == [
        "semcodec-acme: coder, metric under the prefix acme",
        "",
        "Next:",
        '  pip install -e "./semcodec-acme[test]"',
        "  semcodec plugins check semcodec-acme",
        "  semcodec encode photo.png -p acme-flat -o photo.smc",
    ]


def test_new_quotes_a_folder_with_spaces(command: Command, tmp_path: Path) -> None:
    parent = tmp_path / "my code"
    parent.mkdir()
    code, out, _ = command("new", "acme", "--kind", "dataset", "-o", str(parent))
    assert code == 0
    install, check = out.splitlines()[-2:]
    assert shlex.split(install)[-1] == f"{parent / 'semcodec-acme'}[test]"
    assert shlex.split(check)[-1] == str(parent / "semcodec-acme")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("new",), 2, "Missing argument 'NAME'"),
        (("new", "acme", "--kind", "thing"), 2, "is not one of 'saliency'"),
        (("new", "acme", "--licence", "WTFPL"), 2, "is not one of 'Apache-2.0'"),
        (("new", "Acme"), 1, "expected a name of lower-case letters"),
        (("new", "acme", "-o", "nowhere"), 1, "there is no folder nowhere"),
        (("new", "acme", "--prefix", "anchors"), 1, "the prefix 'anchors' is taken"),
        (("new", "acme", "--author", 'A "B" C'), 1, "on one line without quotes"),
        (("check", "nowhere"), 1, "expected the pyproject.toml of a plugin"),
        (("check",), 1, "semcodec plugins new NAME"),
    ],
)
def test_what_cannot_be_done_is_refused(
    args: tuple[str, ...], code: int, says: str, command: Command, tmp_path: Path
) -> None:
    found, out, error = command(*args)
    assert (found, out) == (code, "")
    assert says in error
    assert not list(tmp_path.iterdir())


def test_check_names_what_it_needs(
    command: Command, sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = kit.importlib.util.find_spec
    monkeypatch.setattr(
        kit.importlib.util, "find_spec", lambda name: None if name == "hypothesis" else real(name)
    )
    code, _, error = command("check", str(sound))
    assert code == 1
    assert "need hypothesis" in error
    assert 'pip install "semcodec[testing]"' in error


def rows(*outcomes: str) -> list[Row]:
    return [row(f"check-{n}", "semcodec-acme", each) for n, each in enumerate(outcomes)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("checks", "good"),
    [
        (rows("passed", "expected", "skipped", "never"), True),
        (rows("passed", "failed"), False),
        ([*rows("passed"), row("any", "acme.x", "never", NO_TEST)], False),
    ],
)
def test_what_conforms(
    checks: list[Row],
    good: bool,
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Skipped and never applied checks are no faults, but what no test names is one."""
    assert conforms(checks) is good
    found = document("semcodec-acme", "0.1.0", checks)
    assert sum(found["summary"].values()) == len(checks)
    monkeypatch.setattr(verdict, "check_plugin", lambda folder, progress: found)
    code, out, _ = command("check")
    assert code == (0 if good else 1)
    assert out.splitlines()[-1] == ("It conforms." if good else "It does not conform.")
    code, out, _ = command("check", "--json")
    assert code == (0 if good else 1)
    assert json.loads(out) == found


def test_the_table_says_what_failed_and_where(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [
        *rows("passed"),
        Row(
            id="layout-agrees",
            level=1,
            subject="acme.dead-zone",
            configuration={"step": 0.5},
            outcome="failed",
            reason="expected 3, got 4",
            where="semcodec_acme/quantizer.py:12",
        ),
        row("device", "acme.dead-zone", "skipped", "no GPU"),
        row("other-device", "acme.dead-zone", "skipped", "no GPU"),
        row("any", "acme.max-error", "never", NO_TEST),
        row("coder-lossless", "semcodec-acme", "never", "tests name no coder"),
    ]
    found = document("semcodec-acme", "0.1.0", checks)
    monkeypatch.setattr(verdict, "check_plugin", lambda folder, progress: found)
    _, out, _ = command("check")
    assert (
        out
        == f"""\
semcodec-acme 0.1.0

  SUBJECT         PASSED  FAILED  EXPECTED  SKIPPED  NEVER
  semcodec-acme   1       -       -         -        1
  acme.dead-zone  -       1       -         2        -
  acme.max-error  -       -       -         -        1

Failed:
  layout-agrees  acme.dead-zone (step=0.5)
      expected 3, got 4
      at semcodec_acme/quantizer.py:12

Without a test:
  acme.max-error: {NO_TEST}

Skipped:
  device, other-device: no GPU

1 checks never applied: nothing here calls for them.

conformance.json: 1 passed, 1 failed, 0 expected, 2 skipped, 2 never
It does not conform.
"""
    )


def test_check_of_a_package_that_does_not_build(command: Command, package: Path) -> None:
    toml = package / "pyproject.toml"
    toml.write_text(toml.read_text().replace('"0.1.0"', '"newest"'))
    code, out, _ = command("check", os.path.relpath(package))
    assert code == 1
    assert "wheel-builds  semcodec-acme" in out
    assert "the wheel does not build" in out
    written = json.loads((package / "conformance.json").read_text())
    assert {each["outcome"] for each in written["checks"]} == {"passed", "failed", "skipped"}
    assert written["version"] == ""
