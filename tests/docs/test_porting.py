"""The page on porting runs, with a random network: no hub is asked for weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.filterwarnings("ignore")  # of torch and CompressAI
def test_the_page_runs(acme: Path, runner: Any, blocks: Callable[[str], list[Any]]) -> None:
    reason = "needs compressai, which is no dependency: pip install compressai safetensors"
    pytest.importorskip("compressai", reason=reason)
    pytest.importorskip("safetensors", reason=reason)
    page = blocks("porting")
    assert sum("pretrained=True" in block.text for block in page) == 1
    for block in page:
        runner.run(replace(block, text=block.text.replace("pretrained=True", "pretrained=False")))


def test_the_port_is_about_60_lines(blocks: Callable[[str], list[Any]]) -> None:
    [block] = [block for block in blocks("porting") if "@component" in block.text]
    compile(block.text, "porting.md", "exec")
    assert len([line for line in block.text.splitlines() if line.strip()]) <= 65
