"""CompressAI's hyperprior networks as stages: what they make is what its own codec makes."""

from __future__ import annotations

import atexit
import copy
import hashlib
import os
import shutil
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import semcodec_anchors
from hypothesis import given
from hypothesis import strategies as st
from semcodec_anchors.needs import needed
from semcodec_anchors.zoo import catalog
from semcodec_anchors.zoo.checkpoints import load, prior, require
from semcodec_anchors.zoo.models import Factorized, Hyperprior
from semcodec_anchors.zoo.running import exactly
from semcodec_anchors.zoo.transforms import Analysis, HyperAnalysis

import semcodec
from semcodec import Latent, Symbols, Weights
from semcodec.coding.tables import scale_grid, scale_index
from semcodec.contracts.values import Image
from semcodec.errors import (
    DecodeError,
    ImageError,
    PluginError,
    SettingError,
    UnknownCodec,
    WeightsError,
)
from semcodec.testing import EntropyModelTests, TransformTests

if find_spec("torch") is None or find_spec("compressai") is None:
    pytest.skip(needed("compressai").remedy, allow_module_level=True)
require()

import torch  # noqa: E402
from compressai.models import MeanScaleHyperprior, ScaleHyperprior  # noqa: E402

N, M = 8, 12
CLASSES = {"bmshj2018-hyperprior": ScaleHyperprior, "mbt2018-mean": MeanScaleHyperprior}
# The kit names tests by their configuration, so workers of one run must share a folder.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
FOLDER = Path(tempfile.gettempdir(), f"semcodec-zoo-stages-{RUN or os.getpid()}")
FOLDER.mkdir(exist_ok=True)
if not RUN:
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


@cache
def network(model, tables=True):
    """A small network whose latents are not all zero, exported."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = CLASSES[model](N, M).eval().requires_grad_(False)
    for name, tensor in net.named_parameters():
        if tensor.ndim == 4:
            tensor.mul_({"g_a": 2, "h_a": 4, "h_s": 3}.get(name.partition(".")[0], 1))
        if name == "entropy_bottleneck.quantiles":
            tensor[:, 0, 1] += torch.linspace(-0.4, 0.4, N)  # medians that matter
        if name == "h_s.4.bias":
            tensor[:M] += (
                7 if model == "bmshj2018-hyperprior" else 20
            )  # scales that fit, so that hardly a symbol escapes its table
    if tables:
        with exactly():
            net.update(force=True)
    return net


def saved(state, name):
    path = FOLDER / f"{name}.pth.tar"
    if not path.exists():
        whole = path.with_name(f"{name}.{os.getpid()}")
        torch.save({"state_dict": state}, whole)
        whole.replace(path)
    return path


@cache
def weights(path):
    return {
        "uri": f"file:{path}",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def chosen(model, path=None):
    """Parameters of a stage."""
    found = path or saved(network(model).state_dict(), model)
    return {"model": model, "checkpoints": [weights(found)]}


def stage(cls, model, path=None):
    given_ = chosen(model, path)["checkpoints"]
    return cls(model=model, checkpoints=tuple(Weights(**each) for each in given_))


def spec(model, check=True, **changes):
    """A codec of the stages, coded without any gain."""
    own = chosen(model)
    analysis = {"use": "anchors.compressai-analysis", **own}
    plain = {"use": "uniform", "step": 1, "rounding": 0.5}
    made = {
        "semcodec": 1,
        "name": "plain",
        "check": check,
        "streams": {
            "hyper": {
                "stages": [analysis, {"use": "anchors.compressai-hyper-analysis", **own}, plain],
                "model": {"use": "anchors.compressai-factorized", **own},
                "coder": {"use": "range"},
            },
            "image": {
                "stages": [analysis, {**plain}],
                "model": {
                    "use": "anchors.compressai-hyperprior",
                    **own,
                    "guides": {"hyper": "hyper"},
                },
                "coder": {"use": "range"},
            },
        },
    }
    return {**made, **changes}


def opaque(model):
    """The same network as a codec of its own, which is CompressAI's."""
    path = saved(network(model).state_dict(), model)
    return semcodec.load(semcodec_anchors.of_checkpoints(str(path), name="opaque"))


SIZES = [(70, 101), (1, 1), (64, 128)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("model", CLASSES)
def test_the_decoded_picture_is_that_of_compressais_own_codec(model, channels, size, photo):
    picture = photo(*size, channels)
    ours, theirs = semcodec.load(spec(model)), opaque(model)
    found = ours.decode(ours.encode(picture))
    assert np.array_equal(found, theirs.decode(theirs.encode(picture)))


def pass_of(component, symbols, ctx, **guides):
    [made] = component.passes(symbols, guides, ctx)
    return made


@pytest.mark.parametrize("model", CLASSES)
def test_symbols_and_reconstruction_are_compressais(model, photo, context):
    picture = photo(64, 128, 3)
    net, ctx = network(model), context(picture)
    x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float().div(255)
    with exactly():
        y = net.g_a(x.clone(memory_format=torch.contiguous_format))
        z = net.h_a(y if model == "mbt2018-mean" else y.abs())
        bottleneck, conditional = net.entropy_bottleneck, net.gaussian_conditional
        medians = net.entropy_bottleneck.quantiles[:, 0, 1].reshape(1, -1, 1, 1)
        z_symbols = bottleneck.quantize(z, "symbols", medians)[0].numpy()
        z_hat = bottleneck.decompress(bottleneck.compress(z), z.shape[2:])
        made = net.h_s(z_hat)
        means = made.chunk(2, 1)[1] if model == "mbt2018-mean" else None
        y_symbols = conditional.quantize(y, "symbols", means)[0].numpy()
    assert np.unique(y_symbols).size > 5
    assert np.unique(z_symbols).size > 2
    rounding = semcodec.load(spec(model)).pipeline.places["image.stages.1"].component
    latent = stage(Analysis, model).forward(picture, {}, ctx)
    hyper = stage(HyperAnalysis, model).forward(latent, {}, ctx)
    first = pass_of(stage(Factorized, model), Symbols(hyper.shape), ctx)
    q = rounding.quantize(hyper - first.means, {}, ctx)
    assert np.array_equal(q, z_symbols)
    decoded = rounding.dequantize(q, {}, ctx) + first.means
    assert np.array_equal(decoded, z_hat[0].numpy())
    second = pass_of(stage(Hyperprior, model), Symbols(latent.shape), ctx, hyper=decoded)
    rest = latent if second.means is None else latent - second.means
    assert np.array_equal(rounding.quantize(rest, {}, ctx), y_symbols)
    assert (second.means is None) == (model == "bmshj2018-hyperprior")


@pytest.mark.parametrize("model", CLASSES)
def test_tables_of_the_hyper_latent_are_those_of_the_checkpoint(model):
    bottleneck = network(model).entropy_bottleneck
    tables, medians = prior(model, saved(network(model).state_dict(), model))
    assert np.array_equal(medians, bottleneck.quantiles[:, 0, 1].numpy())
    assert len(tables) == N
    for row in range(N):
        count = int(bottleneck._cdf_length[row])
        assert tables.lengths[row] == count - 1
        assert np.array_equal(tables.cdf[row, :count], bottleneck._quantized_cdf[row, :count])
        assert tables.offsets[row] == bottleneck._offset[row]


@pytest.mark.parametrize("model", CLASSES)
def test_a_file_is_as_long_as_compressais_likelihoods_say(model, photo):
    picture = photo(256, 256, 3)
    with exactly():
        x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float().div(255)
        likelihoods = network(model)(x)["likelihoods"].values()
    expected = sum(float(-each.double().log2().sum()) / 8 for each in likelihoods)
    trace = semcodec.Trace()
    semcodec.load(spec(model)).encode(picture, trace=trace)
    [found] = (count for name, count in trace.sections.items() if name != "header")
    assert found == pytest.approx(expected, rel=0.005)


@given(st.floats(0, 1000, width=32))
def test_a_scale_takes_the_nearest_table(scale):
    from semcodec_anchors.zoo.models import _indexes

    assert _indexes(np.array([scale], np.float32)) == scale_index(scale)


def test_scales_that_are_none_take_a_table():
    from semcodec_anchors.zoo.models import _indexes

    odd = np.array([-3, 0, np.nan, np.inf, -np.inf, 3e38], np.float32)
    assert _indexes(odd).tolist() == [0, 0, 63, 63, 0, 63]
    assert _indexes(np.array(scale_grid(), np.float32)).tolist() == list(range(64))


def test_a_fresh_process_decodes(photo, tmp_path, decoded_elsewhere):
    picture = photo(50, 90, 3)
    for model in CLASSES:
        codec = semcodec.load(spec(model))
        data = codec.encode(picture)
        (tmp_path / f"{model}.smc").write_bytes(data)
        np.save(tmp_path / f"{model}.npy", codec.decode(data))
    assert decoded_elsewhere(tmp_path) == set(CLASSES)


def test_torchs_settings_do_not_matter_and_are_left(photo):
    picture = photo(40, 40, 3)
    codec = semcodec.load(spec("mbt2018-mean"))
    expected = codec.encode(picture)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        torch.set_default_dtype(torch.float64)
        with torch.autocast("cpu"):
            assert codec.encode(picture) == expected
        codec.decode(expected)
        assert torch.get_num_threads() == 3
        assert torch.get_default_dtype() == torch.float64
        assert torch.is_grad_enabled()
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(torch.float32)


def test_without_the_check_byte_it_is_refused():
    with pytest.raises(semcodec.errors.SpecError, match="check: true"):
        semcodec.load(spec("mbt2018-mean", check=False))


def test_other_floats_at_the_decoder_are_noticed(photo, monkeypatch):
    """Another machine: scales that come out otherwise choose other tables for some symbols."""
    codec = semcodec.load(spec("mbt2018-mean"))
    data = codec.encode(photo(60, 60, 3))
    other = copy.deepcopy(network("mbt2018-mean"))
    dict(other.named_parameters())["h_s.4.bias"][:M] *= 1.2
    monkeypatch.setattr(Hyperprior, "network", lambda _: other)
    with pytest.raises(DecodeError):
        codec.decode(data)


def test_a_checkpoint_without_tables_is_refused(context):
    path = saved(network("mbt2018-mean", tables=False).state_dict(), "no-tables")
    factorized = stage(Factorized, "mbt2018-mean", path)
    with pytest.raises(WeightsError, match="without the tables") as caught:
        pass_of(factorized, Symbols((N, 1, 1)), context(Image(8, 8, 3)))
    assert "update_model -a mbt2018-mean" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("_cdf_length", lambda t: t + 100),
        ("_quantized_cdf", lambda t: t * 0),
        ("_offset", lambda t: t[:-1]),
        ("quantiles", lambda t: t[:-1]),
        ("quantiles", lambda t: t * float("nan")),
        ("quantiles", None),
    ],
)
def test_tables_that_are_none_are_refused(name, change):
    key = f"entropy_bottleneck.{name}"
    state = dict(network("mbt2018-mean").state_dict())
    if change is None:
        del state[key]
    else:
        state[key] = change(state[key])
    path = FOLDER / "damaged.pth"
    torch.save(state, path)
    with pytest.raises(WeightsError, match="damaged") as caught:
        prior("mbt2018-mean", path)
    assert caught.value.hint


def test_networks_that_do_not_fit_together_are_told(context):
    hyper = stage(HyperAnalysis, "mbt2018-mean")
    ctx = context(Image(8, 8, 3))
    symbols = Symbols((M, 4, 4))
    model = stage(Hyperprior, "mbt2018-mean")
    zeros = np.zeros((N, 1, 1), np.float32)
    for call in (
        lambda: hyper.layout(Latent((M + 1, 4, 4)), {}, ctx),
        lambda: pass_of(stage(Factorized, "mbt2018-mean"), Symbols((M, 1, 1)), ctx),
        lambda: pass_of(model, Symbols((M + 1, 4, 4)), ctx, hyper=zeros),
        lambda: pass_of(model, Symbols((M, 5, 4)), ctx, hyper=zeros),
        lambda: pass_of(model, symbols, ctx, hyper=np.zeros((N, 2, 1), np.float32)),
    ):
        with pytest.raises(SettingError, match=f"{M}|{N}") as caught:
            call()
        assert "the same parameters" in caught.value.hint
    assert "fours" in hyper.accepts(Latent((M, 3, 4)))
    assert "channels" in model.accepts(Symbols((5,)))


def test_weights_that_make_no_numbers_are_refused(photo, context):
    state = {k: v.clone() for k, v in network("mbt2018-mean").state_dict().items()}
    state["g_a.6.bias"].fill_(float("nan"))
    codec = stage(Analysis, "mbt2018-mean", saved(state, "nan"))
    picture = photo(8, 8, 3)
    with pytest.raises(ImageError, match="no number"):
        codec.forward(picture, {}, context(picture))


@pytest.mark.parametrize("cls", [Analysis, HyperAnalysis, Factorized, Hyperprior])
def test_absent_weights_and_packages_say_what_to_do(cls, tmp_path, monkeypatch, context):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    component = cls(quality=6)
    assert component.published == catalog.hashes("mbt2018-mean", "mse")
    ctx = context(Image(8, 8, 3))
    hyper = np.zeros((N, 1, 1), np.float32)
    calls = {
        Analysis: lambda ctx: component.layout(Image(8, 8, 3), {}, ctx),
        HyperAnalysis: lambda ctx: component.layout(Latent((M, 4, 4)), {}, ctx),
        Factorized: lambda ctx: pass_of(component, Symbols((N, 1, 1)), ctx),
        Hyperprior: lambda ctx: pass_of(component, Symbols((M, 4, 4)), ctx, hyper=hyper),
    }
    decoder = semcodec.Context(image=ctx.image, shape=ctx.shape, coded=ctx.coded, side="decode")
    for side in (ctx, decoder):
        with pytest.raises(WeightsError, match="not at") as caught:
            calls[cls](side)
        assert "mbt2018-mean-6-a19628ab.pth.tar" in caught.value.hint
    for name in [m for m in sys.modules if m.partition(".")[0] == "compressai"]:
        monkeypatch.setitem(sys.modules, name, None)
    for side, kind in ((ctx, PluginError), (decoder, UnknownCodec)):
        with pytest.raises(kind, match="compressai") as missing:
            calls[cls](side)
        assert missing.value.hint == 'pip install "semcodec-anchors[compressai]"'


def test_damage_is_an_error_or_a_picture(photo):
    codec = semcodec.load(spec("mbt2018-mean"))
    picture = photo(40, 40, 3)
    data = codec.encode(picture)
    rng = np.random.default_rng(1)
    noticed = 0
    for _ in range(30):
        damaged = bytearray(data)
        damaged[-1 - rng.integers(len(data) // 2)] ^= 1 << rng.integers(8)
        try:
            found = codec.decode(bytes(damaged))
        except DecodeError:
            noticed += 1
        else:
            assert found.shape == picture.shape
    assert noticed >= 25


@pytest.mark.parametrize("model", CLASSES)
def test_costs_are_those_of_the_network(model, photo):
    codec = semcodec.load(spec(model))
    picture = photo(100, 60, 3)
    traces = semcodec.Trace(), semcodec.Trace()
    data = codec.encode(picture, trace=traces[0])
    codec.decode(data, trace=traces[1])
    parameters, operations = (
        sum(column) for column in zip(*(c for t in traces for c in t.costs.values()), strict=True)
    )
    net = network(model)
    counted = sum(p.numel() for name, p in net.named_parameters() if "entropy" not in name)
    assert parameters == counted
    path = saved(net.state_dict(), model)
    whole = semcodec_anchors.of_checkpoints(str(path))["transform"]
    assert whole["model"] == model
    node = opaque(model).pipeline.places["image.stages.0"].component
    sides = [node.cost(Image.of(picture), side) for side in ("encode", "decode")]
    assert operations == sum(macs for _, macs in sides)


def test_networks_are_shared_by_the_stages():
    path = saved(network("mbt2018-mean").state_dict(), "mbt2018-mean")
    assert stage(Analysis, "mbt2018-mean").network() is load("mbt2018-mean", path)


def cells(image, side):
    """Of a latent of so many pixels a side, padded to 64."""
    return tuple(-(-length // 64) * 64 // side for length in (image.height, image.width))


class Fitting:
    """Latents and symbols of the tiny networks."""

    def describe(self, port, kind, image):
        return Latent((N, *cells(image, 64)))

    def sample(self, description, rng):
        if isinstance(description, Symbols):
            return rng.integers(-8, 9, description.shape).astype(np.int32)
        if isinstance(description, Latent):
            return rng.normal(0, 2, description.shape).astype(np.float32)
        return super().sample(description, rng)


CONFIGURATIONS = tuple(chosen(model) for model in CLASSES)


class TestAnalysis(TransformTests):
    component = Analysis
    configurations = CONFIGURATIONS


class TestHyperAnalysis(Fitting, TransformTests):
    component = HyperAnalysis
    configurations = CONFIGURATIONS

    def shapes(self, component, image):
        return [Latent((M, *cells(image, 16)))]


class TestFactorized(Fitting, EntropyModelTests):
    component = Factorized
    configurations = CONFIGURATIONS

    def shapes(self, component, image):
        return [Symbols((N, *cells(image, 64)))]


class TestHyperprior(Fitting, EntropyModelTests):
    component = Hyperprior
    configurations = CONFIGURATIONS

    def shapes(self, component, image):
        return [Symbols((M, *cells(image, 16)))]
