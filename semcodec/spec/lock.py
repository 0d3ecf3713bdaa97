"""Locks and digests: what a spec means, with nothing left to default.

Two projections of a pipeline exist. The **full** one holds every parameter of every component. The
**decode** one holds what a decoder uses and no more: encoder-only parts, parameters and guides are
gone, and so is every parameter that equals its format's default, so that adding an optional
parameter changes no digest. Nested components and weights are always written, because what a
default says of them (a format, a hash) may change without the component around them. The decode
projection alone rebuilds a decoder; it is what a private codec's file carries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from semcodec.contracts.params import Parameter, Parametric, parameters
from semcodec.errors import SettingError
from semcodec.graph.model import Control, Pipeline, Setting, namespace
from semcodec.spec.canonical import canonical, digest
from semcodec.spec.compose import PIPELINE
from semcodec.spec.form import output_name
from semcodec.spec.params import dump, is_default

__all__ = [
    "decode_digest",
    "decode_form",
    "full_digest",
    "full_form",
    "identity",
    "lock_text",
    "used",
]


# What YAML takes for line breaks or refuses although JSON does neither.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def full_form(pipeline: Pipeline) -> dict[str, Any]:
    """Give the resolved general form: every parameter written out, every format pinned."""
    return _Writer(pipeline, full=True).form(pipeline.form, "")


def decode_form(pipeline: Pipeline) -> dict[str, Any]:
    """Give the decoder's half of the resolved form."""
    return _Writer(pipeline, full=False).form(pipeline.form, "")


def decode_digest(pipeline: Pipeline) -> bytes:
    """SHA-256 over what decoded pixels depend on; 32 bytes.

    Names, controls (whose defaults are parameters) and the places where weights are kept are left
    out; the weights' hashes stay.
    """
    return identity(decode_form(pipeline))


def identity(form: dict[str, Any]) -> bytes:
    """The digest of a decode form."""
    return digest(_identity(form))


def full_digest(pipeline: Pipeline) -> bytes:
    """SHA-256 over the full form, for provenance in results; 32 bytes."""
    return digest(_without_places(full_form(pipeline)))


def lock_text(pipeline: Pipeline) -> str:
    """Write the lock file: the full form and both digests, as JSON that people can read."""
    form = full_form(pipeline)
    form["lock"] = {
        "decode": decode_digest(pipeline).hex(),
        "full": full_digest(pipeline).hex(),
    }
    ordered = json.loads(canonical(form))
    text = json.dumps(ordered, indent=1, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _identity(form: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what names a form or moves its defaults; a node may have keys of these names."""
    kept = {k: v for k, v in form.items() if k not in ("name", "controls")}
    if isinstance(kept.get("streams"), Mapping):
        kept["streams"] = {name: _stream(stream) for name, stream in kept["streams"].items()}
    return {key: _without_places(value) for key, value in kept.items()}


def _stream(stream: Any) -> Any:
    if not isinstance(stream, Mapping) or not isinstance(stream.get("stages"), list):
        return stream  # not as a decode form has it; hash what there is
    return {**stream, "stages": [_stage(stage) for stage in stream["stages"]]}


def _stage(stage: Any) -> Any:
    nested = isinstance(stage, Mapping) and stage.get("use") == PIPELINE
    if nested and isinstance(stage.get("of"), Mapping):
        return {**stage, "of": _identity(stage["of"])}
    return stage


def _without_places(form: Any) -> Any:
    if isinstance(form, Mapping):
        kept = ["sha256"] if _is_weights(form) else list(form)
        return {key: _without_places(form[key]) for key in kept}
    if isinstance(form, list):
        return [_without_places(item) for item in form]
    return form


def _is_weights(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"uri", "sha256"}


def _holds_weights(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_weights, value))
    return _is_weights(value)


class _Writer:
    """Writes one projection of a pipeline, nested pipelines in place."""

    def __init__(self, pipeline: Pipeline, *, full: bool) -> None:
        self.pipeline = pipeline
        self.full = full
        self.place = {node.path: place for place, node in pipeline.places.items()}
        self.moved = {(s.target.node, s.target.name): s for s in pipeline.wire}
        self.used = used(pipeline)
        self.seed_moved = ("", "seed") in self.moved

    def form(self, form: dict[str, Any], prefix: str) -> dict[str, Any]:
        made: dict[str, Any] = {"semcodec": form["semcodec"]}
        copied = (
            ("name", "description", "output", "seed", "check")
            if self.full
            else ("name", "output", "seed", "check")
        )
        made.update({key: form[key] for key in copied if key in form})
        # Only the outermost form's seed and check count, and a seed on the wire is no constant.
        outer = self.full or not prefix
        if made.get("seed") == "payload" or not (outer and (self.full or not self.seed_moved)):
            made.pop("seed", None)
        if made.get("check") is False or not outer:
            made.pop("check", None)
        streams = {
            name: self.stream(entry, f"{prefix}{name}", f"{prefix}{name}")
            for name, entry in form.get("streams", {}).items()
        }
        if streams:
            made["streams"] = streams
        if self.full and "saliency" in form:
            made["saliency"] = self.node(f"{prefix}saliency", "guides", prefix)
        derive = {
            name: self.node(f"{prefix}derive.{name}", "inputs", prefix)
            for name in form.get("derive", {})
            if self.full or f"{prefix}{name}" in self.used
        }
        if derive:
            made["derive"] = derive
        if "decoder" in form and (self.full or f"{prefix}decoder" in self.used):
            made["decoder"] = self.node(f"{prefix}decoder", "inputs", prefix)
        if not self.full and "output" in made:
            output = made.pop("output")
            if output != output_name(made):
                made["output"] = output
        inputs = self.inputs(form)
        if inputs:
            made["inputs"] = inputs
        made.update(self.settings(prefix))
        return made

    def stream(self, entry: dict[str, Any], ref: str, place: str) -> dict[str, Any]:
        stream = self.pipeline.streams[ref]
        nodes = stream.stages if self.full else stream.kept
        prefix = namespace(stream.source)
        stages = [self.node(self.place[node.path], "guides", prefix) for node in nodes]
        if stream.inner is not None:
            inner = next(s["of"] for s in entry["stages"] if s["use"] == PIPELINE)
            stages.append({"use": PIPELINE, "of": self.form(inner, f"{ref}/")})
        made: dict[str, Any] = {"from": entry["from"], "stages": stages}
        for slot in ("model", "coder"):
            if slot in entry:
                made[slot] = self.node(f"{place}.{slot}", "guides", prefix)
        return made

    def node(self, place: str, ports: str, prefix: str) -> dict[str, Any]:
        node = self.pipeline.places[place]
        made = self.component(node.use, node.component, node.path, "")
        guides = dict(node.guides) if self.full else node.both()
        if guides:
            made[ports] = {port: self.name(ref, prefix) for port, ref in guides.items()}
        return made

    def name(self, ref: str, prefix: str) -> str:
        local = ref[len(prefix) :]
        return f"source.{local[1:]}" if local.startswith("@") else local

    def component(self, use: str, component: Parametric, path: str, outer: str) -> dict[str, Any]:
        made: dict[str, Any] = {"use": f"{use}@{component.format}"}
        for parameter in parameters(type(component)):
            if not self.full and parameter.encode_only:
                continue
            name = f"{outer}{parameter.name}"
            value = getattr(component, parameter.name)
            setting = None if self.full else self.moved.get((path, name))
            if parameter.nested:
                if isinstance(value, Parametric):
                    made[parameter.name] = self.nested(value, path, f"{name}.")
                elif self.full or parameter.default is not None:
                    made[parameter.name] = None
            elif setting is not None:
                if not _on_grid(setting, parameter):
                    made[parameter.name] = _plain(setting.grid.value(0))
            else:
                written = dump(component, parameter)
                if self.full or _holds_weights(written) or not is_default(component, parameter):
                    made[parameter.name] = written
        return made

    def nested(self, component: Parametric, path: str, outer: str) -> dict[str, Any]:
        from semcodec.discovery import catalog

        return self.component(catalog().id_of(type(component)), component, path, outer)

    def inputs(self, form: dict[str, Any]) -> dict[str, Any]:
        wanted = {entry["from"] for entry in form.get("streams", {}).values()}
        listed = form.get("inputs", {})
        if self.full:
            return {name: dict(entry) for name, entry in listed.items()}
        return {name: _input(entry) for name, entry in listed.items() if name in wanted}

    def settings(self, prefix: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for table in ("wire", "encode", "controls") if self.full else ("wire", "controls"):
            items: tuple[Any, ...] = getattr(self.pipeline, table)
            entries = {
                item.name[len(prefix) :]: self.setting(item, prefix)
                for item in items
                if namespace(item.name) == prefix
            }
            if entries:
                made[table] = entries
        return made

    def setting(self, item: Setting | Control, prefix: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": self.address(item.target.node, item.target.name, prefix)}
        if isinstance(item, Control):
            entry.update(
                {k: v for k, v in (("min", item.low), ("max", item.high)) if v is not None}
            )
            if item.values:
                entry["values"] = _plain(item.values)
        else:
            grid = item.grid
            if grid.listed or (grid.rounded and not self.full):
                entry["values"] = _plain(grid.values)
            else:
                entry.update({"min": grid.low, "max": grid.high, "levels": grid.levels})
                if grid.log:
                    entry["scale"] = "log"
            if self.full and item.bytes:
                entry["bytes"] = item.bytes
        if self.full and item.doc:
            entry["doc"] = item.doc
        return entry

    def address(self, path: str, name: str, prefix: str) -> str:
        """Write a target's address as it holds inside the form being written."""
        if not path:
            return name
        local = (self.place[path] if self.full else path)[len(prefix) :]
        steps = []
        at = prefix
        while "/" in local:
            stream, _, local = local.partition("/")
            holder = self.pipeline.streams[f"{at}{stream}"]
            index = len(holder.stages if self.full else holder.kept)
            steps.append(f"{stream}.stages.{index}.of.")
            at = f"{at}{stream}/"
        return f"{''.join(steps)}{local}.{name}"


def _plain(value: Any) -> Any:
    """Data of the JSON kinds from what may hold tuples."""
    return json.loads(json.dumps(value))


def _on_grid(setting: Setting, parameter: Parameter) -> bool:
    """Whether a decoder that leaves a moved parameter out finds its default among the values."""
    if parameter.required:
        return False
    try:
        setting.grid.nearest(parameter.default)
    except SettingError:
        return parameter.default is None
    return True


def _input(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a decoder knows of an input: what its type says and only there differs."""
    key, default = {"text": ("limit", 2000), "labels": ("classes", 256)}.get(
        entry["type"], ("", None)
    )
    extra = {key: entry[key]} if key in entry and entry[key] != default else {}
    return {"type": entry["type"], **extra}


def used(pipeline: Pipeline) -> set[str]:
    """Refs that the decoder works out: all streams, and what they or the output depend on."""
    return pipeline.reached(pipeline.output, *pipeline.streams)
