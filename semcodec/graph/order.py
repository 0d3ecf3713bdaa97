"""The order in which both sides work: topological, ties by name, so never by how YAML was typed."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from semcodec.graph.model import Pipeline

if TYPE_CHECKING:
    from semcodec.spec.problems import Problems

__all__ = ["cycle", "order", "topological"]


def order(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> Pipeline:
    """Give the pipeline with its order; a cycle is reported as a problem naming its members."""
    needs = {ref: set(pipeline.needs(ref)) for ref in (*pipeline.streams, *pipeline.derive)}
    for ref, wanted in needs.items():
        for other in sorted(wanted):
            if "@" in other:
                problems.add(
                    where.get(ref, ref),
                    f"needs {_raw(other)} at the decoder, which only the encoder has",
                    "code it in a stream, or derive it from decoded values",
                )
        wanted -= {other for other in wanted if "@" in other}
    if problems.found:
        return pipeline
    done, left = topological(needs)
    if left:
        around = cycle(needs, left)
        problems.add(
            where.get(around[0], around[0]),
            f"a cycle: {', '.join(around)} need one another before they can be decoded",
        )
    return replace(pipeline, order=tuple(done))


def topological(needs: Mapping[str, set[str]]) -> tuple[list[str], list[str]]:
    """Order names so that each comes after what it needs, the smallest name first among equals.

    Returns:
        The order, and the sorted names that a cycle keeps out of it.
    """
    waiting = {name: len(wanted) for name, wanted in needs.items()}
    followers: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in needs.items():
        for other in wanted:
            followers[other].append(name)
    ready = [name for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    done = []
    while ready:
        name = heapq.heappop(ready)
        done.append(name)
        for follower in followers[name]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, follower)
    return done, sorted(set(needs) - set(done))


def cycle(needs: Mapping[str, set[str]], left: list[str]) -> list[str]:
    """Find names that need one another among those that :func:`topological` leaves, sorted."""
    # Each name left needs one that is left, so walking on must come back to where it was.
    walked = [left[0]]
    while (step := min(needs[walked[-1]] & set(left))) not in walked:
        walked.append(step)
    return sorted(walked[walked.index(step) :])


def _raw(ref: str) -> str:
    return f"the raw value {ref.replace('@', 'source.')!r}"
