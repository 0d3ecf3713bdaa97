"""Which codec a file is of: wire codes, digests, embedded locks."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from semcodec.contracts.params import of_format
from semcodec.contracts.values import Image
from semcodec.discovery import catalog
from semcodec.discovery.remedies import merged, missing, remedy
from semcodec.engine.encode import Encoded
from semcodec.engine.locks import damaged_lock, read_lock
from semcodec.engine.plan import Plan
from semcodec.errors import (
    ComponentNotFound,
    DecodeError,
    PluginError,
    SpecError,
    UnknownCodec,
)
from semcodec.registry import can_be_registered, load_register
from semcodec.spec.canonical import canonical
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.outline import components_of
from semcodec.wire import Header, write

if TYPE_CHECKING:
    from semcodec.engine.codec import Codec

__all__ = ["codec_of", "frame", "registered_code", "unknown_code", "warn_if_deprecated"]

SHOWN_PROBLEMS = 5


def registered_code(digest: str) -> int | None:
    """Wire code of a decode digest, or None."""
    for codec in load_register().codecs:
        if codec.digest == digest:
            return codec.code
    return None


def warn_if_deprecated(code: int) -> None:
    """Warn who codes with a registered codec that new files should not use; they decode for ever.

    Args:
        code: a registered wire code.
    """
    entry = load_register().code(code)
    if entry is not None and entry.status == "deprecated":
        warnings.warn(
            f"{entry.name!r} (wire code {code}) is deprecated: its files decode for ever, but new "
            "ones should use another pipeline; see: semcodec registry",
            FutureWarning,
            stacklevel=2,
        )


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
        find: Any = partial(_embedded, header.lock)
    elif header.code is not None:
        find = partial(_registered, header.code, header.digest)
    else:
        find = partial(_detached, header.digest)
    codec: Codec = find()
    if _is_stale(codec):
        for known in (_embedded, _registered, _detached):
            known.cache_clear()
        codec = find()
    return codec


def _is_stale(codec: Codec) -> bool:
    """Whether a component has been registered again, as in a notebook, since a codec was built."""
    try:
        return any(
            of_format(catalog().component(node.use), node.component.format)
            is not type(node.component)
            for node in codec.pipeline.nodes()
        )
    except (PluginError, ValueError):
        return True


@lru_cache(maxsize=32)
def _embedded(lock: bytes) -> Codec:
    from semcodec.engine.codec import Codec

    form = read_lock(lock)
    try:
        codec = Codec(decoder_from(form))
        codec.sections  # noqa: B018 - a lock without an outline is damaged, found out here
    except SpecError as error:
        what = f"the private codec {form.get('name', '')!r:.80}"
        raise _unknown(error, what, form) from error
    except DecodeError:
        raise
    except Exception as error:  # no structure is too odd for a forged lock
        raise damaged_lock(error) from error
    return codec


def _unknown(error: SpecError, what: str, form: Mapping[str, Any]) -> UnknownCodec:
    hints = [p.hint for p in error.problems if "pip install" in p.hint]
    hints += missing(components_of(form), catalog().ids(), catalog().plugins)
    shown = [f"  - {problem}" for problem in error.problems[:SHOWN_PROBLEMS]]
    if len(error.problems) > SHOWN_PROBLEMS:
        shown.append(f"  - and {len(error.problems) - SHOWN_PROBLEMS} more")
    lines = "\n".join(line[:300] for line in shown)
    return UnknownCodec(f"{what} cannot be built here:\n{lines}", hint=merged(hints))


@lru_cache(maxsize=32)
def _registered(code: int, digest: bytes) -> Codec:
    from semcodec.engine.codec import Codec

    entry = load_register().code(code)
    if entry is None:
        raise unknown_code(code)
    if not bytes.fromhex(entry.digest).startswith(digest):
        raise UnknownCodec(
            f"the file was coded by another {entry.name!r} (digest {digest.hex()}...) than this "
            f"release knows ({entry.digest[:4]}...); its status is {entry.status}",
            hint="pip install --upgrade semcodec, or decode it with the release that coded it.",
        )
    try:
        codec = Codec(pipeline_from(document_of(entry.name)))
    except ComponentNotFound as error:
        hint = remedy(entry.name, catalog().plugins, load_register())
        raise UnknownCodec(
            f"the file was coded by {entry.name!r} of {entry.provider}, which is not installed",
            hint=hint,
        ) from error
    except SpecError as error:
        form = document_of(entry.name).data
        raise _unknown(error, f"{entry.name!r} of {entry.provider}", form) from error
    except PluginError as error:
        raise UnknownCodec(
            f"{entry.name!r} of {entry.provider} cannot be used: {error.args[0]}", hint=error.hint
        ) from error
    if codec.digest != entry.digest:
        raise UnknownCodec(
            f"the installed {entry.name!r} (digest {codec.digest[:8]}...) is not the registered "
            f"one ({entry.digest[:8]}...)",
            hint=merged(f"pip install --upgrade {name}" for name in ("semcodec", entry.provider)),
        )
    return codec


def unknown_code(code: int) -> UnknownCodec:
    """Make the error of a code that this release's register does not have."""
    if can_be_registered(code):
        return UnknownCodec(
            f"wire code {code} is not in this release's register",
            hint="pip install --upgrade semcodec",
        )
    return UnknownCodec(
        f"wire code {code} is one that is never registered: an experiment's",
        hint="Decode it with its spec: semcodec decode FILE -p SPEC.yaml -o IMG",
    )


@lru_cache(maxsize=32)
def _detached(digest: bytes) -> Codec:
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
