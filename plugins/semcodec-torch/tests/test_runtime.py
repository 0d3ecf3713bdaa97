"""Exact networks in torch give the reference's integers, however torch is set up."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from semcodec_torch.exact import reference
from semcodec_torch.exact.layers import Layer, Network

torch = pytest.importorskip("torch", reason="torch is not installed: pip install semcodec-torch")

from semcodec_torch.devices import device_of  # noqa: E402 - after the check for torch
from semcodec_torch.exact.runtime import Runtime  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@contextmanager
def mkldnn(enabled: bool) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it speaks of GPUs that are not here
        with torch.backends.mkldnn.flags(enabled=enabled):
            yield


@st.composite
def networks(draw: Any) -> Network:
    """Networks near the limit: weights as large as the proof lets them be."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels = draw(st.integers(1, 12))
    clamp = draw(st.sampled_from([1, 31, 127, 255]))
    first = channels
    layers = []
    bound = clamp
    for place in range(count := draw(st.integers(1, 3))):
        kernel = draw(st.sampled_from([1, 3, 5]))
        up = draw(st.sampled_from(["none", "nearest", "shuffle"]))
        outputs = draw(st.integers(1, 9))
        kernels = outputs * (4 if up == "shuffle" else 1)
        shape = (kernels, channels, kernel, kernel)
        most = min(127, (2**24 - 2) // (bound * channels * kernel**2))
        # All of one sign in some outputs: sums that really come near 2**24.
        weight = rng.integers(-most, most + 1, shape)
        weight[::2] = most
        room = 2**24 - 1 - np.abs(weight).sum(axis=(1, 2, 3)) * bound
        last = place == count - 1
        high = 2**23 if last else 127
        layers.append(
            Layer(
                weight=weight,
                bias=np.where(rng.random(kernels) < 0.5, room, -room // 3),
                shift=rng.integers(0, 4 if last else 18, kernels),
                low=np.full(kernels, -high if draw(st.booleans()) else 0),
                high=np.full(kernels, high),
                stride=draw(st.sampled_from([1, 2])),
                upsampling=up,
            )
        )
        channels, bound = outputs, 127
    network = Network(layers=tuple(layers), clamp=clamp)
    assert network.inputs == first
    return network


@settings(max_examples=60)
@given(networks(), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_any_network_equals_the_reference(
    network: Network, rows: int, columns: int, seed: int, extreme: bool
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-300, 301, (2, network.inputs, rows, columns)).astype(np.int32)
    if extreme:
        x[0] = 2**30
        x[1] = -(2**30)
    made = Runtime(network, torch.device("cpu"))(x)
    assert made.dtype == np.int32
    assert np.array_equal(made, reference.run(network, x))


@pytest.fixture(scope="module")
def wide() -> Network:
    """Wide enough that libraries choose their fast algorithms."""
    rng = np.random.default_rng(3)

    def make(inputs: int, kernels: int, kernel: int, **form: Any) -> Layer:
        return Layer(
            weight=rng.integers(-127, 128, (kernels, inputs, kernel, kernel)),
            bias=rng.integers(-9999, 9999, kernels),
            shift=np.full(kernels, 9),
            low=np.zeros(kernels, int),
            high=np.full(kernels, 127),
            **form,
        )

    return Network(
        layers=(
            make(24, 128, 3, upsampling="shuffle"),
            make(32, 128, 3, upsampling="shuffle"),
            make(32, 32, 5, stride=2),
            make(32, 48, 1),
        )
    )


@pytest.fixture(scope="module")
def pictures() -> Any:
    return np.random.default_rng(4).integers(-127, 128, (17, 24, 9, 13)).astype(np.int32)


@pytest.fixture(scope="module")
def expected(wide: Network, pictures: Any) -> Any:
    return np.concatenate([reference.run(wide, each[None]) for each in pictures])


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch", [1, 8, 17])  # NNPACK's Winograd begins at 16
@pytest.mark.parametrize("layout", ["contiguous_format", "channels_last"])
def test_settings_of_torch_change_nothing(
    wide: Network,
    pictures: Any,
    expected: Any,
    enabled: bool,
    threads: int,
    batch: int,
    layout: str,
) -> None:
    runtime = Runtime(wide, torch.device("cpu"))
    torch.set_num_threads(threads)
    with mkldnn(enabled):
        x = runtime.tensor(pictures[:batch]).to(memory_format=getattr(torch, layout))
        made = runtime.integers(runtime.forward(x))
    assert np.array_equal(made, expected[:batch])


def test_autocast_and_lower_precision_change_nothing(
    wide: Network, pictures: Any, expected: Any
) -> None:
    runtime = Runtime(wide, torch.device("cpu"))
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            made = runtime(pictures[:2])
    finally:
        torch.set_float32_matmul_precision(before)
    assert np.array_equal(made, expected[:2])


SCRIPT = """
import hashlib, sys
import numpy as np, torch
from safetensors.numpy import load_file
from semcodec_torch.exact.files import from_arrays
from semcodec_torch.exact.runtime import Runtime

torch.set_num_threads(1)
arrays = load_file(sys.argv[1])
made = Runtime(from_arrays(arrays, "net"), torch.device("cpu"))(arrays["x"])
print(hashlib.sha256(made.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("level", ["SSE41", "AVX2", "AVX512_CORE", "ALL"])
def test_instruction_sets_change_nothing(
    wide: Network, pictures: Any, expected: Any, level: str, tmp_path: Path
) -> None:
    weights = pytest.importorskip("semcodec_torch.weights")
    pytest.importorskip("safetensors", reason="pip install semcodec-torch")
    from semcodec_torch.exact.files import to_arrays

    path = tmp_path / "net.safetensors"
    weights.write(path, {**to_arrays(wide, "net"), "x": pictures[:1]})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": level, "ATEN_CPU_CAPABILITY": "default"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(expected[:1].tobytes()).hexdigest()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device here")
@pytest.mark.parametrize("tf32", [False, True])
def test_cuda_changes_nothing(wide: Network, pictures: Any, expected: Any, tf32: bool) -> None:
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        runtime = Runtime(wide, device_of("cuda"))
        assert runtime.dtype == torch.float64
        assert np.array_equal(runtime(pictures), expected)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def test_the_matrix_product_of_cuda_is_the_convolution(
    wide: Network, pictures: Any, expected: Any
) -> None:
    """The path that CUDA takes, run here on the processor."""
    runtime = Runtime(wide, torch.device("cpu"))
    for prepared in runtime._layers:
        prepared.convolve = prepared._product
        for name in ("weight", "bias"):
            setattr(prepared, name, getattr(prepared, name).double())
    made = runtime.integers(runtime.forward(runtime.tensor(pictures[:3]).double()))
    assert np.array_equal(made, expected[:3])


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("size", [(1, 1), (2, 7), (100, 90)])
def test_gathered_places_are_those_of_the_whole(
    layer: Any, kernel: int, size: tuple[int, int]
) -> None:
    rng = np.random.default_rng(kernel)
    layers = (layer(rng, 3, 5, kernel), layer(rng, 5, 2, 1, low=-100))
    runtime = Runtime(Network(layers=layers, clamp=90), torch.device("cpu"))
    x = torch.from_numpy(rng.integers(-120, 121, (1, 3, *size)).astype(np.float32))
    margin = 2
    padded = torch.nn.functional.pad(x[0], (margin,) * 4).to(torch.int8)
    taps = [(row, column, 3) for row in range(kernel) for column in range(kernel)]
    places = torch.from_numpy(rng.permutation(size[0] * size[1]))  # more than run at once
    whole = runtime.forward(x).flatten(2)[:, :, places][:, :, None]
    assert torch.equal(runtime.gathered(padded, places, margin, taps), whole)
    more = torch.cat([padded, padded])
    assert torch.equal(runtime.gathered(more, places, margin, taps), whole)
    # Taps that meet zeros alone may be left out, and so may the last planes of one.
    board = np.add.outer(np.arange(size[0]), np.arange(size[1])) % 2
    some = torch.from_numpy(np.flatnonzero(board == 1))
    if len(some) and kernel > 1:
        x[:, 1:] *= torch.from_numpy(board == 0)
        whole = runtime.forward(x).flatten(2)[:, :, some][:, :, None]
        padded = torch.nn.functional.pad(x[0], (margin,) * 4).to(torch.int8)
        taps = [(row, column, 3 if (row + column) % 2 else 1) for row, column, _ in taps]
        assert torch.equal(runtime.gathered(padded, some, margin, taps), whole)


def test_one_picture_needs_no_batch(deep: Network) -> None:
    x = np.random.default_rng(0).integers(-9, 9, (5, 6, 7))
    runtime = Runtime(deep, torch.device("cpu"))
    assert np.array_equal(runtime(x), runtime(x[None])[0])


def test_other_channels_are_refused(deep: Network) -> None:
    runtime = Runtime(deep, torch.device("cpu"))
    with pytest.raises(ValueError, match=r"\(batch, 5, rows, columns\), got \(1, 4, 3, 3\)"):
        runtime(np.zeros((4, 3, 3), np.int32))
