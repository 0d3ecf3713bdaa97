"""What must hold before a pipeline runs: types, causality, determinism, settings.

The central promise is that whatever the decoder uses is in the bitstream, a constant, or computed
from those, and that whatever steers the parsing of bits is bit-exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from semcodec.contracts.kinds import Quantizer, Transform
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Blob, Image, Latent, Symbols, ValueType
from semcodec.graph.determinism import check_determinism, classes
from semcodec.graph.model import RAW_TYPES, Node, Pipeline, Setting, Stream, Target

if TYPE_CHECKING:
    from semcodec.spec.problems import Problems

__all__ = ["check", "raw_type"]


def raw_type(pipeline: Pipeline, ref: str) -> type[ValueType]:
    """Value type of a raw value."""
    return RAW_TYPES[pipeline.sources[ref].type]


def check(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> None:
    """Report everything about a pipeline that does not fit together."""
    for stream in pipeline.streams.values():
        _chain(pipeline, stream, where, problems)
    if problems.found:
        return
    for node in pipeline.nodes():
        _ports(pipeline, node, where[node.path], problems)
    _causality(pipeline, where, problems)
    if problems.found:
        return
    output = pipeline.component_type(pipeline.output)
    if not issubclass(output, Image):
        problems.add(
            "output",
            f"expected a picture, {pipeline.output!r} decodes to {_name(output)}",
            "give a decoder, or a transform that has an inverse",
        )
    _unused(pipeline, where, problems)
    check_determinism(pipeline, where, problems)
    _settings(pipeline, where, problems)


def _name(kind: type[ValueType]) -> str:
    return kind.name


def _chain(
    pipeline: Pipeline, stream: Stream, where: Mapping[str, str], problems: Problems
) -> None:
    at = where[stream.name]
    kind = raw_type(pipeline, stream.source)
    quantizers = 0
    for node in stream.stages:
        component: Any = node.component
        here = where[node.path]
        if not issubclass(kind, component.consumes):
            problems.add(
                here, f"{node.use!r} takes {_name(component.consumes)}, gets {_name(kind)}"
            )
        if isinstance(component, Quantizer):
            quantizers += 1
            if quantizers > 1:
                problems.add(here, "a stream has at most one quantizer")
        elif (
            isinstance(component, Transform)
            and component.encode_only
            and (
                component.consumes is not component.produces
                or type(component).layout is not Transform.layout
            )
        ):
            problems.add(
                here, f"{node.use!r} is encode-only and must keep its value's type and layout"
            )
        kind = component.produces
    if stream.inner is not None:
        if not issubclass(kind, Image):
            problems.add(at, f"a nested pipeline takes a picture, gets {_name(kind)}")
        return
    if (stream.model is None) != (stream.coder is None):
        missing = "model" if stream.model is None else "coder"
        problems.add(at, f"a coded stream has both 'model' and 'coder'; {missing!r} is missing")
    elif stream.model is not None and not issubclass(kind, stream.model.component.consumes):
        problems.add(
            where[stream.model.path],
            f"{stream.model.use!r} takes symbols, gets {_name(kind)}",
            "add a quantizer" if issubclass(kind, Latent) else "",
        )
    elif stream.model is None and not issubclass(kind, Blob):
        problems.add(
            at,
            f"ends in {_name(kind)} that nothing codes",
            "add 'model' and 'coder'" if issubclass(kind, Symbols) else "add the missing stages",
        )
    quantizer = next((n for n in stream.stages if isinstance(n.component, Quantizer)), None)
    if (
        quantizer
        and stream.model
        and type(quantizer.component).index_shift is not Quantizer.index_shift
        and stream.model.component.index_ratio is None
        and not stream.model.component.adaptive
    ):
        problems.add(
            where[stream.model.path],
            f"{quantizer.use!r} shifts table indexes, {stream.model.use!r} has no scale tables",
            "use a model with index_ratio, or an adaptive one",
        )


def _ports(pipeline: Pipeline, node: Node, at: str, problems: Problems) -> None:
    for name, port in node.ports.items():
        ref = node.guides.get(name)
        if ref is None:
            absent = pipeline.decodes_only and port.needed_by == "encode"
            if not port.optional and not absent:
                problems.add(at, f"port {name!r} of {node.use!r} is not connected")
            continue
        raw = "@" in ref
        kind = raw_type(pipeline, ref) if raw else pipeline.component_type(ref)
        if raw and port.needed_by == "both" and not node.encode_only:
            problems.add(
                f"{at}.guides.{name}",
                f"{node.use!r} needs {name!r} at the decoder too, {ref.replace('@', 'source.')!r} "
                "exists only at the encoder",
                "connect a stream or a derived value",
            )
        if not issubclass(kind, port.type):
            problems.add(
                f"{at}.guides.{name}",
                f"port {name!r} of {node.use!r} takes {_name(port.type)}, {ref!r} is {_name(kind)}",
            )


def _causality(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> None:
    """Encoder-only uses of decoded values must not need what the order decodes later."""
    rank = {ref: i for i, ref in enumerate(pipeline.order)}
    for ref, stream in pipeline.streams.items():
        # A nested pipeline is coded before the stream that holds it, and needs its picture then.
        inner = [other for other in rank if other.startswith(f"{ref}/")]
        first = min([ref, *inner], key=rank.__getitem__)
        used = [
            (node, port, other) for node in stream.stages for port, other in node.guides.items()
        ]
        raw = {stream.source, *(other for _, _, other in used if "@" in other)}
        for node in filter(None, map(pipeline.saliency_of, sorted(raw))):
            used += [(node, port, other) for port, other in node.guides.items()]
        for node, port, other in used:
            if other in rank and rank[other] >= rank[first]:
                problems.add(
                    f"{where[node.path]}.guides.{port}",
                    f"{other!r} is decoded after {first!r}, so the encoder has no such value yet",
                )


def _unused(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> None:
    used = pipeline.reached(pipeline.output)
    for ref in pipeline.streams:
        if ref not in used:
            problems.add(where[ref], "is coded, but nothing that the decoder makes uses it")
    for ref in sorted(set(pipeline.derive) - used - pipeline.closed_loop()):
        problems.add(where[ref], "is derived, but nothing uses it")


def _settings(pipeline: Pipeline, where: Mapping[str, str], problems: Problems) -> None:
    taken: dict[tuple[str, str], str] = {}
    nodes = {node.path: node for node in pipeline.nodes()}
    for table, settings in (("wire", pipeline.wire), ("encode", pipeline.encode)):
        for setting in settings:
            at = where[f"{table}:{setting.name}"]
            key = (setting.target.node, setting.target.name)
            if key in taken:
                problems.add(at, f"moves the same parameter as {taken[key]!r}")
            taken[key] = setting.name
            encode_only = _is_encode_only(nodes, pipeline, setting.target)
            if table == "wire" and encode_only:
                problems.add(at, "the decoder never needs this parameter", "list it under 'encode'")
            if table == "encode" and not encode_only:
                problems.add(at, "the decoder needs this parameter", "list it under 'wire'")
            _values_fit(nodes, setting, at, problems)
    _controls(pipeline, nodes, where, taken, problems)


def _is_encode_only(nodes: Mapping[str, Node], pipeline: Pipeline, target: Target) -> bool:
    node = nodes.get(target.node)
    if node is None:
        return False
    if node.encode_only or node.path in _encoders_own(pipeline):
        return True
    component = node.component
    for step in target.name.split("."):
        parameter = next(p for p in parameters(type(component)) if p.name == step)
        if parameter.encode_only:
            return True
        component = getattr(component, step)
    return False


def _encoders_own(pipeline: Pipeline) -> set[str]:
    """Paths of derived values that guide the encoder alone."""
    used = pipeline.reached(pipeline.output, *pipeline.streams)
    return {node.path for ref, node in pipeline.derive.items() if ref not in used}


def _values_fit(nodes: Mapping[str, Node], setting: Setting, at: str, problems: Problems) -> None:
    from semcodec.spec.params import accepts_value

    node = nodes.get(setting.target.node)
    if node is None:
        for value in setting.grid.values:
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                problems.add(at, f"a seed must be a whole number of at least 0, got {value!r}")
                return
        return
    grid = setting.grid
    for value in grid.listed or (grid.value(0), grid.value(grid.levels - 1)):
        problem = accepts_value(node.component, setting.target.name, value)
        if problem:
            problems.add(at, f"{node.use!r} refuses {setting.target.name} = {value!r}: {problem}")
            return


def _controls(
    pipeline: Pipeline,
    nodes: Mapping[str, Node],
    where: Mapping[str, str],
    taken: Mapping[tuple[str, str], str],
    problems: Problems,
) -> None:
    closed = pipeline.closed_loop()
    found = classes(pipeline)
    loop_is_seeded = any(found[ref] == "seeded" for ref in closed)
    free = {
        node.path
        for ref in pipeline.order
        if ref not in closed
        for node in (
            [pipeline.derive[ref]]
            if ref in pipeline.derive
            else _picture_side(pipeline.streams[ref])
        )
    }
    for control in pipeline.controls:
        at = where[f"controls:{control.name}"]
        key = (control.target.node, control.target.name)
        if key in taken:
            problems.add(at, f"moves the same parameter as the setting {taken[key]!r}")
        if _is_encode_only(nodes, pipeline, control.target):
            problems.add(at, "the decoder never needs this parameter", "list it under 'encode'")
            continue
        if not control.target.node and loop_is_seeded:
            problems.add(at, "the encoder assumed values that the seed shapes")
        if control.target.node and control.target.node not in free:
            problems.add(
                at,
                f"{control.target.node!r} steers how bits are read or what the encoder assumed",
                "a control may only move what shapes the final picture",
            )
            continue
        node = nodes.get(control.target.node)
        low_high = [v for v in (control.low, control.high) if v is not None]
        for value in (*control.values, *low_high):
            from semcodec.spec.params import accepts_value

            problem = node and accepts_value(node.component, control.target.name, value)
            if problem:
                problems.add(at, f"{control.target.name} = {value!r} is refused: {problem}")
                break


def _picture_side(stream: Stream) -> list[Node]:
    """Stages whose inverse comes after everything that reads bits."""
    return [
        n
        for n in stream.undone
        if isinstance(n.component, Transform) and type(n.component).layout is Transform.layout
    ]
