"""Calls of transforms and decoders, for several pictures at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec.contracts.kinds import Transform
from semcodec.contracts.values import Map, ValueType
from semcodec.engine.run import Run
from semcodec.errors import PluginBroken
from semcodec.graph.model import Stream, namespace

__all__ = ["derive", "forget", "undo"]


def undo(runs: Sequence[Run], stream: Stream, values: list[Any]) -> None:
    """Run a stream's inverses backwards and keep the results as its decoded values.

    Args:
        runs: the pictures.
        stream: the stream.
        values: for each picture, what the coding loop, the section or the nested pipeline gave.
    """
    space = namespace(stream.source)
    chains = [run.chain(stream) for run in runs]
    index = len(chains[0]) - 1
    for node in stream.undone:
        index -= 1
        component = runs[0].bound[node.path]
        guides = [run.guides(node, both_only=True) for run in runs]
        ctxs = [
            run.context(node, space, chain[index], chain[index + 1])
            for run, chain in zip(runs, chains, strict=True)
        ]
        if isinstance(component, Transform):
            name = "inverse"
            values = runs[0].call(node, name, component.inverse_batch, values, guides, ctxs)
            _counted(node.label, values, runs)
        elif node is stream.kept[-1] and stream.model is not None:
            continue  # the coding loop has dequantized
        else:
            name = "dequantize"
            values = [
                run.call(node, name, component.dequantize, value, guide, ctx)
                for run, value, guide, ctx in zip(runs, values, guides, ctxs, strict=True)
            ]
        for run, chain, value in zip(runs, chains, values, strict=True):
            run.conform(node, name, chain[index], value)
    for run, chain, value in zip(runs, chains, values, strict=True):
        run.values[stream.name], run.shapes[stream.name] = value, chain[index]


def derive(runs: Sequence[Run], ref: str) -> None:
    """Compute a derived value for every picture."""
    node = runs[0].pipeline.derive[ref]
    space = namespace(ref)
    component = runs[0].bound[node.path]
    guides = [run.guides(node, both_only=True) for run in runs]
    shapes: list[ValueType] = []
    if node.component.kind == "saliency":
        values = []
        for run, guide in zip(runs, guides, strict=True):
            picture = run.picture(space)
            shape: ValueType = Map(picture.height, picture.width)
            ctx = run.context(node, space, shape, shape)
            image = guide.pop("image")
            values.append(run.call(node, "saliency", component.saliency, image, guide, ctx))
            shapes.append(shape)
    else:
        for run in runs:
            picture = run.picture(space)
            given = {port: run.shapes[other] for port, other in node.both().items()}
            ctx = run.context(node, space, picture, picture)
            shapes.append(run.call(node, "layout", component.layout, given, ctx))
        ctxs = [
            run.context(node, space, shape, shape) for run, shape in zip(runs, shapes, strict=True)
        ]
        values = runs[0].call(node, "decode", component.decode_batch, guides, ctxs)
        _counted(node.label, values, runs)
    for run, shape, value in zip(runs, shapes, values, strict=True):
        run.conform(node, "decode", shape, value)
        run.values[ref], run.shapes[ref] = value, shape


def forget(run: Run, position: int) -> None:
    """Drop decoded values that nothing later in the order needs, to bound memory."""
    if run.trace is not None and run.trace.keep:
        return
    later: set[str] = {run.pipeline.output}
    for ref in run.pipeline.order[position + 1 :]:
        later.update(run.plan.inputs_of(ref))
    for ref in [ref for ref in run.values if ref not in later]:
        del run.values[ref]


def _counted(label: str, values: Sequence[Any], runs: Sequence[Run]) -> None:
    if len(values) != len(runs):
        raise PluginBroken(f"{label}: expected {len(runs)} results of a batch, got {len(values)}")
