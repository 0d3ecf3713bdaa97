"""Calls of transforms and decoders, for several pictures at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Quantizer, Transform
from semcodec.contracts.values import Map, ValueType
from semcodec.engine.run import Run
from semcodec.graph.model import Node, Stream, namespace

__all__ = ["batch", "derive", "forget", "undo"]


def batch(
    runs: Sequence[Run], node: Node, name: str, function: Callable[..., Any], *args: Any
) -> list[Any]:
    """Call a ``*_batch`` method and hold the number of its results against that of the pictures."""
    made = runs[0].call(node, name, function, *args)
    if not isinstance(made, (list, tuple)) or len(made) != len(runs):
        got = f"{len(made)} of them" if isinstance(made, (list, tuple)) else type(made).__name__
        raise runs[0].broken(
            node, f"{function.__name__} must give a list of {len(runs)} results, got {got}"
        )
    return list(made)


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
    steps: list[Any] = [None] * len(runs)
    for done, node in enumerate(stream.undone):
        index -= 1
        for run in runs:
            run.phase(done + 1, len(stream.undone) + 1)
        component = runs[0].bound[node.path]
        guides = [run.guides(node, both_only=True) for run in runs]
        ctxs = [
            run.context(node, space, chain[index], chain[index + 1], step)
            for run, chain, step in zip(runs, chains, steps, strict=True)
        ]
        steps = [
            _steps(run, node, component, guide, ctx)
            for run, guide, ctx in zip(runs, guides, ctxs, strict=True)
        ]
        if isinstance(component, Transform):
            name = "inverse"
            runs[0].price(node, chains[0][index])
            values = batch(runs, node, name, component.inverse_batch, values, guides, ctxs)
        elif node is stream.kept[-1] and stream.model is not None:
            continue  # the coding loop has dequantized
        else:
            name = "dequantize"
            values = [
                run.call(node, name, component.dequantize, value, guide, ctx)
                for run, value, guide, ctx in zip(runs, values, guides, ctxs, strict=True)
            ]
        values = [
            run.conform(node, name, chain[index], value)
            for run, chain, value in zip(runs, chains, values, strict=True)
        ]
    for run, chain, value in zip(runs, chains, values, strict=True):
        run.values[stream.name], run.shapes[stream.name] = value, chain[index]


def _steps(run: Run, node: Node, component: Any, guides: Any, ctx: Context) -> Any:
    """Ask a quantizer for its steps, which the transform before it may use."""
    if not isinstance(component, Quantizer):
        return None
    steps = run.call(node, "steps", component.steps, guides, ctx)
    if steps is None:
        return None
    made = np.asarray(steps)
    try:
        fits = made.dtype.kind == "f" and bool(np.isfinite(made).all() and (made > 0).all())
        np.broadcast_to(made, getattr(ctx.shape, "shape", ()))
    except ValueError:
        fits = False
    if not fits:
        raise run.broken(
            node,
            f"steps must give positive floats broadcastable to {ctx.shape}, "
            f"got {made.dtype} of shape {made.shape}",
        )
    return made.astype(np.float32, copy=False)


def derive(runs: Sequence[Run], ref: str) -> None:
    """Compute a derived value for every picture."""
    node = runs[0].pipeline.derive[ref]
    space = namespace(ref)
    component = runs[0].bound[node.path]
    guides = [run.guides(node, both_only=True) for run in runs]
    shapes: list[ValueType] = []
    name = "decode"
    if node.component.kind == "saliency":
        name = "saliency"
        values = []
        for run, guide in zip(runs, guides, strict=True):
            picture = run.picture(space)
            shape: ValueType = Map(picture.height, picture.width)
            ctx = run.context(node, space, shape, shape)
            image = guide.pop("image", None)
            if image is None:
                raise run.broken(node, "expected a decoded picture as its input 'image'")
            values.append(run.call(node, name, component.saliency, image, guide, ctx))
            shapes.append(shape)
    else:
        for run in runs:
            picture = run.picture(space)
            given = {port: run.shapes[other] for port, other in node.both().items()}
            ctx = run.context(node, space, picture, picture)
            made = run.call(node, "layout", component.layout, given, ctx)
            run.describes(node, made, component.produces)
            shapes.append(made)
        ctxs = [
            run.context(node, space, shape, shape) for run, shape in zip(runs, shapes, strict=True)
        ]
        values = batch(runs, node, name, component.decode_batch, guides, ctxs)
    runs[0].price(node, shapes[0])
    for run, shape, value in zip(runs, shapes, values, strict=True):
        run.values[ref] = run.conform(node, name, shape, value)
        run.shapes[ref] = shape


def forget(run: Run, position: int) -> None:
    """Drop decoded values that nothing later in the order needs, to bound memory."""
    if run.trace is not None and run.trace.keep:
        return
    later: set[str] = {run.pipeline.output}
    for ref in run.pipeline.order[position + 1 :]:
        later.update(run.plan.inputs_of(ref))
    for ref in [ref for ref in run.values if ref not in later]:
        del run.values[ref]
