"""How far a codec's average curve lies from a published one, in the metric's unit at equal bytes.

    python tests/evaluation/published.py RUN TABLE.json --codec jpeg-baseline

RUN is a folder of `semcodec compare`; README.md beside this file says what is measured and how.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

from scipy.interpolate import PchipInterpolator

from semcodec.report.bd import bd_rate
from semcodec.report.curves import common_ground, curves_of, front
from semcodec.report.published import metric_key, read_published
from semcodec.report.run import read_run

Points = Sequence[tuple[float, float]]


def differences(ours: Points, theirs: Points) -> list[tuple[float, float, float]]:
    """Compare at the bits a pixel of the published points that our curve spans.

    Args:
        ours: (bits a pixel, value), at least two; PCHIP over the logarithm of the rate.
        theirs: (bits a pixel, value).

    Returns:
        Bits a pixel, the published value, and ours less theirs.
    """
    rates, values = zip(*front(ours), strict=True)
    curve = PchipInterpolator([math.log(rate) for rate in rates], values, extrapolate=False)
    inside = [(rate, value) for rate, value in theirs if rates[0] <= rate <= rates[-1]]
    return [(rate, value, float(curve(math.log(rate))) - value) for rate, value in inside]


def main() -> None:
    """Run from the command line."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--codec", required=True, help="a cell of the run")
    parser.add_argument("--metric", default="psnr", help="a metric of the run (psnr)")
    options = parser.parse_args()
    [table] = read_published(options.table)
    theirs = table.metrics[metric_key(options.metric)]
    curves = curves_of(read_run(options.run).rows, options.codec, options.metric)
    places = curves.average(common_ground([curves]))
    ours = [(place.bpp, place.value) for place in places]
    found = differences(ours, theirs)
    print(f"{options.codec} and {table.name} ({table.source}), {places[0].pictures} pictures")
    for rate, value, difference in found:
        print(f"{rate:8.3f} bpp {value:9.4f} {difference:+9.4f}")
    sizes = [difference for _, _, difference in found]
    print(
        f"mean {statistics.fmean(sizes):+.4f}, from {min(sizes):+.4f} to {max(sizes):+.4f}; "
        f"BD-rate {bd_rate(theirs, ours).value:+.2f} %"
    )


if __name__ == "__main__":
    main()
