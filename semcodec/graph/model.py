"""A resolved pipeline: components built, names made flat, nested pipelines inlined.

Every value has a flat name, its *ref*. Streams and derived values use their own name
(``image``, ``map``); inside a nested pipeline the name is prefixed with the stream that holds it
(``image/map``). What only the encoder has carries an ``@``: ``@image`` is the picture,
``@saliency`` the saliency source's map, ``image/@image`` what a nested pipeline is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from semcodec.contracts.kinds import Decoder, Port, SaliencySource, Transform
from semcodec.contracts.params import Parametric
from semcodec.contracts.values import Image, Map, Symbols, Text, ValueType
from semcodec.graph.grid import Grid

__all__ = [
    "RAW_TYPES",
    "Control",
    "Node",
    "Pipeline",
    "Setting",
    "Source",
    "Stream",
    "Target",
    "namespace",
]

Direction: TypeAlias = Literal["increasing", "decreasing", "scan"]


RAW_TYPES: Mapping[str, type[ValueType]] = {
    "image": Image,
    "saliency": Map,
    "text": Text,
    "labels": Symbols,
    "map": Map,
}
"""Value type of each type of source."""


def namespace(ref: str) -> str:
    """Give the prefix of a ref: what stands before its last name, up to and including ``/``."""
    return ref[: ref.rfind("/") + 1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One component at one place.

    Attributes:
        path: its address in the general form, prefixed as refs are; unique.
        use: component id without format.
        component: the instance with the parameters of the spec.
        guides: ref connected to each port.
    """

    path: str
    use: str
    component: Any
    guides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def encode_only(self) -> bool:
        """Whether it leaves no trace at the decoder: a pre-filter, a source of raw saliency."""
        if isinstance(self.component, SaliencySource):
            return self.path.rpartition("/")[2] == "saliency"
        return bool(getattr(self.component, "encode_only", False))

    @property
    def label(self) -> str:
        """Id with format, such as ``dct@1``."""
        return f"{self.use}@{self.component.format}"

    @property
    def ports(self) -> Mapping[str, Port]:
        """The component's ports; a saliency source that derives takes the picture as one."""
        ports: Mapping[str, Port] = self.component.ports
        if isinstance(self.component, SaliencySource) and "image" in self.guides:
            return {"image": Port(Image), **ports}
        return ports

    def both(self) -> dict[str, str]:
        """The guides that the decoder needs too."""
        return {p: r for p, r in self.guides.items() if self.ports[p].needed_by == "both"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A value that only the encoder has.

    Attributes:
        type: ``image``, ``saliency``, ``text``, ``labels`` or ``map``.
        limit: most characters of a text.
        classes: number of labels.
    """

    type: str
    limit: int = 2000
    classes: int = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stream:
    """A chain of stages whose result is coded.

    Attributes:
        name: its ref.
        source: ref of the raw value that it begins with.
        stages: transforms, then at most one quantizer.
        model: entropy model, absent when the last stage gives a blob or a pipeline is nested.
        coder: entropy coder, beside ``model``.
        inner: ref of the nested pipeline's output, when one codes the last stage's picture.
    """

    name: str
    source: str
    stages: tuple[Node, ...]
    model: Node | None = None
    coder: Node | None = None
    inner: str | None = None

    @property
    def kept(self) -> tuple[Node, ...]:
        """The stages that leave a trace at the decoder."""
        return tuple(n for n in self.stages if not n.encode_only)

    @property
    def undone(self) -> tuple[Node, ...]:
        """The stages that the decoder undoes, in the order it does."""
        found = []
        for node in reversed(self.kept):
            if isinstance(node.component, Transform) and not node.component.invertible():
                break
            found.append(node)
        return tuple(found)

    def nodes(self) -> Iterator[Node]:
        """All its nodes."""
        yield from self.stages
        if self.model:
            yield self.model
        if self.coder:
            yield self.coder


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The parameter that a setting moves.

    Attributes:
        node: path of the node; empty for the seed.
        name: the parameter's name, dotted inside nested components.
    """

    node: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """A value on a grid that an encoder chooses for every file.

    Attributes:
        name: flat name.
        target: the parameter it moves.
        grid: its values.
        bytes: how the file's size follows the grid's order; ``scan`` when not monotone.
        default: index of the value nearest to the spec's parameter.
        doc: one line for people.
    """

    name: str
    target: Target
    grid: Grid
    bytes: Direction | None
    default: int
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Control:
    """A value that a viewer may choose at decode time.

    Attributes:
        name: flat name.
        target: the parameter it moves.
        low: smallest number allowed, or None.
        high: largest number allowed, or None.
        values: the values allowed, or an empty tuple for a range.
        doc: one line for people.
    """

    name: str
    target: Target
    low: float | None = None
    high: float | None = None
    values: tuple[Any, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pipeline:
    """A resolved pipeline.

    Attributes:
        name: the spec's name, may be empty.
        description: the spec's own words.
        form: the fully inlined general form that it was built from.
        sources: raw values by ref.
        saliency: saliency source of every namespace that has one.
        streams: by ref.
        derive: derived values by ref, decoders included.
        output: ref of the picture.
        order: streams and derived values in the order in which both sides work.
        wire: settings sent with each file, in their order on the wire.
        encode: settings of the encoder alone.
        controls: decode-time choices.
        seed: a number, or None to derive seeds from the payload.
        check: whether files carry a check byte.
        places: every node by its address in ``form``, nested pipelines as a prefix.
        decodes_only: whether it was read from a lock that holds the decoder's half alone.
    """

    name: str
    description: str
    form: dict[str, Any]
    sources: Mapping[str, Source]
    saliency: Mapping[str, Node]
    streams: Mapping[str, Stream]
    derive: Mapping[str, Node]
    output: str
    order: tuple[str, ...]
    wire: tuple[Setting, ...]
    encode: tuple[Setting, ...]
    controls: tuple[Control, ...]
    seed: int | None
    check: bool
    places: Mapping[str, Node]
    decodes_only: bool = False

    def nodes(self) -> Iterator[Node]:
        """All nodes, saliency sources first."""
        yield from self.saliency.values()
        yield from self._stream_nodes()
        yield from self.derive.values()

    def _stream_nodes(self) -> Iterator[Node]:
        for stream in self.streams.values():
            yield from stream.nodes()

    def needs(self, ref: str) -> tuple[str, ...]:
        """Refs that a decoded value is computed from directly."""
        if ref in self.derive:
            return tuple(sorted({*self.derive[ref].both().values(), *self._given(namespace(ref))}))
        stream = self.streams[ref]
        needed = {
            r
            for node in (*stream.kept, *filter(None, [stream.model]))
            for r in node.both().values()
        }
        if stream.inner:
            needed.add(stream.inner)
        needed.update(self._given(namespace(stream.source)))
        return tuple(sorted(needed))

    def reached(self, *refs: str) -> set[str]:
        """Refs that these decoded values are computed from, themselves included."""
        found: set[str] = set()
        pending = list(refs)
        while pending:
            ref = pending.pop()
            if ref not in found:
                found.add(ref)
                pending.extend(self.needs(ref))
        return found

    def _given(self, prefix: str) -> set[str]:
        """What must be decoded before the picture of a namespace has a known size."""
        if not prefix:
            return set()
        holder = self.streams[prefix[:-1]]
        needed = {ref for node in holder.kept for ref in node.both().values()}
        return needed | self._given(namespace(holder.source))

    def saliency_of(self, ref: str) -> Node | None:
        """The saliency source that makes a raw value, if one does."""
        space = namespace(ref)
        return self.saliency.get(space) if ref == f"{space}@saliency" else None

    def closed_loop(self, *, both_only: bool = False) -> set[str]:
        """Refs whose decoded value the encoder needs as well.

        Args:
            both_only: leave out what only encoder-only ports need, which a decoder cannot know of.
        """
        wanted = {
            ref
            for node in (*self.saliency.values(), *self._stream_nodes())
            if not (both_only and node.encode_only)
            for ref in (node.both() if both_only else node.guides).values()
            if "@" not in ref
        }
        pending = list(wanted)
        while pending:
            ref = pending.pop()
            below = list(self.derive[ref].both().values()) if ref in self.derive else []
            if ref in self.streams:
                stream = self.streams[ref]
                below = [stream.inner] if stream.inner else []
            for other in below:
                if other not in wanted:
                    wanted.add(other)
                    pending.append(other)
        return wanted

    def component_type(self, ref: str) -> type[ValueType]:
        """Value type of a decoded value."""
        if ref in self.derive:
            component: Parametric = self.derive[ref].component
            if isinstance(component, Decoder):
                return component.produces
            return Map
        stream = self.streams[ref]
        undone = stream.undone
        if undone:
            return undone[-1].component.consumes  # type: ignore[no-any-return]
        if stream.inner:
            return Image
        if stream.kept:
            return stream.kept[-1].component.produces  # type: ignore[no-any-return]
        return RAW_TYPES[self.sources[stream.source].type]
