"""A run that is killed again and again ends with the rows of one that was not."""

from __future__ import annotations

import random
import time

from semcodec.compare.rows import read_rows

MEASURED = ("encode_seconds", "decode_seconds", "peak_bytes")
KILLS = 20


def steady(folder):
    rows = read_rows(folder / "rows.jsonl")
    assert len({row["key"] for row in rows}) == len(rows), "a row stands twice"
    return {row["key"]: {k: v for k, v in row.items() if k not in MEASURED} for row in rows}


def test_a_run_killed_20_times_ends_as_one_that_was_not(photos, start, tmp_path):
    args = ["compare", "flat-dct", "plain-dct", "--data", str(photos), "--target-bpp",
            "0.2,1,1.5,2,3,4,5,6", "--scope", "image", "--workers", "2", "-o"]  # fmt: skip
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    began = time.monotonic()
    done = start(*args, str(whole))
    out, err = done.communicate(timeout=200)
    assert done.returncode == 0, out + err
    took = time.monotonic() - began
    rng = random.Random(5)
    seen = 0
    kills = 0
    while kills < KILLS:
        process = start(*args, str(broken))
        # Anywhere from the first import to the last row; later rounds have less left to do.
        time.sleep(rng.uniform(0.3, 1.0) * took * (1 if seen < 24 else 0.4))
        process.kill()
        process.communicate()
        kills += 1
        rows = len(read_rows(broken / "rows.jsonl")) if broken.exists() else 0
        assert rows >= seen, "a finished row was lost"
        seen = rows
    last = start(*args, str(broken))
    out, err = last.communicate(timeout=200)
    assert last.returncode == 0, out + err
    assert steady(broken) == steady(whole)
    for row in read_rows(broken / "rows.jsonl"):
        assert (broken / row["file"]).read_bytes() == (whole / row["file"]).read_bytes()
        assert (broken / row["decoded"]).read_bytes() == (whole / row["decoded"]).read_bytes()
