"""Order: what is needed comes first, names settle the rest, cycles name their members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from semcodec.graph.draw import FORMATS, draw
from semcodec.graph.model import Pipeline, namespace
from semcodec.graph.order import cycle, topological

NAMES = "abcdefgh"


@st.composite
def graphs(draw_: st.DrawFn) -> dict[str, set[str]]:
    names = draw_(st.permutations(NAMES[: draw_(st.integers(0, 8))]))
    return {name: draw_(st.sets(st.sampled_from(names), max_size=3)) for name in names}


@given(graphs())
def test_order_is_topological_and_the_smallest_that_could_come(needs: dict[str, set[str]]) -> None:
    done, left = topological(needs)
    assert sorted([*done, *left]) == sorted(needs)
    for index, name in enumerate(done):
        before = set(done[:index])
        assert needs[name] <= before
        ready = [n for n in needs if n not in before and needs[n] <= before]
        assert name == min(ready)
    for name in left:
        assert needs[name] & set(left)


@given(graphs())
def test_a_cycle_is_one(needs: dict[str, set[str]]) -> None:
    _, left = topological(needs)
    if not left:
        return
    around = cycle(needs, left)
    assert around == sorted(set(around))
    # From every member one comes back to it through the others.
    for start in around:
        reached = {start}
        for _ in around:
            reached |= {n for r in reached for n in needs[r] if n in around}
        assert reached == set(around)
        assert any(start in needs[other] for other in around)


def test_how_yaml_was_typed_does_not_matter(load: Callable[..., Pipeline]) -> None:
    def stream(**more: Any) -> dict[str, Any]:
        return {"stages": ["dct", "uniform"], "model": "laplace", "coder": "range", **more}

    guided = {"use": "local.guided", "guides": {"picture": "b"}}
    streams = {
        "c": stream(stages=["dct", guided, "uniform"]),
        "b": stream(stages=["dct", {**guided, "guides": {"picture": "a"}}, "uniform"]),
        "a": stream(),
    }
    for names in ("abc", "cba", "bca"):
        spec = {"semcodec": 1, "output": "c", "streams": {n: streams[n] for n in names}}
        assert load(spec).order == ("a", "b", "c")


def test_nested_values_come_before_what_holds_them(load: Callable[..., Pipeline]) -> None:
    assert load("carved-guided").order == ("geometry", "image/map", "image/image", "image")
    assert load("any-width").order == ("geometry", "image/image", "image", "decoder")
    assert load("residual-layer").order == ("base/image", "base", "prediction", "image")
    assert [namespace(ref) for ref in ("image", "a/b", "a/b/@image")] == ["", "a/", "a/b/"]


def test_what_the_encoder_needs_too(load: Callable[..., Pipeline]) -> None:
    assert load("flat-dct").closed_loop() == set()
    assert load("guided-dct").closed_loop() == {"map"}
    assert load("residual-layer").closed_loop() == {"base", "base/image", "prediction"}
    assert load("decoder-masks").closed_loop() == set()


def test_what_only_the_encoder_needs_seeds_nothing(load: Callable[..., Pipeline]) -> None:
    coded = {"model": "laplace", "coder": "range"}
    spec = {
        "semcodec": 1,
        "saliency": {"use": "local.looking", "guides": {"base": "base"}},
        "streams": {
            "base": {"stages": ["dct", "uniform"], **coded},
            "map": {"from": "saliency", "stages": ["block-map"], **coded},
        },
        "decoder": {"use": "rehearsal.enhance", "inputs": {"base": "base", "mask": "map"}},
    }
    made = load(spec)
    assert made.closed_loop() == {"base"}
    # The decoder has no saliency source, so it could not tell that the encoder looked.
    assert made.closed_loop(both_only=True) == set()


def test_drawings(load: Callable[..., Pipeline]) -> None:
    made = load("carved-guided")
    drawn = {form: draw(made, form) for form in FORMATS}
    for ref in made.order:
        assert all(ref in text for text in drawn.values())
    assert drawn["text"].startswith("carved-guided\n")
    assert "encoder only   source.saliency = centre@1" in drawn["text"]
    assert drawn["mermaid"].startswith("flowchart LR\n")
    lines = drawn["dot"].splitlines()
    assert (lines[0], lines[-1]) == ("digraph pipeline {", "}")
    known = {line.strip(" ;").strip('"') for line in lines if "->" not in line}
    for line in lines:
        if "->" in line:
            tail, _, head = line.strip().partition(" -> ")
            assert tail.strip('"') in known
            assert head.partition('" [')[0].strip('"') in known
    assert "@image" not in drawn["dot"]
