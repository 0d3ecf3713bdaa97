"""The training of a learned energy.

It is not the loop of ``semcodec train``: that one samples crops at native scale from pictures
without targets and counts bits a pixel, over hours and devices. Here whole pictures go with their
maps, as small as the network will see them, for minutes. Seeds, the fall of the rate and the form
of files are that loop's. This module imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from semcodec_torch.training.schedule import factor
from semcodec_torch.training.seeds import SAMPLES, rng_of

from semcodec.errors import SettingError
from semcodec_seam.learning.network import EnergyNetwork
from semcodec_seam.learning.pairs import Pairs

__all__ = ["fit", "standardise"]

_HEAD = 100.0
"""How much faster the head learns than the base: it is new, and Adam moves a weight by about the
rate a step."""
_CLIP = 1.0
_COOLDOWN = 0.5
_FIRST = 64


def standardise(network: EnergyNetwork, pairs: Pairs) -> None:
    """Set the head's means and deviations by the first pictures, 64 at most."""
    sums: list[Any] = []
    with torch.no_grad():
        for index in range(min(len(pairs), _FIRST)):
            layers = [each[0].double().flatten(1) for each in network.layers(pairs[index][0])]
            rows = [
                torch.stack([torch.full_like(v[:, 0], v.shape[1]), v.sum(1), v.square().sum(1)])
                for v in layers
            ]
            sums = [old + new for old, new in zip(sums, rows, strict=True)] if sums else rows
    for index, (count, total, squares) in enumerate(sums):
        mean = total / count
        deviation = (squares / count - mean.square()).clamp_min(0).sqrt()
        # A channel that is always the same says nothing, and is not made loud.
        deviation[deviation < 1e-6 * (1 + mean.abs())] = 1
        getattr(network.head, f"mean{index}").copy_(mean.float()[:, None, None])
        getattr(network.head, f"deviation{index}").copy_(deviation.float()[:, None, None])


def fit(
    network: EnergyNetwork,
    pairs: Pairs,
    *,
    epochs: int = 10,
    lr: float = 1e-4,
    seed: int = 0,
    tune_base: bool = False,
    progress: Callable[[int, float], None] = lambda epoch, loss: None,
) -> list[float]:
    """Train a network in place, a picture a step, each mirrored at random.

    The loss is the divergence of the predicted from the wanted probability, the cross entropy less
    the entropy of the target, in nats a pixel: 0 where the maps are met. On a CPU the same
    arguments give the same weights, bit for bit, with as many threads.

    Args:
        network: on the device where it is trained.
        pairs: pictures and maps.
        epochs: how often each is seen.
        lr: learning rate of the base, where it is tuned; the head's is a hundred times as high.
            Both fall to zero over the second half.
        seed: of the order and the mirroring.
        tune_base: whether the layers of the base are trained too.
        progress: told the number of an epoch, from 1, and its mean loss.

    Returns:
        The mean loss of each epoch.

    Raises:
        SettingError: no epochs, no rate, or one at which the loss is no number any more.
        ImageError: what is no picture or no map.
    """
    if epochs < 1 or not 0 < lr < math.inf:
        raise SettingError(f"expected epochs of at least 1 and lr above 0, got {epochs} and {lr}")
    network.head.requires_grad_(True)
    base = [v for n, v in network.base.named_parameters() if n in network.names and tune_base]
    for value in base:
        value.requires_grad_(True)
    groups = [{"params": list(network.head.parameters()), "times": _HEAD}]
    groups += [{"params": base, "times": 1.0}] if base else []
    optimizer = torch.optim.Adam(groups, lr=lr)
    losses = []
    for epoch in range(epochs):
        rng = rng_of(seed, SAMPLES, network.plan.steps, epoch)
        order, mirrored = rng.permutation(len(pairs)), rng.integers(2, size=len(pairs))
        total = 0.0
        for place, (index, flip) in enumerate(zip(order, mirrored, strict=True)):
            done = (epoch + place / len(pairs)) / epochs
            for group in optimizer.param_groups:
                group["lr"] = lr * group["times"] * factor(0, done, warmup=0, cooldown=_COOLDOWN)
            loss = _loss(network, pairs, int(index), bool(flip))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*network.head.parameters(), *base], _CLIP)
            optimizer.step()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise SettingError(f"the loss of epoch {epoch + 1} is {total}", hint="Lower lr.")
        losses.append(total / len(pairs))
        progress(epoch + 1, losses[-1])
    network.plan = replace(network.plan, steps=network.plan.steps + epochs * len(pairs))
    network.requires_grad_(False)
    return losses


def _loss(network: EnergyNetwork, pairs: Pairs, index: int, flip: bool) -> Any:
    seen, wanted = pairs[index]
    if flip:
        seen, wanted = seen[:, ::-1], wanted[:, ::-1]
    logits = network(np.ascontiguousarray(seen))
    target = torch.from_numpy(np.array(wanted)).to(logits.device)
    cross = torch.nn.functional.binary_cross_entropy_with_logits(logits, target)
    entropy = torch.special.entr(target) + torch.special.entr(1 - target)
    return cross - entropy.mean()
