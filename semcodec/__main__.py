"""``python -m semcodec`` is the ``semcodec`` command."""

from __future__ import annotations

import sys

from semcodec.cli import main

if __name__ == "__main__":
    sys.exit(main())
