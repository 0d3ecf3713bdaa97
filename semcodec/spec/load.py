"""From whatever names a spec to a resolved pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from semcodec.errors import Problem, SpecError
from semcodec.graph.model import Pipeline
from semcodec.spec.compose import apply, compose
from semcodec.spec.lock import decode_digest
from semcodec.spec.resolve import resolve, survey
from semcodec.spec.sources import read_spec
from semcodec.spec.text import Document, of_data

__all__ = ["decoder_from", "document_of", "pipeline_from"]


def document_of(spec: str | Mapping[str, Any] | Document) -> Document:
    """Read a spec given by name, path or as data.

    Raises:
        ComponentNotFound: no installed plugin provides a pipeline of that name.
        SpecError: it cannot be read.
    """
    if isinstance(spec, Document):
        return spec
    if isinstance(spec, str):
        return read_spec(spec)
    return of_data(spec)


def pipeline_from(
    document: Document,
    *,
    set_: Mapping[str, Any] | None = None,
    swap: Mapping[str, Any] | None = None,
) -> Pipeline:
    """Compose, resolve and check a spec.

    Args:
        document: a spec that is not a choice of candidates.
        set_: parameters to change, by address.
        swap: components to change, by address.

    Raises:
        SpecError: with every problem of the first stage that found any.
    """
    if set_ or swap:
        return _changed(document, set_, swap)
    pipeline = resolve(*compose(document))
    promised = document.data.get("lock")
    if promised is not None:
        _verify(pipeline, promised, document.source)
    return pipeline


def _changed(
    document: Document, set_: Mapping[str, Any] | None, swap: Mapping[str, Any] | None
) -> Pipeline:
    """Change a spec; it keeps its name only while it still decodes the same files."""
    form, problems = compose(document)
    form = apply(form, problems, set_=set_, swap=swap)
    if problems.found:
        # An address may lead nowhere because the component there is one that nobody provides.
        survey(form, problems, inlined=True)
    problems.raise_any()
    data = of_data(form, source=document.source).data
    changed = resolve(*compose(Document(data, document.lines, document.source)))
    if "name" in (set_ or {}) or decode_digest(changed) == _digest_before(document):
        return changed
    return replace(changed, name="", form={k: v for k, v in changed.form.items() if k != "name"})


def _digest_before(document: Document) -> bytes:
    """Decode digest of a spec as it was written; empty when only its changes make it sound."""
    try:
        return decode_digest(resolve(*compose(document)))
    except SpecError:
        return b""


def decoder_from(form: Mapping[str, Any], *, source: str = "embedded lock") -> Pipeline:
    """Resolve a decode form, such as the lock that a private codec's file carries.

    Args:
        form: a decode form, left as it is. It comes from a file and is not trusted: it must be
            whole, and can neither name another spec nor a file of this machine.
        source: name for messages.

    Raises:
        SpecError: it is no sound decode form, or a component is missing.
    """
    checked, problems = compose(of_data(form, source=source), closed=True)
    return resolve(checked, problems, decodes_only=True)


def _verify(pipeline: Pipeline, promised: Any, source: str) -> None:
    found = decode_digest(pipeline).hex()
    wanted = promised.get("decode") if isinstance(promised, dict) else promised
    if wanted != found:
        raise SpecError(
            [Problem("lock.decode", f"expected {wanted}, the spec as installed gives {found}")],
            source=source,
            hint="The lock and the installed components disagree: install the versions it was "
            "made with, or make a new lock with 'semcodec lock'.",
        )
