"""The encoder: raw values forward through the stages, symbols into sessions, sections out."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from semcodec.contracts.coding import EncodeSession
from semcodec.contracts.kinds import Quantizer, Transform
from semcodec.contracts.values import Map, ValueType
from semcodec.engine.coding import encode_stream
from semcodec.engine.inputs import take_input
from semcodec.engine.memo import Known, Memo
from semcodec.engine.run import Run
from semcodec.engine.stages import batch, derive, undo
from semcodec.errors import PluginBroken, SettingError
from semcodec.graph.model import Node, Source, Stream, namespace
from semcodec.wire import check_byte

__all__ = ["EncodeRun", "Encoded", "encode"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder gives the container.

    Attributes:
        sections: bytes of every section.
        check: check value over all symbols, when the pipeline wants one.
    """

    sections: tuple[bytes, ...]
    check: int | None


class EncodeRun(Run):
    """A picture at the encoder.

    Attributes:
        raw: values that only the encoder has, by ref.
        memo: results to reuse.
    """

    def __init__(self, *args: Any, picture: Any, memo: Memo | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.raw: dict[str, Any] = {"@image": picture}
        self.memo = memo or Memo()
        self._met: list[Known] = []

    def value(self, ref: str) -> Any:
        """A decoded or raw value."""
        return self.raw_value(ref) if "@" in ref else self.values[ref]

    def raw_value(self, ref: str) -> Any:
        """A value that only the encoder has; computed when first asked for."""
        if ref not in self.raw:
            space = namespace(ref)
            source = self.pipeline.sources[ref]
            if source.type == "saliency":
                self.raw[ref] = self._saliency(space)
            elif source.type == "image" and ref == f"{space}@image":
                forward([self], self.pipeline.streams[space[:-1]])
            else:
                self.raw[ref] = self._input(ref, source)
        return self.raw[ref]

    def drawn(self, node: Node) -> str:
        """The seed, for components whose results depend on it; for others nothing."""
        exact = self.bound[node.path].determinism in ("bitexact", "stable")
        return "" if exact else str(self.seed(node))

    def _saliency(self, space: str) -> Any:
        node = self.pipeline.saliency[space]
        component = self.bound[node.path]
        image = self.raw_value(f"{space}@image")
        guides = self.guides(node)
        key = ("saliency", component, self.drawn(node), image, *guides.values())
        picture = self.picture(space)
        shape = Map(picture.height, picture.width)
        known = self.reused(node, shape, key)
        if known is not None:
            return known.result
        ctx = self.context(node, space, shape, shape)
        start = time.perf_counter()
        value = self.call(node, "saliency", component.saliency, image, guides, ctx)
        value = self.conform(node, "saliency", shape, value)
        self.keep(key, Known(value, time.perf_counter() - start))
        return value

    def reused(self, node: Node, shape: ValueType, key: tuple[Any, ...]) -> Known | None:
        """Give a known result of a node; its cost is noted once in a run, known or not."""
        known = self.memo.get(key)
        if any(known is each for each in self._met):
            return known
        self.price(node, shape)
        if known is not None:
            self._met.append(known)
            if self.trace is not None:
                self.trace.reused += known.seconds
        return known

    def keep(self, key: tuple[Any, ...], known: Known) -> None:
        """Keep a result; taken again in this run, it is not one of an earlier encode."""
        self._met.append(known)
        self.memo.put(key, known)

    def _input(self, ref: str, source: Source) -> Any:
        name = ref.rpartition("@")[2]
        if name not in self.inputs:
            form = "TEXT" if source.type == "text" else "FILE"
            raise SettingError(
                f"the pipeline needs the input {name!r} ({source.type}) beside the picture",
                hint=f"Give it as inputs={{{name!r}: ...}}, or --input {name}={form}.",
            )
        return take_input(name, self.inputs[name], self.raw_shape(source, namespace(ref)))


def encode(runs: Sequence[EncodeRun]) -> list[Encoded]:
    """Encode pictures that share one pipeline and one choice of settings."""
    first = runs[0]
    pipeline, plan = first.pipeline, first.plan
    sessions: list[dict[int, EncodeSession]] = [{} for _ in runs]
    sections: list[dict[int, bytes]] = [{} for _ in runs]
    checks = [0] * len(runs)
    for done, ref in enumerate(pipeline.order):
        first.report(done, ref)
        if ref in pipeline.derive:
            if ref in plan.closed:
                derive(runs, ref)
            continue
        stream = pipeline.streams[ref]
        if stream.inner is not None:
            if ref in plan.closed:
                undo(runs, stream, [run.values[stream.inner] for run in runs])
            continue
        values = forward(runs, stream)
        index = plan.section_of[ref]
        decoded: list[Any] = []
        for i, run in enumerate(runs):
            if stream.coder is None:
                sections[i][index] = values[i]
                decoded.append(values[i])
                continue
            if index not in sessions[i]:
                node = coders_node(run, index)
                sessions[i][index] = run.call(node, "encoder", run.bound[node.path].encoder)
            chain = run.chain(stream)
            q, value = encode_stream(
                run, stream, chain, values[i], sessions[i][index], closed=ref in plan.closed
            )
            if pipeline.check:
                checks[i] = zlib.crc32(q.astype("<i4").tobytes(), checks[i])
            decoded.append(value)
        if ref in plan.closed:
            undo(runs, stream, decoded)
    made = []
    for i, run in enumerate(runs):
        for index, session in sessions[i].items():
            sections[i][index] = run.call(coders_node(run, index), "finish", session.finish)
        ordered = tuple(sections[i][index] for index in range(len(plan.sections)))
        made.append(Encoded(ordered, check_byte(b"", checks[i]) if pipeline.check else None))
        if run.trace is not None and run.trace.keep:
            run.trace.values.update(run.raw)
            run.trace.values.update(run.values)
    return made


def coders_node(run: Run, index: int) -> Node:
    """The coder node of a section."""
    for ref, section in run.plan.section_of.items():
        node = run.pipeline.streams[ref].coder
        if section == index and node is not None:
            return node
    raise PluginBroken(f"section {index} has no coder")


def forward(runs: Sequence[EncodeRun], stream: Stream) -> list[Any]:
    """Run a stream's stages up to the quantizer that the coding loop applies, or to the end."""
    values = [run.raw_value(stream.source) for run in runs]
    position = 0
    for run in runs:
        run.chain(stream)
    for index, node in enumerate(stream.stages):
        for run in runs:
            run.phase(index, len(stream.stages) + 1)
        component = runs[0].bound[node.path]
        last = node is stream.stages[-1] and stream.model is not None
        if isinstance(component, Quantizer) and last:
            break
        values = _stage(runs, stream, node, values, position)
        position += node in stream.kept
    if stream.inner is not None:
        for run, value in zip(runs, values, strict=True):
            run.raw[f"{stream.name}/@image"] = value
    return values


def _stage(
    runs: Sequence[EncodeRun], stream: Stream, node: Node, values: list[Any], position: int
) -> list[Any]:
    component = runs[0].bound[node.path]
    space = namespace(stream.source)
    kept = node in stream.kept
    name = "forward" if isinstance(component, Transform) else "quantize"
    results: list[Any] = [None] * len(runs)
    keys, guides, ctxs = [], [], []
    for run, value in zip(runs, values, strict=True):
        given = run.guides(node)
        chain = run.chain(stream)
        shape, coded = chain[position], chain[position + kept]
        keys.append((name, component, run.drawn(node), value, *given.values()))
        guides.append(given)
        ctxs.append(run.context(node, space, shape, coded))
    waiting = []
    for i, run in enumerate(runs):
        known = run.reused(node, ctxs[i].shape, keys[i])
        if known is None:
            waiting.append(i)
        else:
            results[i] = known.result
    start = time.perf_counter()
    if waiting and isinstance(component, Transform):
        made = batch(
            [runs[i] for i in waiting],
            node,
            name,
            component.forward_batch,
            [values[i] for i in waiting],
            [guides[i] for i in waiting],
            [ctxs[i] for i in waiting],
        )
    else:
        made = [
            runs[i].call(node, name, component.quantize, values[i], guides[i], ctxs[i])
            for i in waiting
        ]
    for i, value in zip(waiting, made, strict=True):
        results[i] = runs[i].conform(node, name, ctxs[i].coded, value)
    each = (time.perf_counter() - start) / max(len(waiting), 1)
    for i in waiting:
        runs[i].keep(keys[i], Known(results[i], each))
    return results
