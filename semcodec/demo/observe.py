"""Decodes a file and keeps what its quantizer was given: symbols, steps and guides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.kinds import Quantizer
from semcodec.contracts.values import Image, Latent, Map
from semcodec.engine.binding import bind
from semcodec.engine.decode import decode, payload_hash
from semcodec.engine.identity import codec_of
from semcodec.engine.plan import Plan
from semcodec.engine.run import Run
from semcodec.engine.trace import Trace
from semcodec.graph.model import Node, namespace
from semcodec.wire import MAX_PIXELS, from_file, pack, read_body, read_header

__all__ = ["Observation", "Quantized", "observe"]


@dataclass(frozen=True, slots=True)
class Quantized:
    """One call of a quantizer's ``dequantize``.

    Attributes:
        latent: what the symbols stand for.
        symbols: int32, as they were decoded.
        steps: float32, broadcastable to the latent; None where the quantizer tells none.
        maps: decoded float32 (height, width) maps that guided it, by port.
        bits: what an ideal coder spends on each symbol, float32 of their shape; None where they
            are not coded by tables.
    """

    latent: Latent
    symbols: NDArray[np.int32]
    steps: NDArray[np.float32] | None
    maps: Mapping[str, NDArray[np.float32]]
    bits: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """A decoded file.

    Attributes:
        picture: uint8 or uint16 (height, width, channels).
        quantized: what the quantizer of a picture's coefficients did; None where there is none.
    """

    picture: NDArray[Any]
    quantized: Quantized | None = None


@dataclass(slots=True)
class _Seen:
    calls: list[Quantized] = field(default_factory=list)


class _Watched(Run):
    """A decoder's run whose calls of quantizers are noted, if they belong to the picture itself."""

    def __init__(self, *args: Any, seen: _Seen, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = seen

    def call(self, node: Node, name: str, function: Callable[..., Any], *args: Any) -> Any:
        """Call a component as :meth:`Run.call` does, and look at what it is given."""
        component = self.bound[node.path]
        if name == "dequantize" and isinstance(component, Quantizer):
            symbols, guides, ctx = args
            if isinstance(ctx.shape, Latent) and namespace(node.path) == "":
                steps = super().call(node, "steps", component.steps, guides, ctx)
                ports = component.ports
                maps = {k: v for k, v in guides.items() if k in ports and ports[k].type is Map}
                assert self.trace is not None
                bits = self.trace.bits.get(node.path)
                self._seen.calls.append(Quantized(ctx.shape, symbols, steps, maps, bits))
        return super().call(node, name, function, *args)


def observe(data: bytes, *, device: str = "cpu") -> Observation:
    """Decode a file and watch its quantizer.

    Of several quantizers in one stage the one with the most symbols counts, which is that of
    the picture rather than of what goes beside it.

    Args:
        data: a coded picture, in file or wire form, that is not detached from its lock.
        device: where networks run.

    Raises:
        UnknownCodec: the codec is not at hand.
        DecodeError: the data is damaged.
    """
    wire = from_file(data)
    header, offset = read_header(wire, max_pixels=MAX_PIXELS)
    pipeline = codec_of(header).pipeline
    plan = Plan(pipeline)
    body = read_body(
        wire, offset, radices=plan.radices, sections=len(plan.sections), check=header.check
    )
    pairs = zip(pipeline.wire, body.values, strict=True)
    seen = _Seen()
    run = _Watched(
        plan,
        bind(pipeline, [(s.target, s.grid.values[i]) for s, i in pairs]),
        "decode",
        Image(header.height, header.width, header.channels, header.depth),
        trace=Trace(keep=True),
        device=device,
        seen=seen,
    )
    run.payload = payload_hash(pack(body.values, plan.radices), body.sections)
    [picture] = decode([run], [body.sections], [body.check])
    most = max(seen.calls, key=lambda call: call.symbols.size, default=None)
    return Observation(picture, most)
