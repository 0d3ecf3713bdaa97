"""Networks and processors of transformers, read from a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from semcodec.errors import WeightsError
from semcodec_saic.saliency.digests import stamp

__all__ = ["load"]


def load(kind: str, path: Path, types: tuple[str, ...], device: str) -> tuple[Any, Any]:
    """Open a network and its processor; kept while the files stay as they are.

    No code of the folder is run, no pickle read and nothing asked of the hub.

    Args:
        kind: class of transformers, such as ``"SamModel"``.
        path: the safetensors file; what describes it lies beside.
        types: values of ``model_type`` that will do.
        device: where the network runs.

    Returns:
        The network, in evaluation, and the processor.

    Raises:
        WeightsError: the folder is of another network, damaged or incomplete.
    """
    config = path.with_name("config.json")
    try:
        said = json.loads(config.read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise WeightsError(
            f"{config}: expected a configuration in JSON: {error}", hint="Fetch it again."
        ) from None
    if said not in types:
        raise WeightsError(
            f"{config}: expected a model of type {' or '.join(types)}, got {said!r}",
            hint="Name weights of that network.",
        )
    if path.name != "model.safetensors":
        raise WeightsError(
            f"{path}: expected a file model.safetensors", hint="Keep the name of save_pretrained."
        )
    network, processor = _opened(kind, path.parent, (stamp(path), stamp(config)))
    return network.to(device), processor


@lru_cache(maxsize=4)
def _opened(kind: str, folder: Path, stamps: tuple[int, ...]) -> tuple[Any, Any]:
    import transformers

    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _silent():
            # The kernels that transformers would compile for CUDA are faster and need a compiler.
            plain = {"disable_custom_kernels": True} if kind != "SamModel" else {}
            network, told = getattr(transformers, kind).from_pretrained(
                folder, use_safetensors=True, output_loading_info=True, **plain, **local
            )
            processor = transformers.AutoProcessor.from_pretrained(folder, **local)
    except Exception as error:  # whatever a damaged file makes of four libraries
        said = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{folder}: transformers cannot open it as {kind}: {said}",
            hint="Name a folder that save_pretrained wrote, with its processor.",
        ) from None
    # transformers fills what is missing with random numbers, and says so in a log.
    lacking = sorted(map(str, (*told["missing_keys"], *told["mismatched_keys"])))
    if lacking:
        raise WeightsError(
            f"{folder}: {len(lacking)} tensors of {kind} are absent or of another shape, "
            f"the first is {lacking[0]}",
            hint="Fetch the weights again, or name those that belong to this configuration.",
        )
    return network.eval().requires_grad_(False), processor


@contextmanager
def _silent() -> Iterator[None]:
    """Open without progress bars; their setting is the process's, and put back."""
    import warnings

    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
