"""What bytes to expect in English text: the frozen prior of primitive SEQUENCE."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["END", "START", "byte_weights"]

START = -1
"""Stands for the byte before the first."""
END = 256
"""Index of the weight of the end."""

# Row: the letter before, a to z and then anything else; column: the letter, a to z and then a
# space. A digit d says that the pair is 2**d times as frequent as the rarest.
_PAIRS = (
    "044402105036470306462200328",  # a
    "603180005507016106316000614",  # b
    "602160075066007004265000404",  # c
    "302570307003006005303000409",  # d
    "523663330004352407662234208",  # e
    "501155006006006007325000108",  # f
    "200070156003142006515000019",  # g
    "600080000006000005051000008",  # h
    "215543502005384206570400030",  # i
    "400091000030005100006000106",  # j
    "400280407004131300513030608",  # k
    "710672006047307100334000507",  # l
    "850170006002446600325000107",  # m
    "304761704030034000561100008",  # n
    "524427202005575506456560325",  # o
    "701171056007006406264200407",  # p
    "100201000002130003309000005",  # q
    "623475406043247304444000207",  # r
    "233070046054444430575030308",  # s
    "602060085001006006444020408",  # t
    "434462406006671607651000002",  # u
    "700090007000103000100000005",  # v
    "600060068004066004400000307",  # w
    "626152026002102603180102227",  # x
    "005251106004335501550030109",  # y
    "601092007001414000120000255",  # z
    "865425445024436505663360210",
)


_STOPS = frozenset(b".,;:!?")


def _row(byte: int) -> tuple[int, ...]:
    letter = (byte | 32) - ord("a")
    return tuple(map(int, _PAIRS[letter if byte >= ord("A") and 0 <= letter < 26 else 26]))


def _after(previous: int) -> list[int]:
    weights = [1] * 257
    row = _row(previous)
    for byte in range(ord(" "), 127):
        weights[byte] = 4
    for byte in b"0123456789":
        weights[byte] = 16
    for byte in b".,'-":
        weights[byte] = 64
    for letter in range(26):
        weights[ord("a") + letter] = 64 << row[letter]
        weights[ord("A") + letter] = (128 if previous == START else 2) << row[letter]
    word = previous > ord(" ") and row != _row(START)
    weights[ord(" ")] = 64 << (row[26] if word else 8 if previous in _STOPS else 2)
    weights[END] = 8 << (row[26] if word else 11 if previous == ord(".") else 0)
    return weights


@cache
def byte_weights() -> NDArray[np.int64]:
    """Give how often each byte is expected after each other, in integers.

    Returns:
        int64 (258, 257), read-only: row 0 whatever came before, row 1 + b after byte b and row 257
        at the start; columns 0 to 255 for the bytes and ``END`` for the end.
    """
    after = np.array([_after(previous) for previous in (*range(256), START)], dtype=np.int64)
    letters = [*range(ord("a"), ord("z") + 1), ord(" ")]
    # How common a letter is follows from the pairs: count it as what comes after all others.
    common = after[letters].sum(axis=0)
    mixed = (after[letters] * common[letters][:, None]).sum(axis=0) >> 16
    table: NDArray[np.int64] = np.concatenate([np.maximum(mixed, 1)[None], after])
    table.setflags(write=False)
    return table
