"""From nothing to a checked plugin, as its author types it, in an environment of its own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.cli.listing import KINDS

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "chelsea.png"

Shell = Callable[..., str]


def author(shell: Shell, kind: str) -> tuple[Path, float, int]:
    """Type what the answer to `plugins new` says; give the folder, the seconds, the commands."""
    start = time.perf_counter()
    answer = shell("semcodec", "plugins", "new", "acme", "--kind", kind)
    install, check = re.findall(
        r"^  (pip install .*|semcodec plugins check .*)$", answer, re.MULTILINE
    )
    shell(*install.replace('"', "").split(), "--no-build-isolation", "-q")
    told = shell(*check.split())
    assert told.endswith("It conforms.\n"), told
    folder: Path = shell.folder / "semcodec-acme"  # type: ignore[attr-defined]
    return folder, time.perf_counter() - start, 3


def test_a_new_package_installs_conforms_and_codes_without_an_edit(shell: Shell) -> None:
    folder, _, _ = author(shell, "all")
    found = json.loads((folder / "conformance.json").read_text())
    assert found["distribution"] == "semcodec-acme"
    assert found["summary"]["failed"] == 0
    checked = {each["subject"] for each in found["checks"] if each["outcome"] == "passed"}
    own = json.loads(shell("semcodec", "plugins", "--json"))["plugins"]
    (plugin,) = [each for each in own if each["name"] == "acme"]
    assert plugin["distribution"] == "semcodec-acme"
    assert len(plugin["ids"]) == len(KINDS)
    assert {"semcodec-acme", *plugin["ids"], *plugin["pipelines"]} <= checked
    assert str(folder) not in json.dumps(found), "a path of this machine"

    readme = (folder / "README.md").read_text()
    (folder.parent / "photo.png").write_bytes(PICTURE.read_bytes())
    block = re.search(r"```sh\npip install semcodec-acme\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert [line.split()[1] for line in lines] == ["encode", "decode", "encode", "info"]
    for line in lines:
        shell(*line.split())
    original = semcodec.read_image(PICTURE)
    decoded = semcodec.read_image(folder.parent / "decoded.png")
    assert decoded.shape == original.shape
    assert np.mean(np.abs(decoded.astype(int) - original)) < 5


@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ["quantizer", "all"])
def test_from_new_to_a_green_check_takes_3_commands_and_under_60_seconds(
    shell: Shell, kind: str
) -> None:
    _, seconds, commands = author(shell, kind)
    print(f"\nplugins new --kind {kind} to a green check: {commands} commands, {seconds:.1f} s")
    assert commands <= 3
    assert seconds < 60
