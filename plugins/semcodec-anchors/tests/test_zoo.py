"""CompressAI's zoo with CompressAI: small networks of every architecture, with random weights.

The published weights are not needed; what is held against CompressAI is what it makes of the same
checkpoint.
"""

from __future__ import annotations

import atexit
import copy
import hashlib
import io
import os
import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import semcodec_anchors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from semcodec_anchors.needs import needed
from semcodec_anchors.zoo import catalog, checkpoints
from semcodec_anchors.zoo.checkpoints import architecture, load, read, require
from semcodec_anchors.zoo.components import CompressAI, CompressAIVbr
from semcodec_anchors.zoo.rans import Coder, Decoder, Derailed, Encoder
from semcodec_anchors.zoo.running import exactly

import semcodec
from semcodec import Weights
from semcodec.contracts.values import Image
from semcodec.errors import ContainerError, DecodeError, ImageError, IntegrityError, WeightsError
from semcodec.testing import TransformTests

if find_spec("torch") is None or find_spec("compressai") is None:
    pytest.skip(needed("compressai").remedy, allow_module_level=True)
require()

import torch  # noqa: E402
from compressai.models import (  # noqa: E402
    Cheng2020Anchor,
    Cheng2020Attention,
    FactorizedPrior,
    FactorizedPriorReLU,
    JointAutoregressiveHierarchicalPriors,
    JointAutoregressiveHierarchicalPriorsVbr,
    MeanScaleHyperprior,
    MeanScaleHyperpriorVbr,
    ScaleHyperprior,
    ScaleHyperpriorVbr,
)

CLASSES = {
    "bmshj2018-factorized": FactorizedPrior,
    "bmshj2018-factorized-relu": FactorizedPriorReLU,
    "bmshj2018-hyperprior": ScaleHyperprior,
    "cheng2020-anchor": Cheng2020Anchor,
    "cheng2020-attn": Cheng2020Attention,
    "mbt2018": JointAutoregressiveHierarchicalPriors,
    "mbt2018-mean": MeanScaleHyperprior,
    "bmshj2018-hyperprior-vbr": ScaleHyperpriorVbr,
    "mbt2018-mean-vbr": MeanScaleHyperpriorVbr,
    "mbt2018-vbr": JointAutoregressiveHierarchicalPriorsVbr,
}
# The kit names tests by their configuration, so workers of one run must share a folder.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
FOLDER = Path(tempfile.gettempdir(), f"semcodec-zoo-{RUN or os.getpid()}")
FOLDER.mkdir(exist_ok=True)
if not RUN:
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
GAIN = 0.5


@cache
def network(model, seed=0, strength=1.0):
    """A small network whose latents are not all zero."""
    sizes = (8,) if model.startswith("cheng") else (8, 12)
    flags = {"vr_entbttlnck": True} if model.endswith("vbr") and model != "mbt2018-vbr" else {}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = CLASSES[model](*sizes, **flags).eval().requires_grad_(False)
    factors = {"g_a": 2 * strength, "h_s": 6, "entropy_parameters": 3}
    for name, tensor in net.named_parameters():
        if tensor.ndim == 4:
            tensor.mul_(factors.get(name.partition(".")[0], 1))
    return net


def saved(content, name):
    buffer, path = io.BytesIO(), FOLDER / name
    torch.save(content, buffer)  # whose bytes do not depend on a file's name
    whole = path.with_name(f"{name}.{os.getpid()}")
    whole.write_bytes(buffer.getvalue())
    return whole.replace(path)


def weights(path):
    return Weights(uri=f"file:{path}", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


@cache
def checkpoint(model, seed=0, strength=1.0):
    state = network(model, seed, strength).state_dict()
    return weights(saved({"state_dict": state, "epoch": 3}, f"{model}-{seed}-{strength}.pth.tar"))


def component(model):
    if model.endswith("vbr"):
        return CompressAIVbr(model=model, gain=GAIN, checkpoint=checkpoint(model))
    return CompressAI(model=model, checkpoints=(checkpoint(model),))


def theirs(model, picture):
    """Strings and picture as ``compressai.utils.eval_model`` makes them."""
    from compressai.ops import compute_padding
    from torch.nn.functional import pad

    net, options = copy.deepcopy(network(model)), {}
    x = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float().div(255)
    around, back = compute_padding(x.size(2), x.size(3), min_div=64)
    with exactly():
        if model.endswith("vbr"):
            options = {"stage": 2, "s": 0, "inputscale": torch.tensor(GAIN)}
            net.update(
                force=True, **({} if model == "mbt2018-vbr" else {"scale": options["inputscale"]})
            )
        else:
            net.update(force=True)
        padded = pad(x, around).clone(memory_format=torch.contiguous_format)
        made = net.compress(padded, **options)
        found = net.decompress(made["strings"], made["shape"], **options)["x_hat"]
        levels = (pad(found, back) * 255).clamp(0, 255).round()[0].permute(1, 2, 0)
    return [string for [string] in made["strings"]], levels.numpy().astype(np.uint8)


def test_the_catalogue_is_compressais():
    from compressai.zoo import image, image_models, image_vbr

    assert {*catalog.FIXED, *catalog.VARIABLE} == set(image_models) == set(CLASSES)
    listed = {}
    for model, of_metric in image.model_urls.items():
        for metric, urls in of_metric.items():
            listed[model, metric] = [urls[quality] for quality in sorted(urls)]
    for model, of_metric in image_vbr.model_urls.items():
        listed[model, "mse"] = [of_metric["mse"]]
    ours = {
        (model, metric): [
            catalog.Published(model, metric, quality, digits).url
            for quality, digits in enumerate(catalog.hashes(model, metric), 1)
        ]
        for model, metric in catalog.PUBLISHED
    }
    assert ours == listed


@pytest.mark.parametrize("size", [(70, 101), (1, 1), (64, 128)], ids=str)
@pytest.mark.parametrize("model", CLASSES)
def test_bytes_and_picture_are_compressais(model, size, context, photo):
    picture = photo(*size, 3)
    codec, ctx = component(model), context(picture)
    strings, expected = theirs(model, picture)
    stream = codec.forward(picture, {}, ctx)
    assert len(stream) == sum(map(len, strings)) + len(strings) - 1
    assert all(string in stream for string in strings)
    found = codec.inverse(stream, {}, ctx)
    assert np.array_equal(found, expected)
    assert ctx.shape.check(found) == ""


def test_gray_is_three_equal_channels(context, photo):
    gray = photo(40, 70, 1)
    rgb = np.repeat(gray, 3, axis=2)
    codec = component("bmshj2018-hyperprior")
    stream = codec.forward(gray, {}, context(gray))
    assert stream == codec.forward(rgb, {}, context(rgb))
    mean = codec.inverse(stream, {}, context(rgb)).mean(axis=2, keepdims=True)
    assert np.array_equal(codec.inverse(stream, {}, context(gray)), np.floor(mean + 0.5))


def test_a_fresh_process_decodes_them_all(photo, tmp_path, decoded_elsewhere):
    picture = photo(50, 90, 3)
    for model in CLASSES:
        path = checkpoint(model).uri.removeprefix("file:")
        codec = semcodec.load(semcodec_anchors.of_checkpoints(path, name=model))
        data = codec.encode(picture)
        (tmp_path / f"{model}.smc").write_bytes(data)
        np.save(tmp_path / f"{model}.npy", semcodec.decode(data))
    assert decoded_elsewhere(tmp_path) == set(CLASSES)


def test_quality_chooses_the_checkpoint_and_a_target_finds_it(photo):
    picture = photo(64, 64, 3)
    paths = [
        checkpoint("mbt2018-mean", 0, strength).uri.removeprefix("file:")
        for strength in (0.6, 0.8, 1.0)
    ]
    codec = semcodec.load(semcodec_anchors.of_checkpoints(*paths))
    sizes = [len(codec.encode(picture, settings={"quality": q})) for q in (1, 2, 3)]
    assert sizes == sorted(set(sizes))
    trace = semcodec.Trace()
    data = codec.encode(picture, target_bytes=sizes[1], trace=trace)
    assert (len(data), trace.settings) == (sizes[1], {"quality": 2})
    alone = semcodec.load(semcodec_anchors.of_checkpoints(paths[1]))
    assert np.array_equal(semcodec.decode(data), alone.decode(alone.encode(picture)))


@pytest.mark.parametrize("model", catalog.VARIABLE)
def test_the_gain_moves_the_rate_and_a_target_finds_it(model, photo):
    picture = photo(64, 64, 3)
    path = checkpoint(model).uri.removeprefix("file:")
    codec = semcodec.load(semcodec_anchors.of_checkpoints(path))
    low, high = (len(codec.encode(picture, settings={"gain": g})) for g in (0.1, 1))
    assert low < high
    target = (low + high) // 2
    data = codec.encode(picture, target_bytes=target)
    assert low < len(data) <= target
    assert semcodec.decode(data).shape == picture.shape


def test_a_published_file_is_found_in_the_hub_and_named_in_the_digest(
    tmp_path, monkeypatch, context, photo
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    source = Path(checkpoint("cheng2020-anchor").uri.removeprefix("file:"))
    digits = checkpoint("cheng2020-anchor").sha256[:8]
    known = catalog.hashes("cheng2020-anchor", "mse")
    codec = CompressAI(
        model="cheng2020-anchor", quality=2, published=(known[0], digits, *known[2:])
    )
    picture = photo(30, 30, 3)
    with pytest.raises(WeightsError, match="not at"):
        codec.forward(picture, {}, context(picture))
    path = catalog.Published("cheng2020-anchor", "mse", 2, digits).path
    path.parent.mkdir(parents=True)
    path.write_bytes(source.read_bytes())
    own = component("cheng2020-anchor").forward(picture, {}, context(picture))
    assert codec.forward(picture, {}, context(picture)) == own
    path.write_bytes(source.read_bytes() + b" ")
    with pytest.raises(WeightsError, match=digits):
        codec.inverse(own, {}, context(picture))


def trained(model):
    """What CompressAI's training example saves, after a step."""
    net = copy.deepcopy(network(model)).requires_grad_(True)
    main = torch.optim.Adam(net.parameters(), lr=1e-4)
    plan = torch.optim.lr_scheduler.ReduceLROnPlateau(main, "min")
    sum(p.square().sum() for p in net.parameters()).backward()
    main.step()
    plan.step(1.0)
    return {
        "epoch": 1,
        "state_dict": net.state_dict(),
        "loss": torch.tensor(1.5),
        "optimizer": main.state_dict(),
        "aux_optimizer": main.state_dict(),
        "lr_scheduler": plan.state_dict(),
    }


def updated(model):
    net = copy.deepcopy(network(model))
    net.update(force=True, **({"scale": net.Gain[-1]} if hasattr(net, "gayn2zqstep") else {}))
    return net.state_dict()


FORMS = {
    "of the training example": lambda model: saved(trained(model), f"trained-{model}.pth.tar"),
    "of update_model": lambda model: saved(updated(model), f"updated-{model}.pth.tar"),
    "of several devices": lambda model: saved(
        {"network": {f"module.{k}": v for k, v in network(model).state_dict().items()}},
        f"parallel-{model}.pth",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("model", CLASSES)
def test_checkpoints_are_read_in_all_forms(model, form, context, photo):
    path = FORMS[form](model)
    assert architecture(read(path)) == model
    codec = semcodec.load(semcodec_anchors.of_checkpoints(str(path)))
    picture = photo(33, 20, 3)
    data = codec.encode(picture)
    assert semcodec.decode(data).shape == picture.shape
    if form != "of the training example":
        node = codec.pipeline.places["image.stages.0"].component
        own = component(model)
        if model.endswith("vbr"):
            node, own = (CompressAIVbr(model=model, checkpoint=c.checkpoint) for c in (node, own))
        one, other = (c.forward(picture, {}, context(picture)) for c in (node, own))
        assert one == other


def test_safetensors_are_read(context, photo):
    pytest.importorskip("safetensors")
    from safetensors.torch import save_file

    path = FOLDER / "mean.safetensors"
    save_file({k: v.contiguous() for k, v in updated("mbt2018-mean").items()}, path)
    codec = CompressAI(model="mbt2018-mean", checkpoints=(weights(path),))
    picture = photo(20, 20, 3)
    one, other = (
        c.forward(picture, {}, context(picture)) for c in (codec, component("mbt2018-mean"))
    )
    assert one == other


class Code:
    def __reduce__(self):
        return os.mkdir, (str(FOLDER / "ran"),)


def half(path):
    other = path.with_name(f"half-{path.name}")
    other.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return other


def empty(path):
    path.write_bytes(b"")
    return path


BAD = {
    "code": (lambda: saved({"state_dict": {"g_a.0.weight": Code()}}, "code.pth"), "was not run"),
    "a list": (lambda: saved([1, 2], "list.pth"), "a list"),
    "no tensors": (lambda: saved({"state_dict": {"a": 1}}, "numbers.pth"), "'a' is a int"),
    "nothing": (lambda: saved({}, "nothing.pth"), "no names"),
    "numbered": (lambda: saved({1: torch.ones(1)}, "numbered.pth"), "no names"),
    "another network": (lambda: saved({"fc.weight": torch.ones(1)}, "fc.pth"), "no network"),
    "another architecture": (
        lambda: Path(checkpoint("mbt2018").uri.removeprefix("file:")),
        "got one of mbt2018",
    ),
    "a layer less": (
        lambda: saved(
            {k: v for k, v in network("mbt2018-mean").state_dict().items() if "g_s.2" not in k},
            "less.pth",
        ),
        "g_s.2.weight",
    ),
    "another size": (
        lambda: saved(
            {**network("mbt2018-mean").state_dict(), "g_s.0.weight": torch.ones(3, 3, 5, 5)},
            "size.pth",
        ),
        "g_s.0.weight",
    ),
    "cut short": (
        lambda: half(Path(checkpoint("mbt2018-mean").uri.removeprefix("file:"))),
        "half-",
    ),
    "empty": (lambda: empty(FOLDER / "empty.pth"), "empty.pth"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_checkpoint_is_refused(case, context, photo):
    make, words = BAD[case]
    picture = photo(8, 8, 3)
    codec = CompressAI(model="mbt2018-mean", checkpoints=(weights(make()),))
    for call, value in ((codec.forward, picture), (codec.inverse, b"x" * 12)):
        with pytest.raises(WeightsError, match=words) as caught:
            call(value, {}, context(picture))
        assert caught.value.hint
    assert not (FOLDER / "ran").exists()


def test_specs_of_checkpoints_say_what_is_wrong():
    mean = checkpoint("mbt2018-mean").uri.removeprefix("file:")
    variable = checkpoint("mbt2018-vbr").uri.removeprefix("file:")
    for paths, kind, words in (
        ((), semcodec.errors.SettingError, "at least one"),
        ((mean, variable), semcodec.errors.SettingError, "one architecture, got mbt2018-mean"),
        ((variable, variable), semcodec.errors.SettingError, "one file"),
        ((str(FOLDER / "absent.pth"),), WeightsError, "no such file"),
        ((str(BAD["another network"][0]()),), WeightsError, "got others"),
    ):
        with pytest.raises(kind, match=words):
            semcodec_anchors.of_checkpoints(*paths)


def test_weights_that_are_no_numbers_are_refused_and_end(context, photo):
    """CompressAI's own encoder does not return from such latents."""
    for model in ("bmshj2018-hyperprior", "mbt2018"):
        state = {k: v.clone() for k, v in network(model).state_dict().items()}
        state["g_a.6.bias"].fill_(float("nan"))
        codec = CompressAI(model=model, checkpoints=(weights(saved(state, f"nan-{model}.pth")),))
        picture = photo(8, 8, 3)
        with pytest.raises(ImageError, match="no number"):
            codec.forward(picture, {}, context(picture))


@pytest.mark.parametrize(
    "model", ["bmshj2018-factorized", "mbt2018-mean", "mbt2018", "mbt2018-vbr"]
)
def test_damage_is_an_error_or_a_picture(model, context, photo):
    picture = photo(40, 40, 3)
    codec, ctx = component(model), context(picture)
    stream = codec.forward(picture, {}, ctx)
    rng = np.random.default_rng(1)
    noticed = 0
    for _ in range(30):
        damaged = bytearray(stream)
        damaged[rng.integers(len(stream))] ^= 1 << rng.integers(8)
        try:
            found = codec.inverse(bytes(damaged), {}, ctx)
        except DecodeError:
            noticed += 1
        else:
            assert ctx.shape.check(found) == ""
    assert noticed >= 20
    for other in (b"", stream[:-4], stream[:-1], stream + b"1234", stream[4:], bytes(len(stream))):
        with pytest.raises((ContainerError, IntegrityError)):
            codec.inverse(other, {}, ctx)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_an_error_or_a_picture(data, context):
    shape = Image(30, 30, 3)
    for model in ("bmshj2018-factorized", "mbt2018"):
        try:
            found = component(model).inverse(data, {}, context(shape))
        except DecodeError:
            continue
        assert shape.check(found) == ""


@pytest.mark.parametrize(
    "model", ["bmshj2018-hyperprior", "mbt2018-mean", "mbt2018", "mbt2018-vbr"]
)
def test_other_floats_at_the_decoder_are_noticed(model, context, photo, monkeypatch):
    """Another machine: scales that come out otherwise choose other tables for some symbols."""
    picture = photo(60, 60, 3)
    codec, ctx = component(model), context(picture)
    stream = codec.forward(picture, {}, ctx)
    other = copy.deepcopy(codec.network())
    for part in other.modules():
        if hasattr(part, "entropy_coder"):
            part.entropy_coder = Coder()  # a copy gets CompressAI's own
    for name, tensor in other.named_parameters():
        if name in ("h_s.4.bias", "entropy_parameters.4.bias"):
            tensor.add_(0.3)
    monkeypatch.setattr(type(codec), "network", lambda _: other)
    with pytest.raises(IntegrityError) as caught:
        codec.inverse(stream, {}, ctx)
    assert "another build" in caught.value.hint


def test_torch_is_left_as_it_was_and_does_not_matter(context, photo):
    picture = photo(40, 40, 3)
    codec, ctx = component("mbt2018"), context(picture)
    expected = codec.forward(picture, {}, ctx)
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    try:
        torch.set_num_threads(3)
        torch.set_default_dtype(torch.float64)
        torch.set_float32_matmul_precision("medium")
        checkpoints._network.cache_clear()
        noise = torch.get_rng_state()
        with torch.autocast("cpu"):
            assert codec.forward(picture, {}, ctx) == expected
            codec.inverse(expected, {}, ctx)
        assert torch.get_num_threads() == 3
        assert torch.get_default_dtype() == torch.float64
        assert torch.get_float32_matmul_precision() == "medium"
        assert not torch.are_deterministic_algorithms_enabled()
        assert torch.is_grad_enabled()
        assert torch.equal(torch.get_rng_state(), noise)
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(torch.float32)
        torch.set_float32_matmul_precision(precision)


def test_compressais_own_coder_is_given_back(context, photo):
    from compressai import ans
    from compressai.models import google, vbr

    picture = photo(8, 8, 3)
    codec, ctx = component("mbt2018"), context(picture)
    with pytest.raises(DecodeError):
        codec.inverse(codec.forward(picture, {}, ctx)[:-4], {}, ctx)
    for module in (google, vbr):
        assert module.RansDecoder is ans.RansDecoder
        assert module.BufferedRansEncoder is ans.BufferedRansEncoder


def multiplications(layers, height, width):
    """Of convolutions and their divisive normalisations, each (to, from, side, ratio)."""
    total = 0
    for to, of, side, ratio in layers:
        height, width = height * ratio, width * ratio
        # A transposed convolution multiplies once for every sample that it takes.
        places = height * width / (ratio**2 if ratio > 1 else 1)
        total += to * of * side**2 * places
    return total


@pytest.mark.parametrize("model", CLASSES)
def test_the_costs_of_both_sides_are_those_of_the_network(model, context):
    codec, shape = component(model), Image(100, 60, 3)
    sides = [codec.cost(shape, side) for side in ("encode", "decode")]
    assert sum(count for count, _ in sides) == sum(p.numel() for p in network(model).parameters())
    twice = [codec.cost(Image(256, 64, 3), side) for side in ("encode", "decode")]
    assert [2 * macs for _, macs in sides] == [macs for _, macs in twice]


def test_operations_are_those_counted_by_hand():
    analysis = [(8, 3, 5, 0.5), (8, 8, 1, 1), (8, 8, 5, 0.5), (8, 8, 1, 1), (8, 8, 5, 0.5)]
    analysis += [(8, 8, 1, 1), (12, 8, 5, 0.5)]
    expected = multiplications(analysis, 128, 64)
    codec = component("bmshj2018-factorized")
    assert codec.cost(Image(128, 64, 3), "encode")[1] == expected
    assert codec.cost(Image(128, 64, 3), "decode")[1] == expected  # it is the mirror image
    hyper = [(8, 12, 3, 1), (8, 8, 5, 0.5), (8, 8, 5, 0.5)]
    both = [(8, 8, 5, 2), (8, 8, 5, 2), (12, 8, 3, 1)]
    expected += multiplications(hyper, 8, 4) + multiplications(both, 2, 1)
    assert component("bmshj2018-hyperprior").cost(Image(128, 64, 3), "encode")[1] == expected


def test_a_trace_carries_the_costs(photo):
    picture = photo(50, 50, 3)
    path = checkpoint("mbt2018-mean").uri.removeprefix("file:")
    codec = semcodec.load(semcodec_anchors.of_checkpoints(path))
    trace = semcodec.Trace()
    data = codec.encode(picture, trace=trace)
    assert list(trace.costs.values()) == [
        component("mbt2018-mean").cost(Image(50, 50, 3), "encode")
    ]
    trace = semcodec.Trace()
    codec.decode(data, trace=trace)
    assert list(trace.costs.values()) == [
        component("mbt2018-mean").cost(Image(50, 50, 3), "decode")
    ]


def test_long_work_is_told(photo):
    picture = photo(200, 200, 3)
    path = checkpoint("mbt2018").uri.removeprefix("file:")
    codec = semcodec.load(semcodec_anchors.of_checkpoints(path))
    seen = []
    codec.encode(picture, progress=lambda share, what: seen.append((share, what)))
    told = [share for share, what in seen if what == "context model"]
    assert len(told) >= 3
    assert told == sorted(told)


tables = st.lists(st.integers(1, 5000), min_size=2, max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(tables, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-60, 60) | st.integers(-(2**26) + 1, 2**26 - 1))
    ),
    st.integers(-20, 0),
)
def test_the_decoder_is_compressais(shares, message, offset):
    from compressai.ans import RansDecoder, RansEncoder

    width = max(map(len, shares)) + 1
    cdfs = []
    for listed in shares:
        scaled = [max(1, 65536 * share // sum(listed)) for share in listed]
        scaled[scaled.index(max(scaled))] += 65536 - sum(scaled)
        cdf = [0, *np.cumsum(scaled).tolist()]
        cdfs.append(cdf + [0] * (width - len(cdf)))
    sizes = [len(listed) + 1 for listed in shares]
    offsets = [offset] * len(shares)
    message = [*message, *[(0, 0)] * 4]  # for fewer symbols it writes before its own memory
    indexes = [index % len(shares) for index, _ in message]
    symbols = [symbol for _, symbol in message]
    encoder = Encoder()
    encoder.encode_with_indexes(symbols, indexes, cdfs, sizes, offsets)
    string = RansEncoder().encode_with_indexes(symbols, indexes, cdfs, sizes, offsets)
    assert encoder.flush() == string
    assert RansDecoder().decode_with_indexes(string, indexes, cdfs, sizes, offsets) == symbols
    decoder = Decoder()
    decoder.set_stream(string)
    assert decoder.decode_stream(indexes, cdfs, sizes, offsets) == symbols
    decoder.finish()


@pytest.mark.parametrize("far", [2**26, -(2**26), -(2**31), 2**31 - 1])
def test_a_symbol_that_compressais_encoder_would_not_return_from(far):
    with pytest.raises(Derailed, match="26 bits"):
        Encoder().encode_with_indexes([0, far, 0, 0], [0] * 4, [[0, 32768, 65536]], [3], [0])


def test_networks_are_loaded_once(monkeypatch):
    path = Path(checkpoint("mbt2018").uri.removeprefix("file:"))
    assert load("mbt2018", path) is load("mbt2018", path)


def given_(weights_):
    return {"uri": weights_.uri, "sha256": weights_.sha256}


class TestCompressAI(TransformTests):
    component = CompressAI
    configurations = tuple(
        {"model": model, "checkpoints": [given_(checkpoint(model))]}
        for model in ("bmshj2018-factorized", "mbt2018-mean", "cheng2020-anchor")
    )


class TestCompressAIVbr(TransformTests):
    component = CompressAIVbr
    configurations = (
        {
            "model": "mbt2018-mean-vbr",
            "gain": 0.3,
            "checkpoint": given_(checkpoint("mbt2018-mean-vbr")),
        },
        {"model": "mbt2018-vbr", "checkpoint": given_(checkpoint("mbt2018-vbr"))},
    )
