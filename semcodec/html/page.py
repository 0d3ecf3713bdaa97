"""A self-contained HTML document."""

from __future__ import annotations

import base64
import hashlib
import html

__all__ = ["BASE_STYLE", "data_url", "document"]

BASE_STYLE = """
:root { color-scheme: light dark; --line: #8886; --accent: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --accent: #fb923c; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child, .note { text-align: left; }
th { white-space: nowrap; }
.scroll { overflow-x: auto; }
input[type=range] { accent-color: var(--accent); }
select, input, button { font: inherit; } figure { margin: 0; }
figcaption, .small { font-size: .9rem; }
"""
"""Style that the pages share; they add their own to it."""


def document(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """Put a page together that loads nothing, and forbids itself to.

    A content security policy in the page lets the browser run the one script, known by its hash,
    and show pictures that are inside; whatever else a name or a message smuggled in does nothing.

    Args:
        title: plain text.
        body: HTML, what came from outside escaped.
        style: CSS beside ``BASE_STYLE``.
        script: JavaScript, which runs after the body.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{BASE_STYLE}{style}</style>\n</head>\n<body>",
            body,
            f"<script>{script}</script>\n</body>\n</html>\n",
        )
    )


def data_url(content: bytes, kind: str) -> str:
    """Give bytes as a ``data:`` address; ``kind`` is a MIME type such as ``image/png``."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
