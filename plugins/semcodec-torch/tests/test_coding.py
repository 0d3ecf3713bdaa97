"""From training to bytes: a small hyperprior is trained, exported, and codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

for needed in ("torch", "safetensors"):
    pytest.importorskip(needed, reason="pip install semcodec-torch")

import torch  # noqa: E402 - after the check for it
from semcodec_torch.entropy import hyperprior  # noqa: E402
from semcodec_torch.entropy.likelihoods import FactorizedPrior, gaussian_bits  # noqa: E402
from semcodec_torch.entropy.tables import to_arrays  # noqa: E402
from semcodec_torch.models import Factorized, Hyperprior  # noqa: E402
from semcodec_torch.weights import file_weights, write  # noqa: E402

import semcodec  # noqa: E402
from semcodec import Image, Latent, Quantizer, Symbols, Transform, component  # noqa: E402
from semcodec.coding.ideal import bits  # noqa: E402
from semcodec.coding.tables import RATIO  # noqa: E402
from semcodec.components.coders import Range, Rans  # noqa: E402
from semcodec.contracts.context import Context  # noqa: E402
from semcodec.discovery import catalog  # noqa: E402
from semcodec.engine.trace import Trace  # noqa: E402
from semcodec.testing.passes import coded, decoded, drive  # noqa: E402

CHANNELS = 6


@component
class Cells(Transform):
    """Cells of 4x4 pixels: six of their differences; stands for a learned analysis."""

    def layout(self, shape: Any, guides: Any, ctx: Any) -> Latent:
        return Latent((CHANNELS, shape.height // 4, shape.width // 4))

    def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
        _, rows, columns = ctx.coded.shape
        cells = value.mean(axis=2).reshape(rows, 4, columns, 4).transpose(1, 3, 0, 2)
        flat = cells.reshape(16, rows, columns)
        made = [flat.mean(0) - 128, *(flat[i] - flat[i + 5] for i in range(5))]
        return np.stack(made).astype(np.float32)

    def inverse(self, value: Any, guides: Any, ctx: Any) -> Any:
        plane = (value[0] + 128).repeat(4, axis=0).repeat(4, axis=1)
        return np.clip(np.rint(plane), 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


@component
class Energy(Transform):
    """Log magnitude in squares of 2x2; stands for a hyper-analysis."""

    consumes = Latent
    produces = Latent

    def layout(self, shape: Any, guides: Any, ctx: Any) -> Latent:
        channels, rows, columns = shape.shape
        return Latent((channels, rows // 2, columns // 2))

    def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
        channels, rows, columns = ctx.coded.shape
        squares = np.abs(value).reshape(channels, rows, 2, columns, 2).mean(axis=(2, 4))
        return (2 * np.log2(squares + 0.25)).astype(np.float32)


@component
class Gained(Quantizer):
    """Gains of 1.131**k that follow the column: what a guided quantizer does to the indexes."""

    def _power(self, ctx: Any) -> Any:
        return np.broadcast_to(np.arange(ctx.shape.shape[2]) % 7 - 3, ctx.shape.shape)

    def _gain(self, ctx: Any) -> Any:
        return np.float32(1.131) ** self._power(ctx).astype(np.float32)

    def index_shift(self, guides: Any, ctx: Any) -> Any:
        return self._power(ctx).astype(np.int32)

    def quantize(self, x: Any, guides: Any, ctx: Any) -> Any:
        return np.rint(x * self._gain(ctx)).astype(np.int32)

    def dequantize(self, q: Any, guides: Any, ctx: Any) -> Any:
        return (q / self._gain(ctx)).astype(np.float32)


def picture(seed: int) -> Any:
    """Texture whose strength changes from place to place, 96x128."""
    rng = np.random.default_rng(seed)
    strength = rng.gamma(1.0, 18, (12, 16, 1)).repeat(8, axis=0).repeat(8, axis=1)
    smooth = rng.normal(0, 40, (6, 8, 1)).repeat(16, axis=0).repeat(16, axis=1)
    noise = rng.normal(0, 1, (96, 128, 3))
    return np.clip(128 + smooth + strength * noise, 0, 255).astype(np.uint8)


def latents(seed: int) -> tuple[Any, Any]:
    image = picture(seed)
    described = Image.of(image)
    shape = Cells().layout(described, {}, None)
    y = Cells().forward(image, {}, Context(image=described, shape=described, coded=shape))
    coarse = Energy().layout(shape, {}, None)
    z = Energy().forward(y, {}, Context(image=described, shape=shape, coded=coarse))
    return y, np.rint(z).astype(np.float32)


GROUPS = {
    "one pass": [(CHANNELS, 1)],
    "a checkerboard": [(CHANNELS, 2)],
    "groups": [(1, 4), (2, 1), (3, 2)],
}


@pytest.fixture(scope="module", params=GROUPS)
def trained(request: Any, tmp_path_factory: Any) -> Iterator[tuple[Any, Any, Path]]:
    """A network, a prior, and the folder with their weights."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    net = hyperprior.Hyperprior(CHANNELS, GROUPS[request.param], width=16, doublings=1)
    prior = FactorizedPrior(CHANNELS)
    optimiser = torch.optim.Adam([*net.parameters(), *prior.parameters()], lr=4e-3)
    pairs = [latents(seed) for seed in range(8)]
    y, z = (torch.from_numpy(np.stack(each)) for each in zip(*pairs, strict=True))
    losses = []
    for _ in range(160):
        index, mean = net(z, y)
        loss = gaussian_bits(y - mean, index).mean() + prior(z).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.85 * losses[0]
    folder = tmp_path_factory.mktemp("weights")
    write(folder / "hyper.safetensors", net.export().to_arrays())
    write(folder / "prior.safetensors", to_arrays(prior.export(), "prior"))
    yield net, prior, folder
    torch.set_num_threads(threads)


def symbols_of(y: Any, mean: Any, shift: Any = 0) -> Any:
    """Symbols as training makes them, ties included."""
    gain = torch.pow(RATIO, torch.as_tensor(shift).float())
    scaled = torch.from_numpy(y - mean) * gain
    return torch.floor(scaled + 0.5).numpy().astype(np.int32)


def predicted(net: Any, y: Any, z: Any, shift: Any = 0, kept: Any = None) -> tuple[Any, Any]:
    with torch.no_grad():
        made = net(torch.from_numpy(z)[None], torch.from_numpy(y)[None], torch.tensor(shift), kept)
    index, mean = (each[0].numpy() for each in made)
    return index.astype(np.int32), mean


def gathered(passes: Any, shape: Any) -> tuple[Any, Any]:
    """Indexes and means of all passes at their places."""
    index, mean = np.full(shape, -1, np.int32), np.full(shape, np.nan, np.float32)
    for item in passes:
        at = slice(None) if item.positions is None else item.positions
        index.reshape(-1)[at] = item.indexes.reshape(-1)
        mean.reshape(-1)[at] = item.means.reshape(-1)
    return index, mean


def a_plane(shape: Any) -> Any:
    return np.random.default_rng(3).integers(-30, 31, (1, *shape[1:]))


SHIFTS = {
    "none": lambda shape: 0,
    "one": lambda shape: -7,
    "a plane": a_plane,
    "columns": lambda shape: np.arange(shape[2])[None, None] % 15 - 7,
    "channels": lambda shape: np.random.default_rng(4).integers(-30, 31, shape),
    "beyond the grid": lambda shape: 9 * a_plane(shape),
}


@pytest.mark.parametrize("kind", SHIFTS)
def test_the_component_is_the_trained_network_to_the_last_integer(trained: Any, kind: str) -> None:
    net, _, folder = trained
    y, z = latents(99)
    shift = np.asarray(SHIFTS[kind](y.shape))
    index, mean = predicted(net, y, z, shift)
    model = Hyperprior(weights=file_weights(folder / "hyper.safetensors"))
    symbols = Symbols(y.shape)
    shown = np.broadcast_to(shift.astype(np.int32), y.shape)
    ctx = Context(image=Image(96, 128), shape=symbols, coded=symbols, shift=shown)
    q = symbols_of(y, mean, np.clip(shift, -63, 63))
    made_index, made_mean = gathered(drive(model, symbols, {"hyper": z}, ctx, q), y.shape)
    assert np.array_equal(made_index, index)
    assert np.array_equal(made_mean, mean)
    # The shift is seen: without it something else would come out.
    if kind != "none":
        assert not np.array_equal(predicted(net, y, z)[1], mean)


def test_symbols_that_are_not_coded_count_as_0(trained: Any) -> None:
    net, _, folder = trained
    y, z = latents(94)
    shift = a_plane(y.shape)
    kept = np.random.default_rng(6).integers(0, 2, (1, *y.shape[1:])).astype(bool)
    index, mean = predicted(net, y, z, shift, torch.from_numpy(kept))
    model = Hyperprior(weights=file_weights(folder / "hyper.safetensors"))
    symbols = Symbols(y.shape, mask=np.broadcast_to(kept, y.shape).copy())
    shown = np.broadcast_to(shift.astype(np.int32), y.shape)
    ctx = Context(image=Image(96, 128), shape=symbols, coded=symbols, shift=shown)
    q = np.where(kept, symbols_of(y, mean, shift), 0).astype(np.int32)
    made_index, made_mean = gathered(drive(model, symbols, {"hyper": z}, ctx, q), y.shape)
    assert np.array_equal(made_index, index)
    assert np.array_equal(made_mean, mean)
    if net.contexts:
        assert not np.array_equal(predicted(net, y, z, shift)[1], mean)


def test_a_shift_of_several_pictures_is_each_one_s_own(trained: Any) -> None:
    net, _, _ = trained
    pairs = [latents(seed) for seed in (95, 96)]
    y, z = (torch.from_numpy(np.stack(each)) for each in zip(*pairs, strict=True))
    shift = torch.stack([torch.from_numpy(a_plane(y.shape[1:])), torch.zeros(1, 24, 32)]).int()
    with torch.no_grad():
        together = net(z, y, shift)
        alone = [net(z[i : i + 1], y[i : i + 1], shift[i : i + 1]) for i in range(2)]
    for both, parts in zip(together, zip(*alone, strict=True), strict=True):
        assert torch.equal(both, torch.cat(parts))


@pytest.mark.parametrize("coder", [Rans(), Range()], ids=["rans", "range"])
def test_estimates_are_within_half_a_percent_of_the_bytes(trained: Any, coder: Any) -> None:
    net, prior, folder = trained
    y, z = latents(98)
    index, mean = predicted(net, y, z)
    with torch.no_grad():
        residual, indexes = torch.from_numpy(y - mean), torch.from_numpy(index)
        wanted = gaussian_bits(residual, indexes, how="straight").sum().item() / 8
        wanted_prior = prior(torch.from_numpy(z)[None], "straight").sum().item() / 8
    for model, q, guides, loss in (
        (
            Hyperprior(weights=file_weights(folder / "hyper.safetensors")),
            symbols_of(y, mean),
            {"hyper": z},
            wanted,
        ),
        (
            Factorized(weights=file_weights(folder / "prior.safetensors")),
            z.astype(np.int32),
            {},
            wanted_prior,
        ),
    ):
        symbols = Symbols(q.shape)
        ctx = Context(image=Image(96, 128), shape=symbols, coded=symbols)
        ideal = 0.0
        for item in drive(model, symbols, guides, ctx, q):
            row = q if item.positions is None else q.reshape(-1)[item.positions]
            ideal += float(bits(item.tables, item.indexes, row).sum()) / 8
        data = coded(model, symbols, guides, ctx, q, coder.encoder())
        # Half a percent, and the coder's tail, which so small a stream cannot hide.
        assert abs(len(data) - ideal) < 0.005 * ideal + 4
        assert abs(len(data) - loss) < 0.01 * loss + 4
        assert np.array_equal(decoded(model, symbols, guides, ctx, coder.decoder(data)), q)


@component
class Noted(Hyperprior):
    """Notes what it is shown and what it says."""

    def passes(self, symbols: Any, guides: Any, ctx: Any) -> Any:
        NOTES.append((dict(guides), ctx.shift, made := []))
        program = super().passes(symbols, guides, ctx)
        known = None
        while True:
            try:
                made.append(next(program) if known is None else program.send(known))
            except StopIteration:
                return
            known = yield made[-1]


NOTES: list[Any] = []


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The components above, and the models themselves: the tests run from a checkout too."""
    for cls in (Cells, Energy, Gained, Noted):
        # pytest's name for this module has a hyphen, the folder's, and so is no Python name.
        monkeypatch.setattr(cls, "__module__", "parts")
    for cls in (Cells, Energy, Gained, Noted, Factorized):
        semcodec.register(cls)
    NOTES.clear()
    yield
    catalog.cache_clear()


def small(folder: Path, quantizer: str, coder: str = "rans") -> Any:
    """The pipeline, with what was trained."""

    def weights(name: str) -> dict[str, str]:
        found = file_weights(folder / f"{name}.safetensors")
        return {"uri": found.uri, "sha256": found.sha256}

    coarse = {"use": "uniform", "step": 1, "rounding": 0.5}
    return semcodec.load(
        {
            "semcodec": 1,
            "name": "small",
            "streams": {
                "hyper": {
                    "stages": ["local.cells", "local.energy", coarse],
                    "model": {"use": "local.factorized", "weights": weights("prior")},
                    "coder": coder,
                },
                "image": {
                    "stages": ["local.cells", coarse if quantizer == "uniform" else quantizer],
                    "model": {
                        "use": "local.noted",
                        "weights": weights("hyper"),
                        "guides": {"hyper": "hyper"},
                    },
                    "coder": coder,
                },
            },
        }
    )


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("quantizer", ["uniform", "local.gained"])
def test_a_pipeline_codes_and_decodes(trained: Any, quantizer: str) -> None:
    _, _, folder = trained
    codec = small(folder, quantizer)
    image = picture(97)
    data = codec.encode(image)
    assert data == codec.encode(image)
    y, _ = latents(97)
    wanted = np.clip(np.rint(y[0] + 128), 0, 255)
    made = codec.decode(data)[::4, ::4, 0].astype(float)
    assert np.abs(made - wanted).max() <= 1


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("quantizer", ["uniform", "local.gained"])
@pytest.mark.parametrize("coder", ["rans", "range"])
def test_in_a_file_the_parameters_are_the_trained_network_s(
    trained: Any, quantizer: str, coder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, _, folder = trained
    seen: list[Any] = []
    inverse = Cells.inverse
    monkeypatch.setattr(Cells, "inverse", lambda s, v, g, c: seen.append(v) or inverse(s, v, g, c))
    codec, written, read = small(folder, quantizer, coder), Trace(), Trace(keep=True)
    data = codec.encode(picture(97), trace=written)
    codec.decode(data, trace=read)
    [y] = seen
    for guides, shift, passes in NOTES:  # of the encoder, and of the decoder
        index, mean = predicted(net, y, guides["hyper"], 0 if shift is None else shift)
        made_index, made_mean = gathered(passes, y.shape)
        assert np.array_equal(made_index, index)
        assert np.array_equal(made_mean, mean)
    assert (shift is None) == (quantizer == "uniform")
    # What the decoder's tables say of what it read is what the file took.
    size = sum(count for name, count in written.sections.items() if name != "header")
    estimate = sum(each.sum(dtype=np.float64) for each in read.bits.values()) / 8
    assert size > 1500
    assert abs(size - estimate) < 0.005 * size
    # And it is what training would have counted.
    index, mean = predicted(net, y, guides["hyper"], 0 if shift is None else shift)
    shift = torch.zeros(1, 1, 1) if shift is None else torch.from_numpy(shift.copy())
    residual = torch.from_numpy(y - mean) * torch.pow(RATIO, shift.float())
    loss = gaussian_bits(residual, torch.from_numpy(index), shift=shift, how="straight").sum()
    spent = read.bits["image.stages.1"].sum(dtype=np.float64)
    assert abs(loss.item() - spent) < 0.005 * spent
