"""The machine code of the kernels, kept on disk.

An entry is found by everything that it depends on: all sources beside the kernel's, its name, the
kinds of its arguments, the processor, numba and LLVM. So none is ever stale.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

__all__ = ["Kept", "Place", "sources_of", "writable_folder"]

_FOLDER = Path(__file__).parent
SUM = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Kept:
    """Machine code.

    Attributes:
        symbol: name of the function in it.
        result: what that returns, as :data:`semcodec.coding.native.Result` says.
        code: an object file.
    """

    symbol: str
    result: Any
    code: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where the machine code of one kernel, for one kind of arguments, is kept.

    Attributes:
        stem: start of the file's name; of the files that share it only one is ever needed.
        version: the rest of it, which changes with the sources.
    """

    stem: str
    version: str

    @classmethod
    def of(cls, function: Callable[..., Any], signature: str, version: str) -> Place:
        """Find the place of a kernel's machine code; the version is from ``sources_of``."""
        kind = f"{function.__module__}.{function.__qualname__}({signature})"
        return cls(f"{function.__name__}-{_digest(kind, _machine())}", version)

    def read(self) -> Kept | None:
        """Give what is kept there; None if nothing is, or it was damaged."""
        for folder in _folders():
            with suppress(OSError, ValueError, KeyError):
                data = (folder / self._name).read_bytes()
                head, _, code = data[SUM:].partition(b"\n")
                if hashlib.sha256(data[SUM:]).digest() == data[:SUM]:
                    facts = json.loads(head)
                    return Kept(facts["symbol"], facts["result"], code)
        return None

    def write(self, kept: Kept) -> None:
        """Keep machine code in the first folder that can be written, in place of older versions."""
        head = json.dumps({"symbol": kept.symbol, "result": kept.result}).encode()
        content = head + b"\n" + kept.code
        folder = writable_folder()
        if folder is None:
            return
        with suppress(OSError):
            temporary = folder / f".{secrets.token_hex(8)}.part"
            temporary.write_bytes(hashlib.sha256(content).digest() + content)
            temporary.replace(folder / self._name)
            for other in folder.glob(f"{self.stem}-*.kernel"):
                if other.name != self._name:
                    other.unlink(missing_ok=True)

    @property
    def _name(self) -> str:
        return f"{self.stem}-{self.version}.kernel"


def writable_folder() -> Path | None:
    """Give the folder where machine code is kept; None if no folder can be written."""
    for folder in _folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    return None


def _folders() -> Iterator[Path]:
    """List where machine code may be: where numba would keep it, or in a folder of the user."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(os.environ["NUMBA_CACHE_DIR"])
        return
    yield _FOLDER / "__pycache__"
    with suppress(RuntimeError):  # there may be no home
        named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
        yield (Path(named) if named else Path.home() / ".cache") / "semcodec"


@cache
def _machine() -> str:
    """Describe what else machine code depends on: the processor and the compiler."""
    import llvmlite
    from llvmlite import binding as llvm

    spec = find_spec("numba")
    version = b""
    if spec is not None and spec.origin is not None:
        # Asking numba itself would import it.
        version = (Path(spec.origin).parent / "_version.py").read_bytes()
    return _digest(
        llvmlite.__version__,
        version.hex(),
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
    )


def sources_of(function: Callable[..., Any]) -> str:
    """Give a digest of all sources beside a function's and beside this one.

    To be asked while the function's module is imported: a source may change later, and what runs
    then is still the old one.
    """
    own = Path(function.__code__.co_filename).parent
    return _digest(*map(_sources, sorted({_FOLDER, own})))


@cache
def _sources(folder: Path) -> str:
    files = sorted(folder.glob("*.py*"))  # or compiled ones, where the sources were left out
    return _digest(*(path.read_bytes().hex() for path in files if path.is_file()))


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
