"""The pipelines that ship, with their weights: files, guidance, targets, and what can go wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec import Trace
from semcodec.errors import SemcodecError, WeightsError

pytestmark = pytest.mark.usefixtures("torch")
GUIDED = ("saic", "saic-grounded")


def psnr(a: Any, b: Any, where: Any = None) -> float:
    error = ((a.astype(float) - b) ** 2).mean(axis=2)
    return float(10 * np.log10(255**2 / (error if where is None else error[where]).mean()))


@pytest.mark.parametrize("name", ["saic", "saic-flat", "saic-grounded"])
def test_a_file_decodes_in_a_fresh_process(
    name: str, scene: Any, mask: Any, tmp_path: Path
) -> None:
    codec = semcodec.load(name)
    inputs = {} if name == "saic-flat" else {"mask": mask}
    data = codec.encode(scene, inputs=inputs)
    assert codec.encode(scene, inputs=inputs) == data
    decoded = codec.decode(data)
    assert decoded.shape == scene.shape
    assert psnr(decoded, scene) > 30
    (tmp_path / "a.smc").write_bytes(data)
    command = [sys.executable, "-m", "semcodec", "decode", "a.smc", "-o", "a.png"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert np.array_equal(semcodec.read_image(tmp_path / "a.png"), decoded)


def test_one_wire_code_for_every_saliency_source(scene: Any, mask: Any) -> None:
    """The source is the encoder's own: digests are equal, and the files too where maps are."""
    files = [semcodec.load(name).encode(scene, inputs={"mask": mask}) for name in GUIDED]
    assert files[0] == files[1]
    assert len({semcodec.load(name).digest for name in GUIDED}) == 1
    assert semcodec.load("saic").code == semcodec.load("saic-grounded").code


@pytest.mark.parametrize("step", [1.0, 7.3, 19.2])
def test_an_empty_mask_gives_the_symbols_of_the_plain_codec(scene: Any, step: float) -> None:
    empty = np.zeros(scene.shape[:2], np.uint8)
    kept = []
    for name, inputs in (("saic-flat", {}), ("saic", {"mask": empty})):
        trace = Trace(keep=True)
        data = semcodec.load(name).encode(
            scene, inputs=inputs, settings={"step": step}, trace=trace
        )
        kept.append((trace, semcodec.decode(data), len(data)))
    (flat, plain, short), (guided, same, long) = kept
    assert flat.sections["hyper+image"] == guided.sections["hyper+image"]
    for stream in ("hyper", "image"):
        assert np.array_equal(flat.values[stream], guided.values[stream])
    assert np.array_equal(plain, same)
    assert guided.sections["map"] + 2 >= long - short - (
        guided.sections["header"] - flat.sections["header"]
    )


def test_beta_0_gives_the_symbols_of_the_plain_codec(scene: Any, mask: Any) -> None:
    """Where the analysis is not told of a map that moves no step."""
    plain = {"beta": 0, "image.stages.0.guides": {}, "hyper.stages.0.guides": {}}
    trace, other = Trace(keep=True), Trace(keep=True)
    unguided = semcodec.load("saic", set={"image.quantizer.beta": 0, **_deaf()})
    unguided.encode(scene, inputs={"mask": mask}, trace=trace)
    semcodec.load("saic-flat").encode(scene, trace=other)
    assert plain
    for stream in ("hyper", "image"):
        assert np.array_equal(trace.values[stream], other.values[stream])


def test_steps_span_the_rates(scene: Any) -> None:
    codec = semcodec.load("saic-flat")
    sizes = [len(codec.encode(scene, settings={"step": s})) for s in (1, 2, 4, 8, 19.2)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 4 * sizes[-1]


def test_the_mask_gets_the_quality(scene: Any, mask: Any) -> None:
    flat, guided = semcodec.load("saic-flat"), semcodec.load("saic")
    size = 1500
    plain = flat.decode(flat.encode(scene, target_bytes=size))
    data = guided.encode(scene, inputs={"mask": mask}, target_bytes=size)
    assert len(data) <= size
    decoded = guided.decode(data)
    inside = mask > 0
    assert psnr(decoded, scene, inside) > psnr(plain, scene, inside) + 1
    assert psnr(decoded, scene, ~inside) < psnr(plain, scene, ~inside)


def test_a_target_runs_the_networks_once(scene: Any, mask: Any) -> None:
    trace = Trace()
    semcodec.load("saic").encode(scene, inputs={"mask": mask}, target_bytes=1500, trace=trace)
    assert trace.trials > 3
    calls = [(step.component, step.call) for step in trace.steps]
    assert calls.count(("saic.analysis", "forward")) == 1
    assert calls.count(("saic.hyper-analysis", "forward")) == 1
    assert calls.count(("saic.analysis", "inverse")) == 0


def test_skipped_cells_cost_nothing(scene: Any, mask: Any) -> None:
    codec = semcodec.load("saic")
    whole, part = (
        codec.encode(scene, inputs={"mask": mask}, settings={"skip": skip, "step": 4})
        for skip in (False, True)
    )
    assert len(part) < 0.8 * len(whole)
    trace = Trace(keep=True)
    decoded = semcodec.decode(part, trace=trace)
    [spent] = [bits for path, bits in trace.bits.items() if path.startswith("image")]
    cells = spent.sum(axis=0)
    assert (cells == 0).any()
    assert cells[0, -1] == 0
    assert psnr(decoded, scene, mask > 0) > 30


def test_nothing_to_code_at_all(scene: Any) -> None:
    """An empty mask with skip codes the hyper-latent alone."""
    empty = np.zeros(scene.shape[:2], np.uint8)
    codec = semcodec.load("saic")
    data = codec.encode(scene, inputs={"mask": empty}, settings={"skip": True})
    assert len(data) < 250
    assert codec.decode(data).shape == scene.shape


@pytest.mark.parametrize("name", ["saic", "saic-flat"])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (65, 64), (63, 130)])
def test_any_size(name: str, size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    codec = semcodec.load(name)
    decoded = codec.decode(codec.encode(image, settings={"step": 1}))
    assert decoded.shape == image.shape


@pytest.mark.parametrize("channels", [1, 4])
def test_gray_and_alpha(scene: Any, channels: int) -> None:
    image = scene[..., :1] if channels == 1 else np.dstack([scene, scene[..., 0]])
    codec = semcodec.load("saic-flat")
    decoded = codec.decode(codec.encode(image))
    assert decoded.shape == (scene[..., :1] if channels == 1 else image).shape
    assert psnr(decoded[..., :1], image[..., :1]) > 28


def test_batches_equal_single_pictures(scene: Any) -> None:
    codec = semcodec.load("saic-flat")
    pictures = [scene, scene[::-1], scene[:, ::-1]]
    assert codec.encode_batch(pictures) == [codec.encode(each) for each in pictures]


def test_the_estimate_is_the_file(scene: Any) -> None:
    image = np.tile(scene, (2, 2, 1))
    data = semcodec.load("saic-flat").encode(image, settings={"step": 1})
    trace = Trace(keep=True)
    semcodec.decode(data, trace=trace)
    ideal = sum(float(bits.sum()) for bits in trace.bits.values()) / 8
    assert ideal <= len(data) <= 1.005 * ideal + 40


def test_a_wrong_hash_is_refused() -> None:
    wrong = {"image.stages.0.weights.sha256": "0" * 64}
    with pytest.raises(SemcodecError, match="sha256|hash|0000"):
        semcodec.load("saic-flat", set=wrong).encode(np.zeros((8, 8, 3), np.uint8))


def test_a_pickle_is_refused(tmp_path: Path, torch: Any) -> None:
    import hashlib

    path = tmp_path / "weights.pt"
    torch.save({"a": torch.zeros(1)}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    given = {"uri": f"file:{path}", "sha256": digest}
    codec = semcodec.load("saic-flat", set={"image.stages.0.weights": given})
    with pytest.raises(WeightsError, match="pickle"):
        codec.encode(np.zeros((8, 8, 3), np.uint8))


def test_damage_is_told_or_harmless(scene: Any, mask: Any) -> None:
    """A map that disagrees with its symbols is damage like any other."""
    data = bytearray(semcodec.load("saic").encode(scene, inputs={"mask": mask}, form="wire"))
    rng = np.random.default_rng(0)
    for _ in range(40):
        broken = bytearray(data)
        for _ in range(int(rng.integers(1, 4))):
            broken[int(rng.integers(5, len(broken)))] ^= int(rng.integers(1, 256))
        try:
            decoded = semcodec.decode(bytes(broken))
        except SemcodecError:
            continue
        assert decoded.dtype == np.uint8


@pytest.mark.parametrize(
    "swap",
    [
        {"saliency": {"use": "centre"}},
        {"saliency": {"use": "saic.boxes"}},
        {"image.coder": {"use": "range"}},
        {"image.model": {"use": "dct-context"}},
        {"image.quantizer": {"use": "uniform", "step": 4}},
    ],
    ids=lambda swap: next(iter(swap)),
)
def test_parts_are_swapped(swap: dict[str, Any], scene: Any) -> None:
    codec = semcodec.load("saic", swap=swap)
    decoded = codec.decode(codec.encode(scene, inputs=_boxes(swap)))
    assert psnr(decoded, scene) > 25


def _boxes(swap: dict[str, Any]) -> dict[str, Any]:
    boxed = swap.get("saliency", {}).get("use") == "saic.boxes"
    return {"boxes": np.array([[40.0, 30.0, 120.0, 110.0]])} if boxed else {}


def _deaf() -> dict[str, Any]:
    return {"image.stages.0.guides": {}, "hyper.stages.0.guides": {}}
