"""``saic-cai``: the guided quantizer over CompressAI's networks, here small ones, random."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.discovery import catalog
from semcodec.errors import WeightsError
from semcodec.spec.text import parse

if find_spec("semcodec_anchors") is None:
    pytest.skip("pip install semcodec-anchors", allow_module_level=True)

NODES = ("hyper.stages.0", "hyper.stages.1", "hyper.model", "image.stages.0", "image.model")


def shipped() -> Any:
    """The pipeline as it ships; an import path alone is no installed plugin."""
    if not {"saic-cai", "mbt2018-mean"} <= set(catalog().pipelines()):
        pytest.skip("pip install semcodec-saic semcodec-anchors")
    return semcodec.load("saic-cai")


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a small network, exported as CompressAI does it."""
    if find_spec("torch") is None or find_spec("compressai") is None:
        pytest.skip('pip install "semcodec-anchors[compressai]"')
    from semcodec_anchors.zoo.checkpoints import require

    require()
    import torch
    from compressai.models import MeanScaleHyperprior
    from semcodec_anchors.zoo.running import exactly

    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = MeanScaleHyperprior(8, 12).eval().requires_grad_(False)
    for name, tensor in net.named_parameters():
        if tensor.ndim == 4:
            tensor.mul_({"g_a": 2, "h_a": 4, "h_s": 3}.get(name.partition(".")[0], 1))
        if name == "h_s.4.bias":
            tensor[:12] += 20  # scales that fit
    with exactly():
        net.update(force=True)
    path = tmp_path_factory.mktemp("cai") / "mean.pth.tar"
    torch.save({"state_dict": net.state_dict()}, path)
    return path


@pytest.fixture(scope="module")
def codec(networks: Path) -> Any:
    """The pipeline as it ships, with those weights."""
    shipped()
    sha256 = hashlib.sha256(networks.read_bytes()).hexdigest()
    own = [{"uri": f"file:{networks}", "sha256": sha256}]
    changes: dict[str, Any] = {}
    for node in NODES:
        own_of_it = {"checkpoints": own, "published": [], "quality": 1}
        changes |= {f"{node}.{name}": value for name, value in own_of_it.items()}
    return semcodec.load({"semcodec": 1, "name": "tiny-cai", "extends": "saic-cai", "set": changes})


@pytest.fixture
def picture() -> Any:
    y, x, c = np.meshgrid(*map(np.arange, (128, 192, 3)), indexing="ij")
    waves = 128 + 60 * np.sin(x / 5 + c) + 40 * np.cos(y / 7 - c) + 20 * np.sin(x * y / 30)
    return np.clip(waves, 0, 255).astype(np.uint8)


@pytest.fixture
def left(picture: Any) -> Any:
    """A mask of the left third, whole cells of the latent."""
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[:, :64] = 1
    return mask


def test_it_names_its_weights_and_sends_its_steps() -> None:
    from semcodec_anchors.zoo.catalog import hashes

    found = shipped()
    places = found.pipeline.places
    for node in NODES:
        component = places[node].component
        assert (component.model, component.quality) == ("mbt2018-mean", 6)
        assert component.published == hashes("mbt2018-mean", "mse")
    beta, step = found.pipeline.wire
    assert (beta.name, step.name, step.bytes) == ("beta", "step", "decreasing")
    quantizer = places["image.stages.1"].component
    powers = []
    for value in step.grid.values:
        moved = type(quantizer)(step=value).steps({}, None)
        powers.append(float(moved))
    assert powers == pytest.approx([1.131**k for k in range(25)], rel=1e-6)
    assert powers[0] == 1
    assert beta.grid.values[0] == 0
    assert beta.grid.levels * step.grid.levels <= 256  # both in a byte


def test_its_lock_is_in_step() -> None:
    shipped()
    entry = catalog().pipeline("saic-cai")
    spec = parse(entry.read(), source="saic-cai")
    assert json.loads(semcodec.load(spec).lock()) == json.loads(entry.lock())


def test_its_weights_are_in_its_digest() -> None:
    digest = shipped().digest
    found = {semcodec.load("saic-cai", set={f"{node}.quality": 5}).digest for node in NODES}
    assert len(found | {digest}) == 1 + len(NODES)


def test_where_the_map_is_one_the_step_is_the_networks_own() -> None:
    """As the pipeline stands, only what matters less is coarser than the network was made for."""
    quantizer = shipped().pipeline.places["image.stages.1"].component
    shape = semcodec.Latent((1, 1, 2))
    ctx = semcodec.Context(image=semcodec.Image(16, 32, 3), shape=shape, coded=shape)
    saliency = np.repeat(np.array([[0, 1]], np.float32), 16, axis=1).repeat(16, axis=0)
    steps = quantizer.steps({"saliency": saliency}, ctx)
    assert steps.tolist() == [[np.float32(1.131**11), 1]]


def test_absent_weights_say_what_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, networks: Path, picture: Any
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(WeightsError, match="not at") as caught:
        shipped().encode(picture)
    assert "curl" in str(caught.value.hint)
    assert "mbt2018-mean-6-a19628ab.pth.tar" in str(caught.value.hint)


@pytest.mark.parametrize("size", [(128, 192), (70, 101), (1, 1)], ids=str)
def test_without_a_gain_the_picture_is_compressais(
    codec: Any, networks: Path, picture: Any, size: tuple[int, int]
) -> None:
    """Symbols and means are CompressAI's: its own codec decodes to the same picture."""
    import semcodec_anchors

    picture = np.ascontiguousarray(picture[: size[0], : size[1]])
    theirs = semcodec.load(semcodec_anchors.of_checkpoints(str(networks)))
    expected = theirs.decode(theirs.encode(picture))
    data = codec.encode(picture, settings={"step": 1, "beta": 0})
    assert np.array_equal(codec.decode(data), expected)
    coarse = codec.encode(picture, settings={"step": 2.67717, "beta": 0})
    if size != (1, 1):
        assert not np.array_equal(codec.decode(coarse), expected)


def test_symbols_without_a_gain_are_compressais(networks: Path) -> None:
    """Of any latent and means: what CompressAI's coder is given."""
    import torch
    from compressai.entropy_models import EntropyModel
    from semcodec_saic.quantizer import SaliencyGain

    rng = np.random.default_rng(0)
    latent, means = (rng.normal(0, 9, (12, 8, 8)).astype(np.float32) for _ in "ab")
    given = torch.from_numpy(latent), "symbols", torch.from_numpy(means)
    expected = EntropyModel.quantize(None, *given).numpy()
    shape = semcodec.Latent(latent.shape)
    ctx = semcodec.Context(image=semcodec.Image(128, 128, 3), shape=shape, coded=shape)
    found = SaliencyGain(step=1, beta=0).quantize(latent - means, {}, ctx)
    assert np.array_equal(found, expected)
    assert np.array_equal(
        SaliencyGain(step=1, beta=0).dequantize(found, {}, ctx) + means,
        EntropyModel.dequantize(torch.from_numpy(expected), given[2]).numpy(),
    )


def test_what_is_guided_is_better_where_the_mask_is(codec: Any, picture: Any, left: Any) -> None:
    """At equal bytes: the distance to what the network makes of unquantised latents."""
    fine = codec.decode(
        codec.encode(picture, settings={"step": 1, "beta": 6}, inputs={"mask": left * 0 + 1})
    )
    flat_data = codec.encode(picture, settings={"step": 5.60316, "beta": 0}, inputs={"mask": left})
    guided = codec.encode(
        picture, settings={"beta": 6}, inputs={"mask": left}, target_bytes=len(flat_data)
    )
    assert len(guided) <= len(flat_data)

    def errors(data: bytes) -> tuple[float, float]:
        square = np.square(codec.decode(data).astype(float) - fine)
        return square[:, :48].mean(), square[:, 80:].mean()

    inside, outside = errors(guided)
    flat_inside, flat_outside = errors(flat_data)
    assert inside < 0.7 * flat_inside
    assert outside > flat_outside


def test_bits_follow_the_mask(codec: Any, picture: Any, left: Any) -> None:
    """The finer half costs more, and the map itself little."""
    traces = semcodec.Trace(), semcodec.Trace()
    settings = {"step": 8.10608, "beta": 6}
    here = codec.encode(picture, settings=settings, inputs={"mask": left}, trace=traces[0])
    none = codec.encode(picture, settings=settings, inputs={"mask": left * 0}, trace=traces[1])
    everywhere = codec.encode(picture, settings=settings, inputs={"mask": left * 0 + 1})
    assert len(none) < len(here) < len(everywhere)
    gained = (len(here) - len(none)) / (len(everywhere) - len(none))
    assert gained == pytest.approx(1 / 3, abs=0.1)


def test_a_fresh_process_decodes_it(codec: Any, picture: Any, left: Any, tmp_path: Path) -> None:
    data = codec.encode(picture, inputs={"mask": left})
    (tmp_path / "x.smc").write_bytes(data)
    np.save(tmp_path / "x.npy", codec.decode(data))
    code = (
        "import pathlib, sys, numpy as np, semcodec\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "found = semcodec.decode((folder / 'x.smc').read_bytes())\n"
        "assert np.array_equal(found, np.load(folder / 'x.npy'))\n"
    )
    line = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    env = {**os.environ, "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    made = subprocess.run(line, capture_output=True, text=True, check=False, env=env)
    assert made.returncode == 0, made.stderr


def test_a_target_runs_the_networks_once(
    codec: Any, picture: Any, left: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from semcodec_anchors.zoo.transforms import Analysis, HyperAnalysis

    ran: list[type] = []
    for cls in (Analysis, HyperAnalysis):

        def forward(self: Any, *args: Any, inner: Any = cls.forward) -> Any:
            ran.append(type(self))
            return inner(self, *args)

        monkeypatch.setattr(cls, "forward", forward)
    trace = semcodec.Trace()
    data = codec.encode(picture, target_bytes=1500, inputs={"mask": left}, trace=trace)
    assert len(data) <= 1500
    assert trace.trials > 2
    assert ran == [Analysis, HyperAnalysis]


def test_gray_without_a_mask_codes(codec: Any, picture: Any) -> None:
    gray = np.ascontiguousarray(picture[:33, :47, :1])
    data = codec.encode(gray)
    assert codec.decode(data).shape == gray.shape
