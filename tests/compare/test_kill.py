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


def lines(folder):
    file = folder / "rows.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def test_a_run_killed_20_times_ends_as_one_that_was_not(photos, start, tmp_path):
    rates = ",".join(str(0.25 * n) for n in range(1, 21))
    args = ["compare", "flat-dct", "plain-dct", "--data", str(photos), "--target-bpp", rates,
            "--workers", "2", "-o"]  # fmt: skip
    count = 2 * 3 * 20
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    began = time.monotonic()
    done = start(*args, str(whole))
    out, err = done.communicate(timeout=200)
    assert done.returncode == 0, out + err
    took = time.monotonic() - began
    rng = random.Random(5)
    for _ in range(KILLS):
        seen = lines(broken)
        assert seen < count, "nothing was left to interrupt"
        process = start(*args, str(broken))
        # Some in the middle of starting, most between two rows or within one; never so many rows
        # later that none is left, however much faster the machine has become.
        wanted = seen + rng.randint(0, 3)
        until = time.monotonic() + (rng.uniform(0, took / 2) if wanted == seen else 600)
        while lines(broken) < (wanted if wanted > seen else seen + 3) and process.poll() is None:
            if time.monotonic() > until:
                break
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.01))
        process.kill()
        process.communicate()
        assert lines(broken) >= seen, "a finished row was lost"
    last = start(*args, str(broken))
    out, err = last.communicate(timeout=200)
    assert last.returncode == 0, out + err
    assert len(steady(whole)) == count
    assert steady(broken) == steady(whole)
    for row in read_rows(broken / "rows.jsonl"):
        assert (broken / row["file"]).read_bytes() == (whole / row["file"]).read_bytes()
        assert (broken / row["decoded"]).read_bytes() == (whole / row["decoded"]).read_bytes()
