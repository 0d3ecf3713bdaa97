"""``python -m semcodec_seam IMG ...`` is ``semcodec seam IMG ...``."""

from __future__ import annotations

import sys

from semcodec.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["seam", *sys.argv[1:]]))
