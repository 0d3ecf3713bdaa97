"""What a run did: bytes, times, costs and the values in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Step", "Trace"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a component.

    Attributes:
        node: its address in the spec.
        component: its id with format.
        call: the method.
        seconds: wall-clock time.
    """

    node: str
    component: str
    call: str
    seconds: float


@dataclass(slots=True)
class Trace:
    """Filled in by ``encode`` and ``decode`` when given to them.

    Attributes:
        keep: whether to keep the values in between.
        sections: bytes of each section, by name; ``header`` is the rest.
        steps: the calls in order; of a search, those of the trial that won.
        values: decoded value of every stream and derived value, and raw encoder values under
            their ``@`` names; only with ``keep``.
        bits: of a decode, what an ideal coder spends on each symbol that is coded by tables,
            float32 of the symbols' shape by the address of the quantizer, or of the model where
            there is none; only with ``keep``.
        settings: the wire and encode settings used.
        costs: parameters and multiply-accumulate operations of each node that states them, by
            address: at the encoder of its forward half, at the decoder of its inverse half.
        digest: decode digest of the codec whose file was written or read, in hexadecimal.
        trials: how many encodes a search took.
        reused: seconds that results of earlier encodes, taken from a memo, took when computed.
        chosen: name of the candidate that won, where there was a choice.
    """

    keep: bool = False
    sections: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    bits: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    costs: dict[str, tuple[int, int]] = field(default_factory=dict)
    digest: str = ""
    trials: int = 0
    reused: float = 0.0
    chosen: str = ""

    @contextmanager
    def step(self, node: str, component: str, call: str) -> Iterator[None]:
        """Time one call; of one that fails too."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps.append(Step(node, component, call, time.perf_counter() - start))

    def adopt(self, trial: Trace) -> None:
        """Take over what the winning trial of a search did."""
        self.sections = trial.sections
        self.steps += trial.steps
        self.values = trial.values
        self.bits = trial.bits
        self.settings = trial.settings
        self.costs = trial.costs
        self.digest = trial.digest
        self.reused += trial.reused
        self.chosen = trial.chosen or self.chosen

    @property
    def seconds(self) -> float:
        """Total time inside components."""
        return sum(step.seconds for step in self.steps)
