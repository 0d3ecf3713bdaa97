"""One file, the same integers: whatever torch is set to, in whichever process and batch."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

for needed in ("torch", "safetensors"):
    pytest.importorskip(needed, reason="pip install semcodec-torch")

import torch  # noqa: E402 - after the check for it
from semcodec_saic.networks import Networks, Widths, scales  # noqa: E402
from semcodec_torch.entropy.hyperprior import Hyperprior  # noqa: E402
from semcodec_torch.entropy.likelihoods import FactorizedPrior  # noqa: E402
from semcodec_torch.entropy.tables import to_arrays  # noqa: E402
from semcodec_torch.exact.runtime import Runtime  # noqa: E402
from semcodec_torch.weights import file_weights, write  # noqa: E402

import semcodec  # noqa: E402
from semcodec.engine.trace import Trace  # noqa: E402

TOOL = Path(__file__).parent / "decoding.py"
# Few parameters, and enough channels that oneDNN computes the convolutions.
SIZES: dict[str, Any] = {"trunk": [8, 12, 16], "blocks": [1, 1, 1], "latent": 48, "hyper": 32}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tool() -> Any:
    """The module that processes of their own run as a script."""
    spec = importlib.util.spec_from_file_location("saic_decoding", TOOL)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def named(path: Path) -> dict[str, str]:
    found = file_weights(path)
    return {"uri": found.uri, "sha256": found.sha256}


def random_weights(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Networks as they begin, and a hyperprior whose every part has a say.

    Its scales are so wide that hardly a symbol is escaped: `range` codes an escape in 11 bits or
    so, where its table says 16.
    """
    torch.manual_seed(5)
    widths = Widths(tuple(SIZES["trunk"]), tuple(SIZES["blocks"]), SIZES["latent"], SIZES["hyper"])
    state = Networks(widths).state_dict()
    write(folder / "networks.safetensors", {name: each.numpy() for name, each in state.items()})
    begun = (3 * scales(SIZES["latent"])).tolist()
    made = Hyperprior(SIZES["hyper"], [(8, 4), (40, 2)], width=32, scales=begun)
    for head in made.heads:
        head.layers[-1].weight.data.mul_(2)
    arrays = {**made.export().to_arrays(), **to_arrays(FactorizedPrior(32).export(), "prior")}
    write(folder / "entropy.safetensors", arrays)
    return named(folder / "networks.safetensors"), named(folder / "entropy.safetensors")


@pytest.fixture(scope="module")
def spec_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Describe ``saic`` with tiny random weights: ``(coder="rans", **quantizer)``."""
    networks, entropy = random_weights(tmp_path_factory.mktemp("weights"))
    analysis = {"weights": networks, **SIZES}
    source = {"guides": {"saliency": "source.saliency"}}

    def make(coder: str = "rans", **quantizer: Any) -> dict[str, Any]:
        first = {"use": "saic.analysis", **analysis, **source}
        return {
            "semcodec": 1,
            "name": "saic-tiny",
            "saliency": "frequency-tuned",
            "streams": {
                "map": {
                    "from": "saliency",
                    "stages": [{"use": "block-map", "block": 16, "levels": 4, "pool": "max"}],
                    "model": "label-context",
                    "coder": "range" if coder == "rans" else "rans",
                },
                "hyper": {
                    "stages": [
                        first,
                        {"use": "saic.hyper-analysis", **analysis},
                        {"use": "uniform", "step": 1, "rounding": 0.5},
                    ],
                    "model": {"use": "torch.factorized", "weights": entropy},
                    "coder": coder,
                },
                "image": {
                    "stages": [
                        first,
                        {
                            "use": "saic.saliency-gain",
                            "guides": {"saliency": "map"},
                            "step": 2.0,
                            "beta": 3.0,
                            **quantizer,
                        },
                    ],
                    "model": {
                        "use": "torch.hyperprior",
                        "weights": entropy,
                        "guides": {"hyper": "hyper"},
                    },
                    "coder": coder,
                },
            },
        }

    return make


@pytest.fixture(scope="module")
def codec_of(spec_of: Any) -> Callable[..., Any]:
    """Make it: ``(coder="rans", **quantizer)``."""

    def make(coder: str = "rans", **quantizer: Any) -> Any:
        return semcodec.load(spec_of(coder, **quantizer))

    return make


def picture(seed: int) -> Any:
    """Texture whose strength changes from place to place, 249x310."""
    rng = np.random.default_rng(seed)
    strength = rng.gamma(1.0, 9, (32, 39, 1)).repeat(8, axis=0).repeat(8, axis=1)
    smooth = rng.normal(0, 30, (8, 10, 3)).repeat(32, axis=0).repeat(32, axis=1)[:, :312]
    made = 128 + smooth + strength * rng.normal(0, 1, (256, 312, 3))
    return np.clip(made, 0, 255).astype(np.uint8)[:249, :310]


class Coded(NamedTuple):
    """A file, the hash of what it decodes to here, and where it is."""

    data: bytes
    integers: str
    path: Path


@pytest.fixture(scope="module")
def files(codec_of: Any, tool: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Coded]:
    folder = tmp_path_factory.mktemp("files")
    made = []
    for seed, quantizer in enumerate(({}, {"skip": True}, {"step": 9.0, "beta": 0.0})):
        data = codec_of(**quantizer).encode(picture(seed))
        path = folder / f"{seed}.sc"
        path.write_bytes(data)
        made.append(Coded(data, tool.decoded(data), path))
    assert len({each.integers for each in made}) == 3
    return made


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("onednn", [True, False])
@pytest.mark.parametrize("layout", ["contiguous_format", "channels_last"])
def test_settings_of_torch_change_no_integer(
    files: list[Coded],
    tool: Any,
    threads: int,
    onednn: bool,
    layout: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put = Runtime.tensor
    laid_out = []

    def tensor(self: Any, x: Any) -> Any:
        made = put(self, x).contiguous(memory_format=getattr(torch, layout))
        laid_out.append(made.is_contiguous(memory_format=getattr(torch, layout)))
        return made

    monkeypatch.setattr(Runtime, "tensor", tensor)
    torch.set_num_threads(threads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it speaks of GPUs that are not here
        try:
            with torch.backends.mkldnn.flags(enabled=onednn):
                assert [tool.decoded(each.data) for each in files] == [f.integers for f in files]
        finally:
            torch.set_num_threads(1)
    assert laid_out
    assert all(laid_out)


def test_a_caller_s_precision_changes_no_integer(files: list[Coded], tool: Any) -> None:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert [tool.decoded(each.data) for each in files] == [f.integers for f in files]
    finally:
        torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default", "PYTHONHASHSEED": "1"},
        {"ONEDNN_MAX_CPU_ISA": "AVX", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OMP_NUM_THREADS": "2"},
        {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "COMPATIBLE", "PYTHONHASHSEED": "77"},
    ],
    ids=["fresh", "SSE4.1", "AVX", "AVX2"],
)
def test_processes_and_instruction_sets_change_no_integer(
    files: list[Coded], settings: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), *(str(each.path) for each in files)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [each.integers for each in files]


def test_a_batch_of_8_is_each_picture_alone(codec_of: Any, tool: Any) -> None:
    codec = codec_of()
    pictures = [picture(seed)[: 100 + 10 * (seed % 2)] for seed in range(8)]
    data = [codec.encode(each) for each in pictures]
    assert codec.encode_many(pictures) == data
    alone = []
    for each in data:
        with tool.Watch() as seen:
            codec.decode(each)
        alone += seen
    with tool.Watch() as together:
        codec.decode_many(data)
    # A batch may go stage by stage: compare what came, not in which order.
    assert sorted(tool.digest([x]) for x in together) == sorted(tool.digest([x]) for x in alone)


def test_encoding_repeats(codec_of: Any, files: list[Coded]) -> None:
    assert codec_of().encode(picture(0)) == files[0].data


def test_encoding_repeats_in_another_process(
    spec_of: Any, files: list[Coded], tmp_path: Path
) -> None:
    Image.fromarray(picture(0)).save(tmp_path / "picture.png")
    (tmp_path / "spec.yaml").write_text(json.dumps(spec_of()))
    subprocess.run(
        [sys.executable, "-m", "semcodec", "encode", "picture.png", "-p", "spec.yaml", "-o", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "3", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "out").read_bytes() == files[0].data


@pytest.mark.parametrize("coder", ["rans", "range"])
@pytest.mark.parametrize("quantizer", [{}, {"skip": True}, {"beta": 0.0}], ids=str)
def test_the_estimate_is_within_half_a_percent_of_the_file(
    codec_of: Any, coder: str, quantizer: dict[str, Any]
) -> None:
    codec, written, read = codec_of(coder, **quantizer), Trace(), Trace(keep=True)
    codec.decode(codec.encode(picture(3), trace=written), trace=read)
    size = written.sections["hyper+image"]
    estimate = sum(each.sum(dtype=np.float64) for each in read.bits.values()) / 8
    assert size > 2000
    assert read.bits.keys() == {"hyper.stages.2", "image.stages.1"}
    assert abs(size - estimate) < 0.005 * size
