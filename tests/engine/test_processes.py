"""The same bytes and pixels in every process, whatever its threads and its hash seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

SCRIPT = """
import hashlib, json, sys
import numpy as np
import semcodec

photo = np.load(sys.argv[1])
mask = np.add.outer(np.arange(photo.shape[0]) // 30, np.arange(photo.shape[1]) // 50)
found = {}
for name in sys.argv[2:]:
    codec = semcodec.load(name)
    inputs = {"labels": mask} if name == "objects" else {}
    rate = any(s.bytes for s in codec.pipeline.wire)
    files = [codec.encode(photo, inputs=inputs)]
    files += [codec.encode(photo, target_bytes=2000, detached=True)] if rate else []
    pictures = [semcodec.decode(data) for data in files]
    # The embedded lock is deflated, whose bytes zlib alone decides.
    sections = [[p.size for p in semcodec.inspect(data).parts[1:]] for data in files]
    found[name] = [
        hashlib.sha256(part).hexdigest() for part in (*files, *map(np.ndarray.tobytes, pictures))
    ] + sections + [codec.digest, codec.full_digest]
json.dump(found, sys.stdout)
"""
NAMES = ["flat-dct", "two-streams-and-a-seed", "hyperprior", "objects", "guided-dct"]


@pytest.mark.usefixtures("rehearsal")
def test_threads_and_hash_seeds_change_nothing(
    site: Path, tmp_path: Path, photo: NDArray[np.uint8]
) -> None:
    path = tmp_path / "photo.npy"
    np.save(path, photo)
    form = dict(semcodec.load("two-streams-and-a-seed").pipeline.form)
    wire = {"seed": {"path": "seed", "values": [5, 6]}}
    names = list(NAMES)
    for label, change in (("fixed", {"seed": 7}), ("wire", {"seed": 6, "wire": wire})):
        spec = tmp_path / f"{label}.json"
        spec.write_text(json.dumps({**form, **change}))
        names.append(str(spec))
    root = Path(semcodec.__file__).parents[1]
    running = []
    for threads, seed in (("1", "0"), ("2", "1"), ("2", "random")):
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), str(root)]),
            "PYTHONHASHSEED": seed,
            **{f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")},
        }
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", SCRIPT, str(path), *names],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    first, *others = [json.loads(process.communicate(timeout=120)[0]) for process in running]
    assert set(first) == set(names)
    assert all(other == first for other in others)
