"""Weights as arrays and tensors: safetensors only, found by URI, known by hash, read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.weights import Weights, open_weights
from semcodec.errors import WeightsError
from semcodec_torch.devices import Precision, device_of, dtype_of, require

__all__ = ["Arrays", "arrays", "file_weights", "find", "network", "read", "state", "write"]

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

_NAMES = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth", ".tar"})
_CONVERT = (
    "Save the tensors again, where the file came from: "
    "safetensors.torch.save_file(network.state_dict(), 'weights.safetensors')."
)


def find(weights: Weights, ctx: Context | None = None) -> Path:
    """Find a weights file, verify its hash, and refuse a pickle.

    Raises:
        WeightsError: it is absent, not what was promised, or a pickle: those run code when read.
    """
    path = open_weights(weights) if ctx is None else ctx.open_weights(weights)
    _refuse_pickles(path, weights.uri)
    return path


def _refuse_pickles(path: Path, name: str) -> None:
    with path.open("rb") as file:
        start = file.read(9)
    # safetensors starts with the length of its header, which may look like anything, and a brace.
    archive, bare = start.startswith(b"PK\x03\x04"), re.match(rb"\x80[\x02-\x05]", start)
    marked = (archive or bare) and start[8:] != b"{"
    if marked or Path(name).suffix.lower() in _NAMES:
        raise WeightsError(
            f"{name}: expected safetensors, got a pickle or a checkpoint of torch.save, which may "
            "run any code when it is read; it was not read",
            hint=_CONVERT,
        )


def read(path: Path) -> Arrays:
    """Read a safetensors file as NumPy arrays that cannot be written to.

    Raises:
        WeightsError: it is a pickle, damaged, or holds a dtype that NumPy lacks.
        PluginError: safetensors is missing.
    """
    _refuse_pickles(path, str(path))
    library = require("safetensors.numpy")
    try:
        found = library.load_file(path)
    except Exception as error:  # damaged headers raise nearly anything
        raise _damaged(str(path), error) from None
    for array in found.values():
        array.setflags(write=False)
    return MappingProxyType(found)


def _damaged(name: str, error: Exception) -> WeightsError:
    return WeightsError(
        f"{name}: expected a safetensors file, got {type(error).__name__}: "
        f"{str(error).partition(chr(10))[0]}",
        hint="It is damaged or of another format; fetch it again.",
    )


def write(path: Path, tensors: Arrays) -> str:
    """Write arrays as safetensors.

    Equal arrays give equal bytes by one version of safetensors, so that a checkpoint that is
    written again keeps its hash.

    Returns:
        The file's SHA-256 in hexadecimal, for :class:`~semcodec.contracts.weights.Weights`.
    """
    library = require("safetensors.numpy")
    # safetensors stores an array's memory, whatever its strides say.
    plain = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    path.write_bytes(library.save(plain))
    return file_weights(path).sha256


def file_weights(path: Path) -> Weights:
    """Name a local file, by its hash as it is now."""
    import hashlib

    return Weights(uri=f"file:{path}", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def arrays(weights: Weights, ctx: Context | None = None) -> Arrays:
    """Open weights as NumPy arrays; those of the last 16 files are kept.

    Args:
        weights: where they are, and their hash.
        ctx: the context of the call; None outside one.

    Raises:
        WeightsError: they cannot be found or read.
        PluginError: safetensors is missing.
    """
    return _arrays(find(weights, ctx), weights.sha256)


@lru_cache(maxsize=16)
def _arrays(path: Path, sha256: str) -> Arrays:
    return read(path)


def state(weights: Weights, ctx: Context) -> dict[str, Any]:
    """Open weights as a state dictionary of tensors on the context's device.

    Raises:
        WeightsError: they cannot be found or read.
        SettingError: there is no such device.
        PluginError: torch or safetensors is missing.
    """
    return _state(weights, find(weights, ctx), device_of(ctx))


def _state(weights: Weights, path: Path, device: Any) -> dict[str, Any]:
    library = require("safetensors.torch")
    try:
        return dict(library.load_file(path, device=str(device)))
    except Exception as error:
        raise _damaged(weights.uri, error) from None


def network(
    build: Callable[[], Any],
    weights: Weights,
    ctx: Context,
    precision: Precision = "float32",
) -> Any:
    """Give a ``torch.nn.Module`` with its weights, for inference on the context's device.

    The last eight are kept: do not change what it gives.

    Args:
        build: makes the module. The same function each time, not a lambda made on the spot: kept
            modules are found by it.
        weights: the state dictionary that it takes.
        ctx: the context, for the device.
        precision: what its weights are converted to.

    Raises:
        WeightsError: they cannot be found or read, or are of another network; the message names
            the first tensor that differs.
        SettingError: there is no such device.
        PluginError: torch or safetensors is missing.
    """
    device = device_of(ctx)
    return _network(build, weights, find(weights, ctx), device, dtype_of(precision, device))


@lru_cache(maxsize=8)
def _network(
    build: Callable[[], Any], weights: Weights, path: Path, device: Any, dtype: Any
) -> Any:
    torch = require()
    # Layers begin with random numbers, which are the caller's to draw.
    with torch.random.fork_rng(devices=[]):
        made = build()
    found = _state(weights, path, torch.device("cpu"))
    wanted = {name: tuple(value.shape) for name, value in made.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in found.items()}
    names = sorted(wanted.keys() | given.keys())
    odd = [name for name in names if wanted.get(name) != given.get(name)]
    if odd:
        name = odd[0]
        raise WeightsError(
            f"{weights.uri}: expected {name!r} of shape {wanted.get(name, 'none')}, got "
            f"{given.get(name, 'none')}; {len(odd)} tensors differ",
            hint="They belong to another network or to other parameters of this one.",
        )
    made.load_state_dict(found)
    return made.to(device, dtype).eval().requires_grad_(False)
