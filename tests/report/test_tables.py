"""Published tables and CompressAI's form: read as they are, written so that its tools take them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.cli import main
from semcodec.errors import SettingError
from semcodec.report.analysis import analyse
from semcodec.report.compressai import export_compressai, to_compressai
from semcodec.report.cost import cost_table, costs
from semcodec.report.plots import write_plots
from semcodec.report.published import choose, metric_key, read_published
from semcodec.report.run import read_run

Rows = list[dict[str, Any]]
Write = Callable[..., Path]

RESULT = {
    "name": "VTM",
    "results": {"bpp": [0.5, 0.1], "psnr-rgb": [34.0, 28.0], "ms-ssim-rgb": [0.98, 0.9]},
}
TABLE = """source,codec,dataset,bpp,psnr,ms_ssim,fid
x,A,kodak,0.5,34,0.98,
x,A,kodak,0.1,28,,
x,B,clic,0.2,30,0.9,nan
"""


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("psnr", "psnr"),
        ("psnr-rgb", "psnr"),
        ("psnr_db", "psnr"),
        ("metrics.ms-ssim", "msssim"),
        ("ms-ssim-rgb", "msssim"),
        ("MS_SSIM", "msssim"),
        ("psnr-y", "psnry"),
        ("metrics.psnr-y", "psnry"),
    ],
)
def test_one_metric_has_one_key(name: str, key: str) -> None:
    assert metric_key(name) == key


def test_a_result_of_compressai(tmp_path: Path) -> None:
    path = tmp_path / "vtm.json"
    path.write_text(json.dumps(RESULT))
    (found,) = read_published(path)
    assert (found.name, found.source) == ("VTM", "vtm.json")
    assert found.metrics == {
        "psnr": [(0.1, 28.0), (0.5, 34.0)],
        "msssim": [(0.1, 0.9), (0.5, 0.98)],
    }


def test_results_by_codec(tmp_path: Path) -> None:
    path = tmp_path / "kodak.json"
    path.write_text(json.dumps({"C3": {"bpp": [0.1], "psnr": [27.0], "meta": {}}, "note": "x"}))
    (found,) = read_published(path)
    assert (found.name, found.metrics) == ("C3", {"psnr": [(0.1, 27.0)]})


def test_a_table(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(TABLE)
    with pytest.raises(SettingError, match="Choose one of clic, kodak"):
        read_published(path)
    (found,) = read_published(path, dataset="kodak")
    assert (found.name, found.source) == ("A", "points.csv, x, kodak")
    assert found.metrics == {"psnr": [(0.1, 28.0), (0.5, 34.0)], "msssim": [(0.5, 0.98)]}
    assert [one.name for one in read_published(path, dataset="clic")] == ["B"]


def test_curves_are_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(TABLE.replace("clic", "kodak"))
    found = read_published(path)
    assert choose(found, []) == found
    assert [one.name for one in choose(found, ["B"])] == ["B"]
    with pytest.raises(SettingError, match="They have A, B"):
        choose(found, ["A", "C"])


def test_one_codec_of_two_publications_is_two_curves(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("source,codec,bpp,psnr\nx,BPG,0.1,28\ny,BPG,0.1,29\nx,BPG,0.2,30\n")
    assert [(one.source, one.metrics["psnr"]) for one in read_published(path)] == [
        ("points.csv, x", [(0.1, 28.0), (0.2, 30.0)]),
        ("points.csv, y", [(0.1, 29.0)]),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("x.json", "{", "expected JSON"),
        ("x.json", "[1]", "expected a JSON object"),
        ("x.json", "{}", "found none"),
        ("x.json", '{"results": {"bpp": [1, 2], "psnr": [1]}}', "found none"),
        ("x.json", '{"results": {"bpp": "no", "psnr": [NaN]}}', "found none"),
        ("x.csv", "a,b\n1,2\n", "expected a column bpp"),
        ("x.csv", "bpp,psnr\n0,30\n-1,2\nx,y\n", "found none"),
        ("x.csv", "bpp,psnr\n1\n", "found none"),
        ("x.csv", "", "expected a column bpp"),
    ],
)
def test_a_table_that_is_none(name: str, text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingError, match=expected):
        read_published(tmp_path / name)


def test_what_is_written_is_read_again(rows: Rows, write_run: Write, tmp_path: Path) -> None:
    run = read_run(write_run(rows))
    (path,) = export_compressai(run, tmp_path / "one.json", "one")
    written = json.loads(path.read_text())
    assert set(written) == {"name", "description", "results"}
    assert set(written["results"]) == {
        "bpp",
        "psnr-rgb",
        "mse",
        "encoding_time",
        "decoding_time",
    }
    assert {len(values) for values in written["results"].values()} == {4}
    assert written["results"]["bpp"] == pytest.approx([0.1, 0.25, 0.5, 1.0])
    assert written["results"]["psnr-rgb"][3] == pytest.approx(33.3)
    (found,) = read_published(path)
    pairs = zip(written["results"]["bpp"], written["results"]["psnr-rgb"], strict=True)
    assert found.metrics["psnr"] == list(pairs)


def test_a_folder_for_several(rows: Rows, write_run: Write, tmp_path: Path) -> None:
    for line in rows:
        line["cell"] = {"one": "a/b", "two": "a_b"}[line["cell"]]
    run = read_run(write_run(rows))
    files = export_compressai(run, tmp_path / "out")
    assert [path.name for path in files] == ["a_b.json", "a_b-2.json"]
    with pytest.raises(SettingError, match="--codec"):
        export_compressai(run, tmp_path / "out.json")
    with pytest.raises(SettingError, match="no codec 'c'"):
        to_compressai(run, "c")


def test_the_commands(
    rows: Rows, write_run: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    folder = write_run(rows)
    table = tmp_path / "vtm.json"
    table.write_text(json.dumps(RESULT))
    page, plots = tmp_path / "page.html", tmp_path / "plots"
    more = ["--published", str(table), "--semantic", "mse=2", "--quality", "psnr=0.1"]
    more += ["--plots", str(plots), "--anchor", "two"]
    assert main(["report", str(folder), "-o", str(page), *more]) == 0
    text = page.read_text()
    assert "BD-rate against two" in text
    assert "rate + 2 mse - 0.1 psnr" in text
    assert "numbers of their authors, not of this run" in text
    assert {path.name for path in plots.iterdir()} == {
        "psnr.svg",
        "psnr.png",
        "mse.svg",
        "mse.png",
    }
    assert "VTM (published)" in (plots / "psnr.svg").read_text()
    before = (plots / "psnr.svg").read_bytes()
    assert main(["report", str(folder), *more]) == 0
    assert (plots / "psnr.svg").read_bytes() == before
    assert (folder / "index.html").is_file()
    assert main(["export", str(folder), "--format", "compressai", "-o", str(tmp_path / "c")]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("more", "code", "expected"),
    [
        (("--anchor", "three"), 1, "no codec 'three'"),
        (("--quality", "psnr"), 2, "METRIC=WEIGHT"),
        (("--quality", "psnr=-1"), 2, "at least 0"),
        (("--quality", "mse=1"), 1, "higher is better"),
        (("--published", "none.json"), 1, "cannot be read"),
        (("--curve", "BPG"), 1, "no curve 'BPG'"),
        (("-o", "no/such/folder.html"), 1, "no folder"),
        (("--interpolation", "spline"), 2, "pchip"),
    ],
)
def test_the_command_refuses(
    more: tuple[str, ...],
    code: int,
    expected: str,
    rows: Rows,
    write_run: Write,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["report", str(write_run(rows)), *more]) == code
    assert expected in capsys.readouterr().err


def test_costs_are_means_by_size(
    make_row: Callable[..., dict[str, Any]], write_run: Write, tmp_path: Path
) -> None:
    def of(pixels: int, **changes: Any) -> dict[str, Any]:
        return make_row("one", f"at{pixels}", 1.0, bytes=pixels // 8, **changes)

    small, large = 256 * 170, 1024 * 683
    seconds = [of(small, encode_seconds=0.1, peak_bytes=2**27), of(large, encode_seconds=2.0)]
    other = make_row("one", "b", 1.0, bytes=256 * 256 // 8, encode_seconds=0.3, peak_bytes=2**28)
    lost = make_row("one", "c", 1.0, status="failed", encode_seconds=99.0)
    run = read_run(write_run([*seconds, other, lost]))
    [few, many] = costs(run)["one"]
    assert (few.files, few.encode, few.peak) == (2, pytest.approx(0.2), 192)
    assert few.megapixels == pytest.approx((small + 256 * 256) / 2e6)
    assert (many.files, many.peak) == (1, None)
    assert many.speed == pytest.approx(large / 2e6, rel=1e-3)
    assert "<td>0.350</td>" in cost_table(run)  # megapixels a second
    pytest.importorskip("matplotlib")
    names = {file.name for file in write_plots(run, analyse(run), tmp_path / "plots")}
    assert {"cost-seconds.svg", "cost-seconds.png"} < names
    assert not any(name.startswith("cost-memory") for name in names)


def test_a_run_that_tells_no_cost_has_no_table_of_it(rows: Rows, write_run: Write) -> None:
    for line in rows:
        del line["encode_seconds"]
    assert cost_table(read_run(write_run(rows))) == ""
