"""The decoder: sections into sessions, symbols back through the inverses, the picture out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

from semcodec.contracts.coding import DecodeSession
from semcodec.engine.coding import decode_stream
from semcodec.engine.encode import coders_node
from semcodec.engine.run import Run
from semcodec.engine.stages import derive, forget, undo
from semcodec.errors import IntegrityError
from semcodec.wire import check_byte

__all__ = ["decode", "payload_hash"]


def payload_hash(settings: bytes, sections: Sequence[bytes]) -> bytes:
    """SHA-256 over packed settings and sections, each behind its length: docs/format.md, Seeds."""
    hasher = hashlib.sha256()
    for part in (settings, *sections):
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)
    return hasher.digest()


def decode(
    runs: Sequence[Run], sections: Sequence[Sequence[bytes]], checks: Sequence[int | None]
) -> list[Any]:
    """Decode pictures that share one pipeline and one choice of settings and controls.

    Raises:
        IntegrityError: a check value does not match.
        DecodeError: damaged data.
    """
    first = runs[0]
    pipeline, plan = first.pipeline, first.plan
    sessions: list[dict[int, DecodeSession]] = [{} for _ in runs]
    sums = [0] * len(runs)
    if not plan.last_coded:
        _finish(runs, sessions, sums, checks)
    for done, ref in enumerate(pipeline.order):
        first.report(done, ref)
        if ref in pipeline.derive:
            if ref in plan.used:
                derive(runs, ref)
        else:
            stream = pipeline.streams[ref]
            received: list[Any] = []
            for i, run in enumerate(runs):
                chain = run.chain(stream)
                if stream.inner is not None:
                    received.append(run.values[stream.inner])
                    continue
                index = plan.section_of[ref]
                if stream.coder is None:
                    received.append(bytes(sections[i][index]))
                    continue
                if index not in sessions[i]:
                    node = coders_node(run, index)
                    coder = run.bound[node.path]
                    sessions[i][index] = run.call(
                        node, "decoder", coder.decoder, sections[i][index]
                    )
                q, value = decode_stream(run, stream, chain, sessions[i][index])
                if checks[i] is not None:
                    sums[i] = zlib.crc32(q.astype("<i4").tobytes(), sums[i])
                received.append(value)
            undo(runs, stream, received)
        if ref == plan.last_coded:
            _finish(runs, sessions, sums, checks)
        for run in runs:
            forget(run, done)
    for run in runs:
        if run.trace is not None and run.trace.keep:
            run.trace.values.update(run.values)
    return [run.values[pipeline.output] for run in runs]


def _finish(
    runs: Sequence[Run],
    sessions: Sequence[dict[int, DecodeSession]],
    sums: Sequence[int],
    checks: Sequence[int | None],
) -> None:
    """Compare what was read with what was promised, before any picture-side work is wasted."""
    for run, opened, total, check in zip(runs, sessions, sums, checks, strict=True):
        for index, session in opened.items():
            run.call(coders_node(run, index), "finish", session.finish)
        found = check_byte(b"", total)
        if check is not None and check != found:
            raise IntegrityError(
                f"expected check value {check:#04x} over the decoded symbols, got {found:#04x}",
                hint="The file is damaged, or its codec's entropy model differs on this machine.",
            )
