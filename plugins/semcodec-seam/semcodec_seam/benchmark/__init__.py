"""The benchmark of Semantic Compress, for ``semcodec compare``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["COMPARE_FILE"]

COMPARE_FILE = Path(__file__).with_name("semantic-compress.yaml")
"""The compare file; the specs that it names lie beside it."""
