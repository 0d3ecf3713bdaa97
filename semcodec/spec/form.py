"""The two written forms of a spec, and the one general form that everything else works on.

The short form describes one stream by its stages; ``general`` turns it into the long form and
checks the structure of both: which keys, which kinds of values. It knows no component.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from semcodec.spec.problems import Problems
from semcodec.spec.text import Document, kind_name

__all__ = [
    "GENERAL_KEYS",
    "NAME",
    "SCHEMA_VERSION",
    "general",
    "header",
    "line_paths",
    "output_name",
]

SCHEMA_VERSION = 1
MAX_ENTRIES = 64
"""Most streams, derived values, inputs, settings and stages of one form."""
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

SHORT_KEYS = ("transform", "quantizer", "model", "coder")
COMMON_KEYS = (
    "semcodec",
    "name",
    "description",
    "inputs",
    "saliency",
    "derive",
    "decoder",
    "output",
    "wire",
    "encode",
    "controls",
    "seed",
    "check",
)
GENERAL_KEYS = (*COMMON_KEYS, "streams")
STREAM_KEYS = ("from", "stages", "model", "coder")
INPUT_TYPES = ("text", "labels", "map", "image")
INPUT_KEYS = ("type", "limit", "classes")
GRID_KEYS = ("path", "min", "max", "levels", "scale", "values", "bytes", "doc")
CONTROL_KEYS = ("path", "min", "max", "values", "doc")
CANDIDATE_KEYS = ("semcodec", "name", "description", "candidates", "choose")
# A stream of such a name could not be told from what its addresses begin with.
TAKEN = frozenset({*COMMON_KEYS, *SHORT_KEYS, "streams", "stages", "source"})
EXTENDS_KEYS = ("semcodec", "name", "description", "extends", "set", "swap")


def general(document: Document, problems: Problems) -> dict[str, Any]:
    """Check a spec's structure and give its general form; the document is left as it is.

    Args:
        document: a spec without ``extends`` and without ``candidates``.
        problems: takes what is wrong; the result is only meaningful while it stays empty.
    """
    data = dict(document.data)
    short = [key for key in SHORT_KEYS if key in data]
    allowed = (*COMMON_KEYS, "lock", *(SHORT_KEYS if short else ("streams",)))
    if short and "streams" in data:
        problems.add("streams", f"stands beside {short[0]!r}; a spec is short or general, not both")
        allowed = (*allowed, "streams")
    _keys(data, allowed, "", problems)
    header(data, problems)
    if short:
        data["streams"] = {"image": _short_stream(data)}
    elif not data.get("streams") and not data.get("decoder"):
        problems.add("streams", "expected at least one stream")
    data["streams"] = _mapping(data, "streams", _stream, problems)
    data["derive"] = _mapping(data, "derive", _node, problems)
    data["inputs"] = _mapping(data, "inputs", _input, problems)
    data["wire"] = _mapping(data, "wire", _grid, problems)
    data["encode"] = _mapping(data, "encode", _grid, problems)
    data["controls"] = _mapping(data, "controls", _control, problems)
    for key in ("saliency", "decoder"):
        if key in data:
            data[key] = _node(data[key], key, problems)
    _scalars(data, problems)
    return {key: data[key] for key in GENERAL_KEYS if data.get(key) not in (None, {})}


def header(data: dict[str, Any], problems: Problems) -> None:
    """Check the keys that every kind of spec has."""
    version = data.get("semcodec")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        newer = isinstance(version, int) and not isinstance(version, bool) and version > 1
        hint = "pip install --upgrade semcodec" if newer else f"say 'semcodec: {SCHEMA_VERSION}'"
        problems.add("semcodec", f"expected {SCHEMA_VERSION}, got {version!r}", hint)
    if "name" in data and not (isinstance(data["name"], str) and NAME.fullmatch(data["name"])):
        problems.add("name", f"expected lower-case words joined by hyphens, got {data['name']!r}")
    if not isinstance(data.get("description", ""), str):
        problems.add("description", f"expected text, got {kind_name(data['description'])}")


def output_name(form: Mapping[str, Any]) -> str:
    """Name of the value that is the picture: as a form says, or as it goes without saying."""
    if form.get("output") is not None:
        return str(form["output"])
    if "decoder" in form:
        return "decoder"
    streams = list(form.get("streams", {}))
    return str(streams[0]) if len(streams) == 1 else "image"


def line_paths(lines: dict[str, int]) -> dict[str, int]:
    """Give the lines of a short form under the general form's paths as well."""
    moved = {}
    for path, line in lines.items():
        head, dot, rest = path.partition(".")
        slot = {"transform": "stages.0", "quantizer": "stages.1"}.get(head, head)
        if head == "quantizer" and "transform" not in lines:
            slot = "stages.0"
        if head in SHORT_KEYS:
            moved[f"streams.image.{slot}{dot}{rest}"] = line
    return {**lines, **moved}


def _short_stream(data: dict[str, Any]) -> dict[str, Any]:
    stream: dict[str, Any] = {
        "from": "image",
        "stages": [data.pop(key) for key in ("transform", "quantizer") if key in data],
    }
    for key in ("model", "coder"):
        if key in data:
            stream[key] = data.pop(key)
    return stream


def _keys(data: dict[str, Any], allowed: tuple[str, ...], path: str, problems: Problems) -> None:
    for key in data:
        if key not in allowed:
            problems.unknown(f"{path}.{key}" if path else key, "key", key, allowed)


def _mapping(
    data: dict[str, Any],
    key: str,
    check: Callable[[Any, str, Problems], Any],
    problems: Problems,
) -> dict[str, Any]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.add(key, f"expected a mapping of names, got {kind_name(value)}")
        return {}
    if len(value) > MAX_ENTRIES:
        problems.add(key, f"expected at most {MAX_ENTRIES} entries, got {len(value)}")
        return {}
    made = {}
    for name, entry in value.items():
        path = f"{key}.{name}"
        if not NAME.fullmatch(name):
            problems.add(path, f"expected a name of lower-case words, got {name!r}")
        elif key == "streams" and name in TAKEN:
            problems.add(path, f"a stream cannot be called {name!r}", "the spec has a key of it")
        made[name] = check(entry, path, problems)
    return made


def _is_mapping(value: Any, path: str, problems: Problems) -> bool:
    if isinstance(value, dict):
        return True
    problems.add(path, f"expected a mapping, got {kind_name(value)}")
    return False


def _stream(value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if not _is_mapping(value, path, problems):
        return {"from": "image", "stages": []}
    _keys(value, STREAM_KEYS, path, problems)
    source = value.get("from", "image")
    if not isinstance(source, str):
        problems.add(f"{path}.from", f"expected the name of a source, got {source!r}")
    stages = value.get("stages", [])
    if not isinstance(stages, list):
        problems.add(f"{path}.stages", f"expected a list of stages, got {kind_name(stages)}")
        stages = []
    if len(stages) > MAX_ENTRIES:
        problems.add(f"{path}.stages", f"expected at most {MAX_ENTRIES} stages")
        stages = []
    made: dict[str, Any] = {
        "from": source,
        "stages": [_node(s, f"{path}.stages.{i}", problems) for i, s in enumerate(stages)],
    }
    for key in ("model", "coder"):
        if value.get(key) is not None:
            made[key] = _node(value[key], f"{path}.{key}", problems)
    return made


def _node(value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if isinstance(value, str):
        return {"use": value}
    if not _is_mapping(value, path, problems):
        return {"use": ""}
    if not isinstance(value.get("use"), str):
        problems.add(path, "expected 'use' with the id of a component")
        return {**value, "use": ""}
    made = dict(value)
    for key in ("guides", "inputs"):
        if made.get(key) is None:
            made.pop(key, None)
            continue
        refs = made[key]
        if not isinstance(refs, dict) or not all(isinstance(r, str) for r in refs.values()):
            problems.add(f"{path}.{key}", "expected a mapping of ports to names of values")
            made[key] = {}
    return made


def _input(value: Any, path: str, problems: Problems) -> dict[str, Any]:
    made = {"type": value} if isinstance(value, str) else value
    if not _is_mapping(made, path, problems):
        return {"type": "text"}
    _keys(made, INPUT_KEYS, path, problems)
    if made.get("type") not in INPUT_TYPES:
        problems.unknown(f"{path}.type", "input type", str(made.get("type")), INPUT_TYPES)
    for key in ("limit", "classes"):
        number = made.get(key, 1)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 1 << 20:
            problems.add(
                f"{path}.{key}", f"expected a whole number from 1 to 2**20, got {number!r}"
            )
    return dict(made)


def _identity(value: Any) -> Any:
    """Tell values apart as a lock does: 1 and 1.0 are one number, and true is none."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return ("number", value) if number and value == value else repr(value)  # not NaN


def _grid(value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if not _is_mapping(value, path, problems):
        return {"path": ""}
    _keys(value, GRID_KEYS, path, problems)
    if not isinstance(value.get("path"), str):
        problems.add(path, "expected 'path' with the address of a parameter")
    if "values" in value:
        values = value["values"]
        if not isinstance(values, list) or not 2 <= len(values) <= 4096:
            problems.add(f"{path}.values", "expected a list of 2 to 4096 values")
        elif len(set(map(_identity, values))) != len(values):
            problems.add(f"{path}.values", "expected values that differ")
        for key in ("min", "max", "levels", "scale"):
            if key in value:
                problems.add(f"{path}.{key}", "stands beside 'values'; give one or the other")
    else:
        _range(value, path, problems)
    if value.get("bytes", "increasing") not in ("increasing", "decreasing", "scan"):
        problems.unknown(
            f"{path}.bytes", "direction", str(value["bytes"]), ("increasing", "decreasing", "scan")
        )
    _doc(value, path, problems)
    return dict(value)


def _range(value: dict[str, Any], path: str, problems: Problems) -> None:
    low: Any = value.get("min")
    high: Any = value.get("max")
    levels = value.get("levels")
    if not _number(low) or not _number(high) or not low < high:
        problems.add(path, f"expected 'min' below 'max', got {low!r} and {high!r}")
        return
    if isinstance(levels, bool) or not isinstance(levels, int) or not 2 <= levels <= 65536:
        problems.add(f"{path}.levels", f"expected a whole number from 2 to 65536, got {levels!r}")
    elif not math.isfinite(high - low):
        problems.add(path, f"expected a narrower range than from {low!r} to {high!r}")
    scale = value.get("scale", "linear")
    if scale not in ("linear", "log"):
        problems.unknown(f"{path}.scale", "scale", str(scale), ("linear", "log"))
    elif scale == "log" and low <= 0:
        problems.add(f"{path}.min", f"expected a positive number for a log scale, got {low!r}")
    elif scale == "log" and not (low > 1e-300 and high / low < 1e300):
        problems.add(path, f"expected a narrower range than from {low!r} to {high!r}")


def _control(value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if not _is_mapping(value, path, problems):
        return {"path": ""}
    _keys(value, CONTROL_KEYS, path, problems)
    if not isinstance(value.get("path"), str):
        problems.add(path, "expected 'path' with the address of a parameter")
    for key in ("min", "max"):
        if key in value and not _number(value[key]):
            problems.add(f"{path}.{key}", f"expected a number, got {value[key]!r}")
    if _number(value.get("min")) and _number(value.get("max")) and value["min"] > value["max"]:
        problems.add(path, f"expected 'min' up to 'max', got {value['min']} and {value['max']}")
    values = value.get("values", [0])
    if not isinstance(values, list) or not 1 <= len(values) <= 4096:
        problems.add(f"{path}.values", "expected a list of 1 to 4096 values")
    _doc(value, path, problems)
    return dict(value)


def _doc(value: dict[str, Any], path: str, problems: Problems) -> None:
    if not isinstance(value.get("doc", ""), str):
        problems.add(f"{path}.doc", f"expected text, got {kind_name(value['doc'])}")


def _scalars(data: dict[str, Any], problems: Problems) -> None:
    seed = data.get("seed", "payload")
    if seed != "payload" and (isinstance(seed, bool) or not isinstance(seed, int)):
        problems.add("seed", f"expected 'payload' or a whole number, got {seed!r}")
    elif isinstance(seed, int) and not 0 <= seed < 2**53:
        problems.add("seed", f"expected a number from 0 to 2**53 - 1, got {seed}")
    if not isinstance(data.get("check", False), bool):
        problems.add("check", f"expected true or false, got {data['check']!r}")
    if not isinstance(data.get("output", ""), str):
        problems.add("output", f"expected the name of a value, got {data['output']!r}")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
