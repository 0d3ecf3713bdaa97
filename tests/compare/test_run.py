from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from semcodec.cli.main import main
from semcodec.compare.rows import Lines, read_rows
from semcodec.engine.api import decode, load
from semcodec.engine.trace import Trace
from semcodec.errors import SettingError, SpecError
from semcodec.image import read_image, write_image

RATES = {"target_bpp": [1.5, 4]}
KEYS = {
    *("key", "cell", "image", "pixels_sha256", "width", "height", "channels", "rate", "seed"),
    *("status", "error", "hint", "bytes", "bpp", "sections", "settings", "trials", "metrics"),
    *("encode_seconds", "decode_seconds", "parameters", "kmac_per_pixel", "peak_bytes", "digest"),
    *("full_digest", "versions", "python", "platform", "device", "file", "decoded", "map"),
}


def trap(**parameters):
    """A codec whose first stage is the faulty plugin's."""
    first = {"use": "faulty.trap", **parameters}
    stages = [first, {"use": "dct"}, {"use": "uniform", "step": 16}]
    coding = {"model": {"use": "dct-context"}, "coder": {"use": "range"}}
    step = {"min": 2, "max": 128, "levels": 61, "scale": "log", "bytes": "decreasing"}
    wire = {"step": {"path": "image.stages.2.step", **step}}
    return {"semcodec": 1, "streams": {"image": {"stages": stages, **coding}}, "wire": wire}


def test_rows_say_what_files_hold_and_targets_are_not_exceeded(compare, photos):
    made = compare(codecs=["flat-dct", "plain-dct"], rates=RATES, workers=2)
    assert made.computed == len(made.rows) == 2 * 3 * 2
    for row in made.rows:
        assert set(row) == KEYS
        data = (made.folder / row["file"]).read_bytes()
        original = read_image(photos / f"{row['image']}.png")
        assert row["status"] == "ok"
        assert row["bytes"] == len(data) == sum(row["sections"].values())
        assert row["bpp"] == 8 * len(data) / (row["width"] * row["height"])
        assert row["bpp"] <= row["rate"]["target_bpp"]
        assert original.shape == (row["height"], row["width"], row["channels"])
        shown = read_image(made.folder / row["decoded"])
        assert (shown == decode(data)).all()
        assert (read_image(made.folder / "originals" / f"{row['image']}.png") == original).all()
        assert row["digest"] == load(row["cell"]).digest
        assert row["encode_seconds"] > 0
        assert row["decode_seconds"] > 0
    lines = (made.folder / "rows.jsonl").read_text().splitlines()
    kept = {row["key"]: row for row in map(json.loads, lines)}
    assert kept == {row["key"]: row for row in made.rows}
    assert {c["status"] for c in json.loads((made.folder / "cells.json").read_text())} == {"ready"}


def test_a_target_gets_the_best_that_the_engine_finds(compare, photos):
    made = compare(rates=RATES)
    for row in made.rows:
        target = row["rate"]["target_bpp"]
        alone = load("flat-dct").encode(photos / f"{row['image']}.png", target_bpp=target)
        assert row["bytes"] == len(alone)


def test_a_second_run_computes_nothing_and_a_wider_one_what_is_new(compare):
    first = compare(rates=RATES)
    before = (first.folder / "rows.jsonl").read_bytes()
    assert compare(rates=RATES).computed == 0
    assert (first.folder / "rows.jsonl").read_bytes() == before
    wider = compare(rates={"target_bpp": [1.5, 4, 6]})
    assert wider.computed == 3
    changed = compare(
        codecs=[{"use": "flat-dct", "label": "flat-dct", "set": {"quantizer.rdo": 0}}]
    )
    assert changed.computed == len(read_rows(first.folder / "rows.jsonl")) == 3


def test_one_setting_for_all_keeps_the_total_within_the_target(compare):
    made = compare(rates={"target_bpp": [3], "scope": "dataset"})
    pixels = sum(row["width"] * row["height"] for row in made.rows)
    total = sum(row["bytes"] for row in made.rows)
    assert 8 * total / pixels <= 3
    [step] = {row["settings"]["step"] for row in made.rows}
    finer = load("flat-dct").pipeline.wire[0].grid
    next_finer = finer.values[finer.nearest(step) - 1]
    larger = compare(rates={"settings": [{"step": next_finer}]}, folder=made.folder / "finer")
    assert 8 * sum(row["bytes"] for row in larger.rows) / pixels > 3
    again = compare(rates={"target_bytes": [400], "scope": "dataset"})
    assert sum(row["bytes"] for row in again.rows) / 3 <= 400


def test_out_of_reach_gives_the_nearest_and_says_so(compare):
    made = compare(rates={"target_bytes": [3]})
    for row in made.rows:
        assert row["status"] == "missed"
        assert "no value of 'step' reaches 3B" in row["error"]
        smallest = load("flat-dct").encode(made.folder / f"originals/{row['image']}.png",
                                           settings={"step": 128})  # fmt: skip
        assert row["bytes"] == len(smallest)


def test_swapped_cells_are_run_and_invalid_ones_listed(compare):
    made = compare(
        codecs=[{"use": "flat-dct", "label": "same"}],
        base="flat-dct",
        swap={"coder": ["rans", "nothing"]},
        exclude=[],
    )
    status = {cell.name: (cell.status, cell.reason) for cell in made.cells}
    assert status["flat-dct+coder=rans"] == ("ready", "")
    assert "nothing" in status["flat-dct+coder=nothing"][1]
    assert status["flat-dct"] == ("invalid", "the same codec as same, which is run")
    assert {row["cell"] for row in made.rows} == {"same", "flat-dct+coder=rans"}


def test_no_cell_that_can_run_is_an_error(compare):
    with pytest.raises(SettingError, match="no codec of the comparison can run"):
        compare(codecs=["nothing"])
    with pytest.raises(SettingError, match="it has no setting 'quality'"):
        compare(rates={"settings": [{"quality": 3}]})


def test_a_picture_that_cannot_be_read_fails_by_name_and_the_others_go_on(compare, photos):
    (photos / "b.png").write_bytes(b"no picture")
    made = compare()
    status = {row["image"]: row["status"] for row in made.rows}
    assert status == {"a": "ok", "b": "failed", "c": "ok"}
    [failed] = [row for row in made.rows if row["status"] == "failed"]
    assert "cannot be read" in failed["error"]
    assert set(failed) == KEYS


def test_two_pictures_with_one_stem_are_told_apart(compare, photos):
    Image.new("RGB", (16, 16), (9, 99, 200)).save(photos / "a.bmp")
    made = compare()
    assert {row["image"] for row in made.rows} == {"a.bmp", "a.png", "b.png", "c.png"}


def test_copies_of_a_picture_have_rows_of_their_own(compare, photos):
    (photos / "z.png").write_bytes((photos / "a.png").read_bytes())
    made = compare()
    assert len({row["key"] for row in made.rows}) == len(made.rows) == 4


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(
    ("how", "said"), [("raise", "too dark"), ("die", "died"), ("hang", "more than 15 seconds")]
)
def test_a_codec_that_fails_on_one_picture_fails_there_only(compare, photos, how, said):
    write_image(read_image(photos / "b.png") // 16, photos / "b.png")
    spec, limit = trap(how=how), {"timeout": 15} if how == "hang" else {}
    made = compare(codecs=["flat-dct", {"use": spec, "label": "trap"}], **limit)
    status = {(row["cell"], row["image"]): row["status"] for row in made.rows}
    assert {key for key, said in status.items() if said != "ok"} == {("trap", "b")}
    [failed] = [row for row in made.rows if row["status"] == "failed"]
    assert said in failed["error"]
    if how != "hang":
        again = compare(codecs=["flat-dct", {"use": spec, "label": "trap"}], retry_failed=True)
        assert again.computed == 1


@pytest.mark.usefixtures("faulty")
def test_stages_before_a_swap_run_once_a_picture(compare, tmp_path, monkeypatch):
    """And in the first picture once more for each cell, to warm it up."""
    log = tmp_path / "log"
    monkeypatch.setenv("TRAP_LOG", str(log))
    made = compare(base=trap(), codecs=[], swap={"coder": ["rans", "zstd"]}, rates=RATES)
    assert len(made.rows) == 3 * 3 * 2
    assert Counter(log.read_text().split("\n")[:-1]) == {
        "(24, 32, 3)": 1 + 3,
        "(32, 24, 3)": 1,
        "(17, 40, 3)": 1,
    }
    assert all(row["encode_seconds"] > 0 for row in made.rows)


@pytest.mark.usefixtures("faulty")
def test_metrics_that_cannot_are_shown_and_cost_nothing(compare, photos, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    mask = Image.new("L", (32, 24))
    mask.paste(255, (0, 0, 16, 24))
    mask.save(masks / "a.png")
    metrics = ["psnr", "faulty.nan", "faulty.weak", "faulty.inside", "no.such"]
    made = compare(metrics=metrics, masks=str(masks))
    assert {row["status"] for row in made.rows} == {"ok"}
    found = made.rows[0]["metrics"]
    assert found["psnr"]["value"] > 20
    assert found["psnr"]["unit"] == "dB"
    assert found["faulty.nan"] == {**found["faulty.nan"], "value": None, "error": "gave nan"}
    assert "weak fetch" in found["faulty.weak"]["error"]
    assert "no.such" in found["no.such"]["error"]
    assert found["faulty.inside"]["value"] == 0.5
    assert "mask" in made.rows[1]["metrics"]["faulty.inside"]["error"]


@pytest.mark.usefixtures("faulty")
def test_metrics_of_sets_stand_in_a_file_of_their_own(compare, photos):
    made = compare(metrics=["psnr", "faulty.set"], rates=RATES)
    assert [s["metrics"]["faulty.set"]["error"] for s in made.sets] == ["", ""]
    for each in made.sets:
        members = [row for row in made.rows if row["rate"] == each["rate"]]
        pairs = [(read_image(photos / f"{row['image']}.png").mean(),
                  read_image(made.folder / row["decoded"]).mean()) for row in members]  # fmt: skip
        a, b = np.mean(pairs, axis=0)
        assert each["metrics"]["faulty.set"]["value"] == pytest.approx((a - b) ** 2)
    assert list(made.sets) == json.loads((made.folder / "sets.json").read_text())
    assert "sets.json" in made.rows[0]["metrics"]["faulty.set"]["error"]
    few = compare(metrics=["faulty.set"], limit=2)
    assert "at least 3 pictures" in few.sets[0]["metrics"]["faulty.set"]["error"]


@pytest.mark.usefixtures("faulty")
def test_the_command_shows_metrics_of_sets(photos, tmp_path, capsys):
    line = ["compare", "flat-dct", "--data", str(photos), "--metric", "psnr", "--no-page"]
    line += ["--metric", "faulty.set", "--target-bpp", "1.5", "-o", str(tmp_path / "run")]
    assert main(line) == 0
    head, row, *rest = capsys.readouterr().out.splitlines()
    assert main([*line, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    value = printed["sets"][0]["metrics"]["faulty.set"]["value"]
    assert printed["summary"][0]["metrics"]["faulty.set"] == value
    at = head.index("FAULTY.SET")
    assert row[at:].split()[0] == f"{value:.4g}"
    assert not any("faulty.set" in text for text in rest)
    assert main([*line[:-1], str(tmp_path / "few"), "--limit", "2"]) == 0
    assert "no faulty.set\n  expected at least 3 pictures" in capsys.readouterr().out


def test_the_maps_that_guided_codecs_and_the_masks_that_graded_them_are_kept(
    compare, photos, tmp_path
):
    masks = tmp_path / "graded"
    masks.mkdir()
    mask = np.zeros((24, 32, 1), np.uint8)
    mask[:, :16] = 255
    write_image(mask, masks / "a.png")
    write_image(mask[:5], masks / "b.png")  # of another size: metrics refuse it themselves
    made = compare(
        codecs=["roi-dct", "flat-dct"], masks=str(masks), rates={"settings": [{"step": 16}]}
    )
    assert {row["status"] for row in made.rows} == {"ok"}
    assert [path.name for path in (made.folder / "masks").iterdir()] == ["a.png"]
    assert (read_image(made.folder / "masks" / "a.png") == mask).all()
    for row in made.rows:
        if row["cell"] == "flat-dct":
            assert row["map"] is None
            continue
        assert row["map"]["kind"] == "sent"
        trace = Trace(keep=True)
        decode((made.folder / row["file"]).read_bytes(), trace=trace)
        kept = read_image(made.folder / row["map"]["file"])[..., 0]
        assert (kept == np.rint(255 * trace.values["map"])).all()


def test_inputs_go_to_the_codecs_that_take_them(compare, photos, tmp_path):
    masks = tmp_path / "given"
    masks.mkdir()
    for name, size in (("a", (32, 24)), ("b", (24, 32)), ("c", (40, 17))):
        mask = Image.new("L", size)
        mask.paste(255, (0, 0, 16, 16))
        mask.save(masks / f"{name}.png")
    step = {"rates": {"settings": [{"step": 16}]}}
    without = compare(codecs=["roi-dct", "flat-dct"], **step)
    given = compare(codecs=["roi-dct", "flat-dct"], inputs={"mask": str(masks)}, **step)
    assert given.computed == 6
    changed = [a["bytes"] != b["bytes"] for a, b in zip(without.rows, given.rows, strict=True)]
    assert any(changed[:3])
    assert not any(changed[3:])


def test_bad_metric_parameters_are_refused_before_anything_runs(compare, tmp_path):
    with pytest.raises(SpecError, match="no parameter 'peak'"):
        compare(metrics=[{"use": "psnr", "peak": 1}])
    assert not (tmp_path / "run").exists()


def test_a_candidates_spec_is_a_cell(compare):
    spec = {"semcodec": 1, "candidates": ["flat-dct", "plain-dct"], "choose": {"metric": "psnr"}}
    made = compare(codecs=["flat-dct", "plain-dct", {"use": spec, "label": "best"}], rates=RATES)
    assert {row["status"] for row in made.rows} == {"ok"}
    psnr = {(r["cell"], r["image"], r["rate"]["target_bpp"]): r["metrics"]["psnr"]["value"]
            for r in made.rows}  # fmt: skip
    for (cell, image, rate), value in psnr.items():
        assert cell != "best" or value == max(
            psnr[each, image, rate] for each in ("flat-dct", "plain-dct")
        )
    missed = compare(codecs=[{"use": spec, "label": "best"}], rates={"target_bytes": [3]})
    assert {row["status"] for row in missed.rows} == {"missed"}


def test_a_line_cut_short_is_dropped_and_a_damaged_one_named(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"key":"a"}\n{"key":"b"}\n{"key":"c"')
    with Lines(path, lambda row: True) as lines:
        assert list(lines.rows) == ["a", "b"]
        lines.append({"key": "d"})
    assert [row["key"] for row in read_rows(path)] == ["a", "b", "d"]
    path.write_bytes(b'{"key":"a"}\nrubbish\n{"key":"b"}\n')
    with pytest.raises(SettingError, match="line 2 is no row"):
        read_rows(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
@pytest.mark.parametrize(("room", "said"), [(4000, "originals"), (7000, "rows.jsonl")])
def test_a_full_disk_stops_the_run_and_the_next_goes_on(photos, start, tmp_path, room, said):
    """A limit on the size of files stands in for the disk: writing fails in the middle."""
    import resource

    if said == "originals":
        noise = np.random.default_rng(3).integers(0, 256, (64, 96, 3)).astype(np.uint8)
        write_image(noise, photos / "c.png")
    args = ("compare", "flat-dct", "--data", str(photos), "--target-bpp", "1,2,3,4", "-o",
            str(tmp_path / "run"), "--no-page")  # fmt: skip
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        limited = start(*args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    out, err = limited.communicate(timeout=200)
    assert limited.returncode == 1, out + err
    assert "Traceback" not in err
    assert said in err
    assert "make room" in err
    rows = read_rows(tmp_path / "run" / "rows.jsonl")
    assert len(rows) < 12
    assert (len(rows) > 0) == (said == "rows.jsonl")
    again = start(*args)
    out, err = again.communicate(timeout=200)
    assert again.returncode == 0, out + err
    assert f"12 rows, {12 - len(rows)} of them new" in out
