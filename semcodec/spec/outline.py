"""What a decode lock says about a file's sections and settings, without importing a component.

In the decode projection every guide left is one that the decoder needs, so the order of decoding,
and with it the sections, follow from the text alone. ``semcodec inspect`` explains files of codecs
whose plugins are not installed by it, and the engine takes its sections from the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from semcodec.graph.grid import Grid
from semcodec.graph.order import topological
from semcodec.spec.compose import PIPELINE
from semcodec.spec.form import general, output_name
from semcodec.spec.problems import Problems
from semcodec.spec.text import of_data

__all__ = ["Outline", "components_of", "grids", "outline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The shape of a codec's files.

    Attributes:
        order: streams and derived values in decoding order.
        section_of: section of every stream that has bytes.
        sections: name of every section, its streams joined by ``+``.
        wire: grid of every wire setting, in the order on the wire.
        components: ids of all components, with formats, sorted.
    """

    order: tuple[str, ...]
    section_of: Mapping[str, int]
    sections: tuple[str, ...]
    wire: Mapping[str, Grid]
    components: tuple[str, ...]


def outline(form: Mapping[str, Any]) -> Outline:
    """Read a decode form (:func:`semcodec.spec.lock.decode_form`).

    Raises:
        KeyError: a guide that names nothing.
        SpecError: it is no sound form.
        ValueError: a cycle.
    """
    form = _sound(form)
    needs: dict[str, set[str]] = {}
    coders: dict[str, Any] = {}
    _collect(form, "", set(), needs, coders)
    order, left = topological(needs)
    if left:
        raise ValueError(f"a cycle among {', '.join(left)}")
    section_of: dict[str, int] = {}
    names: list[list[str]] = []
    shared: list[tuple[Any, int]] = []
    for ref in order:
        if ref not in coders:
            continue
        coder = coders[ref]
        index = next((i for c, i in shared if c == coder), None) if coder is not None else None
        if index is None:
            index = len(names)
            names.append([])
            if coder is not None:
                shared.append((coder, index))
        names[index].append(ref)
        section_of[ref] = index
    return Outline(
        order=tuple(order),
        section_of=section_of,
        sections=tuple("+".join(members) for members in names),
        wire=grids(form),
        components=components_of(form),
    )


def grids(form: Mapping[str, Any]) -> dict[str, Grid]:
    """Read the grid of every wire setting of a lock, of either projection, in wire order."""
    return {name: Grid.of(entry, whole=False) for name, entry in sorted(_wire(form, ""))}


def components_of(form: Any) -> tuple[str, ...]:
    """List the ids of all components in a form, with their formats, sorted; whatever it holds."""
    return tuple(sorted(set(_components(form))))


def _sound(form: Any) -> dict[str, Any]:
    """Check the structure of a form and of what is nested in it; locks come from files."""
    document = of_data(form, source="decode lock")
    problems = Problems(document.source)
    made = general(document, problems)
    problems.raise_any()
    for stream in made.get("streams", {}).values():
        for stage in stream["stages"]:
            if stage["use"] == PIPELINE:
                stage["of"] = _sound(stage.get("of"))
    return made


def _collect(
    form: Mapping[str, Any],
    prefix: str,
    given: set[str],
    needs: dict[str, set[str]],
    coders: dict[str, Any],
) -> str:
    """Note what every value of one namespace needs; give the ref of its output.

    ``given`` is what must be decoded before the namespace's picture has a known size.
    """
    for name, stream in form.get("streams", {}).items():
        ref = f"{prefix}{name}"
        stages = stream.get("stages", [])
        before = {
            f"{prefix}{other}" for stage in stages for other in stage.get("guides", {}).values()
        }
        wanted = before | given
        if stages and stages[-1]["use"] == PIPELINE:
            wanted.add(_collect(stages[-1]["of"], f"{ref}/", before | given, needs, coders))
        else:
            model = stream.get("model", {})
            wanted |= {f"{prefix}{other}" for other in model.get("guides", {}).values()}
            coders[ref] = stream.get("coder")
        needs[ref] = wanted
    derived = dict(form.get("derive", {}))
    if "decoder" in form:
        derived["decoder"] = form["decoder"]
    for name, node in derived.items():
        inputs = {f"{prefix}{other}" for other in node.get("inputs", {}).values()}
        needs[f"{prefix}{name}"] = inputs | given
    return f"{prefix}{output_name(form)}"


def _inner(form: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield prefix, form
    for name, stream in form.get("streams", {}).items():
        for stage in stream.get("stages", []):
            if stage["use"] == PIPELINE:
                yield from _inner(stage["of"], f"{prefix}{name}/")


def _wire(form: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for space, inner in _inner(form, prefix):
        for name, entry in inner.get("wire", {}).items():
            yield f"{space}{name}", entry


def _components(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        use = value.get("use")
        if isinstance(use, str) and use != PIPELINE:
            yield use
        for item in value.values():
            yield from _components(item)
    elif isinstance(value, list):
        for item in value:
            yield from _components(item)
