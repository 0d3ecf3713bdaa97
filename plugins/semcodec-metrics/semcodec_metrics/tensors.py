"""Pictures as torch tensors; torch is imported inside."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec_metrics.pictures import unit_rgb

__all__ = ["quiet", "tensor"]


def tensor(picture: NDArray[Any]) -> Any:
    """Turn a picture without alpha into a float32 tensor (1, 3, height, width) in [0, 1]."""
    import torch

    planes = unit_rgb(picture).astype(np.float32).transpose(2, 0, 1)[None]
    return torch.from_numpy(np.ascontiguousarray(planes))


@contextmanager
def quiet() -> Iterator[None]:
    """Run a library without gradients and without its announcements of its own future."""
    import torch

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield
