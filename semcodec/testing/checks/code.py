"""Level 0: the class, and the module that it stands in."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import semcodec
from semcodec.testing.check import COMPONENTS, Fault, NotApplicable, check
from semcodec.testing.lines import line_of, short_path

__all__: list[str] = []

HEAVY = (
    "cv2",
    "compressai",
    "diffusers",
    "jax",
    "matplotlib",
    "open_clip",
    "pandas",
    "segment_anything",
    "skimage",
    "sklearn",
    "tensorflow",
    "torch",
    "torchvision",
    "transformers",
)
"""Packages that take a second or a gigabyte; they belong inside the methods that need them."""
RATIO = 3.0
"""Most processor time of an import, in that of the kinds, NumPy and Python itself."""
_ROUNDS = 2
_IMPORT = """
import importlib, sys, time
importlib.import_module(sys.argv[1])
print(time.process_time(), *sys.modules)
"""


@check(0, COMPONENTS)
def imports(subject: Any) -> None:
    """The module of the component imports, and holds what the plugin lists."""
    assert subject.cls


@check(0, COMPONENTS)
def right_kind(subject: Any) -> None:
    """The class is a component, made by @component, of the kind that it is tested as."""
    assert subject.cls


@check(0, COMPONENTS)
def fields_annotated(subject: Any) -> None:
    """Every field has an annotation: without one it would silently be no parameter."""
    annotated = {n for base in subject.cls.__mro__ for n in inspect.get_annotations(base)}
    contracts = [base for base in subject.cls.__mro__ if base.__module__.startswith("semcodec.co")]
    known = annotated | {name for base in contracts for name in vars(base)}
    for base in subject.cls.__mro__:
        if base in contracts or base.__module__ in ("builtins", "abc", "typing"):
            continue
        for name, value in vars(base).items():
            described = hasattr(type(value), "__get__") or isinstance(value, type)
            if not (name.startswith("_") or name in known or described):
                raise Fault(
                    f"{base.__name__}.{name} has no annotation, so no spec can set it; "
                    f"write {name}: TYPE = ..., or ClassVar[TYPE] for what is no parameter",
                    line_of(base, name),
                )


@check(0, COMPONENTS)
def imports_light(subject: Any) -> None:
    """Importing the component's module imports no heavy package."""
    module = _importable(subject)
    loaded = {name.partition(".")[0] for name in _measured(module)[1]}
    heavy = sorted(loaded & set(HEAVY) - {module.partition(".")[0]})
    if heavy:
        raise Fault(
            f"importing {module} imports {', '.join(heavy)}; import it inside the methods",
            _import_line(subject.home, heavy[0]) or subject.where(),
        )


@check(0, COMPONENTS)
def imports_fast(subject: Any) -> None:
    """Importing the component's module takes at most 3 times as long as the kinds and NumPy do."""
    module = _importable(subject)
    found, loaded = _measured(module)
    heavy = {name.partition(".")[0] for name in loaded} & set(HEAVY)
    if heavy:
        raise NotApplicable("see imports-light: it imports a heavy package")
    bare = _measured("semcodec.contracts.kinds")[0]
    for _ in range(_ROUNDS):  # other work on the machine only ever adds to the time
        if found <= RATIO * bare:
            return
        found = min(found, _import(module)[0])
        bare = max(bare, _import("semcodec.contracts.kinds")[0])
    raise Fault(
        f"importing {module} takes {found:.2f} s of processor time, {found / bare:.1f} times what "
        f"the component kinds and NumPy take (at most {RATIO:g})",
        subject.where(),
    )


def _importable(subject: Any) -> str:
    assert subject.cls
    return str(subject.known_as()["target"].partition(":")[0])


@cache
def _measured(module: str) -> tuple[float, tuple[str, ...]]:
    _import(module)  # writes the bytecode
    return _import(module)


def _import(module: str) -> tuple[float, tuple[str, ...]]:
    root = str(Path(semcodec.__file__).parents[1])
    path = os.pathsep.join([root, *filter(None, sys.path)])
    # Idle threads of linear algebra spin, which would count as work.
    settings = {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    made = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", _IMPORT, module],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        words = made.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise Fault(f"{module} does not import in a process of its own: {words[0]}")
    seconds, *loaded = made.stdout.splitlines()[-1].split()
    return float(seconds), tuple(loaded)


def _import_line(home: str, package: str) -> str:
    """Find the line of a package's source that imports another at the top of a module."""
    folder = Path(home)
    for file in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            words = line.split()
            if words[:1] in (["import"], ["from"]) and words[1].partition(".")[0] == package:
                return short_path(file, number)
    return ""
