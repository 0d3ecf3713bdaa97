"""Draws a pipeline: as text for a terminal, as Mermaid or DOT for documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from semcodec.contracts.kinds import Transform
from semcodec.graph.model import Node, Pipeline, Stream

__all__ = ["FORMATS", "draw"]

FORMATS = ("text", "mermaid", "dot")


def draw(pipeline: Pipeline, form: str = "text") -> str:
    """Draw a pipeline in one of ``FORMATS``."""
    if form == "text":
        return "\n".join(_text(pipeline))
    edges = list(_edges(pipeline))
    return "\n".join(_mermaid(edges) if form == "mermaid" else _dot(edges))


def _source(ref: str) -> str:
    space, _, name = ref.rpartition("@")
    return f"{space}source.{name}"


def _guides(node: Node) -> str:
    if not node.guides:
        return ""
    parts = (f"{port} = {_source(ref) if '@' in ref else ref}" for port, ref in node.guides.items())
    return f"({', '.join(parts)})"


def _text(pipeline: Pipeline) -> Iterator[str]:
    yield pipeline.name or "unnamed pipeline"
    if pipeline.description:
        yield f"  {pipeline.description}"
    for space, node in sorted(pipeline.saliency.items()):
        yield ""
        yield f"encoder only   {space}source.saliency = {node.label}{_guides(node)}"
    for ref in pipeline.order:
        yield ""
        if ref in pipeline.derive:
            node = pipeline.derive[ref]
            yield f"derived        {ref} = {node.label}{_guides(node)}"
        else:
            yield from _stream(pipeline.streams[ref])
    yield ""
    yield f"picture        {pipeline.output}"
    for title, items in (("wire", pipeline.wire), ("encode", pipeline.encode)):
        for setting in items:
            values = setting.grid.values
            moves = f"{setting.target.node}.{setting.target.name}".lstrip(".")
            size = f", bytes {setting.bytes}" if setting.bytes else ""
            yield (
                f"{title:<14} {setting.name}: {moves}, {len(values)} values "
                f"{values[0]} .. {values[-1]}{size}"
            )
    for control in pipeline.controls:
        yield f"control        {control.name}: {control.target.node}.{control.target.name}"


def _stream(stream: Stream) -> Iterator[str]:
    yield f"stream         {stream.name}"
    yield f"  forward        {_source(stream.source)}"
    for node in stream.stages:
        mark = "   encoder only" if node not in stream.kept else ""
        yield f"    ↓ {node.label}{_guides(node)}{mark}"
    if stream.inner is not None:
        yield f"    ↓ nested pipeline → {stream.inner}"
    if stream.model is not None and stream.coder is not None:
        yield f"    ↓ {stream.model.label}{_guides(stream.model)}"
        yield f"    ↓ {stream.coder.label}"
        yield "    bits"
    elif stream.inner is None:
        yield "    bytes of its own section"
    back = [n.label for n in stream.undone]
    if back:
        yield f"  back           {' → '.join(back)} → {stream.name}"


@dataclass(frozen=True, slots=True)
class _Edge:
    tail: str
    head: str
    label: str = ""
    dashed: bool = False


def _edges(pipeline: Pipeline) -> Iterator[_Edge]:
    for space, node in sorted(pipeline.saliency.items()):
        yield _Edge(f"{space}source.image", node.label)
        for port, other in node.guides.items():
            name = _source(other) if "@" in other else other
            yield _Edge(name, node.label, port, dashed=True)
        yield _Edge(node.label, f"{space}source.saliency", dashed=True)
    for ref in pipeline.order:
        if ref in pipeline.derive:
            node = pipeline.derive[ref]
            box = f"{node.label} [{ref}]"
            for port, other in node.guides.items():
                yield _Edge(_source(other) if "@" in other else other, box, port)
            yield _Edge(box, ref)
            continue
        stream = pipeline.streams[ref]
        at = _source(stream.source)
        last = [n for n in (stream.model, stream.coder) if n]
        for node in (*stream.stages, *last):
            box = f"{node.label} [{ref}]"
            yield _Edge(at, box)
            for port, other in node.guides.items():
                yield _Edge(_source(other) if "@" in other else other, box, port, dashed=True)
            at = box
        if stream.inner is not None:
            yield _Edge(at, f"{ref}/source.image")
            at = stream.inner
        names = [n.component for n in stream.undone]
        note = "inverse" if any(isinstance(c, Transform) for c in names) else "decoded"
        yield _Edge(at, ref, note)
    yield _Edge(pipeline.output, "picture")


def _mermaid(edges: list[_Edge]) -> Iterator[str]:
    ids = {name: f"n{i}" for i, name in enumerate(_names(edges))}
    yield "flowchart LR"
    for name, key in ids.items():
        yield f'  {key}["{name}"]'
    for edge in edges:
        arrow = "-.->" if edge.dashed else "-->"
        label = f"|{edge.label}|" if edge.label else ""
        yield f"  {ids[edge.tail]} {arrow}{label} {ids[edge.head]}"


def _dot(edges: list[_Edge]) -> Iterator[str]:
    yield "digraph pipeline {"
    yield "  rankdir=LR;"
    yield "  node [shape=box, fontname=Helvetica];"
    for name in _names(edges):
        yield f'  "{name}";'
    for edge in edges:
        style = " style=dashed" if edge.dashed else ""
        yield f'  "{edge.tail}" -> "{edge.head}" [label="{edge.label}"{style}];'
    yield "}"


def _names(edges: list[_Edge]) -> list[str]:
    return list(dict.fromkeys(name for edge in edges for name in (edge.tail, edge.head)))
