"""validate, show, lock, schema and graph on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import semcodec

Command = Callable[..., tuple[int, str, str]]
BAD = """\
semcodec: 1
transform: {use: dct, blok: 8}
quantizer: {use: unifrom}
model: {use: dct-context}
coder: {use: range}
"""
BEST = "semcodec: 1\nname: best\ncandidates: [flat-dct, mine.yaml]\nchoose: {metric: bytes}\n"


@pytest.fixture(autouse=True)
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few specs in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(
        "# my own\nsemcodec: 1\nname: mine\nextends: flat-dct\nset: {transform.block: 8}\n"
    )
    Path("bad.yaml").write_text(BAD)
    Path("best.yaml").write_text(BEST)
    Path("junk.yaml").write_bytes(b"\xff\xfe\x00")


def test_validate(command: Command) -> None:
    digest = semcodec.load("flat-dct").digest
    code, out, err = command("validate", "flat-dct")
    assert (code, err) == (0, "")
    assert out == f"flat-dct: valid, wire code 2, decode digest {digest[:16]}...\n"
    assert json.loads(command("validate", "flat-dct", "--json")[1]) == {
        "valid": True,
        "name": "flat-dct",
        "digest": digest,
        "code": 2,
    }
    assert "mine.yaml: valid, private codec" in command("validate", "mine.yaml")[1]


def test_validate_reports_everything_at_once_with_lines(command: Command) -> None:
    code, out, err = command("validate", "bad.yaml")
    assert (code, out) == (1, "")
    assert err.startswith("error: bad.yaml: 2 problems\n")
    assert "line 2: streams.image.stages.0.blok: no parameter 'blok' (did you mean 'block'?)" in err
    assert "line 3: streams.image.stages.1.use: " in err
    assert "Did you mean uniform" in err
    code, out, err = command("validate", "bad.yaml", "--json")
    assert (code, err) == (1, "")
    found = json.loads(out)
    assert found["valid"] is False
    assert [(p["line"], p["path"]) for p in found["problems"]] == [
        (2, "streams.image.stages.0.blok"),
        (3, "streams.image.stages.1.use"),
    ]


def test_validate_a_choice(command: Command) -> None:
    code, out, _ = command("validate", "best.yaml")
    assert code == 0
    assert out.count("best.yaml: valid, candidate") == 2
    found = json.loads(command("validate", "best.yaml", "--json")[1])
    assert [c["name"] for c in found["candidates"]] == ["flat-dct", "mine"]
    assert found["candidates"][1]["digest"] == semcodec.load("mine.yaml").digest


@pytest.mark.parametrize(
    "args", [("validate",), ("show",), ("show", "--expand"), ("lock",), ("graph",)]
)
@pytest.mark.parametrize("spec", ["flat-dtc", "no.yaml", "junk.yaml", "."])
def test_specs_that_are_not_there(args: tuple[str, ...], spec: str, command: Command) -> None:
    code, out, err = command(args[0], spec, *args[1:])
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert spec in err
    if spec == "flat-dtc":
        assert "Did you mean flat-dct?" in err


def test_show_gives_the_text_as_written(command: Command) -> None:
    assert command("show", "mine.yaml")[1] == Path("mine.yaml").read_text()
    code, out, _ = command("show", "flat-dct")
    assert code == 0
    assert yaml.safe_load(out)["name"] == "flat-dct"
    assert "transform: {use: dct" in out


def test_show_expanded(command: Command) -> None:
    code, out, _ = command("show", "flat-dct", "--expand")
    assert code == 0
    form = yaml.safe_load(out)
    quantizer = form["streams"]["image"]["stages"][1]
    assert quantizer == {"use": "uniform@1", "step": 16.0, "rounding": 0.36, "rdo": 0.1}
    assert semcodec.load(form).full_digest == semcodec.load("flat-dct").full_digest
    assert json.loads(command("show", "flat-dct", "--json")[1]) == form
    decoder = yaml.safe_load(command("show", "flat-dct", "--decode")[1])
    assert "rounding" not in decoder["streams"]["image"]["stages"][1]
    changed = yaml.safe_load(command("show", "flat-dct", "--set", "quantizer.step=32.0")[1])
    assert changed["streams"]["image"]["stages"][1]["step"] == 32
    swapped = yaml.safe_load(command("show", "flat-dct", "--swap", "model=laplace")[1])
    assert swapped["streams"]["image"]["model"]["use"] == "laplace@1"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("show", "flat-dct", "--set", "x"), 2, "--set expects KEY=VALUE"),
        (("show", "flat-dct", "--set", "quantizer.setp=3"), 1, "did you mean 'step'?"),
        (("show", "flat-dct", "--swap", "modle=laplace"), 1, "modle"),
        (("show", "best.yaml", "--expand"), 1, "chooses between codecs"),
        (("graph", "best.yaml"), 1, "chooses between codecs"),
        (("lock", "best.yaml"), 1, "chooses between codecs"),
        (("graph", "flat-dct", "--format", "png"), 2, "'png' is not one of"),
        (("lock", "flat-dct", "-o", "a", "--check", "b"), 2, "at most one of"),
        (("lock", "flat-dct", "--check", "no.json"), 1, "no.json: cannot be read"),
        (("lock", "flat-dct", "--check", "junk.yaml"), 1, "junk.yaml: expected UTF-8 text"),
        (("lock", "flat-dct", "--check", "mine.yaml"), 1, "mine.yaml is no lock: expected JSON"),
        (("lock", "flat-dct", "-o", "no/a.json"), 1, "there is no folder no"),
        (("lock", "mine.yaml", "-o", "mine.yaml"), 1, "is the input itself"),
    ],
)
def test_what_cannot_be_done(
    args: tuple[str, ...], code: int, says: str, command: Command, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found, out, err = command(*args)
    assert (found, out) == (code, "")
    assert says in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_lock(command: Command) -> None:
    text = semcodec.load("mine.yaml").lock()
    assert command("lock", "mine.yaml")[1] == text
    code, out, _ = command("lock", "mine.yaml", "-o", "mine.lock.json")
    assert code == 0
    digest = semcodec.load("mine.yaml").digest
    assert out == f"mine.lock.json: decode digest {digest}\n"
    assert Path("mine.lock.json").read_text(encoding="utf-8") == text
    assert semcodec.load("mine.lock.json").digest == digest
    code, out, _ = command("lock", "mine.yaml", "--check", "mine.lock.json")
    assert (code, out) == (0, "mine.lock.json is the lock of mine.yaml\n")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("{transform.block: 4}", "decoding"),
        ("{transform.block: 8, quantizer.rounding: 0.5}", "encoding only"),
    ],
)
def test_lock_check_says_what_differs(change: str, part: str, command: Command) -> None:
    command("lock", "mine.yaml", "-o", "mine.lock.json")
    old = Path("mine.yaml").read_text()
    Path("mine.yaml").write_text(old.replace("{transform.block: 8}", change))
    code, _, err = command("lock", "mine.yaml", "--check", "mine.lock.json")
    assert code == 1
    assert f"differ in what matters for {part}" in err
    assert "semcodec lock mine.yaml -o mine.lock.json" in err


def test_schema(command: Command) -> None:
    code, out, _ = command("schema")
    assert code == 0
    assert '"dct"' in out
    assert json.loads(out)["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize(
    ("form", "says"), [("text", "dct"), ("mermaid", "flowchart"), ("dot", "digraph")]
)
def test_graph(form: str, says: str, command: Command) -> None:
    code, out, _ = command("graph", "flat-dct", "--format", form)
    assert code == 0
    assert says in out
    assert all(name in out for name in ("dct", "uniform", "dct-context", "range"))


@pytest.mark.parametrize("name", ["validate", "show", "lock", "schema", "graph"])
def test_help_fits_and_shows_examples(
    name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = command(name, "--help")
    assert code == 0
    assert all(len(line) <= 80 for line in out.splitlines())
    assert f"\n    semcodec {name}" in out
    assert "PATH" not in out
