"""Parameters and multiply-accumulate operations of a network, counted by torch on no data."""

from __future__ import annotations

import copy
from typing import Any

__all__ = ["cost", "part_cost"]

_known: dict[tuple[Any, ...], int] = {}

_ENCODER = ("g_a", "h_a")


def cost(net: Any, side: str, rows: int, columns: int) -> tuple[int, int]:
    """Count a side's work on one picture.

    Args:
        net: the network.
        side: ``"encode"`` or ``"decode"``.
        rows: of the padded picture.
        columns: likewise.

    Returns:
        Parameters: of the analysis transforms at the encoder, all others at the decoder, so that
        both together are the network's. Multiply-accumulate operations of convolutions and matrix
        products: what runs at both sides (hyper synthesis, context model) counts at both.
    """
    own = sum(
        part.numel()
        for name, part in net.named_parameters()
        if (name.partition(".")[0] in _ENCODER) == (side == "encode")
    )
    key = (type(net), net.N, net.M, side, rows, columns)
    if key not in _known:
        _known[key] = _operations(net, side, rows, columns)
    return own, _known[key]


def part_cost(net: Any, name: str, *shape: int) -> tuple[int, int]:
    """Count parameters and operations of a part of a network.

    Args:
        net: the network.
        name: of the part, such as ``"g_a"``.
        shape: channels, rows and columns that it is given.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    part = getattr(net, name)
    key = (type(net), net.N, net.M, name, shape)
    if key not in _known:
        empty = copy.deepcopy(part).to("meta")
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            empty(torch.empty(1, *shape, device="meta"))
        _known[key] = int(counter.get_total_flops()) // 2
    return sum(parameter.numel() for parameter in part.parameters()), _known[key]


def _operations(net: Any, side: str, rows: int, columns: int) -> int:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    net = copy.deepcopy(net).to("meta")
    y = torch.empty(1, net.M, rows // 16, columns // 16, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        if side == "encode":
            net.g_a(torch.empty(1, 3, rows, columns, device="meta"))
        else:
            net.g_s(y)
        if hasattr(net, "h_a"):
            if side == "encode":
                net.h_a(y)
            params = net.h_s(torch.empty(1, net.N, rows // 64, columns // 64, device="meta"))
            if hasattr(net, "context_prediction"):
                around = net.context_prediction(y)
                net.entropy_parameters(torch.cat((params, around), dim=1))
        # The offsets of variable-rate networks: a small network on every symbol. The encoder needs
        # them where later symbols are predicted from reconstructed ones.
        if hasattr(net, "QuantABCD") and (side == "decode" or hasattr(net, "context_prediction")):
            net.QuantABCD(torch.empty(y.numel(), 2, device="meta"))
    return int(counter.get_total_flops()) // 2
