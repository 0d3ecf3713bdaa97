"""Checks that the module of an entry point is light: every ``semcodec --help`` imports it."""

from __future__ import annotations

import ast
import json
import math
import tempfile
from collections.abc import Iterator

from semcodec.authoring.packaging.check import Fault, Finding, Skip, Subject
from semcodec.authoring.process import run_python

__all__ = ["HEAVY", "imports_light", "imports_quickly"]

HEAVY = frozenset(
    {
        "PIL",
        "compressai",
        "cv2",
        "diffusers",
        "huggingface_hub",
        "jax",
        "matplotlib",
        "numba",
        "numpy",
        "open_clip",
        "pandas",
        "pydantic",
        "rich",
        "safetensors",
        "scipy",
        "segment_anything",
        "skimage",
        "sklearn",
        "tensorflow",
        "torch",
        "torchvision",
        "transformers",
        "yaml",
    }
)
"""What ``semcodec --help`` does without, and so must every plugin's own module."""
SHARE = 1.0
"""Most processor time that importing it may take, of what starting an empty Python takes."""
ROUNDS = 5
_HOOKS = "import sys, semcodec.discovery.scan, semcodec.discovery.hookspecs"
_NAMES = f"{_HOOKS}, json; before = set(sys.modules); import {{}}; after = set(sys.modules)"


def imports_light(subject: Subject) -> Iterator[Finding]:
    """Importing the entry point's module imports none of the heavy packages."""
    for module in _importable(subject):
        code = _NAMES.format(module) + "; print('\\n' + json.dumps(sorted(after - before)))"
        done = run_python("-c", code, first=[subject.wheel.folder])
        if done.returncode:
            raise Skip(f"{module} does not import")
        new = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
        for name in sorted(new & HEAVY):
            yield Fault(
                f"importing {module} imports {name}, which every `semcodec --help` would pay for: "
                "import it in the component's own module or method",
                _import_line(subject, module, name),
            )


def imports_quickly(subject: Subject) -> Iterator[Finding]:
    """Importing the entry point's module takes no longer than starting an empty Python."""
    try:
        import resource
    except ImportError:
        raise Skip("processor time of child processes is not measured on this system") from None

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    for module in _importable(subject):
        with tempfile.TemporaryDirectory() as compiled:
            # As installed: with bytecode, of which the first round is the writing.
            surroundings = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
            lines = {"empty": "pass", "hooks": _HOOKS, "plugin": f"{_HOOKS}; import {module}"}
            least = dict.fromkeys(lines, math.inf)
            for turn in range(ROUNDS + 1):
                for name, code in lines.items():
                    before = used()
                    done = run_python(
                        "-c", code, first=[subject.wheel.folder], environment=surroundings
                    )
                    if done.returncode:
                        raise Skip(f"{module} does not import")
                    if turn:
                        least[name] = min(least[name], used() - before)
        share = (least["plugin"] - least["hooks"]) / least["empty"]
        if share > SHARE:
            yield Fault(
                f"importing {module} takes {share:.1f} times as long as starting Python, at most "
                f"{SHARE:g}: it should hold names only",
                _import_line(subject, module, ""),
            )


def _importable(subject: Subject) -> list[str]:
    if subject.found["claimed"]:
        raise Skip(f"prefix {subject.found['claimed'][0]!r} is claimed twice")
    return list(dict.fromkeys(subject.entries.values()))


def _import_line(subject: Subject, module: str, wanted: str) -> str:
    """Name the line that imports a package, or else the first that imports something of ours."""
    base = subject.wheel.folder.joinpath(*module.split("."))
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    if not file.exists():  # an extension module
        return ""
    lines: dict[str, int] = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                lines.setdefault(alias.name.partition(".")[0], node.lineno)
        elif isinstance(node, ast.ImportFrom):
            name = module if node.level else (node.module or "")
            lines.setdefault(name.partition(".")[0], node.lineno)
    line = lines.get(wanted) or lines.get(module.partition(".")[0]) or 1
    return subject.project.place(f"{file}:{line}", subject.wheel.folder)
