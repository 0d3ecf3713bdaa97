"""Checkpoints: nested state as one safetensors file, written whole or not at all, never a pickle.

The tensors stand in the file by number; all else (step counters, parameter groups, the settings
that a run must keep) is JSON in its header, where a tensor is ``{"tensor": number}``, a mapping
``{"map": [[key, value], ...]}`` (an optimiser's keys are integers, which JSON has not) and a tuple
or list an array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError
from semcodec.image import write_bytes

__all__ = ["load_state", "load_tensors", "save_state", "save_tensors"]

_KEY = "semcodec"
_PLAIN = (str, int, float, bool, type(None))


def save_state(state: Mapping[Any, Any], path: Path) -> None:
    """Write nested state to a file in one step: a kill leaves the old file or the new.

    Args:
        state: mappings, lists and tuples of tensors, strings, numbers, booleans and None.
        path: the file.

    Raises:
        TypeError: it holds anything else.
        SettingError: the file cannot be written.
    """
    tensors: dict[str, Any] = {}
    tree = _outline(state, tensors)
    save_tensors(tensors, path, {_KEY: json.dumps(tree)})


def load_state(path: Path) -> Any:
    """Read what :func:`save_state` wrote; tensors on the CPU, tuples as lists.

    Raises:
        WeightsError: no such file, or not one of these.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            tree = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _filled(tree, tensors)
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such checkpoint") from None
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected a checkpoint that training wrote, as safetensors; {error!r:.200}",
            hint="Pickled checkpoints are not read: a pickle can run any code. Start anew from "
            "weights with --from.",
        ) from None


def load_tensors(path: Path) -> dict[str, Any]:
    """Read a safetensors file onto the CPU, half precision as float32.

    Raises:
        WeightsError: no such file, or no safetensors.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(str(path))
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"{path}: expected weights as safetensors; {error}",
            hint="Pickled checkpoints are not read: a pickle can run any code.",
        ) from None
    return {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}


def save_tensors(tensors: Mapping[str, Any], path: Path, metadata: Mapping[str, str]) -> None:
    """Write tensors as safetensors: under a temporary name in the same folder, then moved.

    Raises:
        SettingError: the file cannot be written.
    """
    from safetensors.torch import save

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_bytes(save(plain, dict(metadata)), path)


def _outline(value: Any, tensors: dict[str, Any]) -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        name = str(len(tensors))
        # Two names of one storage are refused by safetensors; they are two values here.
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {"map": [[_key(key), _outline(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_outline(item, tensors) for item in value]
    if isinstance(value, _PLAIN):
        return value
    raise TypeError(f"expected tensors, numbers, text, lists and mappings, got {type(value)}")


def _key(key: Any) -> str | int:
    if isinstance(key, (str, int)) and not isinstance(key, bool):
        return key
    raise TypeError(f"expected keys of text or integers, got {key!r}")


def _filled(tree: Any, tensors: dict[str, Any]) -> Any:
    if isinstance(tree, dict):
        if "tensor" in tree:
            return tensors[tree["tensor"]]
        return {key: _filled(item, tensors) for key, item in tree["map"]}
    if isinstance(tree, list):
        return [_filled(item, tensors) for item in tree]
    return tree
