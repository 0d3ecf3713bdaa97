"""What was coded once decodes to something else."""

from __future__ import annotations

from semcodec import hookimpl, pipeline


@hookimpl
def semcodec_pipelines():
    return [pipeline("changed-decoder", "faulty_changed_decoder", "changed-decoder.yaml")]
