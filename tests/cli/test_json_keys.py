"""What ``--json`` prints is promised: keys are added, none is renamed, removed or given anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.cli.main import main

Shape = dict[str, Any]

OK = {"file": str, "digest": str, "width": int, "height": int, "seconds": float}
CHECK = {"subject": str, "state": str, "detail": str}
FOUND = {
    "kind": str, "name": str, "distribution": str, "status": str, "code": (int, type(None)),
    "installed": str, "install": str, "description": str,
}  # fmt: skip
PROBLEM = {"path": str, "message": str, "line": int, "hint": str}

PROMISED: dict[str, tuple[str, int, Shape]] = {
    # line, exit code, keys and types of the value; of a list, those of each item
    "encode": (
        "encode a.png -p flat-dct -o b.smc",
        0,
        {**OK, "bytes": int, "bpp": float, "codec": str, "settings": dict, "sections": dict,
         "trials": int},
    ),
    "decode": (
        "decode a.smc -o b.png",
        0,
        {**OK, "channels": int, "depth": int, "edited": bool},
    ),
    "compare": (
        "compare flat-dct --data . -o run --no-page",
        0,
        {
            "folder": str, "rows": int, "computed": int,
            "cells": [{"name": str, "status": str, "reason": str}],
            "summary": [
                {"cell": str, "rate": str, "count": int, "missed": int, "failed": int,
                 "bpp": float, "metrics": dict, "encode_seconds": float, "decode_seconds": float}
            ],
            "sets": list,
        },
    ),
    "diff": (
        "diff flat-dct roi-dct",
        0,
        {"a": str, "b": str, "differences": [{"address": str, "one": str, "other": str}],
         "same_decoder": (bool, type(None)), "verdict": str},
    ),
    "inspect": (
        "inspect a.smc",
        0,
        {
            "size": int, "form": str, "version": int, "codec": str, "code": (int, type(None)),
            "name": str, "provider": str, "status": str, "install": str, "digest": str,
            "width": int, "height": int, "channels": int, "depth": int, "settings": dict,
            "components": list, "parts": [{"name": str, "size": int}], "check": bool,
            "lock": (dict, type(None)), "note": str, "bpp": float,
        },
    ),
    "validate": (
        "validate flat-dct",
        0,
        {"valid": bool, "name": str, "digest": str, "code": (int, type(None))},
    ),
    "validate, refused": ("validate bad.yaml", 1, {"valid": bool, "problems": [PROBLEM]}),
    "validate, absent": ("validate no-such-name", 1, {"valid": bool, "problems": [PROBLEM]}),
    "show": ("show flat-dct --expand", 0, {"semcodec": int, "name": str, "streams": dict}),
    "plugins": (
        "plugins",
        0,
        {
            "plugins": [
                {"name": str, "distribution": str, "version": str, "module": str, "usable": bool,
                 "ids": list, "pipelines": list, "commands": list, "problems": list}
            ],
            "problems": list,
        },
    ),
    "components": (
        "components",
        0,
        {"components": [{"id": str, "kind": str, "distribution": str, "doc": str}],
         "broken": list, "problems": list},
    ),
    "info": (
        "info dct",
        0,
        {"id": str, "kind": str, "doc": str, "format": int, "determinism": str, "consumes": str,
         "produces": str, "ports": list, "parameters": [{"name": str, "type": str, "doc": str,
         "required": bool, "encode_only": bool}], "target": str},
    ),
    "info, pipeline": ("info flat-dct", 0, {"pipeline": str, "doc": str}),
    "doctor": ("doctor", None, {"broken": int, "checks": [CHECK]}),  # type: ignore[dict-item]
    "registry": ("registry", 0, {"found": [FOUND]}),
    "registry search": ("registry search dct", 0, {"found": [FOUND]}),
    "registry show": (
        "registry show 2",
        0,
        {"entries": [{"pipeline": str, "code": int, "provider": str, "digest": str,
                      "sections": list, "wire": dict, "status": str, "description": str,
                      "install": str}]},
    ),
    "registry show, prefix": (
        "registry show anchors",
        0,
        {"entries": [{"prefix": str, "distribution": str, "home": str, "install": str,
                      "status": str, "description": str, "pipelines": list}]},
    ),
    "registry verify": ("registry verify", 0, {"register": str, "broken": int, "checks": [CHECK]}),
}  # fmt: skip


def missing(found: Any, wanted: Any, place: str = "") -> list[str]:
    """Name every promised key that is absent or of another type."""
    if isinstance(wanted, list):
        items = found if isinstance(found, list) else [None]
        faults = [missing(item, wanted[0], f"{place}[]") for item in items]
        return sorted({fault for each in faults for fault in each})
    if not isinstance(wanted, dict):
        return [] if isinstance(found, wanted) else [f"{place}: {type(found).__name__}"]
    if not isinstance(found, dict):
        return [f"{place}: {type(found).__name__}"]
    return [
        fault
        for key, kind in wanted.items()
        for fault in (
            missing(found[key], kind, f"{place}.{key}") if key in found else [f"{place}.{key}"]
        )
    ]


@pytest.mark.parametrize(("line", "code", "keys"), PROMISED.values(), ids=PROMISED)
def test_promised_keys_are_there(
    line: str,
    code: int | None,
    keys: Shape,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    picture = np.zeros((16, 16, 3), dtype=np.uint8)
    semcodec.write_image(picture, "a.png")
    Path("a.smc").write_bytes(semcodec.load("flat-dct").encode(picture))
    Path("bad.yaml").write_text("semcodec: 1\nname: bad\ncolour: red\n")
    found = main([*line.split(), "--json"])
    assert code in (None, found)
    assert missing(json.loads(capsys.readouterr().out), keys) == []


def test_an_absent_key_is_noticed() -> None:
    wanted = {"a": int, "b": [{"c": str}]}
    assert missing({"a": 1, "b": [{"c": "x", "d": 1}], "e": 2}, wanted) == []
    assert missing({"b": [{"c": 1}, {}]}, wanted) == [".a", ".b[].c", ".b[].c: int"]
    assert missing({"a": "1", "b": {}}, wanted) == [".a: str", ".b[]: NoneType"]


def test_every_command_with_json_is_promised() -> None:
    from semcodec.builtin import COMMANDS
    from semcodec.discovery.entries import CommandEntry, Provider

    def takes_json(command: Any) -> bool:
        return any("--json" in getattr(option, "opts", ()) for option in command.params)

    entries = {ref.name: CommandEntry(ref, Provider("", "")).load() for ref in COMMANDS}
    promised = {line.split()[0] for line, _, _ in PROMISED.values()}
    assert {name for name, command in entries.items() if takes_json(command)} == promised
