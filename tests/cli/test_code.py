"""encode and decode on the command line: results, options, refusals, and what a failure leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil

import semcodec

TESTS = Path(__file__).parents[1]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def rehearsal(rehearsals: Path) -> None:
    """Every test here has the rehearsal plugin."""


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NDArray[np.uint8]:
    """A photograph, ``photo.png`` in the working folder."""
    made = semcodec.read_image(TESTS.parent / "docs" / "pictures" / "chelsea.png")
    made = np.ascontiguousarray(made[80:147, 130:223])
    Pil.fromarray(made).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    return made


def encode(*more: str, pipeline: str = "flat-dct", output: str = "a.smc") -> list[str]:
    return ["encode", "photo.png", "-p", pipeline, "-o", output, *more]


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("picture")
def test_there_and_back(picture: Any, command: Command, tmp_path: Path) -> None:
    code, out, err = command(*encode())
    assert (code, err) == (0, "")
    data = Path("a.smc").read_bytes()
    assert data == semcodec.load("flat-dct").encode(picture)
    bpp = 8 * len(data) / (67 * 93)
    assert out == f"a.smc: {len(data)} bytes, {bpp:.4g} bpp, 93x67, flat-dct (step = 16.0)\n"
    code, out, err = command("decode", "a.smc", "-o", "b.png")
    assert (code, out, err) == (0, "b.png: 93x67, RGB, 8 bits\n", "")
    assert (semcodec.read_image("b.png") == semcodec.decode(data)).all()
    assert left(tmp_path) == {"photo.png", "a.smc", "b.png"}


def test_json(picture: Any, command: Command) -> None:
    code, out, err = command(*encode("--json", "--target-bytes", "1500"))
    assert (code, err) == (0, "")
    facts = json.loads(out)
    data = Path("a.smc").read_bytes()
    assert facts["bytes"] == len(data) == sum(facts["sections"].values()) <= 1500
    assert facts["bpp"] == 8 * len(data) / (67 * 93)
    codec = semcodec.load("flat-dct")
    assert (facts["codec"], facts["digest"]) == ("flat-dct", codec.digest)
    assert facts["settings"] == codec.settings(data)
    assert facts["trials"] == 6
    assert facts["seconds"] > 0
    code, out, err = command("decode", "a.smc", "-o", "b.png", "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)
    assert {k: facts[k] for k in ("width", "height", "channels", "depth", "edited")} == {
        "width": 93,
        "height": 67,
        "channels": 3,
        "depth": 8,
        "edited": False,
    }
    assert facts["digest"] == codec.digest


@pytest.mark.usefixtures("picture")
def test_verbose_shows_sections_steps_and_progress(command: Command) -> None:
    code, out, err = command("-v", *encode(pipeline="guided-dct"))
    assert code == 0
    assert "SECTION    BYTES" in out
    assert "map+image" in out
    assert any(line.split()[:2] == ["dct@1", "forward"] for line in out.splitlines())
    assert err.splitlines()[0] == "  0% map"
    assert err.splitlines()[-1] == "100% done"
    code, out, err = command("-v", "decode", "a.smc", "-o", "b.png")
    assert code == 0
    assert any(line.split()[:2] == ["dct@1", "inverse"] for line in out.splitlines())
    assert err.endswith("100% done\n")
    code, out, _ = command("-v", *encode("--json"))
    assert json.loads(out)["codec"] == "flat-dct"


def test_targets(picture: Any, command: Command) -> None:
    codec = semcodec.load("flat-dct")
    for options, expected in (
        (("--target-bytes", "1200"), {"target_bytes": 1200}),
        (("--target-bpp", "1.5"), {"target_bpp": 1.5}),
        (("--target", "psnr=33"), {"target": ("psnr", 33)}),
    ):
        assert command(*encode(*options))[0] == 0
        assert Path("a.smc").read_bytes() == codec.encode(picture, **expected)  # type: ignore[arg-type]


def test_set_swap_and_forms(picture: Any, command: Command) -> None:
    codec = semcodec.load("flat-dct")
    assert command(*encode("--set", "step=9"))[0] == 0
    assert Path("a.smc").read_bytes() == codec.encode(picture, settings={"step": 9})
    assert command(*encode("--wire"))[0] == 0
    assert Path("a.smc").read_bytes() == codec.encode(picture, form="wire")
    changed = semcodec.load("flat-dct", set={"transform.block": 16, "transform.chroma": "444"})
    options = ("--set", "transform.block=16", "--set", "transform.chroma='444'")
    assert command(*encode(*options, "--set", "step=9"))[0] == 0
    assert Path("a.smc").read_bytes() == changed.encode(picture, settings={"step": 9})
    assert command(*encode(*options, "--detached"))[0] == 0
    assert Path("a.smc").read_bytes() == changed.encode(picture, detached=True)
    swapped = semcodec.load("flat-dct", swap={"model": "laplace"})
    assert command(*encode("--swap", "model=laplace"))[0] == 0
    assert Path("a.smc").read_bytes() == swapped.encode(picture)


def test_a_detached_file_is_decoded_with_its_spec(picture: Any, command: Command) -> None:
    Path("mine.yaml").write_text("semcodec: 1\nextends: flat-dct\nset: {transform.block: 8}\n")
    assert command(*encode("--detached", pipeline="mine.yaml"))[0] == 0
    code, _, err = command("decode", "a.smc", "-o", "b.png")
    assert code == 1
    assert "semcodec decode FILE -p SPEC.yaml -o IMG" in err
    assert not Path("b.png").exists()
    assert command("decode", "a.smc", "-o", "b.png", "-p", "mine.yaml")[0] == 0
    codec = semcodec.load("mine.yaml")
    assert (semcodec.read_image("b.png") == codec.decode(Path("a.smc").read_bytes())).all()
    code, _, err = command("decode", "a.smc", "-o", "b.png", "-p", "flat-dct")
    assert code == 1
    assert err.startswith("error: expected a file of flat-dct")


@pytest.mark.usefixtures("picture")
def test_controls(command: Command) -> None:
    assert command(*encode(pipeline="any-width"))[0] == 0
    code, out, _ = command("decode", "a.smc", "-o", "b.png", "--control", "width=80")
    assert (code, out) == (0, "b.png: 80x67, RGB, 8 bits, edited by controls\n")
    assert semcodec.read_image("b.png").shape == (67, 80, 3)
    for wrong, says in (
        ("width=-1", "at least 0"),
        ("width=far", "expected a number, got 'far'"),
        ("wdith=80", "did you mean 'width'?"),
    ):
        code, _, err = command("decode", "a.smc", "-o", "c.png", "--control", wrong)
        assert code == 1
        assert says in err
        assert not Path("c.png").exists()


def test_inputs(picture: Any, command: Command) -> None:
    labels = np.add.outer(np.arange(67) // 30, np.arange(93) // 50).astype(np.uint8)
    Pil.fromarray(labels).save("labels.png")
    assert command(*encode("--input", "labels=labels.png", pipeline="objects"))[0] == 0
    codec = semcodec.load("objects")
    assert Path("a.smc").read_bytes() == codec.encode(picture, inputs={"labels": labels})
    captions = semcodec.load("decoder-masks")
    Path("caption.txt").write_text("  a cat \u2603\n", encoding="utf-8")
    for value, text in (
        ("a cat = sleeping", "a cat = sleeping"),
        ("caption.txt", "a cat \u2603"),
        ("photo.png", "photo.png"),  # a caption may well be the name of a file
        ("x" * 200, "x" * 200),
    ):
        assert command(*encode("--input", f"caption={value}", pipeline="decoder-masks"))[0] == 0
        assert Path("a.smc").read_bytes() == captions.encode(picture, inputs={"caption": text})


@pytest.mark.usefixtures("picture")
@pytest.mark.parametrize(
    ("pipeline", "option", "says"),
    [
        ("objects", "labels=lables.png", "--input labels: there is no file lables.png"),
        ("objects", "labels=photo.png", r"expected shape \(67, 93\)"),
        ("objects", "labels=caption.txt", "caption.txt"),
        ("decoder-masks", "caption=bad.txt", "bad.txt: expected UTF-8 text"),
        ("decoder-masks", "captoin=x", "did you mean 'caption'?"),
        ("flat-dct", "mask=photo.png", "takes no input 'mask'"),
    ],
)
def test_wrong_inputs(pipeline: str, option: str, says: str, command: Command) -> None:
    import re

    Path("caption.txt").write_text("no picture")
    Path("bad.txt").write_bytes(b"\xff\xfe\xff")
    code, out, err = command(*encode("--input", option, pipeline=pipeline))
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert re.search(says, err)
    assert not Path("a.smc").exists()


def test_pictures_with_alpha_or_16_bits(picture: Any, command: Command) -> None:
    alpha = np.dstack([picture, np.arange(93, dtype=np.uint8)[None].repeat(67, 0)])
    Pil.fromarray(alpha).save("photo.png")
    code, _, err = command(*encode())
    assert code == 1
    assert "flatten its alpha channel" in err
    assert command(*encode("--background", "#ff8000"))[0] == 0
    with_hash = Path("a.smc").read_bytes()
    assert command(*encode("--background", "FF8000"))[0] == 0
    assert Path("a.smc").read_bytes() == with_hash
    semcodec.write_image(picture.astype(np.uint16) * 257, "photo.png")
    code, _, err = command(*encode())
    assert code == 1
    assert "convert it to 8 bits first" in err
    assert command(*encode("--depth8"))[0] == 0
    assert Path("a.smc").read_bytes() == semcodec.load("flat-dct").encode(picture)


@pytest.mark.usefixtures("picture")
@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["encode", "photo.png", "-o", "a.smc"], "Missing option '-p' / '--pipeline'"),
        (["encode", "photo.png", "-p", "flat-dct"], "Missing option '-o' / '--output'"),
        (["encode", "-p", "flat-dct", "-o", "a.smc"], "Missing argument 'IMG'"),
        (encode("--set", "step"), "--set expects KEY=VALUE, got 'step'"),
        (encode("--set", "=3"), "--set expects KEY=VALUE, got '=3'"),
        (encode("--set", "step=3", "--set", "step=4"), "--set step is given twice"),
        (encode("--swap", "model"), "--swap expects KEY=VALUE"),
        (encode("--input", "caption"), "--input expects KEY=VALUE"),
        (encode("--target", "psnr"), "--target expects METRIC=NUMBER such as psnr=35"),
        (encode("--target", "psnr=high"), "--target expects METRIC=NUMBER such as psnr=35"),
        (encode("--target", "psnr=30", "--target-bpp", "1"), "give at most one of"),
        (encode("--target-bytes", "many"), "'many' is not a valid integer"),
        (encode("--background", "red"), "--background expects a colour such as #ffffff"),
        (encode("--nonsense"), "No such option"),
        (["decode", "a.smc"], "Missing option '-o' / '--output'"),
        (["decode", "a.smc", "-o", "b.png", "--control", "x"], "--control expects KEY=VALUE"),
        (["decode", "a.smc", "-o", "b.png", "--max-pixels", "0"], "--max-pixels expects"),
    ],
)
def test_wrong_usage(args: list[str], says: str, command: Command, tmp_path: Path) -> None:
    code, out, err = command(*args)
    assert (code, out) == (2, "")
    assert says in err
    assert f"Try 'semcodec {args[0]} -h' for help." in err or "Usage:" in err
    assert left(tmp_path) == {"photo.png"}


@pytest.mark.usefixtures("picture")
@pytest.mark.parametrize(
    ("args", "says", "hint"),
    [
        (encode(pipeline="flat-dtc"), "no installed distribution", "Did you mean flat-dct?"),
        (encode(pipeline="no.yaml"), "no.yaml: 1 problem", "cannot be read"),
        (
            encode("--set", "stpe=3"),
            "--set stpe: the pipeline has no",
            "Its settings: step",
        ),
        (encode("--set", "step=1000"), "from 2 to 128, got 1000", ""),
        (encode("--set", "step=big"), "got 'big'", ""),
        (encode("--set", "transform.blok=4"), "no parameter 'blok'", "did you mean 'block'?"),
        (encode("--set", "transform.block=5"), "input should be 4, 8 or 16", ""),
        (encode("--swap", "coder=acme.huffman"), "acme.huffman", "See: semcodec components"),
        (encode("--swap", "model=uniform"), "expected a model", ""),
        (encode("--target-bytes", "0"), "expected a target above 0", ""),
        (encode("--target-bytes", "20"), "gives at most 20 bytes: the smallest file has", "Choose"),
        (encode("--target", "psnr=99"), "reaches psnr of at least 99: the best is", "Choose"),
        (encode("--target", "qwxyz=99"), "no installed distribution", "semcodec components"),
        (encode(pipeline="objects"), "needs the input 'labels'", "--input labels=FILE"),
        (encode(output="no/a.smc"), "there is no folder no", "mkdir -p no"),
        (encode(output="."), "it is a folder", "Name a file"),
        (encode(output="photo.png"), "is the input itself", "another name"),
        (["encode", "no.png", "-p", "flat-dct", "-o", "a.smc"], "no.png", ""),
        (["encode", "junk", "-p", "flat-dct", "-o", "a.smc"], "junk", ""),
        (["decode", "no.smc", "-o", "b.png"], "no.smc: cannot be read: No such file", ""),
        (["decode", "junk", "-o", "b.png"], "expected format version 1", "no semcodec file"),
        (["decode", "good.smc", "-o", "b"], "has the suffix (none)", "Known suffixes"),
        (["decode", "good.smc", "-o", "b.gif"], "has the suffix .gif", "Known suffixes"),
        (["decode", "good.smc", "-o", "no/b.png"], "there is no folder no", "mkdir -p no"),
        (["decode", "good.smc", "-o", "good.smc"], "is the input itself", "another name"),
        (["decode", "good.smc", "-o", "b.png", "--max-pixels", "9"], "at most 9 pixels", "Raise"),
        (["decode", "cut.smc", "-o", "b.png"], "CRC-16", "damaged or cut short"),
    ],
)
def test_what_cannot_be_done(
    args: list[str], says: str, hint: str, command: Command, tmp_path: Path
) -> None:
    Path("junk").write_bytes(b"\x00\x01 this is nothing")
    good = semcodec.load("flat-dct").encode("photo.png")
    Path("good.smc").write_bytes(good)
    Path("cut.smc").write_bytes(good[:-3])
    before = {name: (tmp_path / name).read_bytes() for name in left(tmp_path)}
    code, out, err = command(*args)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert says in err
    assert hint in err
    assert {name: (tmp_path / name).read_bytes() for name in left(tmp_path)} == before


@pytest.mark.usefixtures("picture")
def test_a_failure_leaves_an_old_output_alone(command: Command, tmp_path: Path) -> None:
    Path("a.smc").write_bytes(b"old")
    Path("b.png").write_bytes(b"old")
    assert command(*encode("--target-bytes", "20"))[0] == 1
    good = semcodec.load("flat-dct").encode("photo.png")
    Path("cut.smc").write_bytes(good[:60] + bytes(10) + good[70:])
    assert command("decode", "cut.smc", "-o", "b.png")[0] == 1
    assert Path("a.smc").read_bytes() == Path("b.png").read_bytes() == b"old"
    assert left(tmp_path) == {"photo.png", "a.smc", "b.png", "cut.smc"}


@pytest.mark.usefixtures("picture")
def test_an_existing_output_is_replaced(command: Command) -> None:
    Path("a.smc").write_bytes(b"old")
    assert command(*encode())[0] == 0
    assert semcodec.inspect(Path("a.smc").read_bytes()).name == "flat-dct"


@pytest.mark.usefixtures("picture")
def test_a_closed_folder(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # root may write
    code, _, err = command(*encode())
    assert code == 1
    assert "cannot write a.smc: permission denied" in err
    assert left(tmp_path) == {"photo.png"}


@pytest.mark.usefixtures("picture")
def test_a_disk_that_refuses_leaves_no_part(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = command(*encode())
    assert code == 1
    assert "cannot write a.smc: No space left on device" in err
    assert left(tmp_path) == {"photo.png"}


@pytest.mark.usefixtures("picture")
def test_a_choice_of_candidates(command: Command) -> None:
    Path("best.yaml").write_text(
        "semcodec: 1\nname: best\ncandidates: [webp, flat-dct, jpeg]\nchoose: {metric: bytes}\n"
    )
    code, out, _ = command(*encode("--json", pipeline="best.yaml"))
    assert code == 0
    facts = json.loads(out)
    assert facts["codec"] in ("webp", "flat-dct", "jpeg")
    assert facts["digest"] == semcodec.load(facts["codec"]).digest
    assert facts["trials"] == 3
    assert command("decode", "a.smc", "-o", "b.png", "-p", "best.yaml")[0] == 0
    code, _, err = command(*encode("--set", "quality=3", pipeline="best.yaml"))
    assert code == 1
    assert "no setting of that name" in err


@pytest.mark.parametrize("name", ["encode", "decode"])
def test_help_fits_and_shows_examples(
    name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = command(name, "--help")
    assert (code, err) == (0, "")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert f"  Examples:\n    semcodec {name} photo." in out
    options = out[out.index("Options:") : out.index("Examples:")].splitlines()
    first = [line.split()[0] for line in options if line.startswith("  -")]
    assert first[-2:] == ["--json", "-h,"]
    assert "INTEGER" not in out
    assert "PATH" not in out


@pytest.mark.usefixtures("picture")
def test_the_largest_picture_to_accept(command: Command) -> None:
    code, _, err = command(*encode("--max-pixels", "1000"))
    assert code == 1
    assert "at most 1000 pixels" in err
    assert not Path("a.smc").exists()
    assert command(*encode("--max-pixels", "1000000"))[0] == 0
    assert command(*encode("--max-pixels", "0"))[0] == 2
