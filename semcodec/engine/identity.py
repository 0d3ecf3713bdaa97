"""Which codec a file is of: wire codes, digests, embedded locks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from semcodec.contracts.values import Image
from semcodec.engine.encode import Encoded
from semcodec.engine.plan import Plan
from semcodec.errors import (
    ComponentNotFound,
    ContainerError,
    PluginError,
    SpecError,
    UnknownCodec,
)
from semcodec.registry import load_register
from semcodec.spec.canonical import canonical
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.wire import Header, write

if TYPE_CHECKING:
    from semcodec.engine.codec import Codec

__all__ = ["codec_of", "frame", "registered_code"]


def registered_code(digest: str) -> int | None:
    """Wire code of a decode digest, or None."""
    for codec in load_register().codecs:
        if codec.digest == digest:
            return codec.code
    return None


def frame(
    plan: Plan,
    code: int | None,
    image: Image,
    encoded: Encoded,
    wire: Sequence[int],
    *,
    detached: bool,
) -> bytes:
    """Put header, settings and sections together."""
    digest, lock = b"", None
    if code is not None:
        digest = plan.digest[:2]
    elif detached:
        digest = plan.digest[:4]
    else:
        lock = canonical(plan.decode_form)
    header = Header(
        code=code,
        digest=digest,
        lock=lock,
        width=image.width,
        height=image.height,
        channels=image.channels,
        depth=image.depth,
        check=encoded.check is not None,
    )
    return write(
        header, radices=plan.radices, values=wire, sections=encoded.sections, check=encoded.check
    )


def codec_of(header: Header) -> Codec:
    """Find the codec that a header names.

    Raises:
        UnknownCodec: it is not registered or not installed; the hint says what to install.
        ContainerError: the embedded lock is damaged.
    """
    if header.lock is not None:
        return _embedded(header.lock)
    if header.code is not None:
        return _registered(header.code, header.digest)
    return _detached(header.digest)


@lru_cache(maxsize=32)
def _embedded(lock: bytes) -> Codec:
    from semcodec.engine.codec import Codec

    try:
        form = json.loads(lock.decode("utf-8"), parse_constant=_no_constant)
        if not isinstance(form, dict) or canonical(form) != lock:
            raise ValueError("not canonical")
    except (ValueError, RecursionError) as error:
        raise ContainerError(f"the embedded lock is damaged: {error}") from None
    try:
        return Codec(decoder_from(form))
    except SpecError as error:
        raise _unknown(error, f"the private codec {form.get('name', '')!r}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ContainerError(f"the embedded lock is damaged: {error!r}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _unknown(error: SpecError, what: str) -> UnknownCodec:
    hints = [p.hint for p in error.problems if "pip install" in p.hint]
    return UnknownCodec(f"{what} cannot be built here: {error.args[0]}", hint=" ".join(hints[:1]))


@lru_cache(maxsize=32)
def _registered(code: int, digest: bytes) -> Codec:
    from semcodec.engine.codec import Codec

    entry = load_register().code(code)
    if entry is None:
        raise UnknownCodec(
            f"wire code {code} is not in this release's register",
            hint="pip install --upgrade semcodec",
        )
    if not bytes.fromhex(entry.digest).startswith(digest):
        raise UnknownCodec(
            f"the file was coded by another {entry.name!r} (digest {digest.hex()}...) than this "
            f"release knows ({entry.digest[:4]}...); its status is {entry.status}",
            hint="pip install --upgrade semcodec, or decode it with the release that coded it.",
        )
    try:
        codec = Codec(pipeline_from(document_of(entry.name)))
    except ComponentNotFound as error:
        hint = load_register().install_hint(entry.name) or f"pip install {entry.provider}"
        raise UnknownCodec(
            f"the file was coded by {entry.name!r} of {entry.provider}, which is not installed",
            hint=hint,
        ) from error
    except SpecError as error:
        raise _unknown(error, f"{entry.name!r} of {entry.provider}") from error
    if codec.digest != entry.digest:
        raise UnknownCodec(
            f"the installed {entry.name!r} (digest {codec.digest[:8]}...) is not the registered "
            f"one ({entry.digest[:8]}...)",
            hint=f"pip install --upgrade {entry.provider}",
        )
    return codec


def _detached(digest: bytes) -> Codec:
    from semcodec.discovery import catalog
    from semcodec.engine.codec import Codec

    for name in catalog().pipelines():
        try:
            codec = Codec(pipeline_from(document_of(name)))
        except (PluginError, SpecError):
            continue  # a broken plugin must not hide the others
        if bytes.fromhex(codec.digest).startswith(digest):
            return codec
    raise UnknownCodec(
        f"the file names a private codec (digest {digest.hex()}) and does not carry its lock",
        hint="Decode it with its spec: semcodec decode FILE -p SPEC.yaml -o IMG",
    )
