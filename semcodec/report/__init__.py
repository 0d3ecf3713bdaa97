"""What a comparison says: curves, BD-rates, and the page that shows them."""

from __future__ import annotations

from semcodec.report.write import write_report

__all__ = ["write_report"]
