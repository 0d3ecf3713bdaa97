"""What holds of CompressAI's zoo without CompressAI: specs, digests, remedies, strings."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import semcodec_anchors
from hypothesis import given
from hypothesis import strategies as st
from semcodec_anchors.zoo import catalog
from semcodec_anchors.zoo.components import CompressAI, CompressAIVbr
from semcodec_anchors.zoo.models import Factorized, Hyperprior
from semcodec_anchors.zoo.rans import Decoder, Derailed
from semcodec_anchors.zoo.strings import joined, parted
from semcodec_anchors.zoo.transforms import Analysis, HyperAnalysis

import semcodec
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Image
from semcodec.discovery import catalog as installed
from semcodec.errors import (
    ContainerError,
    ImageError,
    PluginError,
    SpecError,
    UnknownCodec,
    WeightsError,
)

BOTH = (CompressAI(model="mbt2018"), CompressAIVbr(model="mbt2018-vbr"))
OWN = {"uri": "file:mine.pth", "sha256": "5" * 64}


def spec(**parameters):
    return {"semcodec": 1, "transform": {"use": "anchors.compressai", **parameters}}


def digest(**parameters):
    return semcodec.load(spec(**parameters)).digest


@pytest.mark.parametrize("name", semcodec_anchors.ZOO)
def test_every_pipeline_names_its_weights_and_sends_its_rate(name):
    codec = semcodec.load(name)
    [setting] = codec.pipeline.wire
    component = codec.pipeline.places["image.stages.0"].component
    assert setting.bytes == "increasing"
    if isinstance(component, CompressAI):
        assert component.published == catalog.hashes(component.model, component.metric)
        assert (setting.name, setting.grid.levels) == ("quality", len(component.published))
        assert name == component.model + ("-ms-ssim" if component.metric == "ms-ssim" else "")
    else:
        assert (component.published,) == catalog.hashes(component.model, "mse")
        assert (setting.name, setting.grid.values[0], setting.grid.values[-1]) == ("gain", 0.1, 1)
        assert name == component.model


def test_there_is_a_pipeline_of_everything_published():
    names = {model + ("-ms-ssim" if m == "ms-ssim" else "") for model, m in catalog.PUBLISHED}
    assert names == set(semcodec_anchors.ZOO)


def test_architectures_are_those_the_components_take():
    for cls, known in ((CompressAI, catalog.FIXED), (CompressAIVbr, catalog.VARIABLE)):
        model = next(p for p in parameters(cls) if p.name == "model")
        assert model.annotation.__args__ == known


def test_digests_are_pinned():
    """Another hash of the weights, another way of naming them, another codec."""
    pinned = {
        "mbt2018-mean": "a79e718be3a8729bdb709a3a4acf5ea088bcd5c94231a249467d16d7c37a9837",
        "mbt2018-vbr": "2ec029d5cde49a2ce2cd152bba19ed18f1cae69950e2ab11393e4f32b8d843f6",
    }
    assert {name: semcodec.load(name).digest for name in pinned} == pinned


def test_the_weights_are_in_the_digest():
    known = catalog.hashes("mbt2018", "mse")
    assert digest(model="mbt2018") == digest(model="mbt2018", published=list(known))
    other = ["00000000", *known[1:]]
    own = {**OWN, "sha256": "6" * 64}
    moved = {**OWN, "uri": "file:elsewhere.pth"}
    seen = [
        digest(model="mbt2018"),
        digest(model="mbt2018", metric="ms-ssim"),
        digest(model="mbt2018", published=other),
        digest(model="mbt2018", checkpoints=[OWN]),
        digest(model="mbt2018", checkpoints=[own]),
        digest(model="mbt2018", checkpoints=[OWN, own]),
        digest(model="mbt2018-mean", checkpoints=[OWN]),
    ]
    assert len(set(seen)) == len(seen)
    assert digest(model="mbt2018", checkpoints=[moved]) == seen[3]


@pytest.mark.parametrize("cls", [Analysis, HyperAnalysis, Factorized, Hyperprior])
def test_stages_choose_their_network_as_the_codecs_do(cls):
    codec = {p.name: (p.annotation, p.doc) for p in parameters(CompressAI)}
    for parameter in parameters(cls):
        if parameter.name == "model":
            assert set(parameter.annotation.__args__) < set(catalog.FIXED)
        else:
            assert (parameter.annotation, parameter.doc) == codec[parameter.name]
    assert cls(quality=8).published == catalog.hashes("mbt2018-mean", "mse")
    for wrong in ({"quality": 9}, {"metric": "ms-ssim", "published": ("3f36cd77",)}):
        with pytest.raises(ValueError):
            cls(**wrong)


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"model": "mbt2018", "quality": 9}, "from 1 to 8, got 9"),
        ({"model": "cheng2020-attn", "quality": 7}, "from 1 to 6"),
        ({"model": "mbt2018", "quality": 2, "checkpoints": [OWN]}, "from 1 to 1"),
        ({"model": "bmshj2018-factorized-relu"}, "publishes no weights"),
        ({"model": "mbt2018", "published": ["3f36cd77"]}, "8 hashes"),
        ({"model": "mbt2018", "published": ["3F36CD77"] * 8}, "hexadecimal"),
        ({"model": "mbt2018", "metric": "ms-ssim", "checkpoints": [OWN]}, "got both"),
        ({"model": "mbt2018", "published": ["3f36cd77"] * 8, "checkpoints": [OWN]}, "got both"),
        ({"model": "mbt2019"}, "mbt2018"),
        ({}, "'model' is required"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_check(given_, words):
    with pytest.raises(SpecError, match=words):
        semcodec.load(spec(**given_))


@pytest.mark.parametrize("module", ["torch", "compressai"])
@pytest.mark.parametrize("codec", BOTH, ids=["fixed", "variable"])
def test_without_a_package_both_ways_say_what_to_install(
    codec, module, monkeypatch, context, photo
):
    if module == "compressai":
        pytest.importorskip("torch")
    for name in [m for m in sys.modules if m.partition(".")[0] == module]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, module, None)
    picture = photo(8, 8, 3)
    for call, value, kind in (
        (codec.forward, picture, PluginError),
        (codec.inverse, b"12345678", UnknownCodec),
    ):
        with pytest.raises(kind, match=module) as caught:
            call(value, {}, context(picture))
        assert caught.value.hint == 'pip install "semcodec-anchors[compressai]"'


def test_a_spec_of_checkpoints_needs_compressai(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(PluginError) as caught:
        semcodec_anchors.of_checkpoints("mine.pth")
    assert caught.value.hint == 'pip install "semcodec-anchors[compressai]"'


def test_absent_weights_say_where_from_and_where_to(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "a folder"))
    file = catalog.Published("cheng2020-anchor", "ms-ssim", 2, "c7ff5812")
    url = (
        "https://compressai.s3.amazonaws.com/models/v1/cheng2020_anchor-ms-ssim-2-c7ff5812.pth.tar"
    )
    assert file.url == url
    with pytest.raises(WeightsError) as caught:
        file.find()
    where = tmp_path / "a folder" / "hub" / "checkpoints" / url.rpartition("/")[2]
    assert str(where) in str(caught.value.args[0])
    assert caught.value.hint == f"curl -fL --create-dirs -o '{where}' {url}"
    assert list(tmp_path.iterdir()) == []


def test_weights_are_looked_for_where_torch_hub_keeps_them(monkeypatch):
    file = catalog.Published("mbt2018", "mse", 1, "3f36cd77")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.delenv("TORCH_HOME", raising=False)
    assert file.path.as_posix() == "/cache/torch/hub/checkpoints/mbt2018-1-3f36cd77.pth.tar"
    monkeypatch.setenv("TORCH_HOME", "/home/t")
    assert file.path.as_posix() == "/home/t/hub/checkpoints/mbt2018-1-3f36cd77.pth.tar"


def test_a_file_of_another_hash_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    content = b"not the weights"
    right = catalog.Published("mbt2018", "mse", 1, hashlib.sha256(content).hexdigest()[:8])
    wrong = catalog.Published("mbt2018", "mse", 1, "3f36cd77")
    right.path.parent.mkdir(parents=True)
    right.path.write_bytes(content)
    assert right.find() == right.path
    wrong.path.write_bytes(content)
    with pytest.raises(WeightsError, match="starts 3f36cd77") as caught:
        wrong.find()
    assert wrong.url in caught.value.hint
    right.path.write_bytes(b"changed after it was read")
    with pytest.raises(WeightsError):
        right.find()


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (Image(8, 8, 4), "alpha"),
        (Image(8, 8, 3, 16), "to_depth8"),
        (Image(1, 16385, 3), "16384"),
        (Image(8192, 8192, 3), "pixels"),
    ],
)
@pytest.mark.parametrize("codec", BOTH, ids=["fixed", "variable"])
def test_what_is_not_taken_is_refused(codec, shape, word, context):
    assert word in codec.accepts(shape)
    with pytest.raises(ContainerError, match=word):
        codec.inverse(b"", {}, context(shape))
    if shape.pixels < 10**5:
        with pytest.raises(ImageError, match=word):
            codec.forward(np.zeros(shape.shape, shape.dtype), {}, context(shape))


def test_both_are_described_and_in_the_best_of():
    stages = ("analysis", "factorized", "hyper-analysis", "hyperprior")
    for name in ("compressai", *(f"compressai-{part}" for part in ("vbr", *stages))):
        assert all(p.doc for p in parameters(installed().component(f"anchors.{name}")))
    for name in semcodec_anchors.ZOO:
        candidates = semcodec_anchors.best_of(name)["candidates"]
        assert candidates[0] == name
        scaled = semcodec.load(candidates[1])
        assert scaled.pipeline.wire[0].name == "image/" + semcodec.load(name).pipeline.wire[0].name


def test_importing_the_modules_imports_neither_torch_nor_compressai():
    code = (
        "import sys, semcodec_anchors.zoo.components, semcodec_anchors.zoo.writing;"
        "import semcodec_anchors.zoo.models, semcodec_anchors.zoo.transforms;"
        "print(*sorted({'torch', 'compressai', 'safetensors'} & set(sys.modules)))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []


# Two tables, and what compressai.ans.RansEncoder wrote with them: symbols inside, and escapes.
TABLES = ([[0, 20000, 45000, 65000, 65536], [0, 30000, 65536, 0, 0]], [5, 3], [-1, 0])
SYMBOLS = [0, 1, -1, 0, 5, -9, 0, 1, 100000]
INDEXES = [0, 0, 0, 1, 0, 0, 1, 0, 1]
STRING = bytes.fromhex("c95537b259a9955cdfd6444f")


def decoded(string, indexes=INDEXES):
    decoder = Decoder()
    decoder.set_stream(string)
    half = decoder.decode_stream(indexes[:4], *TABLES)
    rest = decoder.decode_stream(indexes[4:], *TABLES)
    decoder.finish()
    return half + rest


def test_a_string_of_compressai_decodes():
    assert decoded(STRING) == SYMBOLS


@pytest.mark.parametrize(
    "string",
    [b"", STRING[:4], STRING[:8], STRING[:-1], STRING + bytes(4), STRING[4:] + STRING[:4]],
)
def test_a_string_cut_or_extended_is_noticed(string):
    with pytest.raises(Derailed):
        decoded(string)


@given(st.integers(0, 8 * len(STRING) - 1))
def test_a_changed_bit_is_noticed_or_another_message(bit):
    """A bit of an escaped value is like any other value; the container's CRC is for that."""
    changed = bytearray(STRING)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        found = decoded(bytes(changed))
    except Derailed:
        return
    assert found != SYMBOLS


@given(st.integers(0, len(INDEXES) - 1))
def test_another_table_is_noticed(place):
    """What another machine's floats would do."""
    changed = list(INDEXES)
    changed[place] ^= 1
    with pytest.raises(Derailed):
        decoded(STRING, changed)


@given(st.binary(max_size=400))
def test_no_string_makes_it_do_anything_else(string):
    try:
        found = decoded(string)
    except Derailed:
        return
    assert len(found) == len(INDEXES)


words = st.integers(2, 300).map(lambda count: bytes(range(4)) * count)


@given(st.lists(words, min_size=1, max_size=2))
def test_strings_come_apart_as_they_were(strings):
    stream = joined(strings)
    assert parted(stream, len(strings)) == strings
    long = len(strings) == 2 and len(strings[1]) > 4 * 127
    assert len(stream) == sum(map(len, strings)) + (len(strings) - 1) * (1 + long)


def test_the_form_of_two_strings():
    assert joined([b"yyyyyyyy", b"zzzz"]) == b"\x01zzzzyyyyyyyy"
    assert joined([b"yyyy", b"z" * 4 * 300])[:3] == b"\xac\x02z"


@given(st.binary(max_size=40), st.integers(1, 2))
def test_parting_anything_gives_whole_words_or_an_error(stream, count):
    try:
        strings = parted(stream, count)
    except ValueError:
        return
    assert len(strings) == count
    assert all(string and len(string) % 4 == 0 for string in strings)
    assert sum(map(len, strings)) < len(stream) + (count == 1)


@pytest.mark.parametrize(
    "stream", [b"", b"\x80", b"\x01zzz", b"\x01zzzz", b"\xff" * 6, b"\x00yyyy"]
)
def test_two_strings_cut_short_are_noticed(stream):
    with pytest.raises(ValueError):
        parted(stream, 2)
