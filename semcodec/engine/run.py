"""The state of one picture on its way through a pipeline, common to encoder and decoder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from semcodec.contracts.context import Context, Progress, Side
from semcodec.contracts.kinds import Transform
from semcodec.contracts.values import Image, Map, Symbols, Text, ValueType
from semcodec.engine.binding import Bound
from semcodec.engine.plan import Plan
from semcodec.engine.trace import Trace
from semcodec.errors import (
    DecodeError,
    ImageError,
    LimitError,
    PluginBroken,
    SemcodecError,
)
from semcodec.graph.model import Node, Source, Stream, namespace

__all__ = ["Run"]

SYMBOLS_A_PIXEL = 64
SPARE_SYMBOLS = 1 << 20


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
        self.progress = progress
        self.device = device
        self.inputs = MappingProxyType(dict(inputs or {}))
        self.values: dict[str, Any] = {}
        self.shapes: dict[str, ValueType] = {}
        self.pictures: dict[str, Image] = {"": image}
        self.chains: dict[str, list[ValueType]] = {}
        self.payload = b""

    def context(self, node: Node, space: str, shape: ValueType, coded: ValueType) -> Context:
        """Make the context of a call."""
        extra = {"progress": self.progress} if self.progress else {}
        return Context(
            image=self.picture(space),
            shape=shape,
            coded=coded,
            side=self.side,
            inputs=self.inputs if self.side == "encode" else MappingProxyType({}),
            seed=self.seed(node, space),
            device=self.device,
            **extra,
        )

    def seed(self, node: Node, space: str) -> int:
        """Seed of a node: docs/format.md, Seeds."""
        if self.bound.seed is not None:
            base = b"seed" + self.bound.seed.to_bytes(8, "little")
        elif any(self.pipeline.derive[ref] is node for ref in self.plan.pixels_only):
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
            ImageError: at the encoder, a stage cannot take what it is given.
            DecodeError: at the decoder, likewise; or the layout is unreasonably large.
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
            shapes.append(shape)
        last = shapes[-1]
        if stream.inner is not None and isinstance(last, Image):
            self.pictures[f"{stream.name}/"] = last
        if isinstance(last, Symbols):
            limit = SYMBOLS_A_PIXEL * self.image.pixels * self.image.channels + SPARE_SYMBOLS
            if last.size > limit:
                raise LimitError(
                    f"stream {stream.name!r} has {last.size} symbols, expected at most {limit} for "
                    f"a picture of {self.image.width}x{self.image.height}"
                )
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
        """Call a component, timed, its own exceptions turned into ours."""
        try:
            if self.trace is None:
                return function(*args)
            with self.trace.step(node.path, node.label, name):
                return function(*args)
        except (SemcodecError, MemoryError):
            raise
        except Exception as error:
            message = (
                f"{node.label} at {node.path} failed in {name}: {type(error).__name__}: {error}"
            )
            if self.side == "decode":
                raise DecodeError(message, hint="The file may be damaged.") from error
            raise PluginBroken(message, hint="Run again with --debug to see where.") from error

    def conform(self, node: Node, call: str, shape: ValueType, value: Any) -> None:
        """Hold a component's result against its description."""
        problem = shape.check(value)
        if problem:
            raise PluginBroken(f"{node.label} at {node.path}: {call} broke its contract: {problem}")

    def report(self, done: int, what: str) -> None:
        """Tell how far the run is."""
        if self.progress:
            self.progress(done / max(1, len(self.pipeline.order)), what)
