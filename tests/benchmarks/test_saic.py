"""What the learned codec takes beside its networks, and CompressAI's hyperprior beside it.

All in one process on one thread, in turns. CompressAI asks for NumPy below 2, so its part runs
where it is installed: in an environment of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import semcodec

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(
        importlib.util.find_spec("torch") is None, reason="pip install semcodec-torch"
    ),
]

ROUNDS = 15
STEP = 3.0
CODING = ("code", "decode", "finish", "encoder", "decoder")


def picture() -> np.ndarray[Any, Any]:
    path = Path(__file__).parents[2] / "docs" / "pictures" / "chelsea.png"
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((768, 512), Image.Resampling.LANCZOS))


def bare(codec: semcodec.Codec) -> tuple[Callable[[], None], Callable[[], None]]:
    """The networks alone, on tensors: those of the encoder and those of the decoder."""
    import torch
    from semcodec_saic.networks import Networks, Widths
    from semcodec_torch.devices import device_of
    from semcodec_torch.entropy.conditional import Conditional
    from semcodec_torch.exact.runtime import Runtime
    from semcodec_torch.weights import arrays

    networks = Networks(Widths()).eval()
    given = arrays(codec.pipeline.places["image.model"].component.weights)
    made = Conditional.from_arrays(given)
    device = device_of("cpu")
    hyper = Runtime(made.hyper, device)
    parts = [
        (
            torch.from_numpy(part.places(32, 48)),
            Runtime(head, device),
            None if context is None else Runtime(context, device),
            [] if context is None else part.taps(3),
        )
        for part, head, context in made.steps()
    ]
    x, m = torch.rand(1, 3, 512, 768), torch.rand(1, 1, 512, 768)
    y, z = torch.randn(1, made.channels, 32, 48), torch.zeros(1, made.hyper.inputs, 8, 12)
    k = torch.zeros(1, 1, 32, 48)
    near = torch.zeros((2 * made.channels, 34, 50), dtype=torch.int8)

    def tables() -> None:
        features = torch.cat([hyper.forward(z), k], dim=1).flatten(2)
        for places, head, context, taps in parts:
            seen = features[:, :, places][:, :, None]
            if context is not None:
                seen = torch.cat([seen, context.gathered(near, places, 1, taps)], dim=1)
            head.forward(seen)

    def encoder() -> None:
        with torch.inference_mode():
            networks.analysis(x, m)
            networks.hyper_analysis(y)
            tables()

    def decoder() -> None:
        with torch.inference_mode():
            tables()
            networks.synthesis(y, k)

    return encoder, decoder


def synthesis(dtype: str) -> Callable[[], None]:
    """The synthesis alone in a precision; what bfloat16 would save depends on the processor."""
    import torch
    from semcodec_saic.networks import Networks, Widths

    made = Networks(Widths()).eval().to(getattr(torch, dtype)).synthesis
    y, k = (torch.zeros(1, count, 32, 48, dtype=getattr(torch, dtype)) for count in (320, 1))

    def run() -> None:
        with torch.inference_mode():
            made(y, k)

    return run


def compressai(image: np.ndarray[Any, Any]) -> Callable[[], None] | None:
    """``compress`` and ``decompress`` of the scale hyperprior of the same widths, or None."""
    if importlib.util.find_spec("compressai") is None:
        return None
    import torch
    from compressai.models import ScaleHyperprior

    net = ScaleHyperprior(96, 320).eval()
    net.update()
    x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None] / 255

    def run() -> None:
        with torch.inference_mode():
            made = net.compress(x)
            net.decompress(made["strings"], made["shape"])

    return run


def measure() -> dict[str, Any]:
    """Time all calls in turns; run in a process of its own, see ``taken``."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    codec, image = semcodec.load("saic-flat"), picture()
    data = codec.encode(image, settings={"step": STEP})
    encoder, decoder = bare(codec)
    traces: dict[str, list[semcodec.Trace]] = {"encode": [], "decode": []}

    def traced(name: str, call: Callable[..., object], *args: Any, **given: Any) -> None:
        traces[name].append(semcodec.Trace())
        call(*args, trace=traces[name][-1], **given)

    calls: dict[str, Callable[[], object]] = {
        "encode": lambda: traced("encode", codec.encode, image, settings={"step": STEP}),
        "decode": lambda: traced("decode", codec.decode, data),
        "bare encoder": encoder,
        "bare decoder": decoder,
        "synthesis": synthesis("float32"),
    }
    peer = compressai(image)
    if peer is not None:
        calls["CompressAI"] = peer
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    # Once: a processor without instructions for it takes a hundred times as long.
    start = time.perf_counter()
    synthesis("bfloat16")()
    times["synthesis in bfloat16"] = [time.perf_counter() - start]
    found: dict[str, Any] = {name: min(each) for name, each in times.items()}
    for name, each in traces.items():
        coding = [sum(s.seconds for s in t.steps if s.call in CODING) for t in each]
        found[f"{name}: coding"] = min(coding)
    return found


@pytest.fixture(scope="module")
def taken() -> dict[str, float]:
    """Least seconds of each call: what else runs on the machine only ever adds."""
    one = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    result = subprocess.run(
        [sys.executable, __file__], env={**os.environ, **one}, capture_output=True, check=True
    )
    found: dict[str, float] = json.loads(result.stdout.splitlines()[-1])
    print()
    for name, seconds in found.items():
        print(f"saic-flat, 768x512, {name}: {1e3 * seconds:.1f} ms")
    return found


@pytest.mark.parametrize("side", ["encode", "decode"])
def test_a_codec_takes_little_more_than_its_networks(taken: dict[str, float], side: str) -> None:
    assert taken[side] <= 1.15 * taken[f"bare {side}r"]


@pytest.mark.parametrize("side", ["encode", "decode"])
def test_entropy_coding_takes_little_of_the_time(taken: dict[str, float], side: str) -> None:
    assert taken[f"{side}: coding"] <= 0.05 * taken[side]


def test_faster_than_compressai_at_equal_width(taken: dict[str, float]) -> None:
    if "CompressAI" not in taken:
        pytest.skip("CompressAI is not installed; it asks for NumPy below 2")
    assert taken["encode"] + taken["decode"] <= 0.85 * taken["CompressAI"]


if __name__ == "__main__":
    print(json.dumps(measure()))
