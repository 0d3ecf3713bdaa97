from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="needs torch")

from semcodec_torch.tiling import tiled, tiles  # noqa: E402

torch.set_num_threads(1)


def _networks(*, whole_numbers: bool) -> tuple[Any, Any]:
    """Make an analysis of stride 4 that sees 9 beyond its cell, and a synthesis that sees 2."""
    torch.manual_seed(3)
    nn = torch.nn
    down = nn.Sequential(
        nn.Conv2d(2, 4, 5, 2, 2), nn.ReLU(), nn.Conv2d(4, 4, 5, 2, 2), nn.Conv2d(4, 3, 3, 1, 1)
    )
    up = nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1), nn.PixelShuffle(4), nn.Conv2d(2, 2, 3, 1, 1))
    if whole_numbers:
        for parameter in (*down.parameters(), *up.parameters()):
            parameter.data = torch.randint(-3, 4, parameter.shape).float()
    return down.requires_grad_(False), up.requires_grad_(False)


@given(
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    size=st.integers(1, 13),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_equals_the_whole_bit_for_bit_where_sums_are_exact(
    rows: int, columns: int, size: int, seed: int
) -> None:
    down, up = _networks(whole_numbers=True)
    torch.manual_seed(seed)
    picture = torch.randint(0, 16, (1, 2, rows * 4, columns * 4)).float()
    latent = down(picture)
    assert torch.equal(tiled(down, picture, size=size, margin=3, down=4), latent)
    assert torch.equal(tiled(up, latent, size=size, margin=2, up=4), up(latent))


def test_equals_the_whole_in_floats() -> None:
    down, up = _networks(whole_numbers=False)
    picture = torch.rand(2, 2, 48, 40)
    latent = down(picture)
    torch.testing.assert_close(tiled(down, picture, size=4, margin=3, down=4), latent)
    torch.testing.assert_close(tiled(up, latent, size=4, margin=2, up=4), up(latent))


def test_a_margin_below_the_receptive_field_shows() -> None:
    down, _ = _networks(whole_numbers=True)
    picture = torch.randint(1, 16, (1, 2, 48, 48)).float()
    assert not torch.equal(tiled(down, picture, size=4, margin=1, down=4), down(picture))


def test_no_call_sees_more_than_a_tile_and_its_margins() -> None:
    seen = []

    def network(x: Any) -> Any:
        seen.append(tuple(x.shape[-2:]))
        return x[..., ::16, ::16].float()

    picture = torch.zeros(1, 1, 9008, 12000, dtype=torch.uint8)
    out = tiled(network, picture, size=32, margin=9, down=16)
    assert out.shape == (1, 1, 563, 750)
    assert out.dtype == torch.float32
    assert max(max(shape) for shape in seen) == (32 + 2 * 9) * 16


@given(cells=st.integers(1, 60), size=st.integers(1, 60), margin=st.integers(0, 9))
def test_tiles_keep_every_cell_once(cells: int, size: int, margin: int) -> None:
    kept = [c for t in tiles(cells, size, margin) for c in range(t.first, t.last)]
    assert kept == list(range(cells))
    for t in tiles(cells, size, margin):
        assert t.start == max(0, t.first - margin)
        assert t.stop == min(cells, t.last + margin)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: tiled(lambda t: t, x, size=0, margin=1),
        lambda x: tiled(lambda t: t, x, size=2, margin=-1),
        lambda x: tiled(lambda t: t, x, size=2, margin=1, down=3),
        lambda x: tiled(lambda t: t, x[..., :0], size=2, margin=1),
        lambda x: tiled(lambda t: t, x, size=2, margin=1, up=2),
    ],
)
def test_lengths_that_do_not_fit_are_refused(call: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        call(torch.zeros(1, 1, 8, 8))
