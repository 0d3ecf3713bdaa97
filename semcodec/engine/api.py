"""The two functions that most users need: load a codec, decode a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from semcodec.contracts.context import Progress
from semcodec.engine.codec import Codec
from semcodec.engine.data import coded_bytes
from semcodec.engine.identity import codec_of
from semcodec.engine.trace import Trace
from semcodec.spec.compose import is_candidates
from semcodec.spec.load import document_of, pipeline_from
from semcodec.spec.text import Document
from semcodec.wire import MAX_PIXELS, from_file, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["decode", "load"]


def load(
    spec: str | Mapping[str, Any] | Path | Document,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the spec's own word
    swap: Mapping[str, Any] | None = None,
) -> Codec:
    """Load a codec.

    Args:
        spec: the name of an installed pipeline, the path of a spec file, or a spec as data.
        set: parameters to change, by address: ``{"quantizer.step": 8}``.
        swap: components to change, by address: ``{"coder": "rans"}``.

    Raises:
        ComponentNotFound: nothing installed has that name; the hint says what to install.
        SpecError: the spec makes no sense; with every problem.
    """
    named = spec if isinstance(spec, (str, Mapping, Document)) else str(spec)
    document = document_of(named)
    if is_candidates(document):
        from semcodec.engine.candidates import Candidates

        return Candidates.from_document(document, set_=set, swap=swap)
    return Codec(pipeline_from(document, set_=set, swap=swap))


def decode(
    data: bytes,
    *,
    controls: Mapping[str, Any] | None = None,
    max_pixels: int = MAX_PIXELS,
    trace: Trace | None = None,
    progress: Progress | None = None,
    device: str = "cpu",
) -> NDArray[Any]:
    """Decode a coded picture of any codec that is installed or travels in the file.

    See :meth:`Codec.decode`.

    Raises:
        UnknownCodec: the codec is not at hand; the hint says what to install.
        DecodeError: the data is damaged or too large.
    """
    header, _ = read_header(from_file(coded_bytes(data)), max_pixels=max_pixels)
    return codec_of(header).decode(
        data,
        controls=controls,
        max_pixels=max_pixels,
        trace=trace,
        progress=progress,
        device=device,
    )
