from __future__ import annotations

import numpy as np
import tensorflow  # the fault

from semcodec import Quantizer, component


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / tensorflow.STEP).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(tensorflow.STEP)
