"""A lock that was made from another spec."""

from __future__ import annotations

from semcodec import hookimpl, pipeline


@hookimpl
def semcodec_pipelines():
    return [pipeline("stale-lock", "faulty_stale_lock", "stale-lock.yaml")]
