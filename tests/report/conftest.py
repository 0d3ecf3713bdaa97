"""Runs that were never run: folders with rows made up for a law, and small pictures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Rows = list[dict[str, Any]]
CODECS, IMAGES, RATES = ("one", "two"), ("a", "b", "c"), (0.1, 0.25, 0.5, 1.0)


def measured(value: float | None, *, higher: bool = True, unit: str = "dB") -> dict[str, Any]:
    return {
        "value": value,
        "version": "1",
        "unit": unit,
        "higher_is_better": higher,
        "error": "" if value is not None else "not a number",
    }


def row(cell: str, image: str, rate: float, **changes: Any) -> dict[str, Any]:
    """A row whose quality rises by 6 dB with each doubling of the rate."""
    base = {"a": 30.0, "b": 33.0, "c": 36.0}.get(image, 31.0)
    quality = base + 6 * float(np.log2(rate)) + 0.3 * rate
    size = round(rate * 48 * 64 / 8 * 1000)
    made = {
        "cell": cell,
        "image": image,
        "rate": {"target_bpp": rate, "scope": "image"},
        "seed": 0,
        "status": "ok",
        "error": "",
        "hint": "",
        "bytes": size,
        "bpp": rate,
        "sections": {"header": 9, "image": size - 9},
        "metrics": {
            "psnr": measured(quality),
            "mse": measured(10 ** (-quality / 10), higher=False, unit=""),
        },
        "encode_seconds": 0.5,
        "decode_seconds": 0.1,
        "versions": {"semcodec": "0.1.0"},
        "python": "3.11",
        "platform": "linux",
        "device": "cpu",
        "file": "",
        "decoded": f"decoded/{cell}/{image}/{rate:g}.png",
    }
    return {**made, **changes}


@pytest.fixture
def make_row() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def rows() -> Rows:
    return [row(cell, image, rate) for cell in CODECS for image in IMAGES for rate in RATES]


@pytest.fixture
def write_run(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Iterable[Any], folder: str = "run", pictures: bool = False) -> Path:
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
        (path / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines))
        if pictures:
            draw(path, [line for line in rows if isinstance(line, dict)])
        return path

    return write


def draw(folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    noise = np.random.default_rng(0)
    for line in rows:
        original = folder / "originals" / f"{line['image']}.png"
        decoded = folder / str(line["decoded"])
        for path in (original, decoded):
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = noise.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            if not path.exists():
                Image.fromarray(picture).save(path)


BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
CODES = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
CODES |= {"Tab": 9, "Enter": 13, " ": 32, "Home": 36, "End": 35}


class Browser:
    """Headless Chromium, told by its DevTools protocol through pipes what a person would do.

    Keys go through the browser's own input, so focus, default actions and the page's handlers all
    take part.
    """

    def __init__(self, home: Path) -> None:
        (told, self._to), (self._from, answers) = os.pipe(), os.pipe()
        options = "--headless --no-sandbox --disable-gpu --remote-debugging-pipe --no-first-run"
        # The protocol is at the file descriptors 3 and 4.
        line = f'exec "$0" {options} "--user-data-dir=$1" about:blank 3<&{told} 4>&{answers}'
        self._process = subprocess.Popen(
            ["bash", "-c", line, BROWSER, str(home)],
            pass_fds=(told, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        os.close(answers)
        self._count = 0
        self._rest = b""
        self._session = ""
        self.errors: list[str] = []
        [target] = [
            one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page"
        ]
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.ask("Page.enable")
        self.ask("Runtime.enable")
        self.ask("Log.enable")

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """Send a command and give its result; errors of the page are collected on the way."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return dict(answer["result"])
            told = answer.get("params", {})
            if told.get("entry", {}).get("level") == "error" or "exceptionDetails" in told:
                self.errors.append(json.dumps(told))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._from, 1 << 20)
            assert more, "the browser ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))

    def run(self, script: str) -> Any:
        """Give the value of an expression, awaited."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + 30
        while not self.run(script):
            assert time.monotonic() < end, f"never came: {script}"
            time.sleep(0.02)

    def open(self, page: Path, width: int = 1280, *, dark: bool = False) -> float:
        """Open a page; give the seconds until its pictures stand there."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        began = time.monotonic()
        self.ask("Page.navigate", url=page.as_uri())
        self.until("document.readyState === 'complete' && document.body.dataset.gallery")
        return time.monotonic() - began

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press keys: names such as ``ArrowLeft``, or characters."""
        for key in keys:
            given: dict[str, Any] = {"key": key, "modifiers": 8 if shift else 0}
            if key in CODES:
                given["windowsVirtualKeyCode"] = CODES[key]
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **given)
            self.ask("Input.dispatchKeyEvent", type="keyUp", **given)

    def focused(self) -> str:
        """Id of what has the focus; else its tag and words."""
        return str(
            self.run(
                "(e => e.id || `${e.tagName} ${(e.closest('label') || e).textContent.trim()}`)"
                "(document.activeElement)"
            )
        )

    def close(self) -> None:
        os.close(self._to)
        os.close(self._from)
        self._process.terminate()
        self._process.wait(30)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not BROWSER or shutil.which("bash") is None:
        pytest.skip("no headless Chromium is installed")
    found = Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()
