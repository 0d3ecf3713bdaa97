"""The code on docs/torch.md runs and prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "torch.md"

for needed in ("torch", "safetensors"):
    pytest.importorskip(needed, reason="pip install semcodec-torch")


@pytest.mark.skipif(not PAGE.exists(), reason="the pages are in the repository only")
def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```python") == 2
    for code, said in blocks:
        exec(code, {})
        assert capsys.readouterr().out == said
