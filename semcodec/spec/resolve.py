"""From a general form to a pipeline: components built, names made flat, settings bound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from semcodec.contracts.kinds import SaliencySource
from semcodec.contracts.params import Parametric, of_format
from semcodec.errors import PluginError
from semcodec.graph.check import check
from semcodec.graph.model import Node, Pipeline, Source, Stream
from semcodec.graph.order import order
from semcodec.spec.compose import PIPELINE
from semcodec.spec.form import output_name
from semcodec.spec.params import build
from semcodec.spec.problems import Problems, nearest
from semcodec.spec.settings import Settings
from semcodec.spec.text import kind_name

__all__ = ["resolve", "survey"]

_RAW = "source."
_USE = re.compile(r"(?P<id>[^@]+)(@(?P<format>[1-9][0-9]{0,5}))?")


def resolve(form: dict[str, Any], problems: Problems, *, decodes_only: bool = False) -> Pipeline:
    """Build the pipeline that a general form describes and check that it makes sense.

    Args:
        form: as :func:`semcodec.spec.compose.compose` gives it.
        problems: collects what is wrong.
        decodes_only: the form is a decode lock, in which encoder-only parts are absent.

    Raises:
        SpecError: unknown components, wrong parameters, addresses that lead nowhere.
        GraphError: parts that do not fit together.
    """
    resolver = _Resolver(problems, form, decodes_only)
    output = resolver.namespace(form, "", "")
    problems.raise_any()
    pipeline = Pipeline(
        name=form.get("name", ""),
        description=form.get("description", ""),
        form=form,
        sources=MappingProxyType(resolver.sources),
        saliency=MappingProxyType(resolver.saliency),
        streams=MappingProxyType(resolver.streams),
        derive=MappingProxyType(resolver.derive),
        output=output,
        order=(),
        wire=tuple(sorted(resolver.settings.wire, key=lambda s: s.name)),
        encode=tuple(sorted(resolver.settings.encode, key=lambda s: s.name)),
        controls=tuple(sorted(resolver.settings.controls, key=lambda c: c.name)),
        seed=form.get("seed") if isinstance(form.get("seed"), int) else None,
        check=form.get("check", False),
        places=MappingProxyType(resolver.placed),
        decodes_only=decodes_only,
    )
    ordered = order(pipeline, resolver.where, problems)
    problems.raise_any(graph=True)
    check(ordered, resolver.where, problems)
    problems.raise_any(graph=True)
    return ordered


def survey(form: dict[str, Any], problems: Problems, *, inlined: bool = False) -> None:
    """Add what is wrong with the components of a form whose structure is unsound already.

    It cannot be resolved, but its author should not have to mend it twice.

    Args:
        form: a general form.
        problems: takes what is wrong.
        inlined: its nested pipelines are general forms written out in place, and are surveyed too.
    """
    resolver = _Resolver(problems, form, decodes_only=False)
    for at, entry, kinds in _entries(form, inlined):
        if isinstance(entry, dict) and entry.get("use") not in ("", PIPELINE):
            resolver.component(entry, at, kinds)


def _entries(form: dict[str, Any], inlined: bool) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Every node of a form with its address and the kinds that may stand there."""
    for name, stream in form.get("streams", {}).items():
        for index, stage in enumerate(stream.get("stages", [])):
            here = f"streams.{name}.stages.{index}"
            yield here, stage, ("transform", "quantizer")
            nested = stage.get("of") if inlined and isinstance(stage, dict) else None
            # What was swapped in is not written out in place, and may be anything.
            if isinstance(nested, dict) and stage.get("use") == PIPELINE:
                for at, entry, kinds in _entries(nested, inlined):
                    yield f"{here}.of.{at}", entry, kinds
        for slot in ("model", "coder"):
            if slot in stream:
                yield f"streams.{name}.{slot}", stream[slot], (slot,)
    for name, node in form.get("derive", {}).items():
        yield f"derive.{name}", node, ("decoder", "saliency")
    for slot in ("decoder", "saliency"):
        if slot in form:
            yield slot, form[slot], (slot,)


class _Resolver:
    """Collects the flat parts of a form and of the pipelines nested in it.

    ``where`` maps refs and node paths to their address in the text, for messages.
    """

    def __init__(self, problems: Problems, outermost: dict[str, Any], decodes_only: bool) -> None:
        self.problems = problems
        self.outermost = outermost
        self.decodes_only = decodes_only
        self.sources: dict[str, Source] = {}
        self.saliency: dict[str, Node] = {}
        self.streams: dict[str, Stream] = {}
        self.derive: dict[str, Node] = {}
        self.where: dict[str, str] = {}
        self.placed: dict[str, Node] = {}
        self.settings = Settings(problems, self.placed, self.where)

    def namespace(self, form: dict[str, Any], prefix: str, at: str) -> str:
        """Resolve one form; give the ref of its output."""
        names = self._names(form, prefix, at)
        self._sources(form, prefix, at)
        self._whole_file(form, at)
        if "saliency" in form:
            node = self._node(
                form["saliency"], f"{prefix}saliency", f"{at}saliency", ("saliency",), names
            )
            if node:
                self.saliency[prefix] = node
        for name, stream in form["streams"].items() if "streams" in form else ():
            self._stream(name, stream, prefix, f"{at}streams.{name}", names)
        for name, entry in form.get("derive", {}).items():
            self._derived(name, entry, prefix, f"{at}derive.{name}", f"derive.{name}", names)
        if "decoder" in form:
            self._derived("decoder", form["decoder"], prefix, f"{at}decoder", "decoder", names)
        self.settings.read(form, prefix, at)
        return self._output(form, prefix, at, names)

    def _whole_file(self, form: dict[str, Any], at: str) -> None:
        """A file has one seed and one check byte, so a nested form may not ask for its own."""
        for key, usual in (("seed", "payload"), ("check", False)):
            wanted = form.get(key, usual)
            if wanted not in (usual, self.outermost.get(key, usual)):
                self.problems.add(
                    f"{at}{key}",
                    f"a nested pipeline cannot have a {key} of its own",
                    f"say '{key}: {str(wanted).lower()}' in the outermost spec",
                )

    def _names(self, form: dict[str, Any], prefix: str, at: str) -> dict[str, str]:
        """Map every name that a guide may use to its ref."""
        names = {f"{_RAW}image": f"{prefix}@image"}
        for name in form.get("inputs", {}):
            names[f"{_RAW}{name}"] = f"{prefix}@{name}"
        if "saliency" in form:
            names[f"{_RAW}saliency"] = f"{prefix}@saliency"
        for table in ("streams", "derive"):
            for name in form.get(table, {}):
                if name in names or name in ("decoder", "source"):
                    self.problems.add(f"{at}{table}.{name}", f"the name {name!r} is taken")
                names[name] = f"{prefix}{name}"
        if "decoder" in form:
            names["decoder"] = f"{prefix}decoder"
        return names

    def _sources(self, form: dict[str, Any], prefix: str, at: str) -> None:
        self.sources[f"{prefix}@image"] = Source(type="image")
        self.sources[f"{prefix}@saliency"] = Source(type="saliency")
        for name, entry in form.get("inputs", {}).items():
            if name in ("image", "saliency"):
                self.problems.add(f"{at}inputs.{name}", f"the name {name!r} is taken")
            if prefix:
                self.problems.add(
                    f"{at}inputs.{name}",
                    "a nested pipeline cannot ask for inputs beside its picture",
                )
            self.sources[f"{prefix}@{name}"] = Source(**entry)

    def _stream(
        self, name: str, entry: dict[str, Any], prefix: str, at: str, names: dict[str, str]
    ) -> None:
        ref = f"{prefix}{name}"
        self.where[ref] = at
        source = f"{prefix}@{entry['from']}"
        if entry["from"] == "saliency" and not self.decodes_only and prefix not in self.saliency:
            self.problems.add(
                f"{at}.from", "the spec has no saliency source", "say 'saliency: {use: ...}'"
            )
        if source not in self.sources:
            known = [s.rpartition("@")[2] for s in self.sources if s.startswith(f"{prefix}@")]
            self.problems.unknown(f"{at}.from", "source", entry["from"], known)
        stages: list[Node] = []
        inner = None
        kept = 0
        for index, stage in enumerate(entry["stages"]):
            here = f"{at}.stages.{index}"
            place = f"{prefix}{name}.stages.{index}"
            if inner is not None:
                self.problems.add(here, "a pipeline as a stage must be the last one")
            if stage["use"] == PIPELINE:
                inner = self.namespace(stage["of"], f"{ref}/", f"{here}.of.")
                continue
            node = self._node(stage, place, here, ("transform", "quantizer"), names, kept)
            if node:
                stages.append(node)
                kept += not getattr(node.component, "encode_only", False)
        model = self._slot(entry, "model", prefix, name, at, names)
        coder = self._slot(entry, "coder", prefix, name, at, names)
        if inner is not None and (model or coder):
            self.problems.add(at, "a nested pipeline codes itself; drop 'model' and 'coder'")
        self.streams[ref] = Stream(
            name=ref, source=source, stages=tuple(stages), model=model, coder=coder, inner=inner
        )

    def _slot(
        self,
        entry: dict[str, Any],
        slot: str,
        prefix: str,
        name: str,
        at: str,
        names: dict[str, str],
    ) -> Node | None:
        if slot not in entry:
            return None
        return self._node(entry[slot], f"{prefix}{name}.{slot}", f"{at}.{slot}", (slot,), names)

    def _derived(
        self,
        name: str,
        entry: dict[str, Any],
        prefix: str,
        at: str,
        path: str,
        names: dict[str, str],
    ) -> None:
        kinds = ("decoder",) if name == "decoder" else ("decoder", "saliency")
        node = self._node(entry, f"{prefix}{path}", at, kinds, names)
        self.where[f"{prefix}{name}"] = at
        if node:
            self.derive[f"{prefix}{name}"] = node

    def _node(
        self,
        entry: dict[str, Any],
        place: str,
        at: str,
        kinds: tuple[str, ...],
        names: dict[str, str],
        kept: int | None = None,
    ) -> Node | None:
        """Build the component of one place; ``kept`` is its index among the decoder's stages."""
        component = self.component(entry, at, kinds)
        if component is None:
            return None
        if "of" in entry:
            self.problems.add(f"{at}.of", f"only 'use: {PIPELINE}' takes a pipeline")
        key = "inputs" if kinds[0] == "decoder" else "guides"
        path = place
        if kept is not None:
            stem, _, index = place.rpartition(".")
            path = (
                f"{stem}.filter-{index}"
                if getattr(component, "encode_only", False)
                else f"{stem}.{kept}"
            )
        use = entry["use"].partition("@")[0]
        node = Node(
            path=path,
            use=use,
            component=component,
            guides=self._guides(entry, component, key, at, names),
        )
        self.where[path] = at
        self.placed[place] = node
        return node

    def component(self, entry: Any, at: str, kinds: tuple[str, ...]) -> Parametric | None:
        from semcodec.discovery import catalog

        if isinstance(entry, str):
            entry = {"use": entry}
        if not isinstance(entry, dict) or not isinstance(entry.get("use"), str):
            self.problems.add(
                at, f"expected a mapping with 'use' or a component's id, got {kind_name(entry)}"
            )
            return None
        match = _USE.fullmatch(entry["use"])
        if match is None:
            self.problems.add(
                f"{at}.use",
                f"expected a component's id, alone or as id@FORMAT, got {entry['use']!r}",
            )
            return None
        use, number = match["id"], match["format"]
        try:
            cls = catalog().component(use)
        except PluginError as error:
            self.problems.add(f"{at}.use", str(error.args[0]), error.hint)
            return None
        if cls.kind not in kinds:
            self.problems.add(
                f"{at}.use", f"expected a {' or '.join(kinds)}, {use!r} is a {cls.kind}"
            )
            return None
        if number:
            try:
                cls = of_format(cls, int(number))
            except ValueError as error:
                upgrade = catalog().entry(use).provider.upgrade
                self.problems.add(f"{at}.use", f"{use!r}: {error}", upgrade)
                return None
        return build(
            cls,
            entry,
            at,
            self.problems,
            self._nested,
        )

    def _nested(self, entry: Any, at: str, kind: str) -> Parametric | None:
        """Build a component that is the parameter of another."""
        for key in ("guides", "inputs", "of"):
            if isinstance(entry, dict) and key in entry:
                self.problems.add(f"{at}.{key}", f"a component inside another takes no {key!r}")
        return self.component(entry, at, (kind,))

    def _guides(
        self,
        entry: dict[str, Any],
        component: Parametric,
        key: str,
        at: str,
        names: dict[str, str],
    ) -> Mapping[str, str]:
        ports = dict(component.ports)
        wrong = "guides" if key == "inputs" else "inputs"
        if entry.get(wrong):
            self.problems.add(f"{at}.{wrong}", f"a {component.kind} takes {key!r} here")
        if isinstance(component, SaliencySource) and key == "inputs":
            ports["image"] = None
        guides = {}
        for port, name in (entry.get(key) or {}).items():
            here = f"{at}.{key}.{port}"
            if port not in ports:
                self.problems.add(here, f"no port {port!r}", nearest(port, ports))
            elif name not in names:
                self.problems.unknown(here, "value", name, names)
            elif key == "guides" and at.rpartition(".")[2] == "saliency" == name[len(_RAW) :]:
                self.problems.add(here, "the saliency source cannot guide itself")
            else:
                guides[port] = names[name]
        return MappingProxyType(guides)

    def _output(self, form: dict[str, Any], prefix: str, at: str, names: dict[str, str]) -> str:
        wanted = output_name(form)
        ref = names.get(wanted, "")
        if not ref or "@" in ref:
            hint = nearest(wanted, [n for n, r in names.items() if "@" not in r])
            self.problems.add(f"{at}output", f"no decoded value is called {wanted!r}", hint)
        return ref
