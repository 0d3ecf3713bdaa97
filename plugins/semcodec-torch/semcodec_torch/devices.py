"""Where networks run and in which precision; torch is imported inside."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

from semcodec.contracts.context import Context
from semcodec.errors import PluginError, SettingError

__all__ = ["Precision", "device_of", "dtype_of", "exact_dtype", "inference", "require"]

Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]
"""Precisions of networks that only shape pixels."""

REMEDY = "pip install semcodec-torch"
_LARGEST_ALONE = (32 << 20) - (1 << 16)  # with its head below 32 MiB


def require(module: str = "torch") -> Any:
    """Import a package that this distribution depends on.

    Raises:
        PluginError: it is absent or does not import; the hint is the command.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PluginError(
            f"this component needs {module.partition('.')[0]}, which does not import: {error}",
            hint=REMEDY,
        ) from error


def device_of(ctx: Context | str) -> Any:
    """Give the ``torch.device`` that a context asks for.

    Args:
        ctx: a context, or a name such as ``"cpu"`` or ``"cuda:0"``.

    Raises:
        SettingError: torch knows no such device, or this machine has none.
        PluginError: torch is missing.
    """
    name = ctx if isinstance(ctx, str) else ctx.device
    torch = require()
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingError(
            f"expected a device such as 'cpu' or 'cuda:0', got {name!r}: "
            f"{str(error).partition(chr(10))[0]}"
        ) from None
    absent = ""
    if device.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if (device.index or 0) >= count:
            absent = f"torch sees {count} CUDA devices here"
    elif device.type == "mps" and not torch.backends.mps.is_available():
        absent = "torch sees no Metal here"
    if absent:
        raise SettingError(
            f"expected a device of this machine, got {name!r}: {absent}",
            hint="Run on the device 'cpu'.",
        )
    return device


def dtype_of(precision: Precision, device: Any) -> Any:
    """Give the dtype for a network that only shapes pixels.

    float16 is for accelerators: on a CPU, where few machines have it, float32 is taken in its
    place. Exact networks ask :func:`exact_dtype`.
    """
    torch = require()
    if precision == "float16" and device.type == "cpu":
        return torch.float32
    return getattr(torch, precision)


def exact_dtype(device: Any) -> Any:
    """Give the dtype that carries integers: float32 on a CPU, float64 on CUDA.

    On CUDA float32 products may be computed in TF32, or by Winograd's algorithm, whose
    intermediate values are no integers; float64 matrix products are neither.
    """
    torch = require()
    return torch.float32 if device.type == "cpu" else torch.float64


@contextmanager
def inference(device: Any) -> Iterator[None]:
    """Run what is inside without gradients and in the dtype of its tensors, whoever calls.

    A caller's ``torch.autocast`` would round results to bfloat16.
    """
    torch = require()
    _keep_freed_memory()
    with torch.inference_mode(), torch.autocast(device.type, enabled=False):
        yield


@lru_cache(maxsize=1)
def _keep_freed_memory() -> None:
    """Let glibc keep what tensors leave for the next ones, up to 64 MiB.

    It gives memory back from twice the size on of the largest block that was ever freed alone, up
    to 32 MiB, and a network on a picture then waits for pages, thousands anew in every run: 5 to 10
    percent of its time. So free one such block, which no page was ever taken for.
    """
    np.empty(_LARGEST_ALONE, np.uint8)
