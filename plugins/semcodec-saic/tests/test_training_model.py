from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch")

from semcodec_saic.gains import lambda_of, step_of  # noqa: E402
from semcodec_saic.networks import (  # noqa: E402
    Analysis,
    HyperAnalysis,
    Synthesis,
    Widths,
    margin,
)
from semcodec_saic.training import ENTROPY, NETWORKS, TRAINING, Saic  # noqa: E402
from semcodec_torch.entropy.likelihoods import chosen, scaled_bits  # noqa: E402
from semcodec_torch.tiling import tiled  # noqa: E402

from semcodec.coding.tables import RATIO  # noqa: E402

torch.set_num_threads(1)
TINY = Widths(trunk=(4, 4, 6), blocks=(1, 1, 1), latent=5, hyper=4)
TASK = Saic(trunk=(4, 4, 6), blocks=(1, 1, 1), latent=5, hyper=4, groups=(2, 3), phases=(4, 2))


def lively(module: Any) -> Any:
    """Give layers that are silent at the start weights like the others'."""
    torch.manual_seed(1)
    for layer in module.modules():
        if getattr(layer, "silent", False):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    return module


def test_shapes_and_ranges() -> None:
    picture, saliency = torch.rand(2, 3, 64, 128), torch.zeros(2, 1, 64, 128)
    latent = Analysis(TINY)(picture, saliency)
    hyper = HyperAnalysis(TINY)(latent)
    assert latent.shape == (2, 5, 4, 8)
    assert hyper.shape == (2, 4, 1, 2)
    assert Synthesis(TINY)(latent, torch.zeros(2, 1, 4, 8)).shape == picture.shape


def test_an_untrained_model_is_a_transform_codec() -> None:
    """With all coefficients the shortcuts are orthonormal, and the networks add nothing."""
    widths = Widths((4, 4, 4), (1, 1, 1), 768, 4)
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        latent = Analysis(widths)(picture, torch.rand(1, 1, 64, 64))
        again = Synthesis(widths)(latent, torch.rand(1, 1, 4, 4))
    torch.testing.assert_close(again, picture, atol=1e-5, rtol=0)
    energy = ((picture - 0.5) ** 2).sum()
    torch.testing.assert_close((latent**2).sum() / 14**2, energy, rtol=1e-4, atol=0)
    flat = Analysis(widths)(torch.full((1, 3, 64, 64), 0.75), torch.zeros(1, 1, 64, 64))
    assert float(flat.detach()[0, 0].mean()) == pytest.approx(14 * 0.25 * 16 * 3**0.5, rel=1e-4)
    assert float(flat.detach()[0, 1:].abs().max()) < 1e-3


def test_the_map_and_the_step_reach_the_networks() -> None:
    picture, none = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    analysis, synthesis = lively(Analysis(TINY)), lively(Synthesis(TINY))
    with torch.no_grad():
        latent = analysis(picture, none)
        assert not torch.equal(analysis(picture, none + 1), latent)
        fine, coarse = (synthesis(latent, torch.full((1, 1, 4, 4), k)) for k in (0.0, 24.0))
        assert not torch.equal(fine, coarse)


def test_shipped_sizes_fit_in_twenty_megabytes_of_half_precision() -> None:
    from safetensors.torch import save

    files = Saic().files(Saic().module())
    assert sum(len(save(dict(tensors))) for tensors in files.values()) <= 20e6


def test_the_files_are_the_module_again() -> None:
    from semcodec_torch.entropy.conditional import Conditional
    from semcodec_torch.entropy.tables import from_arrays

    module = TASK.module()
    files = TASK.files(module)
    assert set(files) == {NETWORKS, ENTROPY, TRAINING}
    state = TASK.state(files)
    assert state.keys() == module.state_dict().keys()
    for name, tensor in module.state_dict().items():
        assert torch.equal(state[name], tensor.half())
    assert files[NETWORKS].keys() == module.networks.state_dict().keys()
    arrays = {name: tensor.numpy() for name, tensor in files[ENTROPY].items()}
    assert Conditional.from_arrays(arrays).channels == TASK.latent
    assert len(from_arrays(arrays, "prior")) == TASK.hyper
    with pytest.raises(KeyError, match=TRAINING):
        TASK.state({NETWORKS: files[NETWORKS]})


@pytest.mark.parametrize("widths", [TINY, Widths((4, 4, 4), (2, 1, 2), 3, 3)])
def test_tiles_with_the_margin_equal_the_whole(widths: Widths) -> None:
    torch.manual_seed(0)
    pixels, cells = margin(widths)
    picture = torch.rand(1, 4, 512, 80)
    analysis, synthesis = lively(Analysis(widths)), lively(Synthesis(widths))

    def analyse(x: Any) -> Any:
        return analysis(x[:, :3], x[:, 3:])

    def synthesise(x: Any) -> Any:
        return synthesis(x[:, :-1], x[:, -1:])

    with torch.no_grad():
        latent = analyse(picture)
        again = tiled(analyse, picture, size=5, margin=pixels // 16, down=16)
        torch.testing.assert_close(again, latent, atol=1e-4, rtol=1e-5)
        given = torch.cat([latent, torch.rand(1, 1, 32, 5)], dim=1)
        again = tiled(synthesise, given, size=5, margin=cells, up=16)
        torch.testing.assert_close(again, synthesise(given), atol=1e-5, rtol=1e-5)


def test_the_margin_is_no_more_than_a_cell_too_wide() -> None:
    analysis, synthesis = lively(Analysis(TINY)), lively(Synthesis(TINY))
    pixels, cells = margin(TINY)
    picture = torch.rand(1, 4, 512, 16, requires_grad=True)
    analysis(picture[:, :3], picture[:, 3:])[:, :, 16].sum().backward()
    seen = picture.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    before, after = 256 - int(seen.min()), int(seen.max()) - 271
    assert pixels - 16 < max(before, after) <= pixels
    latent = torch.rand(1, 5, 32, 2, requires_grad=True)
    synthesis(latent, torch.zeros(1, 1, 32, 2))[:, :, 256:272].sum().backward()
    seen = latent.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    assert cells - 1 <= max(16 - int(seen.min()), int(seen.max()) - 16) <= cells


def _batch(index: int, beta: float) -> dict[str, Any]:
    from semcodec_saic.training import _sample

    rng = np.random.default_rng(0)
    crop = rng.integers(0, 256, (64, 64, 3), np.uint8)
    saliency = np.zeros((64, 64), np.float32)
    saliency[:32] = 1
    sample = _sample(crop, saliency, index, beta, 2)
    return {name: torch.as_tensor(np.stack([value])) for name, value in sample.items()}


@pytest.mark.parametrize(("index", "beta"), [(0, 0.0), (8, 0.0), (24, 0.0), (16, 3.0)])
def test_the_loss_is_rate_plus_lambda_times_weighted_error(index: int, beta: float) -> None:
    torch.manual_seed(0)
    model = replace(TASK, balance=0.0).module().eval()
    batch = _batch(index, beta)
    with torch.no_grad():
        terms = model(batch)
        x = batch["picture"].permute(0, 3, 1, 2) / 255
        seen = batch["saliency"][:, None] / 255
        coded = model.code(x, seen, batch["gain_index"][:, None])
    error = ((x - coded.picture) ** 2).mean(1)[0]
    weighted = (error[:32].mean() * (1 + beta) ** 2 + error[32:].mean()) / 2
    rate = (coded.latent_bits.sum() + coded.hyper_bits.sum()) / 64**2
    expected = rate + lambda_of(step_of(index)) * 255**2 * weighted
    torch.testing.assert_close(terms.loss, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(terms.rates["rate"], rate)


def test_a_finer_step_costs_more_and_the_gain_scales_residuals_and_scales_alike() -> None:
    torch.manual_seed(0)
    model = TASK.module().eval()
    x, none = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    with torch.no_grad():
        bits = [
            float(model.code(x, none, torch.full((1, 1, 4, 4), k)).latent_bits.sum())
            for k in (-24, -12, 0, 5)
        ]
        assert bits == sorted(bits)
        coded = model.code(x, none, torch.full((1, 1, 4, 4), -3))
        latent = model.networks.analysis(x, none)
        gain = RATIO**-3
        index, mean = model.hyperprior(
            model.networks.hyper_analysis(latent), latent, -3, rdo=TASK.rdo
        )
        residual = (latent - mean) * gain
        symbols = chosen(residual, index, shift=-3, rdo=TASK.rdo, family="laplace")
        bits = scaled_bits(symbols, index, shift=-3, how="straight", family="laplace")
        torch.testing.assert_close(coded.latent_bits, bits)
        decoded = mean + symbols / gain
        coarse = torch.full((1, 1, 4, 4), 3.0)
        torch.testing.assert_close(coded.picture, model.networks.synthesis(decoded, coarse))


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Any]:
    pytest.importorskip("accelerate", reason="needs accelerate")
    from accelerate.state import AcceleratorState, PartialState
    from PIL import Image
    from semcodec_torch.training.packing import pack
    from semcodec_torch.training.pictures import find_pictures

    y, x = np.mgrid[:96, :96]
    for number in range(3):
        waves = 128 + 100 * np.sin((x + number * y) / (5 + number))
        Image.fromarray(waves.astype(np.uint8)).save(tmp_path / f"{number}.png")
    yield pack(find_pictures([tmp_path]), tmp_path / "pack")
    AcceleratorState._reset_state()
    PartialState._reset_state()


def test_it_learns_and_workers_change_nothing(pictures: Any, tmp_path: Path) -> None:
    from semcodec_torch.training.card import write_card
    from semcodec_torch.training.log import Log
    from semcodec_torch.training.loop import LOG, train
    from semcodec_torch.training.settings import Settings

    settings = Settings(
        steps=40, batch=2, crop=64, rate=3e-3, warmup=4, workers=0, threads=1, held_out=1,
        log_steps=10, decay=0.8,
    )  # fmt: skip
    summary = train(TASK, pictures, tmp_path / "run", settings)
    rows = Log.read(tmp_path / "run" / LOG)
    held = [row for row in rows if row["kind"] == "held-out"]
    points = len(held) // 2
    assert held[-1]["beta"] == 3.0
    for before, after in zip(held[:points], held[points:], strict=True):
        assert after["psnr_db"] > before["psnr_db"]
    train(TASK, pictures, tmp_path / "workers", replace(settings, workers=1))
    for name in (NETWORKS, ENTROPY, TRAINING):
        files = [(tmp_path / run / name).read_bytes() for run in ("run", "workers")]
        assert files[0] == files[1]
    write_card("saic", TASK, pictures, tmp_path / "run", settings, summary, None)
    card = (tmp_path / "run" / "model-card.md").read_text()
    for part in ("2 trained on, 1 held out", "not stated | 3", "Steps: 40", "psnr_db", "sha256"):
        assert part in card
    listed = (tmp_path / "run" / "pictures.txt").read_text().splitlines()
    assert [line.split()[1] for line in listed] == ["held-out", "trained", "trained"]
    short = replace(settings, steps=1)
    summary = train(TASK, pictures, tmp_path / "on", short, start=tmp_path / "run")
    write_card("saic", TASK, pictures, tmp_path / "on", short, summary, tmp_path / "run")
    card = (tmp_path / "on" / "model-card.md").read_text()
    assert card.index("Began with: `networks.safetensors`") < card.index("Steps: 1,")
    assert card.index("The card of what it began with") < card.index("Steps: 40")
