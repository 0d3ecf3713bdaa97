"""One way to run a network: on the CPU, on one thread, in float32, whatever torch was set to.

The floats of a network choose the tables that symbols are coded with, so the decoder must get the
encoder's floats to the last bit. How many threads share a sum, which precision torch may take
instead of float32, and the device all change the last bits. None of it is in a file, so it is fixed
here, and given back after.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from semcodec_anchors.zoo.rans import Decoder, Encoder

__all__ = ["bounded", "exactly", "telling"]

_lock = threading.RLock()  # these settings of torch are the process's


@contextmanager
def exactly() -> Iterator[None]:
    """Run what is inside as above, alone in this process."""
    import torch

    with _lock, ExitStack() as after:
        for get, put, wanted in (
            (torch.get_num_threads, torch.set_num_threads, 1),
            (torch.get_default_dtype, torch.set_default_dtype, torch.float32),
            (
                torch.get_float32_matmul_precision,
                torch.set_float32_matmul_precision,
                "highest",
            ),
            (
                torch.get_deterministic_debug_mode,
                torch.set_deterministic_debug_mode,
                "error",
            ),
        ):
            before = get()
            if before != wanted:
                after.callback(put, before)
                put(wanted)
        after.enter_context(torch.device("cpu"))
        after.enter_context(torch.no_grad())
        after.enter_context(torch.autocast("cpu", enabled=False))
        after.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


@contextmanager
def bounded() -> Iterator[None]:
    """Let networks with a context model code by :mod:`semcodec_anchors.zoo.rans`.

    They make their coder themselves, by names in the module of their class. For the time of the
    call these make ours, which write and read the same strings.

    Raises:
        Derailed: a string did not end where its encoder began.
    """
    from compressai.models import google, vbr

    made: list[Decoder] = []

    def make() -> Decoder:
        made.append(Decoder())
        return made[-1]

    with ExitStack() as after:
        for module in (google, vbr):
            for name, ours in (("RansDecoder", make), ("BufferedRansEncoder", Encoder)):
                after.callback(setattr, module, name, getattr(module, name))
                setattr(module, name, ours)
        yield
    for decoder in made:
        decoder.finish()


@contextmanager
def telling(net: Any, places: int, progress: Any) -> Iterator[None]:
    """Tell the share of a context model's places that are done; others have none to tell."""
    inner = getattr(net, "entropy_parameters", None)
    if inner is None:
        yield
        return
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        if done % 64 == 0:
            progress(done / places, "context model")

    handle = inner.register_forward_hook(count)
    try:
        yield
    finally:
        handle.remove()
