"""What coding costs by size of the picture: seconds, pixels a second, memory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from semcodec.report.rows import Row, finite
from semcodec.report.run import Run
from semcodec.report.tables import figure, table

__all__ = ["Cost", "cost_table", "costs"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Means of a codec over all files of pictures of about one size.

    Attributes:
        codec: its name.
        files: how many files.
        megapixels: of a picture.
        encode: seconds of one file; None where no row tells.
        decode: seconds of one file; likewise.
        peak: MiB of the process that took more, interpreter and libraries included; likewise.
    """

    codec: str
    files: int
    megapixels: float
    encode: float | None
    decode: float | None
    peak: float | None

    @property
    def speed(self) -> float | None:
        """Megapixels a second that are encoded."""
        return self.megapixels / self.encode if self.encode else None


def costs(run: Run) -> dict[str, list[Cost]]:
    """Give costs by codec, smallest pictures first.

    Pictures are of about one size where their numbers of pixels round to one power of four: from
    half to twice as many.
    """
    groups: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in run.rows:
        if row.coded:
            groups[row.cell, round(math.log(_pixels(row), 4))].append(row)
    found: dict[str, list[Cost]] = {codec: [] for codec in run.codecs}
    for codec, octave in sorted(groups):
        rows = groups[codec, octave]
        peak = _mean(rows, "peak_bytes")
        found[codec].append(
            Cost(
                codec,
                len(rows),
                fmean(_pixels(row) for row in rows) / 1e6,
                _mean(rows, "encode_seconds"),
                _mean(rows, "decode_seconds"),
                peak / 2**20 if peak else None,
            )
        )
    return found


def cost_table(run: Run) -> str:
    """Write costs as a table; empty where no row tells any."""
    told = [one for of_codec in costs(run).values() for one in of_codec if one.encode or one.peak]
    if not told:
        return ""
    body = [
        (
            one.codec,
            figure(one.megapixels, 3),
            str(one.files),
            *(figure(value, 3) for value in (one.encode, one.decode, one.speed, one.peak)),
        )
        for one in told
    ]
    head = ["codec", "Mpixel", "files", "encode s", "decode s", "encode Mpixel/s", "peak MiB"]
    caption = "Time and memory by size of the picture, means over rates and pictures"
    return table("costs", caption, head, body, sortable=True)


def _pixels(row: Row) -> float:
    return max(8 * row.size / row.bpp, 1.0)


def _values(rows: list[Row], name: str) -> Iterator[float]:
    for row in rows:
        value = finite(row.data.get(name))
        if value is not None and value > 0:
            yield value


def _mean(rows: list[Row], name: str) -> float | None:
    known = list(_values(rows, name))
    return fmean(known) if known else None
