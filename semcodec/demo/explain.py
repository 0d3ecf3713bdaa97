"""The panels that show what a codec made of one picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.metrics import Psnr
from semcodec.contracts.values import Latent
from semcodec.demo.figure import Panel, gray, heat, shown
from semcodec.demo.observe import Quantized, observe
from semcodec.engine.trace import Trace

__all__ = ["block_bits", "panels", "step_map"]


def panels(picture: NDArray[Any], data: bytes, trace: Trace, *, device: str = "cpu") -> list[Panel]:
    """Draw a coded picture, stage by stage; what the codec does not have is left out.

    Args:
        picture: uint8 or uint16 (height, width, channels), as it was coded.
        data: its file, not detached.
        trace: of the encoder, with ``keep``.
        device: where networks run.

    Raises:
        DecodeError: the file cannot be decoded.
    """
    found = observe(data, device=device)
    size = picture.shape[:2]
    made = [Panel("original", _original(picture), shown(picture))]
    saliency = trace.values.get("@saliency")
    if saliency is not None:
        caption = (
            f"what the encoder was told matters: {_range(saliency)}, mean {saliency.mean():.2f}"
        )
        made.append(Panel("saliency", caption, gray(saliency)))
    if found.quantized is not None:
        for port, value in found.quantized.maps.items():
            caption = (
                f"what the decoder holds of it: {np.unique(value).size} levels, {_range(value)}"
            )
            made.append(Panel(f"decoded map ({port})", caption, gray(value)))
        made += _quantizer(found.quantized, size)
    quality = Psnr().compute(picture, found.picture)
    made.append(Panel("reconstruction", _rate(data, trace, size, quality), shown(found.picture)))
    made.append(_error(picture, found.picture, quality))
    return made


def step_map(found: Quantized, size: tuple[int, int]) -> NDArray[np.float32] | None:
    """Give the quantizer's step at every pixel, float32 of ``size``.

    The step of a block is that of its first coefficient in the first plane, luma. None where the
    quantizer tells no steps or the latent has no place in the picture.
    """
    if found.steps is None:
        return None
    spread = np.broadcast_to(found.steps, found.latent.shape)
    if found.latent.grid:
        rows, columns = found.latent.grid[0]
        spread = spread[: rows * columns].reshape(rows, columns, -1)[..., 0]
    elif spread.ndim >= 2:
        spread = spread.reshape(-1, *spread.shape[-2:])[0]
    else:
        return None
    return _enlarged(spread, found.latent, size)


def block_bits(found: Quantized) -> NDArray[np.float64] | None:
    """Give the bits of every luma block, or of every place of a spatial latent.

    Where symbols are coded by tables, what an ideal coder spends. Adaptive models do not tell:
    there every symbol q other than 0 counts ``2 log2(1 + |q|) + 1``, about what an Elias gamma code
    and a sign take. What the coder spent is another sum: this one shows where bits go.

    Returns:
        float64 (rows, columns); None where the symbols have no place in the picture.
    """
    if found.bits is not None:
        costs = found.bits.astype(np.float64)
    else:
        q = np.abs(found.symbols.astype(np.float64))
        costs = np.where(q > 0, 2 * np.log2(1 + q) + 1, 0.0)
    if found.latent.grid:
        rows, columns = found.latent.grid[0]
        made: NDArray[np.float64] = costs[: rows * columns].reshape(rows, columns, -1).sum(axis=2)
        return made
    if costs.ndim < 2:
        return None
    return np.asarray(costs.reshape(-1, *costs.shape[-2:]).sum(axis=0))


def _quantizer(found: Quantized, size: tuple[int, int]) -> list[Panel]:
    if not _covers(found.latent, size):
        return []
    made = []
    steps = step_map(found, size)
    if steps is not None:
        low, high = float(steps.min()), float(steps.max())
        if low < high:
            caption = f"{low:.4g} (dark) to {high:.4g} (light), log scale"
            made.append(Panel("quantizer step", caption, heat(steps, log=True)))
        else:
            made.append(Panel("quantizer step", f"one for all: {low:.4g}", None))
    bits = block_bits(found)
    if bits is not None:
        drawn = heat(_enlarged(bits, found.latent, size), low=0.0)
        ends = f"0 (dark) to {bits.max():.0f} (light)"
        caption = (
            f"estimated bits a block, luma, {ends}; "
            "2 log2(1 + |q|) + 1 for each q that is not 0, not what the coder spent"
            if found.bits is None
            else f"bits a cell, {ends}: -log2 p of its symbols, {bits.sum() / 8:.0f} bytes in all"
        )
        made.append(Panel("bits per block", caption, drawn))
    return made


def _covers(latent: Latent, size: tuple[int, int]) -> bool:
    """Whether blocks lie on the picture itself, not on one that was carved or scaled."""
    if not latent.grid or len(latent.shape) != 3:
        return True
    return latent.grid[0] == (-(-size[0] // latent.shape[1]), -(-size[1] // latent.shape[2]))


def _enlarged(values: NDArray[Any], latent: Latent, size: tuple[int, int]) -> NDArray[Any]:
    """Give every pixel the value of its block; blocks may reach beyond the picture."""
    height, width = size
    rows, columns = values.shape
    if latent.grid and len(latent.shape) == 3:
        tall, wide = latent.shape[1:]
    elif latent.cell:
        tall = wide = latent.cell
    else:
        tall, wide = -(-height // rows), -(-width // columns)
    y = np.minimum(np.arange(height) // tall, rows - 1)
    x = np.minimum(np.arange(width) // wide, columns - 1)
    return values[np.ix_(y, x)]


def _error(picture: NDArray[Any], decoded: NDArray[Any], quality: float) -> Panel:
    peak = np.iinfo(picture.dtype).max
    error = np.abs(picture.astype(np.float64) - decoded).mean(axis=2) * (255 / peak)
    # The largest errors are few; the scale ends where all but one pixel in a hundred lie below.
    top = max(1.0, float(np.percentile(error, 99)))
    caption = (
        f"mean over channels, of 255: 0 (dark) to {top:.3g} (light, 99th percentile), "
        f"largest {error.max():.3g}; PSNR {quality:.2f} dB"
    )
    return Panel("absolute error", caption, heat(error, low=0.0, high=top))


def _original(picture: NDArray[Any]) -> str:
    height, width, channels = picture.shape
    form = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGB and alpha"}[channels]
    return f"{width}x{height}, {form}, {8 * picture.dtype.itemsize} bits a sample"


def _rate(data: bytes, trace: Trace, size: tuple[int, int], quality: float) -> str:
    bpp = 8 * len(data) / (size[0] * size[1])
    sections = ", ".join(f"{name} {count}" for name, count in trace.sections.items())
    settings = ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in trace.settings.items()
    )
    first = f"{len(data)} bytes, {bpp:.4g} bpp, PSNR {quality:.2f} dB"
    return "\n".join(filter(None, (first, f"bytes: {sections}", settings)))


def _range(values: NDArray[Any]) -> str:
    return f"{float(values.min()):.2g} to {float(values.max()):.2g}, 0 is black"
