"""Prints where the compare file is: ``python -m semcodec_seam.benchmark``."""

from __future__ import annotations

from semcodec_seam.benchmark import COMPARE_FILE

if __name__ == "__main__":
    print(COMPARE_FILE)
