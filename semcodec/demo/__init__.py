"""Pictures of what a codec does: the figure of ``explain`` and the page of ``demo``."""

from __future__ import annotations
