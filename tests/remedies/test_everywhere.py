"""Wherever a name is missing, the answer is the package and the command that installs it.

The world of these tests is an installation of the core alone. Three kinds of names are missing:
one whose package is out, one whose package is only planned, and one of nobody's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.cli.main import main
from semcodec.discovery import catalog
from semcodec.errors import SemcodecError, UnknownCodec, WeightsError
from semcodec.registry import Register, load_register
from semcodec.spec.canonical import canonical
from semcodec.wire import Header, to_file, write

ANY = "pip install"
COMMAND = "pip install semcodec-anchors"
PLANNED = "semcodec-diffusion, which is not out yet"
FLAT = {"transform": "dct", "quantizer": "uniform", "model": "dct-context", "coder": "range"}
PICTURE = np.zeros((16, 16, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("semcodec.discovery.scan.registrations", lambda path: [])
    catalog.cache_clear()
    yield
    catalog.cache_clear()


def spec(**parts: Any) -> dict[str, Any]:
    return {"semcodec": 1, "name": "mine", **FLAT, **parts}


def streams(*stages: Any, **parts: Any) -> dict[str, Any]:
    return {"semcodec": 1, "name": "mine", "streams": {"image": {"stages": list(stages), **parts}}}


Bad = Callable[[str], Any]

SPECS: dict[str, Bad] = {
    "a transform": lambda id_: spec(transform=id_),
    "a quantizer": lambda id_: spec(quantizer={"use": id_, "step": 3}),
    "a model": lambda id_: spec(model=id_),
    "a coder": lambda id_: spec(coder={"use": id_}),
    "with a format": lambda id_: spec(coder={"use": f"{id_}@2"}),
    "a saliency source": lambda id_: spec(saliency=id_),
    "nested: otherwise": lambda id_: spec(saliency={"use": "mask", "otherwise": {"use": id_}}),
    "nested twice": lambda id_: spec(
        saliency={"use": "mask", "otherwise": {"use": "blend", "first": id_}}
    ),
    "a decoder": lambda id_: spec(decoder=id_),
    "a derived value": lambda id_: spec(derive={"x": {"use": id_, "inputs": {"a": "image"}}}),
    "a stage": lambda id_: streams("dct", id_, model="dct-context", coder="range"),
    "a pipeline as a stage": lambda id_: streams({"use": "pipeline", "of": spec(coder=id_)}),
    "a structure unsound elsewhere": lambda id_: {**spec(coder=id_), "colour": "red"},
    "extends, then swap": lambda id_: {
        "semcodec": 1, "name": "mine", "extends": "flat-dct", "swap": {"coder": id_},
    },
    "extends, then set": lambda id_: {
        "semcodec": 1, "name": "mine", "extends": "roi-dct", "set": {"saliency.otherwise": id_},
    },
    "a candidate": lambda id_: {
        "semcodec": 1, "name": "mine", "candidates": ["flat-dct", spec(coder=id_)],
    },
    "the metric of a choice": lambda id_: {
        "semcodec": 1, "candidates": ["flat-dct", "plain-dct"], "choose": {"metric": id_},
    },
}  # fmt: skip


def says(error: BaseException, *, available: bool) -> None:
    text = str(error)
    if available:
        assert COMMAND in text
    else:
        assert PLANNED in text
        assert "pip install" not in text


KINDS = pytest.mark.parametrize(
    ("id_", "available"),
    [("anchors.thing", True), ("diffusion.thing", False)],
    ids=["out", "planned"],
)


@KINDS
@pytest.mark.parametrize("make", SPECS.values(), ids=SPECS)
def test_in_a_spec(make: Bad, id_: str, available: bool) -> None:
    with pytest.raises(SemcodecError) as caught:
        semcodec.load(make(id_))
    says(caught.value, available=available)


@KINDS
@pytest.mark.parametrize("make", SPECS.values(), ids=SPECS)
def test_in_a_spec_that_another_extends_and_sets(
    make: Bad, id_: str, available: bool, tmp_path: Path
) -> None:
    """The address may lead nowhere because of what is missing: then that is said, too."""
    base = make(id_)
    if "candidates" in base:
        pytest.skip("a choice of candidates cannot be extended")
    (tmp_path / "base.yaml").write_text(json.dumps(base))
    with pytest.raises(SemcodecError) as caught:
        semcodec.load(tmp_path / "base.yaml", set={"image.transform.block": 8})
    says(caught.value, available=available)
    (tmp_path / "outer.yaml").write_text(
        "semcodec: 1\nname: o\nextends: base.yaml\nset: {image.transform.block: 8}\n"
    )
    with pytest.raises(SemcodecError) as caught:
        semcodec.load(tmp_path / "outer.yaml")
    says(caught.value, available=available)


CALLS: dict[str, Callable[[str], Any]] = {
    "swap": lambda id_: semcodec.load("flat-dct", swap={"coder": id_}),
    "swap with parameters": lambda id_: semcodec.load(
        "flat-dct", swap={"quantizer": {"use": id_, "step": 2}}
    ),
    "set": lambda id_: semcodec.load("roi-dct", set={"saliency.otherwise": {"use": id_}}),
    "target": lambda id_: semcodec.load("flat-dct").encode(PICTURE, target=(id_, 3)),
    "component": lambda id_: catalog().component(id_),
    "metric": lambda id_: catalog().component(id_, kind="metric"),
    "data set": lambda id_: catalog().component(id_, kind="dataset"),
    "entry": lambda id_: catalog().entry(id_),
}


@KINDS
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_in_a_call(call: Callable[[str], Any], id_: str, available: bool) -> None:
    with pytest.raises(SemcodecError) as caught:
        call(id_)
    says(caught.value, available=available)


NAMED: dict[str, Callable[[], Any]] = {
    "load": lambda: semcodec.load("jpeg"),
    "catalog": lambda: catalog().pipeline("jpeg"),
    "a stage": lambda: semcodec.load(streams({"use": "pipeline", "of": "jpeg"})),
    "extends": lambda: semcodec.load({"semcodec": 1, "name": "m", "extends": "jpeg"}),
    "a candidate": lambda: semcodec.load({"semcodec": 1, "candidates": ["flat-dct", "jpeg"]}),
}


@pytest.mark.parametrize("call", NAMED.values(), ids=NAMED)
def test_a_registered_pipeline(call: Callable[[], Any]) -> None:
    with pytest.raises(SemcodecError) as caught:
        call()
    says(caught.value, available=True)


def registered(**fields: Any) -> Register:
    """The shipped register with another entry for code 16."""
    register = load_register()
    codecs = tuple(replace(c, **fields) if c.code == 16 else c for c in register.codecs)
    return replace(register, codecs=codecs)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A register in which nobody provides ``jpeg`` yet."""
    register = registered(provider="semcodec-diffusion")
    for module in ("engine.identity", "engine.inspect", "registry"):  # each has its own name
        monkeypatch.setattr(f"semcodec.{module}.load_register", lambda: register)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("call", NAMED.values(), ids=NAMED)
def test_a_registered_pipeline_that_is_planned(call: Callable[[], Any]) -> None:
    with pytest.raises(SemcodecError) as caught:
        call()
    says(caught.value, available=False)


def coded(**fields: Any) -> bytes:
    """A well-formed file of 16x16 pixels whose section is nonsense."""
    header = Header(width=16, height=16, **fields)
    return to_file(write(header, radices=(), values=(), sections=(b"x",)))


def lock_of(*use: str) -> bytes:
    """The lock of a private codec with components that are not here."""
    form: dict[str, Any] = {
        "semcodec": 1,
        "name": "theirs",
        "streams": {
            f"s{index}": {"from": "image", "stages": [{"use": f"{id_}@1"}]}
            for index, id_ in enumerate(use)
        },
    }
    form["output"] = "s0"
    return canonical(form)


JPEG = bytes.fromhex(next(c.digest for c in load_register().codecs if c.code == 16))[:2]

FILES: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    # name: header, what the answer holds, what it does not hold
    "registered": ({"code": 16, "digest": JPEG}, (COMMAND, "'jpeg'"), ("--upgrade",)),
    "a newer code": ({"code": 90, "digest": b"ab"}, ("pip install --upgrade semcodec",), ()),
    "an experiment": ({"code": 100, "digest": b"ab"}, ("never registered", "SPEC"), (ANY,)),
    "beyond all codes": ({"code": 70000, "digest": b"ab"}, ("never registered",), (ANY,)),
    "another digest": ({"code": 16, "digest": b"ab"}, ("pip install --upgrade semcodec",), ()),
    "private": ({"lock": lock_of("anchors.thing")}, (COMMAND, "'theirs'"), ("--upgrade",)),
    "private, planned": ({"lock": lock_of("diffusion.thing")}, (PLANNED,), (ANY,)),
    "private, a newer core": (
        {"lock": lock_of("wavelet")}, ("pip install --upgrade semcodec",), (),
    ),
    "private, several": (
        {"lock": lock_of("anchors.one", "wavelet", "diffusion.two", "anchors.three")},
        ("pip install --upgrade semcodec-anchors semcodec Ids", PLANNED),
        ("semcodec-anchors semcodec-anchors",),
    ),
    "private, nobody's": ({"lock": lock_of("nobody.thing")}, ("nobody.thing",), (ANY,)),
    "detached": ({"digest": b"abcd"}, ("-p SPEC.yaml",), (ANY,)),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "holds", "lacks"), FILES.values(), ids=FILES)
def test_in_a_file(fields: dict[str, Any], holds: tuple[str, ...], lacks: tuple[str, ...]) -> None:
    with pytest.raises(UnknownCodec) as caught:
        semcodec.decode(coded(**fields))
    text = str(caught.value)
    assert all(part in text for part in holds), text
    assert not any(part in text for part in lacks), text


@pytest.mark.parametrize(("fields", "holds", "lacks"), FILES.values(), ids=FILES)
def test_inspect_says_the_same(
    fields: dict[str, Any],
    holds: tuple[str, ...],
    lacks: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "a.smc"
    path.write_bytes(coded(**fields))
    assert main(["inspect", str(path)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    if fields.get("code") == 16:
        holds = (COMMAND,)  # the package is what is missing first
    wanted = [part for part in holds if part == PLANNED or part.startswith("pip")]
    assert all(part.partition(" Ids")[0] in out for part in wanted), out
    assert not any(part in out for part in lacks if part == ANY), out


@pytest.mark.usefixtures("planned")
def test_a_file_of_a_planned_codec() -> None:
    with pytest.raises(UnknownCodec) as caught:
        semcodec.decode(coded(code=16, digest=JPEG))
    says(caught.value, available=False)
    found = semcodec.inspect(coded(code=16, digest=JPEG))
    assert found.install == ""
    assert PLANNED in found.note


def test_a_file_whose_components_lack_a_format() -> None:
    """A bare id's package is here: then it is too old."""
    lock = canonical(
        {
            "semcodec": 1,
            "name": "theirs",
            "streams": {
                "image": {
                    "from": "image",
                    "stages": [{"use": "dct@9"}, {"use": "uniform@1"}],
                    "model": {"use": "dct-context@1"},
                    "coder": {"use": "range@1"},
                }
            },
        }
    )
    with pytest.raises(UnknownCodec, match="format 9 does not exist") as caught:
        semcodec.decode(coded(lock=lock))
    assert caught.value.hint == "pip install --upgrade semcodec"


LINES: dict[str, tuple[str, ...]] = {
    "encode": ("encode", "a.png", "-p", "jpeg", "-o", "a.smc"),
    "encode --swap": ("encode", "a.png", "-p", "flat-dct", "-o", "a.smc", "--swap", "coder=ID"),
    "encode --target": ("encode", "a.png", "-p", "flat-dct", "-o", "a.smc", "--target", "ID=3"),
    "encode --set": (
        "encode", "a.png", "-p", "roi-dct", "-o", "a.smc", "--set", "saliency.otherwise={use: ID}",
    ),
    "compare": ("compare", "jpeg", "--data", ".", "-o", "run"),
    "compare FILE": ("compare", "compare.yaml", "-o", "run"),
    "diff": ("diff", "flat-dct", "jpeg"),
    "diff FILE": ("diff", "spec.yaml", "flat-dct"),
    "decode": ("decode", "jpeg.smc", "-o", "b.png"),
    "decode -p": ("decode", "jpeg.smc", "-p", "jpeg", "-o", "b.png"),
    "explain": ("explain", "a.png", "-p", "jpeg", "-o", "c.png"),
    "explain --swap": ("explain", "a.png", "-p", "flat-dct", "-o", "c.png", "--swap", "coder=ID"),
    "validate": ("validate", "jpeg"),
    "validate --json": ("validate", "jpeg", "--json"),
    "validate FILE": ("validate", "spec.yaml"),
    "validate FILE --json": ("validate", "spec.yaml", "--json"),
    "show": ("show", "jpeg"),
    "show --expand": ("show", "jpeg", "--expand"),
    "show FILE --expand": ("show", "spec.yaml", "--expand"),
    "show --swap": ("show", "flat-dct", "--swap", "coder=ID"),
    "lock": ("lock", "jpeg"),
    "lock FILE": ("lock", "spec.yaml"),
    "graph": ("graph", "jpeg"),
    "graph FILE": ("graph", "spec.yaml"),
    "info PIPELINE": ("info", "jpeg"),
    "info ID": ("info", "ID"),
    "info ID@FORMAT": ("info", "ID@2"),
    "info --json": ("info", "ID", "--json"),
    "registry search": ("registry", "search", "jpeg"),
    "registry show": ("registry", "show", "jpeg"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    semcodec.write_image(PICTURE, "a.png")
    Path("jpeg.smc").write_bytes(coded(code=16, digest=JPEG))
    Path("spec.yaml").write_text(json.dumps(spec(coder="anchors.thing")))
    Path("one").mkdir()
    semcodec.write_image(PICTURE, "one/a.png")
    swapped = {"base": "flat-dct", "swap": {"coder": ["anchors.thing"]}}
    Path("compare.yaml").write_text(json.dumps({"compare": 1, "data": "one", **swapped}))
    return tmp_path


GOES_ON = [line for line in LINES.values() if line[0] in ("compare", "registry")]
GOES_ON.remove(LINES["compare"])
"""What shows or runs the rest, and says what is missing beside it."""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_on_the_command_line(line: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code = main([part.replace("ID", "anchors.thing") for part in line])
    out, err = capsys.readouterr()
    assert code == (0 if line in GOES_ON else 1)
    assert COMMAND in out + err
    assert "Traceback" not in err
    if "--json" in line and out:
        assert json.loads(out)["valid"] is False


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "line", [line for line in LINES.values() if any("ID" in part for part in line)], ids=" ".join
)
def test_on_the_command_line_what_is_planned(
    line: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([part.replace("ID", "diffusion.thing") for part in line]) == 1
    err = capsys.readouterr().err
    assert PLANNED in err
    assert "pip install" not in err


def test_every_command_that_takes_a_name_is_tried() -> None:
    """A subcommand added later must be added above, or to those that take no such name."""
    from semcodec.builtin import COMMANDS

    without = {"demo", "inspect", "schema", "plugins", "components", "doctor", "export", "report"}
    assert {ref.name for ref in COMMANDS} == {line[0] for line in LINES.values()} | without


def test_a_demo_shows_the_others_and_names_the_command(folder: Path) -> None:
    from semcodec.demo.run import central_ellipse, compare

    picture = np.random.default_rng(1).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    rows = compare(picture, central_ellipse(32, 32), folder, target_bytes=3000)
    missing = [row for row in rows if row.decoded is None]
    assert missing
    assert all(COMMAND in row.note for row in missing)


def test_weights_of_a_package(tmp_path: Path) -> None:
    """The package's name comes from a file, so only the register's own are offered."""
    from semcodec.contracts.weights import Weights, open_weights

    for package, answer in (
        ("semcodec_diffusion", "not out yet"),
        ("semcodec_evil", "The register knows no distribution"),
    ):
        weights = Weights(uri=f"builtin:{package}/w.safetensors", sha256="0" * 64)
        with pytest.raises(WeightsError) as caught:
            open_weights(weights)
        assert answer in str(caught.value)
        assert "pip install" not in str(caught.value)


def test_an_installed_package_without_the_name_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from semcodec.discovery import Catalog

    info = tmp_path / "semcodec_acme-0.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: semcodec-acme\nVersion: 0.3\n")
    (info / "entry_points.txt").write_text("[semcodec]\nacme = pkg_acme_old\n")
    (tmp_path / "pkg_acme_old.py").write_text("")
    monkeypatch.undo()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SemcodecError) as caught:
        Catalog(path=[str(tmp_path)]).component("acme.thing")
    assert caught.value.hint == "pip install --upgrade semcodec-acme"


def test_no_hint_offers_what_the_register_does_not_know() -> None:
    for name in ("nobody.thing", "evil", "nobody.thing@3"):
        with pytest.raises(SemcodecError) as caught:
            catalog().component(name.partition("@")[0])
        assert not re.search(r"pip install", str(caught.value))
