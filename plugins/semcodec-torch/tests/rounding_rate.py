"""What rounding a hyperprior's networks costs in bits, on synthetic latents; about a minute.

    python plugins/semcodec-torch/tests/rounding_rate.py

Two networks of equal form start from the same weights and see the same latents: one computes in
floats, the other in the integers that it exports. The first is then rounded without more training.
"""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import torch
from semcodec_torch.entropy.hyperprior import Hyperprior
from semcodec_torch.entropy.likelihoods import gaussian_bits
from semcodec_torch.exact.training import QuantizedConv2d
from torch.nn import functional

STEPS = 900


def real(layer: QuantizedConv2d, x: Any) -> Any:
    """A layer without rounding."""
    weight, bias = layer._scaled()
    made = functional.conv2d(x, weight, bias, layer.stride, weight.shape[2] // 2)
    made = torch.minimum(torch.maximum(made, layer.low), layer.high)
    return functional.pixel_shuffle(made, 2) if layer.upsampling == "shuffle" else made


def latents(count: int, generator: torch.Generator) -> tuple[Any, Any]:
    """Gaussians whose scales and means a hyper-latent tells, four times as coarse."""
    z = torch.round(2.5 * torch.randn(count, 16, 4, 4, generator=generator))
    fine = functional.interpolate(z, scale_factor=4, mode="bilinear", align_corners=False)
    scale = torch.exp(0.5 * fine + 0.3 * fine.roll(1, 1))
    noise = torch.randn(count, 16, 16, 16, generator=generator)
    return z, 1.5 * fine.roll(3, 1) + scale * noise


def trained() -> Hyperprior:
    """Train one."""
    torch.manual_seed(0)
    net, generator = Hyperprior(16, [(16, 1)], width=32), torch.Generator().manual_seed(1)
    optimiser = torch.optim.Adam(net.parameters())
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = 2e-3 * (1 - step / STEPS)
        z, y = latents(8, generator)
        index, mean = net(z, y)
        optimiser.zero_grad()
        gaussian_bits(y - mean, index).mean().backward()
        optimiser.step()
    return net


def rate(net: Hyperprior) -> float:
    """Bits a symbol on latents that no network was trained on."""
    z, y = latents(64, torch.Generator().manual_seed(9))
    with torch.no_grad():
        index, mean = net(z, y)
        return gaussian_bits(y - mean, index, how="straight").mean().item()


def main() -> None:
    """Train both and print."""
    torch.set_num_threads(1)
    with patch.object(QuantizedConv2d, "forward", real):
        net = trained()
        floats = rate(net)
    rounded, exact = rate(net), rate(trained())
    print(f"floats                  {floats:.4f} bits a symbol")
    print(f"rounded after training  {rounded:.4f}, {100 * (rounded / floats - 1):+.2f} %")
    print(f"trained with rounding   {exact:.4f}, {100 * (exact / floats - 1):+.2f} %")


if __name__ == "__main__":
    main()
