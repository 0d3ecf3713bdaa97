"""The codecs of a compare file: an explicit list, and a base with everything that is swapped."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

from semcodec.compare.model import Entry, Rate, file_name
from semcodec.spec.problems import Problems
from semcodec.spec.sources import is_path
from semcodec.spec.text import kind_name

__all__ = ["MAX_CELLS", "entries"]

MAX_CELLS = 4096
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=,@~-]{0,119}")
_CODEC = ("label", "rates", "set", "swap", "use")

Rates: TypeAlias = Callable[[Any, str], tuple[Rate, ...]]
Axis: TypeAlias = "list[tuple[str, str, Any]]"


def entries(
    data: Mapping[str, Any], problems: Problems, path: Callable[[str], str], rates: Rates
) -> list[Entry]:
    """List the codecs to compare.

    The matrix holds the base itself and every combination of what ``swap`` and ``set`` list, each
    address also keeping the base's own.

    Args:
        data: the compare file.
        problems: takes what is wrong.
        path: makes a path of the file absolute.
        rates: reads a mapping of rates.
    """
    found = [*_listed(data, problems, path, rates), *_matrix(data, problems, path)]
    kept = list(_without(found, data.get("exclude", []), problems))
    seen: dict[str, str] = {}
    for entry in kept:
        # Folders are named after cells, and some file systems fold case.
        other = seen.setdefault(entry.name.casefold(), entry.path)
        if other != entry.path:
            hint = "give one a 'label'"
            problems.add(entry.path, f"two codecs are called {entry.name!r}", hint)
    if not kept and not problems.found:
        problems.add("codecs", "expected at least one codec, under 'codecs' or 'base'")
    return kept


def _listed(
    data: Mapping[str, Any], problems: Problems, path: Callable[[str], str], rates: Rates
) -> Iterator[Entry]:
    listed = data.get("codecs", [])
    if not isinstance(listed, list):
        problems.add("codecs", f"expected a list of codecs, got {kind_name(listed)}")
        return
    for index, given in enumerate(listed):
        where = f"codecs.{index}"
        if isinstance(given, dict) and "semcodec" in given:
            given = {"use": given}
        node = {"use": given} if isinstance(given, str) else given
        if not isinstance(node, dict) or not isinstance(node.get("use"), (str, dict)):
            problems.add(where, "expected a name, a path, a spec, or a mapping with 'use'")
            continue
        for key in node:
            if key not in _CODEC:
                problems.unknown(f"{where}.{key}", "key", key, _CODEC)
        changes = {key: _mapping(node.get(key, {}), f"{where}.{key}", problems) for key in _CHANGES}
        spec, name = _spec(node["use"], path)
        name += _suffix([*_axes(changes["swap"]), *_axes(changes["set"])])
        yield Entry(
            name=_label(node.get("label", file_name(name)), where, problems),
            spec=spec,
            rates=rates(node["rates"], f"{where}.rates") if "rates" in node else None,
            path=where,
            **changes,
        )


_CHANGES = ("set", "swap")


def _matrix(
    data: Mapping[str, Any], problems: Problems, path: Callable[[str], str]
) -> Iterator[Entry]:
    axes: list[Axis] = []
    for kind in ("swap", "set"):
        for address, values in _mapping(data.get(kind, {}), kind, problems).items():
            if not isinstance(values, list) or not values:
                problems.add(f"{kind}.{address}", "expected a list of what to put there")
                continue
            axes.append([(kind, address, value) for value in values])
    if "base" not in data:
        for kind in _CHANGES:
            if kind in data:
                problems.add(kind, "needs a 'base' to change")
        return
    if not isinstance(data["base"], (str, dict)):
        problems.add("base", f"expected a name, a path or a spec, got {kind_name(data['base'])}")
        return
    spec, name = _spec(data["base"], path)
    cells = 1
    for axis in axes:
        cells *= len(axis) + 1
    if cells > MAX_CELLS:
        problems.add("swap", f"expected at most {MAX_CELLS} combinations, got {cells}")
        return
    for chosen in product(*([None, *axis] for axis in axes)):
        changes = [change for change in chosen if change is not None]
        yield Entry(
            name=_label(
                file_name(name) + _suffix([(a, v) for _, a, v in changes]), "base", problems
            ),
            spec=spec,
            set={a: v for kind, a, v in changes if kind == "set"},
            swap={a: v for kind, a, v in changes if kind == "swap"},
            path="base" + "".join(f".{a}={_shown(v)}" for _, a, v in changes),
        )


def _without(found: list[Entry], exclude: Any, problems: Problems) -> Iterator[Entry]:
    """Leave out what is excluded; an exclusion that meets nothing is a mistake."""
    if not isinstance(exclude, list):
        problems.add("exclude", f"expected a list, got {kind_name(exclude)}")
        exclude = []
    out: set[str] = set()
    for index, rule in enumerate(exclude):
        met = [entry.path for entry in found if _meets(entry, rule)]
        if not met:
            said = "meets no codec: a pattern of names, or a mapping of addresses to what is there"
            names = ", ".join(entry.name for entry in found[:8])
            problems.add(f"exclude.{index}", said, f"names: {names}")
        out.update(met)
    return (entry for entry in found if entry.path not in out)


def _meets(entry: Entry, rule: Any) -> bool:
    if isinstance(rule, str):
        return fnmatch.fnmatchcase(entry.name, rule)
    if not isinstance(rule, dict) or not rule:
        return False
    changes = {**entry.set, **entry.swap}
    return all(_same(changes.get(address), value) for address, value in rule.items())


def _same(change: Any, value: Any) -> bool:
    used = change.get("use") if isinstance(change, dict) and isinstance(value, str) else change
    return bool(used == value)


def _spec(given: Any, path: Callable[[str], str]) -> tuple[Any, str]:
    """Give the spec and a name for it."""
    if isinstance(given, dict):
        return given, str(given.get("name") or "inline")
    if is_path(given):
        return path(given), re.split(r"[/\\]", given)[-1].rpartition(".")[0] or given
    return given, given


def _axes(changes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(changes.items())


def _suffix(changes: list[tuple[str, Any]]) -> str:
    if not changes:
        return ""
    return "+" + file_name(",".join(f"{address}={_shown(value)}" for address, value in changes))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        rest = [f"{k}={_shown(v)}" for k, v in value.items() if k != "use"]
        return ",".join([str(value.get("use", "")), *rest]).strip(",")
    if isinstance(value, list):
        return ",".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(name: Any, where: str, problems: Problems) -> str:
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    hint = "letters, digits and any of . _ + = , @ ~ -, at most 120; give a 'label'"
    problems.add(where, f"expected a name fit for a folder, got {str(name)!r:.160}", hint)
    return "unnamed"


def _mapping(given: Any, where: str, problems: Problems) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    problems.add(where, f"expected a mapping of addresses, got {kind_name(given)}")
    return {}
