"""The rehearsal plugin as an installed distribution, components made on the spot, problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from semcodec.discovery import catalog
from semcodec.errors import Problem, SpecError
from semcodec.spec.compose import is_candidates
from semcodec.spec.load import document_of, pipeline_from
from semcodec.spec.text import Document, parse


@pytest.fixture(scope="module")
def plugins(rehearsal_site: Path) -> Iterator[Path]:
    """Install the rehearsal plugin for one module of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(rehearsal_site))
        catalog.cache_clear()
        yield rehearsal_site
    catalog.cache_clear()


@pytest.fixture(scope="session")
def coded() -> Callable[[], list[str]]:
    """Names of the installed pipelines that code; a choice of candidates has no form or digest."""

    def names() -> list[str]:
        known = catalog()
        return [n for n in known.pipelines() if not is_candidates(parse(known.pipeline(n).read()))]

    return names


@pytest.fixture
def register() -> Iterator[Callable[[type[Any], str], None]]:
    """Register components under ids that are forgotten after the test."""
    catalog.cache_clear()

    def add(cls: type[Any], name: str) -> None:
        catalog().register(cls, name)

    yield add
    catalog.cache_clear()


@pytest.fixture(scope="session")
def problems_of() -> Callable[..., tuple[Problem, ...]]:
    """Give the problems of a spec, given as text, data or a document."""

    def find(spec: Any, **changes: Any) -> tuple[Problem, ...]:
        def load() -> None:
            document = parse(spec) if isinstance(spec, str) else document_of(spec)
            pipeline_from(document, **changes)

        with pytest.raises(SpecError) as caught:
            load()
        return caught.value.problems

    return find


@pytest.fixture(scope="session")
def flat() -> Callable[..., dict[str, Any]]:
    """Make the plainest spec that there is, with keys replaced, added or (None) left out."""

    def make(**changes: Any) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "semcodec": 1,
            "transform": {"use": "dct", "block": 8},
            "quantizer": {"use": "uniform", "step": 24},
            "model": {"use": "dct-context"},
            "coder": {"use": "range"},
            **changes,
        }
        return {key: value for key, value in spec.items() if value is not None}

    return make


@pytest.fixture(scope="session")
def guided() -> Callable[..., dict[str, Any]]:
    """Make a spec of two streams, the second of which may be changed."""

    def make(**changes: Any) -> dict[str, Any]:
        return {
            "semcodec": 1,
            "saliency": {"use": "centre"},
            "streams": {
                "map": {
                    "from": "saliency",
                    "stages": [{"use": "block-map", "block": 32, "levels": 4}],
                    "model": {"use": "plane-context"},
                    "coder": {"use": "range"},
                },
                "image": {
                    "stages": [
                        {"use": "dct", "block": 8},
                        {"use": "rehearsal.guided-step", "guides": {"saliency": "map"}},
                    ],
                    "model": {"use": "dct-context"},
                    "coder": {"use": "range"},
                },
            },
            **changes,
        }

    return make


@pytest.fixture(scope="session")
def as_document() -> Callable[[Any], Document]:
    """Take data as a spec."""
    return document_of
