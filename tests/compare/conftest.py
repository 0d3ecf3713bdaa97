"""Small pictures, a faulty plugin beside them, and runs in this process or in one to kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.compare.form import plan_of
from semcodec.compare.run import Outcome, run
from semcodec.discovery import catalog
from semcodec.image import write_image

ROOT = Path(semcodec.__file__).parents[1]

FAULTY = """
import os
from typing import ClassVar
from semcodec import Image, Metric, SemcodecError, Transform, component, hookimpl, ref

@hookimpl
def semcodec_components():
    return [ref("faulty.trap", "semcodec_faulty.parts:Trap")]

@hookimpl
def semcodec_metrics():
    return [ref("faulty.nan", "semcodec_faulty.parts:Nan"),
            ref("faulty.weak", "semcodec_faulty.parts:Weak"),
            ref("faulty.set", "semcodec_faulty.parts:Set"),
            ref("faulty.inside", "semcodec_faulty.parts:Inside")]
"""

PARTS = '''
import os
import time
from typing import ClassVar
import numpy as np
from semcodec.errors import SettingError
from semcodec import EncodeOnly, Image, Map, Metric, Port, SetMetric, Transform, component

@component
class Trap(Transform):
    """Passes pictures on, but for dark ones; tells how often."""
    how: EncodeOnly[str] = "raise"
    consumes: ClassVar = Image
    produces: ClassVar = Image
    encode_only: ClassVar = True
    def forward(self, value, guides, ctx):
        if "TRAP_LOG" in os.environ:
            with open(os.environ["TRAP_LOG"], "a") as log:
                print(value.shape, file=log)
        if value.mean() < 20:
            if self.how == "die":
                os._exit(3)
            if self.how == "hang":
                time.sleep(1000)
            raise RuntimeError("too dark")
        return value

@component
class Nan(Metric):
    """Never a number."""
    def compute(self, reference, decoded):
        return float("nan")

@component
class Weak(Metric):
    """Lacks what it needs."""
    def missing(self):
        return "it lacks weights; fetch them: weak fetch"
    def compute(self, reference, decoded):
        raise AssertionError("a metric that lacks something is not asked")

@component
class Set(SetMetric):
    """Squared distance of the sets' mean levels."""
    fewest: ClassVar = 3
    def observe(self, reference, decoded):
        return np.array([[reference.mean(), decoded.mean()]])
    def summarise(self, rows):
        if len(rows) < self.fewest:
            raise SettingError("expected at least 3 pictures")
        a, b = np.concatenate(rows).mean(axis=0)
        return float((a - b) ** 2)

@component
class Inside(Metric):
    """Share of the picture that its mask marks."""
    ports: ClassVar = {"mask": Port(Map)}
    def compute(self, reference, decoded):
        raise AssertionError("a metric with ports is asked to compare")
    def compare(self, reference, decoded, guides):
        return float(np.mean(guides["mask"]))
'''


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A plugin, installed, whose parts fail in several ways."""
    site = tmp_path / "site"
    package = site / "semcodec_faulty"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(FAULTY)
    (package / "parts.py").write_text(PARTS)
    info = site / "semcodec_faulty-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: semcodec-faulty\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[semcodec]\nfaulty = semcodec_faulty\n")
    monkeypatch.syspath_prepend(str(site))
    catalog.cache_clear()
    yield
    catalog.cache_clear()


def picture(height: int, width: int, seed: int) -> np.ndarray[Any, Any]:
    """A smooth picture with some noise, uint8 (height, width, 3)."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / (5 + c + seed)) + np.cos(y / (7 - c)) for c in range(3)]
    noise = np.random.default_rng(seed).normal(0, 6, (height, width, 3))
    return np.clip(128 + 40 * np.stack(waves, 2) + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three small pictures of different sizes."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, (height, width) in enumerate([(24, 32), (32, 24), (17, 40)]):
        write_image(picture(height, width, number), folder / f"{'abc'[number]}.png")
    return folder


Compare = Callable[..., Outcome]


@pytest.fixture
def compare(photos: Path, tmp_path: Path) -> Compare:
    """Run a comparison of what is given over the pictures."""

    def call(folder: Path | None = None, retry_failed: bool = False, **given: Any) -> Outcome:
        data = {"compare": 1, "codecs": ["flat-dct"], "data": str(photos), **given}
        return run(plan_of(data), folder or tmp_path / "run", retry_failed=retry_failed)

    return call


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start ``semcodec`` in a process of its own."""

    def call(*args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "semcodec", *args],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return call
