"""Decodes files and prints hashes of what must be equal on every machine.

    python plugins/semcodec-saic/tests/decoding.py FILE ...

For each file: the latent's integers, the latent as the decoder holds it (integers, times a step,
plus a mean), the hyper-latent, and the bits of each symbol, which tell the table of each.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from semcodec_saic.quantizer import SaliencyGain
from semcodec_saic.transforms import Analysis

import semcodec
from semcodec.engine.trace import Trace


def decoded(data: bytes) -> str:
    """Decode a file and give the hash."""
    trace = Trace(keep=True)
    with Watch() as seen:
        semcodec.decode(data, trace=trace)
    assert len(seen) == 2
    return digest([*seen, trace.values["hyper"], *trace.bits.values()])


class Watch:
    """Notes the symbols and the latent of every picture that is decoded meanwhile."""

    def __enter__(self) -> list[Any]:
        seen: list[Any] = []
        dequantize, inverse = SaliencyGain.dequantize, Analysis.inverse

        def watched(self: Any, q: Any, guides: Any, ctx: Any) -> Any:
            seen.append(q.copy())
            return dequantize(self, q, guides, ctx)

        def shown(self: Any, value: Any, guides: Any, ctx: Any) -> Any:
            seen.append(value.copy())
            return inverse(self, value, guides, ctx)

        self._patches = [
            patch.object(SaliencyGain, "dequantize", watched),
            patch.object(Analysis, "inverse", shown),
        ]
        for each in self._patches:
            each.start()
        return seen

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()


def digest(arrays: Sequence[Any]) -> str:
    """Hash arrays with their forms."""
    made = hashlib.sha256()
    for each in arrays:
        made.update(f"{each.dtype}{each.shape}".encode())
        made.update(np.ascontiguousarray(each).tobytes())
    return made.hexdigest()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(decoded(Path(name).read_bytes()))
