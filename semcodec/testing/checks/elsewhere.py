"""Levels 2 and 3: other processes and other devices give what this one does."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import replace
from typing import Any

from semcodec.contracts.context import Context
from semcodec.testing import questions
from semcodec.testing.asking import asked
from semcodec.testing.case import Case
from semcodec.testing.check import PIPELINE, Fault, NotApplicable, check
from semcodec.testing.compare import difference
from semcodec.testing.processes import ProcessFailed

__all__: list[str] = []

DECODING = ("transform", "quantizer", "model", "coder", "decoder", PIPELINE)


def _work(subject: Any) -> list[tuple[Case, Any]]:
    return [(case, subject.emitted(case)) for case in subject.cases()]


def _decoded(subject: Any, setting: str, work: Any) -> Any:
    try:
        made, results = asked(subject, setting, questions.decode, work)
    except ProcessFailed as failed:
        raise NotApplicable(f"see bounded-work: {failed.message}") from failed
    if made != questions.signature(subject.component):
        raise NotApplicable("see builds-in-a-new-process: it has other parameters there")
    return results


def _compare(subject: Any, work: Any, one: Any, other: Any, what: str) -> None:
    for (case, _), left, right in zip(work, one, other, strict=True):
        found = difference(left, right, subject.promise)
        if found:
            raise Fault(
                f"{what} changes what is decoded, which is declared {subject.promise} "
                f"({case.label}): {found}",
                subject.where(subject.driver.decodes[0]),
            )


@check(2, DECODING)
def hash_seed(subject: Any) -> None:
    """Processes with hash seeds 0 and 1 decode alike: no order of a set reaches the result."""
    work = _work(subject)
    plain = _decoded(subject, "plain", work)
    _compare(subject, work, plain, _decoded(subject, "hashed", work), "the hash seed")


@check(2, DECODING)
def threads(subject: Any) -> None:
    """Processes with one thread and with many decode alike."""
    work = _work(subject)
    plain = _decoded(subject, "plain", work)
    _compare(subject, work, plain, _decoded(subject, "threaded", work), "the number of threads")


@check(2, DECODING)
def fresh_process(subject: Any) -> None:
    """A process that has coded nothing decodes what this one does, whatever its hash seed."""
    work = _work(subject)
    plain = _decoded(subject, "plain", work)
    if any(
        difference(plain, _decoded(subject, other, work), subject.promise)
        for other in ("hashed", "threaded")
    ):
        raise NotApplicable("see hash-seed and threads: other processes disagree among themselves")
    ours = [
        {name: result.value for name, result in subject.decode(case.fresh(), emitted).items()}
        for case, emitted in work
    ]
    _compare(subject, work, ours, plain, "another process")


class _Asked(Context):
    """A context that remembers whether the device was asked for."""

    asked = False

    def __getattribute__(self, name: str) -> Any:
        if name == "device":
            _Asked.asked = True
        return super().__getattribute__(name)


class _Curious(Case):
    def context(self, side: Any, shape: Any, coded: Any) -> Context:
        made = super().context(side, shape, coded)
        fields = {name: getattr(made, name) for name in Context.__dataclass_fields__}
        return _Asked(**fields)


@check(3, DECODING)
def devices_agree(subject: Any) -> None:
    """A GPU decodes what the processor does, as far as the determinism class promises."""
    work = _work(subject)
    if subject.kind != PIPELINE and not _asks(subject, work):
        raise NotApplicable("it never asks for the device")
    device = _gpu()
    if subject.promise in ("seeded", "free"):
        raise NotApplicable(f"its determinism class is {subject.promise}: one device at a time")
    here, there = (
        [
            {n: r.value for n, r in subject.decode(replace(case, device=each), emitted).items()}
            for case, emitted in work
        ]
        for each in ("cpu", device)
    )
    _compare(subject, work, here, there, f"the device {device}")


def _asks(subject: Any, work: Any) -> bool:
    _Asked.asked = False
    for case, emitted in work:
        curious = _Curious(**{n: getattr(case, n) for n in Case.__dataclass_fields__})
        subject.decode(curious, emitted)
    return _Asked.asked


def _gpu() -> str:
    if importlib.util.find_spec("torch") is None:
        raise NotApplicable("torch is not installed, so no GPU can be asked for")
    torch = importlib.import_module("torch")
    if not torch.cuda.is_available():
        raise NotApplicable("there is no CUDA device here")
    return "cuda:0"
