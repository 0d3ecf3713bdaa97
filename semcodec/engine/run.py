"""The state of one picture on its way through a pipeline, common to encoder and decoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from semcodec.contracts.context import Context, Progress, Side, part, silent
from semcodec.contracts.kinds import Transform
from semcodec.contracts.values import Image, Map, Symbols, Text, ValueType
from semcodec.engine.binding import Bound
from semcodec.engine.limits import Budget
from semcodec.engine.plan import Plan
from semcodec.engine.progress import Meter
from semcodec.engine.trace import Trace
from semcodec.errors import (
    DecodeError,
    ImageError,
    LimitError,
    PluginBroken,
    SemcodecError,
    SettingError,
    WeightsError,
)
from semcodec.graph.model import Node, Source, Stream, namespace

__all__ = ["Run"]


class Run:
    """One picture being coded or decoded.

    Attributes:
        plan: the pipeline made ready.
        bound: its components with the chosen values.
        side: ``encode`` or ``decode``.
        image: the outermost picture.
        pictures: description of the picture of every namespace met so far.
        chains: descriptions along every stream's chain met so far.
        values: decoded values by ref.
        shapes: their descriptions.
        progress: what reports of the work in hand go to.
        moved: paths of nodes that the viewer's controls changed.
        payload: SHA-256 over settings and sections, known before what it seeds is computed.
    """

    def __init__(
        self,
        plan: Plan,
        bound: Bound,
        side: Side,
        image: Image,
        *,
        trace: Trace | None = None,
        progress: Progress | None = None,
        device: str = "cpu",
        inputs: Mapping[str, Any] | None = None,
    ) -> None:
        self.plan = plan
        self.pipeline = plan.pipeline
        self.bound = bound
        self.side: Side = side
        self.image = image
        self.trace = trace
        self.device = device
        self.inputs = MappingProxyType(dict(inputs or {}))
        self.values: dict[str, Any] = {}
        self.shapes: dict[str, ValueType] = {}
        self.pictures: dict[str, Image] = {"": image}
        self.chains: dict[str, list[ValueType]] = {}
        self.payload = b""
        self.moved: frozenset[str] = frozenset()
        self._budget = Budget(image, side)
        self._meter = Meter.of(progress)
        self._stream: Progress | None = progress and self._meter
        self.progress: Progress = self._stream or silent

    def context(
        self, node: Node, space: str, shape: ValueType, coded: ValueType, steps: Any = None
    ) -> Context:
        """Make the context of a call."""
        return Context(
            image=self.picture(space),
            shape=shape,
            coded=coded,
            side=self.side,
            inputs=self.inputs if self.side == "encode" else MappingProxyType({}),
            steps=steps,
            seed=self.seed(node),
            device=self.device,
            progress=self.progress,
        )

    def seed(self, node: Node) -> int:
        """Seed of a node: docs/format.md, Seeds."""
        if self.bound.seed is not None:
            base = b"seed" + (self.bound.seed % 2**64).to_bytes(8, "little")
        elif node.path in self.plan.payload_seeded:
            base = b"payload" + self.payload
        else:
            base = b"codec" + self.plan.digest
        return int.from_bytes(hashlib.sha256(base + node.path.encode()).digest()[:8], "little")

    def guides(self, node: Node, *, both_only: bool = False) -> dict[str, Any]:
        """Values connected to a node's ports."""
        refs = node.both() if both_only else node.guides
        return {port: self.value(ref) for port, ref in refs.items()}

    def value(self, ref: str) -> Any:
        """A decoded value; encoders add raw ones."""
        return self.values[ref]

    def raw_shape(self, source: Source, space: str) -> ValueType:
        """Description of a raw value."""
        picture = self.picture(space)
        if source.type == "image":
            return picture
        if source.type == "text":
            return Text(source.limit)
        if source.type == "labels":
            return Symbols((picture.height, picture.width), low=0, high=source.classes - 1)
        return Map(picture.height, picture.width)

    def picture(self, space: str) -> Image:
        """Description of the picture that a namespace codes."""
        if space not in self.pictures:
            self.chain(self.pipeline.streams[space[:-1]])
        return self.pictures[space]

    def chain(self, stream: Stream) -> list[ValueType]:
        """Describe the value before each kept stage and after the last one.

        Raises:
            ImageError: at the encoder, a stage cannot take what it is given, or would make
                unreasonably much of it.
            DecodeError: at the decoder, likewise.
            PluginBroken: a layout is no description of what its component makes.
        """
        if stream.name in self.chains:
            return self.chains[stream.name]
        space = namespace(stream.source)
        shape = self.raw_shape(self.pipeline.sources[stream.source], space)
        shapes = [shape]
        for node in stream.kept:
            component = self.bound[node.path]
            if isinstance(component, Transform):
                self.admit(node, component, shape)
            guides = self.guides(node, both_only=True)
            ctx = self.context(node, space, shape, shape)
            shape = self.call(node, "layout", component.layout, shape, guides, ctx)
            self.describes(node, shape, component.produces)
            shapes.append(shape)
        last = shapes[-1]
        if stream.inner is not None and isinstance(last, Image):
            self.pictures[f"{stream.name}/"] = last
        if isinstance(last, Symbols):
            self._budget.spend(stream.name, last)
        self.chains[stream.name] = shapes
        return shapes

    def admit(self, node: Node, component: Any, shape: ValueType) -> None:
        """Ask a component whether it can take what is so described.

        Raises:
            ImageError: it cannot; at the decoder, DecodeError.
        """
        reason = self.call(node, "accepts", component.accepts, shape)
        if reason:
            kind = ImageError if self.side == "encode" else DecodeError
            raise kind(f"{node.label} at {node.path} cannot code this: {reason}")

    def call(self, node: Node, name: str, function: Callable[..., Any], *args: Any) -> Any:
        """Call a component, timed, its own exceptions turned into ours.

        Raises:
            PluginBroken: at the encoder, it failed by an exception of Python's.
            DecodeError: at the decoder, it failed by anything that is not one already.
            SettingError: it refused what the viewer chose for it.
            WeightsError: its weights are not at hand.
        """
        try:
            if self.trace is None:
                return function(*args)
            with self.trace.step(node.path, node.label, name):
                return function(*args)
        except Exception as error:
            if self._meter is not None and error is self._meter.failure:
                raise
            raise self._ours(node, name, error) from error

    def broken(self, node: Node, problem: str) -> SemcodecError:
        """Make the error of a component that does not keep its contract.

        At the decoder it may as well be the data, which the component was never meant to see.
        """
        message = f"{node.label} at {node.path}: {problem}"
        if self.side == "decode":
            return DecodeError(message, hint="The file is damaged, or that component is broken.")
        return PluginBroken(message, hint="This is a bug in that component; tell its authors.")

    def conform(self, node: Node, call: str, shape: ValueType, value: Any) -> Any:
        """Hold a component's result against its description; give it in the dtype described."""
        value = shape.settle(value)
        problem = shape.check(value)
        if problem:
            raise self.broken(node, f"{call} broke its contract: {problem}")
        return value

    def describes(self, node: Node, shape: Any, kind: type[ValueType]) -> None:
        """Hold the result of a ``layout`` against the value type that the component makes."""
        if not isinstance(shape, kind):
            raise self.broken(node, f"layout must give {kind.__name__}(...), got {shape!r}")
        sides = getattr(shape, "shape", ())
        if not all(isinstance(side, (int, np.integer)) and side >= 0 for side in sides):
            raise self.broken(node, f"layout must give whole sides of at least 0, got {sides}")
        self._budget.admit(node.label, shape)

    def price(self, node: Node, shape: ValueType) -> None:
        """Note the parameters and operations of a node, where it states them."""
        if self.trace is None:
            return
        try:
            cost = self.bound[node.path].cost(shape, self.side)
            if cost is not None:
                parameters, operations = cost
                self.trace.costs[node.path] = (int(parameters), int(operations))
        except Exception as error:
            raise self._ours(node, "cost", error) from error

    def report(self, done: int, what: str) -> None:
        """Tell how far the run is."""
        if self._meter is not None:
            self._stream = part(self._meter, done, max(1, len(self.pipeline.order)))
            self._stream(0.0, what)
            self.progress = self._stream

    def phase(self, index: int, count: int) -> None:
        """Let what follows report as one of ``count`` equal parts of a stream's work."""
        if self._stream is not None:
            self.progress = part(self._stream, index, count)

    def _ours(self, node: Node, name: str, error: Exception) -> Exception:
        if self.side == "decode":
            if isinstance(error, (DecodeError, WeightsError)):
                return error
            if isinstance(error, SettingError) and node.path in self.moved:
                return error
            if isinstance(error, MemoryError):
                return LimitError(f"{node.label} at {node.path} needs more memory than there is")
        elif isinstance(error, MemoryError):
            return ImageError(
                f"{node.label} at {node.path} needs more memory than there is",
                hint="Code a smaller picture.",
            )
        elif isinstance(error, SemcodecError) and not isinstance(error, DecodeError):
            return error
        what = str(error.args[0]) if isinstance(error, SemcodecError) else _last_line(error)
        message = f"{node.label} at {node.path} failed in {name}: {what}"
        if self.side == "decode":
            return DecodeError(message, hint="The file may be damaged.")
        return PluginBroken(message, hint="Run again with --debug to see where.")


def _last_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
