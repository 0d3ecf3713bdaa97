"""Adaptive binary decisions: three contexts, mixed.

Each context estimates the probability of a 1 at two speeds. A logistic mixer, trained as it goes,
weighs the estimates of the three contexts that a decision is seen in; a context that has seen
little says little, so that a rich one costs nothing where data is scarce.

M. Mahoney, "Adaptive weighing of context models for lossless data compression", Florida Tech.
Technical Report CS-2005-16, 2005.

All arithmetic is on integers. The curves are rounded from double precision; the tests show that no
entry lies near a tie, so that every platform rounds alike.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import INVALID, RANGE, STATUS, bypass, split

__all__ = ["NUMBER", "NUMBER_MIXERS", "Model", "curves", "decide", "new_model", "number", "tree"]

Ints: TypeAlias = NDArray[np.int32]

BITS = 22
"""Of a context's estimate."""
FAST, SLOW = 12, 255
"""After how many decisions the two learning rates stop falling."""
LOGIT = 2559
"""Largest logit, in units of 1/256: probabilities stay between 3 and 65533 of 2**16."""
TRAINING = 15
"""How many bits the step of a weight is shifted down."""

UNARY = 20
NUMBER = UNARY + 3 * 14
"""Contexts of a number."""
NUMBER_MIXERS = 16


class Model(NamedTuple):
    """The state of a primitive, and the frozen curves it works with.

    Attributes:
        states: int32 (contexts, 3): the fast and the slow estimate in 2**-22, and how many
            decisions were seen, at most ``SLOW``.
        weights: int32 (mixers, 3): in 2**-16.
        stretch: int32 (4096,): the logit of (i + 1/2) / 4096, in 1/256.
        squash: int32 (2 * LOGIT + 1,): the probability of a logit, in 2**-16.
        rates: int32 (SLOW + 1,): the learning rate after n decisions, in 2**-16.
    """

    states: Ints
    weights: Ints
    stretch: Ints
    squash: Ints
    rates: Ints


@cache
def curves() -> tuple[Ints, Ints, Ints]:
    """Give the frozen curves ``stretch``, ``squash`` and ``rates`` of a model."""
    stretch = [round(256 * math.log((i + 0.5) / (4095.5 - i))) for i in range(4096)]
    squash = [round(65536 / (1 + math.exp(-x / 256))) for x in range(-LOGIT, LOGIT + 1)]
    rates = [(2 << 16) // (2 * n + 3) for n in range(SLOW + 1)]
    made = [np.array(curve, dtype=np.int32) for curve in (stretch, squash, rates)]
    for curve in made:
        curve.setflags(write=False)
    return made[0], made[1], made[2]


def new_model(contexts: int, mixers: int, weights: tuple[int, int, int]) -> Model:
    """Give a model that knows nothing.

    Args:
        contexts: how many.
        mixers: how many.
        weights: of every mixer at the start, in 2**-16.
    """
    states = np.zeros((contexts, 3), dtype=np.int32)
    states[:, :2] = 1 << (BITS - 1)
    rows = np.tile(np.array(weights, dtype=np.int32), (mixers, 1))
    return Model(states, rows, *curves())


@kernel
def _learn(states: Any, rates: Any, context: Any, goal: Any) -> None:
    fast, slow, seen = states[context, 0], states[context, 1], states[context, 2]
    states[context, 0] = fast + (((goal - fast) * rates[min(seen, FAST)]) >> 16)
    states[context, 1] = slow + (((goal - slow) * rates[seen]) >> 16)
    states[context, 2] = min(seen + 1, SLOW)


@kernel
def _train(weights: Any, mixer: Any, place: Any, step: Any) -> None:
    moved = weights[mixer, place] + ((step + (1 << (TRAINING - 1))) >> TRAINING)
    weights[mixer, place] = min(max(moved, -(1 << 20)), 1 << 20)


@kernel
def decide(
    coder: Any, buffer: Any, model: Any, a: Any, b: Any, c: Any, mixer: Any, bit: Any
) -> Any:
    """Code a decision seen in the contexts ``a``, ``b`` and ``c``; returns it."""
    states, weights, stretch, squash, rates = model
    in_a = stretch[(states[a, 0] + states[a, 1]) >> (BITS - 11)]
    in_b = stretch[(states[b, 0] + states[b, 1]) >> (BITS - 11)]
    in_c = stretch[(states[c, 0] + states[c, 1]) >> (BITS - 11)]
    mix = weights[mixer, 0] * in_a + weights[mixer, 1] * in_b + weights[mixer, 2] * in_c
    p = np.int64(squash[min(max(mix >> 16, -LOGIT), LOGIT) + LOGIT])
    bit = split(coder, buffer, (coder[RANGE] >> 16) * p, bit)
    miss = (bit << 16) - p
    _train(weights, mixer, 0, in_a * miss)
    _train(weights, mixer, 1, in_b * miss)
    _train(weights, mixer, 2, in_c * miss)
    goal = bit << BITS
    _learn(states, rates, a, goal)
    _learn(states, rates, b, goal)
    _learn(states, rates, c, goal)
    return bit


@kernel
def tree(
    coder: Any, buffer: Any, model: Any, a: Any, b: Any, c: Any, mixer: Any, count: Any, index: Any
) -> Any:
    """Code an index from 0 to ``count - 1``, ``count <= 512``, most significant bit first.

    Takes one context of each base for every inner node, and one mixer for each of 9 levels. Bits
    that can only be 0 are not coded.
    """
    bits = 0
    while 1 << bits < count:
        bits += 1
    node = 1
    for place in range(bits - 1, -1, -1):
        bit = 0
        if ((node << 1) | 1) << place < count + (1 << bits):
            wanted = (index >> place) & 1
            bit = decide(coder, buffer, model, a + node, b + node, c + node, mixer + place, wanted)
        node = (node << 1) | bit
    return node - (1 << bits)


@kernel
def number(
    coder: Any, buffer: Any, model: Any, a: Any, b: Any, c: Any, mixer: Any, value: Any
) -> Any:
    """Code a number from 0 to 2**32 - 2 by an adaptive Exp-Golomb code.

    Takes ``NUMBER`` contexts from each base and ``NUMBER_MIXERS`` mixers.
    """
    extra = 0
    while extra < 32:
        at = min(extra, UNARY - 1)
        more = int(value + 1 >= 2 << extra)
        if not decide(coder, buffer, model, a + at, b + at, c + at, mixer + min(extra, 7), more):
            break
        extra += 1
    if extra == 32:
        coder[STATUS] = INVALID
        return 0
    result = 1
    rest = extra
    node = 0
    while rest > max(extra - 2, 0) and extra < 14:
        rest -= 1
        at = UNARY + 3 * extra + node
        wanted = ((value + 1) >> rest) & 1
        bit = decide(
            coder, buffer, model, a + at, b + at, c + at, mixer + 8 + min(extra, 7), wanted
        )
        result = (result << 1) | bit
        node = 1 + bit
    return ((result << rest) | bypass(coder, buffer, rest, value + 1)) - 1
