"""The pipelines that ship, with their weights: files, guidance, targets, and what can go wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_saic.hyper import HyperAnalysis
from semcodec_saic.transforms import Analysis

import semcodec
from semcodec import Trace
from semcodec.errors import ImageError, SemcodecError, WeightsError

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
    # Symbols are the same everywhere; the synthesis adds floats in the order of its threads.
    assert np.abs(semcodec.read_image(tmp_path / "a.png").astype(int) - decoded).max() <= 1


def test_one_wire_code_for_every_saliency_source(scene: Any, mask: Any) -> None:
    """The source is the encoder's own: digests are equal, and the files too where maps are."""
    files = [semcodec.load(name).encode(scene, inputs={"mask": mask}) for name in GUIDED]
    assert files[0] == files[1]
    assert len({semcodec.load(name).digest for name in GUIDED}) == 1
    assert semcodec.load("saic").code == semcodec.load("saic-grounded").code


def coded(codec: Any, image: Any, **given: Any) -> tuple[bytes, bytes]:
    """Give a file, and of it the section of the hyper-latent and the latent."""
    trace = Trace()
    data = codec.encode(image, form="wire", trace=trace, **given)
    names = list(trace.sections)
    before = sum(trace.sections[n] for n in names[: names.index("hyper+image")])
    return data, data[before : before + trace.sections["hyper+image"]]


@pytest.mark.parametrize("step", [1.0, 7.3, 19.2])
def test_an_empty_mask_gives_the_symbols_of_the_plain_codec(scene: Any, step: float) -> None:
    empty, settings = np.zeros(scene.shape[:2], np.uint8), {"step": step}
    flat, plain = coded(semcodec.load("saic-flat"), scene, settings=settings)
    same, guided = coded(
        semcodec.load("saic"), scene, settings={**settings, "beta": 8}, inputs={"mask": empty}
    )
    assert guided == plain
    assert len(same) - len(flat) <= 5
    assert np.array_equal(semcodec.decode(same), semcodec.decode(flat))


def test_beta_0_gives_the_symbols_of_the_plain_codec(scene: Any, mask: Any) -> None:
    """Where the analysis is not told of a map that moves no step."""
    deaf = {"image.stages.0.guides": {}, "hyper.stages.0.guides": {}}
    set_ = {"wire.beta.values": [0, 3], "image.quantizer.beta": 0, **deaf}
    _, plain = coded(semcodec.load("saic-flat"), scene)
    _, guided = coded(semcodec.load("saic", set=set_), scene, inputs={"mask": mask})
    assert guided == plain


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


def test_a_target_runs_the_networks_once(
    scene: Any, mask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def counted(cls: type, name: str) -> None:
        real = getattr(cls, name)

        def call(*args: Any) -> Any:
            calls.append(f"{cls.__name__}.{name}")
            return real(*args)

        monkeypatch.setattr(cls, name, call)

    for cls, name in ((Analysis, "forward"), (Analysis, "inverse"), (HyperAnalysis, "forward")):
        counted(cls, name)
    trace = Trace()
    semcodec.load("saic").encode(scene, inputs={"mask": mask}, target_bytes=1500, trace=trace)
    assert trace.trials > 3
    assert sorted(calls) == ["Analysis.forward", "HyperAnalysis.forward"]


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


def test_gray(scene: Any) -> None:
    gray = scene[..., :1]
    codec = semcodec.load("saic-flat")
    decoded = codec.decode(codec.encode(gray))
    assert decoded.shape == gray.shape
    assert psnr(decoded, gray) > 28


def test_alpha_and_16_bits_are_refused(scene: Any) -> None:
    codec = semcodec.load("saic-flat")
    for image in (np.dstack([scene, scene[..., :1]]), scene.astype(np.uint16) * 257):
        with pytest.raises(ImageError, match="expected gray or RGB of 8 bits"):
            codec.encode(image)


def test_the_estimate_is_the_file(scene: Any) -> None:
    image = np.tile(scene, (2, 2, 1))
    data = semcodec.load("saic-flat").encode(image, settings={"step": 1})
    trace = Trace(keep=True)
    semcodec.decode(data, trace=trace)
    ideal = sum(float(bits.sum()) for bits in trace.bits.values()) / 8
    assert ideal <= len(data) <= 1.005 * ideal + 40


def test_a_wrong_hash_is_refused() -> None:
    weights = semcodec.load("saic-flat").pipeline.places["image.stages.0"].component.weights
    given = {"uri": weights.uri, "sha256": "0" * 64}
    codec = semcodec.load("saic-flat", set={"image.stages.0.weights": given})
    with pytest.raises(WeightsError, match="0000"):
        codec.encode(np.zeros((8, 8, 3), np.uint8))


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
    ("slot", "component"),
    [
        ("saliency", "centre"),
        ("saliency", "saic.boxes"),
        ("image.coder", "range"),
        ("coder", "range"),
        ("image.quantizer", "uniform"),
        ("image.quantizer", "saliency-step"),
        ("image.model", "laplace"),
        ("hyper.model", "laplace"),
    ],
)
def test_parts_are_swapped(slot: str, component: str, scene: Any) -> None:
    codec = semcodec.load("saic", swap={slot: component})
    boxes = {"boxes": np.array([[40.0, 30.0, 120.0, 110.0]])}
    inputs = boxes if component == "saic.boxes" else {}
    assert psnr(codec.decode(codec.encode(scene, inputs=inputs)), scene) > 25
