"""Every hook and every method of a contract is one that the framework calls and heeds.

The lists come from the contracts themselves. A hook or a method that is added there fails here
until the plugin ``semcodec_everything`` implements it in a way that changes what a run gives.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.cli import main
from semcodec.contracts.coding import DecodeSession, EncodeSession
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import KINDS, Quantizer, _Kind
from semcodec.contracts.values import Image
from semcodec.discovery import catalog, hookspecs
from semcodec.discovery.describe import missing

BASES = (_Kind, *KINDS.values(), EncodeSession, DecodeSession)
HOOKS = [name for name, each in vars(hookspecs).items() if hasattr(each, "semcodec_spec")]
METHODS = [
    f"{base.__name__}.{name}"
    for base in BASES
    for name, each in vars(base).items()
    if inspect.isroutine(each)
    and (name == "__iter__" or not name.startswith("_"))
    and name not in vars(base).get("__annotations__", {})  # a function as an attribute's default
]
QUESTIONS = frozenset({"Transform.invertible"})
"""Asked by the framework, answered by the base: nothing for an author to override."""
LOOPS = frozenset({"Transform.forward_batch", "Transform.inverse_batch", "Decoder.decode_batch"})
"""By their law they give what the default gives."""

BROKEN = "broken-on-purpose"
Everything = Any  # the module of the plugin's components


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Everything]:
    """The plugin, installed for one test; the module of its components."""
    package = Path(__file__).parent / "plugin" / "semcodec_everything"
    (tmp_path / package.name).symlink_to(package)
    info = tmp_path / "semcodec_everything-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: semcodec-everything\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text("[semcodec]\neverything = semcodec_everything\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    catalog.cache_clear()
    import semcodec_everything.parts as parts

    yield parts
    catalog.cache_clear()
    for name in [name for name in sys.modules if name.startswith("semcodec_everything")]:
        del sys.modules[name]


def attempt(function: Callable[[], object]) -> object:
    """Give a result, or what the error says."""
    try:
        return function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def ramp(height: int, dtype: Any = np.uint8) -> Any:
    """A picture of waves, ``height`` by 20 RGB."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(20), np.arange(3), indexing="ij")
    return (128 + 60 * np.sin(x / 3 + c) + 60 * np.cos(y / 4)).astype(dtype)


def run() -> dict[str, object]:
    """Use everything that the plugin has, as a user would; what came of each step."""
    picture = ramp(24)
    codec = semcodec.load("everything")
    trace = semcodec.Trace()
    data = attempt(lambda: codec.encode(picture, form="wire", trace=trace))
    source = codec.pipeline.places["saliency"].component
    shape = Image.of(picture)
    ctx = Context(image=shape, shape=shape, coded=shape)
    dataset = catalog().component("everything.ramps")()
    return {
        "coded": data,
        "decoded": attempt(lambda: semcodec.decode(data).tobytes()),
        "several": attempt(lambda: codec.encode_many([picture, picture[::-1]], form="wire")),
        "cut": attempt(lambda: semcodec.decode(data[:-1]).tobytes()),
        "price": trace.costs,
        "target": attempt(lambda: codec.encode(picture, target=("everything.error", 20))),
        "deep": attempt(lambda: codec.encode(ramp(24, np.uint16))),
        "large": attempt(lambda: codec.encode(ramp(400))),
        "regions": attempt(lambda: [r.box for r in source.regions(picture, {}, ctx)]),
        "lacks": missing(catalog().component("everything.error")),
        "samples": attempt(lambda: [(s.name, s.image.shape) for s in dataset]),
    }


def implementation(parts: Everything, method: str) -> type:
    """The plugin's class that derives from a method's contract."""
    base, _, _ = method.partition(".")
    if base == "_Kind":
        return parts.Centred
    [found] = [
        each
        for each in vars(parts).values()
        if inspect.isclass(each)
        and each.__module__ == parts.__name__
        and base in [parent.__name__ for parent in each.__mro__]
    ]
    return found


def test_it_works(everything: Everything) -> None:
    found = run()
    assert found == run()
    assert isinstance(found["coded"], bytes)
    assert len(found["decoded"]) == 2 * 24 * 20 * 3
    assert found["several"][0] == found["coded"]
    assert found["cut"].startswith("ContainerError")
    assert found["price"] == {"image.stages.0": (0, 24 * 20)}
    assert isinstance(found["target"], bytes)
    assert "8 bits only" in found["deep"]
    assert "10000 symbols at most" in found["large"]
    assert found["lacks"].startswith("no ruler")
    assert found["regions"] == [(0, 4, 20, 12)]
    assert found["samples"] == [("up", (24, 20, 3)), ("down", (24, 20, 3))]


def contract(method: str) -> tuple[type, str]:
    """The base and the name of a method."""
    base, _, name = method.partition(".")
    [found] = [each for each in BASES if each.__name__ == base]
    return found, name


def check_called(method: str, parts: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken, it is named by what the run says."""

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError(BROKEN)

    before = run()
    monkeypatch.setattr(implementation(parts, method), contract(method)[1], broken)
    after = attempt(run)
    if isinstance(after, dict):
        after = str({key: value for key, value in after.items() if value != before[key]})
    assert BROKEN in str(after)


def check_heeded(method: str, parts: Everything, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin overrides it; with the contract's default, or nothing, the run is another."""
    before = run()
    base, name = contract(method)
    own = implementation(parts, method)
    assert name in vars(own), f"{own.__name__} must override {method}"
    monkeypatch.setattr(own, name, vars(base)[name])
    assert attempt(run) != before


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_called(
    method: str, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_called(method, everything, monkeypatch)


@pytest.mark.parametrize("method", [m for m in METHODS if m not in QUESTIONS | LOOPS])
def test_what_a_method_says_is_heeded(
    method: str, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_heeded(method, everything, monkeypatch)


def test_a_method_that_nobody_calls_is_found(
    everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Quantizer, "unheard", lambda self: 0, raising=False)
    with pytest.raises(AssertionError, match=r"Step must override Quantizer\.unheard"):
        check_heeded("Quantizer.unheard", everything, monkeypatch)
    monkeypatch.setattr(everything.Step, "unheard", lambda self: 1, raising=False)
    with pytest.raises(AssertionError):
        check_heeded("Quantizer.unheard", everything, monkeypatch)
    with pytest.raises(AssertionError):
        check_called("Quantizer.unheard", everything, monkeypatch)


@pytest.mark.parametrize("method", sorted(LOOPS))
def test_a_batch_gives_what_a_loop_gives(
    method: str, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run()
    base, name = contract(method)
    monkeypatch.setattr(implementation(everything, method), name, vars(base)[name])
    assert run() == before


def names_of(hook: str) -> set[str]:
    """Names in the catalog of the sort that a hook lists."""
    if hook == "semcodec_pipelines":
        return set(catalog().pipelines())
    if hook == "semcodec_commands":
        return {entry.ref.name for entry in catalog().commands()}
    return set(catalog().ids())


def listed(hook: str) -> set[str]:
    """Names that the plugin's hook lists."""
    plugin = vars(sys.modules["semcodec_everything"])
    return {getattr(ref, "id", "") or ref.name for ref in plugin.get(hook, list)()}


@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_hook_lists_is_found(
    hook: str, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = listed(hook)
    assert names
    assert names <= names_of(hook)
    monkeypatch.delattr(sys.modules["semcodec_everything"], hook)
    catalog.cache_clear()
    assert not names & names_of(hook)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_broken_hook_is_reported_and_hides_no_other(
    hook: str,
    everything: Everything,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise RuntimeError(BROKEN)

    broken.__name__ = hook
    monkeypatch.setattr(sys.modules["semcodec_everything"], hook, semcodec.hookimpl(broken))
    catalog.cache_clear()
    main(["plugins"])
    said = "".join(capsys.readouterr())
    assert hook in said
    assert BROKEN in said
    for other in HOOKS:
        assert other == hook or listed(other) <= names_of(other)


def test_the_command_runs(everything: Everything, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["everything"]) == 0
    assert capsys.readouterr().out == "hello\n"
