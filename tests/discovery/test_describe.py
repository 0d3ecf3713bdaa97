from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from semcodec import EncodeOnly, Ge, Gt, Interval, Len, Lt, Map, Port, Quantizer, component
from semcodec.contracts.params import parameters
from semcodec.discovery import Catalog
from semcodec.discovery.describe import describe, type_text
from semcodec.discovery.health import examine

if TYPE_CHECKING:
    from tests.discovery.conftest import Site


@component(format=2)
class Sample(Quantizer):
    """Says one thing
    on two lines.

    More that is not shown.

    Attributes:
        step: how far.
    """

    ports = {"saliency": Port(Map, optional=True)}  # noqa: RUF012 - how components state it

    step: Annotated[float, Gt(0)]
    zone: EncodeOnly[Annotated[float, Interval(ge=0, lt=1)]] = 0.5
    inner: Quantizer | None = None

    def quantize(self, x: Any, guides: Any, ctx: Any) -> Any:
        return x

    def dequantize(self, q: Any, guides: Any, ctx: Any) -> Any:
        return q


def test_a_component_is_described_as_plain_data() -> None:
    catalog = Catalog(path=[])
    facts = describe(catalog.entry(catalog.register(Sample)), Sample)
    assert facts.pop("source").startswith(__file__)
    assert facts == {
        "id": "local.sample",
        "kind": "quantizer",
        "doc": "Says one thing on two lines.",
        "format": 2,
        "determinism": "bitexact",
        "consumes": "latent",
        "produces": "symbols",
        "ports": [
            {
                "name": "saliency",
                "type": "map",
                "needed_by": "both",
                "exact": True,
                "optional": True,
            }
        ],
        "parameters": [
            {
                "name": "step",
                "type": "float > 0",
                "required": True,
                "encode_only": False,
                "nested": "",
                "doc": "how far.",
            },
            {
                "name": "zone",
                "type": "float >= 0, < 1",
                "required": False,
                "encode_only": True,
                "nested": "",
                "doc": "",
                "default": 0.5,
            },
            {
                "name": "inner",
                "type": "component of kind quantizer or null",
                "required": False,
                "encode_only": False,
                "nested": "quantizer",
                "doc": "",
                "default": None,
            },
        ],
        "distribution": "",
        "version": "",
        "licence": "",
        "target": f"{__name__}:Sample",
    }
    assert [p.name for p in parameters(Sample)] == ["step", "zone", "inner"]


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (Literal[4, "a"], "one of 4, a"),
        (Annotated[int, Ge(1), Lt(9)], "int >= 1, < 9"),
        (Annotated[tuple[int, ...], Len(1, 3)], "tuple[int, ...] of length 1 to 3"),
        (Annotated[str, Len(2)], "str of length 2 or more"),
        (float | None, "float or null"),
    ],
)
def test_types_are_said_in_words(annotation: Any, text: str) -> None:
    assert type_text(annotation) == text


def test_health_names_what_is_broken_and_counts_the_rest(good: Site) -> None:
    good.add(
        "stranger",
        {"anchors": "pkg_stranger"},
        pkg_stranger="""
            from semcodec import hookimpl, pipeline, ref

            @hookimpl
            def semcodec_components():
                return [ref("anchors.x", "nowhere:X")]

            @hookimpl
            def semcodec_metrics():
                return 3
        """,
    )
    broken = [c for c in examine(good.catalog()) if c.state == "broken" and "stranger" in c.detail]
    assert [c.subject for c in broken] == ["plugin", "register", "component"]
    assert "must return a list, got int" in broken[0].detail
    assert "prefix anchors belongs to semcodec-anchors, but stranger uses it" in broken[1].detail
    assert "No module named 'nowhere'" in broken[2].detail


def test_health_lists_what_the_extras_of_plugins_install(good: Site) -> None:
    with (good.folder / "semcodec_good-0.1.dist-info" / "METADATA").open("a") as file:
        file.write("Requires-Dist: absent-thing>=1\n")
        file.write("Requires-Dist: absent-codec>=1; extra == 'codec'\n")
        file.write("Requires-Dist: numpy>=1.26; extra == 'array'\n")
        file.write("Requires-Dist: semcodec-good[array,codec]; extra == 'all'\n")
        file.write("Requires-Dist: absent-tool; extra == 'dev'\n")
    states = {c.subject: (c.state, c.detail) for c in examine(good.catalog())}
    assert states["absent-codec"] == (
        "note",
        'not installed, optional: pip install "semcodec-good[codec]"',
    )
    assert states["numpy"][0] == "ok"
    assert not states.keys() & {"semcodec-good", "absent-tool"}


def test_health_compares_requirements_with_what_is_installed(site: Site) -> None:
    site.add("semcodec", {})
    with (site.folder / "semcodec-0.1.dist-info" / "METADATA").open("a") as file:
        file.write("Requires-Dist: numpy>=1.26\n")
        file.write("Requires-Dist: pluggy >=999.5, <1000\n")
        file.write("Requires-Dist: absent-thing[x]>=1\n")
        file.write("Requires-Dist: absent-extra>=1; extra == 'hub'\n")
        file.write("Requires-Dist: absent-tool; extra == 'dev'\n")
    states = {c.subject: (c.state, c.detail) for c in examine(site.catalog())}
    assert states["numpy"][0] == "ok"
    assert states["pluggy"][0] == "broken"
    assert "older than 999.5: pip install --upgrade semcodec" in states["pluggy"][1]
    assert states["absent-thing"][0] == "broken"
    assert states["absent-extra"] == (
        "note",
        'not installed, optional: pip install "semcodec[hub]"',
    )
    assert "absent-tool" not in states
    assert states["code cache"][0] == "ok"
