"""What VMAF and XPSNR say of the ffmpeg that they find, and of pictures that are stills."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from semcodec_metrics.packages import absent
from semcodec_metrics.video import Vmaf, Xpsnr

from semcodec.errors import PluginBroken, SettingError

pytestmark = pytest.mark.skipif(
    absent(("imageio_ffmpeg",), "ffmpeg") != "", reason=absent(("imageio_ffmpeg",), "ffmpeg")
)
POSIX = pytest.mark.skipif(os.name == "nt", reason="scripts are no programs there")


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Put a program in the place of ffmpeg."""

    def put(code):
        path = tmp_path / f"ffmpeg-{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!{sys.executable}\nimport sys\n{code}\n")
        path.chmod(0o755)
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(path))
        return path

    return put


LISTED = "print(' ... libvmaf           VV->V      VMAF.\\n TS xpsnr   VV->V  XPSNR.')"


@POSIX
def test_a_binary_without_the_filter_is_named_with_the_command(ffmpeg, photo):
    path = ffmpeg("print(' ... libvmaf           VV->V      Calculate the VMAF.')")
    assert Vmaf().missing() == ""
    expected = f'{path.name} has no filter xpsnr: pip install "imageio-ffmpeg>=0.8"'
    assert Xpsnr().missing() == expected
    assert Xpsnr().version.endswith(f"; {path.name}")
    with pytest.raises(SettingError, match=r"metrics\.xpsnr is unavailable: .* has no filter"):
        Xpsnr().compute(photo(32, 32), photo(32, 32))


def test_a_binary_that_does_not_run_is_no_error_until_it_is_used(tmp_path, monkeypatch, photo):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    for metric in (Vmaf(), Xpsnr()):
        assert metric.missing().endswith("does not run: name another in IMAGEIO_FFMPEG_EXE")
        with pytest.raises(SettingError, match="does not run"):
            metric.compute(photo(32, 32), photo(32, 32))


@POSIX
@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("sys.exit('no such pixel format')", "ffmpeg failed on 33x32 pixels: no such pixel format"),
        ("pass", "ffmpeg failed on 33x32 pixels: exit status 0"),
        ("open('log', 'w').write('n: 1 XPSNR y: 30.0')", "ffmpeg gave no figure: 'n: 1 XPSNR"),
    ],
)
def test_a_binary_that_fails_is_said_to(ffmpeg, photo, then, said):
    ffmpeg(f"if '-filters' in sys.argv: {LISTED}\nelse: {then}")
    with pytest.raises(PluginBroken) as caught:
        Xpsnr().compute(photo(32, 33), photo(32, 33))
    assert said in str(caught.value)


def test_xpsnr_of_bright_blocks_is_that_of_dark_ones(photo, noisy):
    """A still has no motion: what a block weighs does not depend on its level."""
    if Xpsnr().missing():
        pytest.skip(Xpsnr().missing())
    dark = photo(480, 676, 1) // 4 + np.uint8(20)
    found = [
        Xpsnr().compute(np.repeat(each, 3, 2), np.repeat(noisy(each, 3), 3, 2))
        for each in (dark, dark + np.uint8(120))
    ]
    assert found[0] == pytest.approx(found[1], abs=0.05)


@pytest.mark.parametrize("width", [64, 65, 96, 111])
def test_xpsnr_of_16_bits_is_that_of_8_whatever_the_width(photo, noisy, width):
    if Xpsnr().missing():
        pytest.skip(Xpsnr().missing())
    both = photo(64, width), noisy(photo(64, width), 6)
    for plane in ("y", "u", "v"):
        metric = Xpsnr(plane=plane)
        deep = [each.astype(np.uint16) * np.uint16(257) for each in both]
        assert metric.compute(*deep) == metric.compute(*both)
