"""Proves that whatever steers the reading of bits is the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from semcodec.contracts.kinds import Determinism, Quantizer
from semcodec.graph.model import Node, Pipeline, Stream

if TYPE_CHECKING:
    from semcodec.spec.problems import Problems

__all__ = ["check_determinism", "classes"]

_RANK: Mapping[Determinism, int] = {"bitexact": 0, "stable": 1, "seeded": 2, "free": 3}


def classes(pipeline: Pipeline) -> dict[str, Determinism]:
    """Determinism class of every decoded value: that of the weakest part it is computed by."""
    found: dict[str, Determinism] = {}
    for ref in pipeline.order:
        if ref in pipeline.derive:
            node = pipeline.derive[ref]
            parts = [node.component.determinism, *_of(node.both().values(), found)]
        else:
            stream = pipeline.streams[ref]
            parts = [found[stream.inner]] if stream.inner else []
            for node in stream.undone:
                parts += [node.component.determinism, *_of(node.both().values(), found)]
            if stream.model:
                # Means come from the model and its guides and are added to what is dequantized.
                parts.append(stream.model.component.determinism)
                parts += _of(stream.model.both().values(), found)
        found[ref] = max(parts, key=_RANK.__getitem__, default="bitexact")
    return found


def _of(refs: object, found: Mapping[str, Determinism]) -> list[Determinism]:
    return [found[ref] for ref in refs]  # type: ignore[attr-defined]


def check_determinism(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> None:
    """Report every value that reaches a layout, an index or a coder without being bit-exact."""
    values = classes(pipeline)
    for stream in pipeline.streams.values():
        for node in _parsing(stream):
            _component(pipeline, node, where[node.path], problems)
        for node in (*stream.kept, *filter(None, [stream.model])):
            for port, ref in node.both().items():
                if node.ports[port].exact and values[ref] != "bitexact":
                    problems.add(
                        f"{where[node.path]}.guides.{port}",
                        f"{ref!r} is {values[ref]}, but {node.use!r} lets {port!r} steer how bits "
                        "are read, which must be bitexact",
                        "send it in a stream of its own, or use a bitexact component",
                    )
    seeded = pipeline.seed is not None or any(not s.target.node for s in pipeline.wire)
    for ref in sorted(pipeline.closed_loop()):
        if values[ref] == "free" or (values[ref] == "seeded" and not seeded):
            problems.add(
                where.get(ref, ref),
                f"is {values[ref]}, but the encoder codes the rest against it",
                "fix the seed in the spec" if values[ref] == "seeded" else "",
            )


def _parsing(stream: Stream) -> list[Node]:
    """The components of a stream that read bits."""
    quantizers = [n for n in stream.kept if isinstance(n.component, Quantizer)]
    return [*quantizers, *filter(None, [stream.model, stream.coder])]


def _component(pipeline: Pipeline, node: Node, at: str, problems: Problems) -> None:
    promise = node.component.determinism
    if promise == "bitexact":
        return
    if node.component.kind == "model" and promise == "stable" and pipeline.check:
        return
    problems.add(
        at,
        f"{node.use!r} is {promise}; what reads bits must be bitexact",
        "a float model may be used in private codecs with 'check: true'"
        if node.component.kind == "model" and promise == "stable"
        else "",
    )
