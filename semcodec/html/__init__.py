"""What every HTML page has in common: one style, pictures inside, nothing loaded."""

from __future__ import annotations

from semcodec.html.page import BASE_STYLE, data_url, document

__all__ = ["BASE_STYLE", "data_url", "document"]
