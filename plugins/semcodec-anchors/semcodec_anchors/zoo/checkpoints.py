"""A checkpoint of CompressAI: read as tensors only, its architecture told, made a network."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import PRECISION, Tables
from semcodec.errors import WeightsError
from semcodec_anchors.needs import needed
from semcodec_anchors.zoo.rans import Coder
from semcodec_anchors.zoo.running import exactly

__all__ = ["architecture", "load", "prior", "read", "require"]

_HOLDERS = ("network", "state_dict", "model_state_dict")  # as compressai.utils.eval_model has them
_TABLES = ("_offset", "_quantized_cdf", "_cdf_length")
_EXPORT = "python -m compressai.utils.update_model -a ARCHITECTURE CHECKPOINT"


def require() -> None:
    """Import CompressAI, past the announcements that its own imports make.

    Raises:
        PluginError: it, or torch, does not import; the hint is the command.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        needed("torch").load()
        needed("compressai.zoo").load()


def read(path: Path) -> dict[str, Any]:
    """Read a checkpoint of ``torch.save``, or of safetensors by its suffix, as tensors only.

    It may be a state dictionary, as ``update_model`` writes it, or hold one beside other things, as
    CompressAI's training example does.

    Returns:
        The state dictionary, its keys as today's classes have them.

    Raises:
        WeightsError: it is neither.
        PluginError: torch or CompressAI is missing.
    """
    require()
    from compressai.zoo import load_state_dict

    found = _unpickled(path)
    for holder in _HOLDERS:
        if isinstance(found.get(holder), Mapping):
            found = found[holder]
            break
    if not found or not all(isinstance(key, str) for key in found):
        raise _other(path, "no names of tensors in it")
    import torch

    odd = [key for key, value in found.items() if not isinstance(value, torch.Tensor)]
    if odd:
        raise _other(path, f"{odd[0]!r} is a {type(found[odd[0]]).__name__}")
    renamed: dict[str, Any] = load_state_dict(dict(found))
    return renamed


def _unpickled(path: Path) -> Any:
    import torch

    try:
        if path.suffix == ".safetensors":
            found = needed("safetensors.torch").load().load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{path}: it is no file of tensors, or holds more than tensors; its code was not run",
            hint='Save it again as torch.save({"state_dict": net.state_dict()}, path).',
        ) from None
    except Exception as error:  # damaged archives raise nearly anything
        raise _other(path, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}") from None
    if not isinstance(found, Mapping):
        raise _other(path, f"a {type(found).__name__}")
    return found


def _other(path: Path, what: str) -> WeightsError:
    return WeightsError(
        f"{path}: expected a state dictionary of a CompressAI network, got {what}",
        hint=f"Write one by {_EXPORT}",
    )


def architecture(state: Mapping[str, Any]) -> str:
    """Tell the architecture of a state dictionary from the names and shapes of its tensors.

    Returns:
        A name of CompressAI's zoo, or an empty string where it is none of them.
    """
    if "g_a.0.conv1.weight" in state:
        blocks = any(key.startswith("g_a.3.conv_a") for key in state)
        return "cheng2020-attn" if blocks else "cheng2020-anchor"
    if "g_a.6.weight" not in state:
        return ""
    if "h_s.0.weight" not in state:
        normalised = "g_a.1.beta" in state
        return "bmshj2018-factorized" if normalised else "bmshj2018-factorized-relu"
    if "context_prediction.weight" in state:
        name = "mbt2018"
    else:
        # The last layer of the hyper synthesis gives scales, or scales and means.
        doubled = _rows(state, "h_s.4.weight") == 2 * _rows(state, "g_a.6.weight")
        name = "mbt2018-mean" if doubled else "bmshj2018-hyperprior"
    return f"{name}-vbr" if "Gain" in state else name


def _rows(state: Mapping[str, Any], key: str) -> int:
    return int(state[key].shape[0]) if key in state else -1


def load(model: str, path: Path) -> Any:
    """Load a network, ready to code; the last eight are kept.

    Raises:
        WeightsError: the file is no checkpoint of this architecture.
        PluginError: torch or CompressAI is missing.
    """
    facts = path.stat()
    return _network(model, path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=8)  # the rates of one model: a search goes to and fro between them
def _network(model: str, path: Path, size: int, changed: int) -> Any:
    state = _state(model, path)
    from compressai.zoo.image import model_architectures as fixed
    from compressai.zoo.image_vbr import model_architectures as variable

    # CompressAI has this one key with underscores.
    name = "bmshj2018_factorized_relu" if model.endswith("-relu") else model
    cls = {**fixed, **variable}[name]
    options = {}
    if "gayn2zqstep.0.weight" in state:
        options["vr_entbttlnck"] = True
        # Its own loader fails on these where they are filled; they are made anew for every gain.
        for key in _TABLES:
            state[f"entropy_bottleneck.{key}"] = state[f"entropy_bottleneck.{key}"].new_empty(0)
    import torch

    try:
        # It begins with random numbers.
        with exactly(), torch.random.fork_rng(devices=[]):
            net = cls.from_state_dict(state, **options)
    except (KeyError, RuntimeError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{path}: not a checkpoint of {model}: {said}", hint=f"Write one by {_EXPORT}"
        ) from None
    net.eval().requires_grad_(False)
    if not options:
        with exactly():
            net.update()  # makes the tables of a network that was saved without
    for part in net.modules():
        if hasattr(part, "entropy_coder"):
            part.entropy_coder = Coder()
    return net


def prior(model: str, path: Path) -> tuple[Tables, NDArray[np.float32]]:
    """Read the tables of a hyper-latent, made as the checkpoint was exported.

    Returns:
        One table a channel, and float32 (channels,), the medians: what a table's symbol 0 means.

    Raises:
        WeightsError: the file is no checkpoint of this architecture, or was saved without tables.
        PluginError: torch or CompressAI is missing.
    """
    facts = path.stat()
    return _prior(model, path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=8)
def _prior(model: str, path: Path, size: int, changed: int) -> tuple[Tables, NDArray[np.float32]]:
    state = _state(model, path)
    name = "entropy_bottleneck"
    try:
        cdf, lengths, offsets, quantiles = (
            state[f"{name}.{key}"].numpy()
            for key in ("_quantized_cdf", "_cdf_length", "_offset", "quantiles")
        )
        if not offsets.size:
            # Made here they would come from floats, and other machines might round one otherwise.
            raise WeightsError(
                f"{path}: it was saved without the tables of its entropy coder",
                hint=f"Make them once, for all machines: {_EXPORT.replace('ARCHITECTURE', model)}",
            )
        entries = lengths - 1  # CompressAI counts both ends
        beyond = np.arange(cdf.shape[1])[None] > entries[:, None]
        tables = Tables(np.where(beyond, 1 << PRECISION, cdf), entries, offsets)
        medians: NDArray[np.float32] = quantiles[:, 0, 1].astype(np.float32)
        if medians.shape != entries.shape or not np.isfinite(medians).all():
            raise ValueError(f"expected {entries.size} medians")
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise _other(path, f"tables that are none: {' '.join(str(error).split())[:200]}") from None
    medians.setflags(write=False)
    return tables, medians


def _state(model: str, path: Path) -> dict[str, Any]:
    """Read the state dictionary of a network of this architecture."""
    state = read(path)
    found = architecture(state)
    if found != model:
        raise WeightsError(
            f"{path}: expected a checkpoint of {model}, got "
            f"{'one of ' + found if found else 'tensors of no network of the zoo'}",
            hint=f"Name the model {found}." if found else f"Write one by {_EXPORT}",
        )
    return state
