from __future__ import annotations

import pytest

TEXT = f"""\
register: 1
providers:
  - prefix: core
    distribution: semcodec
    home: https://example.org/semcodec
    install: pip install semcodec
    status: available
  - prefix: acme
    distribution: semcodec-acme
    home: https://example.org/acme
    install: pip install semcodec-acme
    status: available
  - prefix: later
    distribution: semcodec-later
    home: https://example.org/later
    install: pip install semcodec-later
    status: planned
codecs:
  - code: 1
    name: flat-dct
    provider: semcodec
    digest: "{"0123456789abcdef" * 4}"
    sections: [image]
    wire: {{step: 64}}
    status: permanent
  - code: 17
    name: acme-roi
    provider: semcodec-acme
    digest: "{"1" * 64}"
    sections: [map+image, residual]
    wire: {{step: 64, beta: 16}}
    status: draft
  - code: 128
    name: later-gan
    provider: semcodec-later
    digest: "{"a" * 64}"
    sections: []
    wire: {{}}
    status: deprecated
"""


@pytest.fixture
def text() -> str:
    """A register with a provider and a codec of every status."""
    return TEXT
