"""Print what captions cost, in bits a character, by each prior of byte-context and by others.

    python tests/evaluation/captions.py FILE

FILE holds one caption a line, UTF-8. Each is coded on its own.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import numpy as np

from semcodec.coding.primitives import CAPTIONS, ENGLISH, NOTHING, SEQUENCE
from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.values import Symbols


def coded(text: bytes, prior: int) -> int:
    """Measure primitive SEQUENCE with an end symbol."""
    session = Range().encoder()
    values = np.frombuffer(text, dtype=np.uint8).astype(np.int32)
    symbols = Symbols((len(text) + 1000,), low=0, high=255, end=0)
    session.adapt(values, symbols, AdaptivePass(primitive=SEQUENCE, params=(prior,)))
    return len(session.finish())


def deflated(text: bytes) -> int:
    """Measure zlib's best without its header and checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return len(packer.compress(text) + packer.flush())


def main() -> None:
    """Measure a file's lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text(encoding="utf-8").splitlines()
    captions = [line.encode() for line in lines if line]
    characters = sum(len(line) for line in lines)
    print(f"{len(captions)} captions of {characters / len(captions):.1f} characters")
    measures = {
        "captions": lambda text: coded(text, CAPTIONS),
        "english": lambda text: coded(text, ENGLISH),
        "none": lambda text: coded(text, NOTHING),
        "deflate": deflated,
    }
    for name, measure in measures.items():
        print(f"{name:10} {8 * sum(map(measure, captions)) / characters:.2f} bits a character")


if __name__ == "__main__":
    main()
