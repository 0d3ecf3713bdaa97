from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from semcodec import Quantizer, component
from semcodec.contracts.params import of_format
from semcodec.discovery import Catalog
from semcodec.errors import ComponentNotFound, PluginBroken, PluginConflict, PluginError

if TYPE_CHECKING:
    from tests.discovery.conftest import Site

PARTS = """
    from semcodec import hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("odd." + name.lower(), "pkg_odd_parts:" + name)
                for name in ("Absent", "Number", "Plain", "Bare", "Halve")]
"""
PARTS_OF_ODD = """
    from semcodec import Quantizer

    Number = 3

    class Plain:
        pass

    class Bare(Quantizer):
        pass

    from pkg_good_parts import Halve
"""


def make(name: str = "DeadZone") -> Any:
    def quantize(self: Any, x: Any, guides: Any, ctx: Any) -> Any:
        return x

    body = {"quantize": quantize, "dequantize": quantize, "__doc__": "Does nothing."}
    return component(type(name, (Quantizer,), {**body, "__module__": __name__}))


def test_ids_are_sorted_and_hold_every_hook(good: Site) -> None:
    ids = good.catalog().ids()
    assert ids == sorted(ids)
    assert {"dct", "psnr", "folder", "good.halve", "good.zero"} <= set(ids)


def test_an_entry_says_who_provides_it(good: Site) -> None:
    entry = good.catalog().entry("good.halve")
    assert (entry.ref.target, entry.distribution, entry.version) == (
        "pkg_good_parts:Halve",
        "semcodec-good",
        "0.1",
    )
    assert entry.provider.licence() == "MIT"


def test_a_component_is_of_the_kind_that_is_asked_for(good: Site) -> None:
    catalog = good.catalog()
    assert catalog.component("good.halve", "quantizer") is catalog.component("good.halve")
    with pytest.raises(PluginError, match=r"kind metric, good\.halve is of kind quantizer"):
        catalog.component("good.halve", "metric")


def test_an_absent_component_is_met_with_the_nearest_names(good: Site) -> None:
    with pytest.raises(ComponentNotFound, match=r"'good\.halv'") as caught:
        good.catalog().component("good.halv")
    assert caught.value.hint.startswith("Did you mean good.halve")
    with pytest.raises(ComponentNotFound) as caught:
        good.catalog().component("other.halve")
    assert "good.halve" in caught.value.hint


def test_an_absent_component_is_met_with_the_command_that_installs_it(site: Site) -> None:
    with pytest.raises(ComponentNotFound) as caught:
        site.catalog().component("anchors.qqqqqq")
    assert caught.value.hint == "pip install semcodec-anchors"


@pytest.mark.parametrize(
    ("id_", "says"),
    [
        ("odd.absent", "AttributeError"),
        ("odd.number", "must be a class, got int"),
        ("odd.plain", "must derive from a component kind"),
        ("odd.bare", "must be made by @component"),
    ],
)
def test_a_broken_component_names_its_distribution(good: Site, id_: str, says: str) -> None:
    good.add("semcodec-odd", {"odd": "pkg_odd"}, pkg_odd=PARTS, pkg_odd_parts=PARTS_OF_ODD)
    catalog = good.catalog()
    with pytest.raises(PluginBroken, match=says) as caught:
        catalog.component(id_)
    message = str(caught.value)
    assert f"component {id_} (semcodec-odd 0.1): pkg_odd_parts:" in message
    assert caught.value.hint == "pip install --upgrade semcodec-odd"
    assert catalog.component("odd.halve").__name__ == "Halve"


def test_a_component_whose_module_needs_what_is_absent_is_broken(good: Site) -> None:
    good.add(
        "semcodec-odd",
        {"odd": "pkg_odd"},
        pkg_odd=PARTS,
        pkg_odd_parts="import no_such_framework",
    )
    with pytest.raises(PluginBroken, match="No module named 'no_such_framework'"):
        good.catalog().component("odd.halve")


CLAIMS = """
    from semcodec import command, hookimpl, pipeline, ref

    @hookimpl
    def semcodec_components():
        return [ref("PLUGIN.x", "a:B"), ref("PLUGIN.y", "a:C")]

    @hookimpl
    def semcodec_metrics():
        return [ref("PLUGIN.x", "a:D")]

    @hookimpl
    def semcodec_pipelines():
        return [pipeline("shared", "pkg_PLUGIN", "x.yaml"), pipeline("only-PLUGIN", "p", "x.yaml")]

    @hookimpl
    def semcodec_commands():
        return [command("train", "a:b", "Train."), command("encode", "a:b", "Not the core's.")]
"""


def test_a_name_claimed_twice_is_unusable_and_all_others_stay(good: Site) -> None:
    for plugin in ("one", "two"):
        source = CLAIMS.replace("PLUGIN", plugin)
        good.add(f"dist-{plugin}", {plugin: f"pkg_{plugin}"}, **{f"pkg_{plugin}": source})
    catalog = good.catalog()
    assert catalog.problems == (
        "id one.x is claimed by dist-one 0.1 and dist-one 0.1",
        "id two.x is claimed by dist-two 0.1 and dist-two 0.1",
        "pipeline shared is claimed by dist-one 0.1 and dist-two 0.1",
        "command encode is claimed by semcodec 0.1.0 and dist-one 0.1 and dist-two 0.1",
        "command train is claimed by dist-one 0.1 and dist-two 0.1",
    )
    with pytest.raises(PluginConflict, match=r"dist-one 0\.1 and dist-two 0\.1") as caught:
        catalog.pipeline("shared")
    assert caught.value.hint == "pip uninstall dist-two"
    with pytest.raises(PluginConflict, match=r"dist-one 0\.1 and dist-two 0\.1"):
        catalog.command("train")
    with pytest.raises(PluginConflict, match=r"one\.x") as caught:
        catalog.component("one.x")
    assert caught.value.hint == "pip install --upgrade dist-one"
    assert {"one.y", "two.y", "good.halve"} <= set(catalog.ids())
    assert not {"one.x", "two.x"} & set(catalog.ids())
    assert {"only-one", "only-two"} <= set(catalog.pipelines())
    assert "shared" not in catalog.pipelines()
    assert "good" in {entry.ref.name for entry in catalog.commands()}


@pytest.fixture
def piped(site: Site) -> Site:
    site.add("semcodec-piped", {"piped": "pkg_piped"})
    site.write(
        "pkg_piped/__init__.py",
        """
            from semcodec import hookimpl, pipeline

            @hookimpl
            def semcodec_pipelines():
                return [pipeline(name, "pkg_piped", f"specs/{name}.yaml")
                        for name in ("plain", "locked", "absent", "binary")]
        """,
    )
    site.write("pkg_piped/specs/plain.yaml", "name: plain  # Größe\n")
    site.write("pkg_piped/specs/locked.yaml", "name: locked\n")
    site.write("pkg_piped/specs/locked.lock.json", "{}")
    (site.folder / "pkg_piped/specs/binary.yaml").write_bytes(b"\xff\xfe\x00")
    return site


def test_a_pipeline_is_read_from_its_package(piped: Site) -> None:
    catalog = piped.catalog()
    plain, locked = catalog.pipeline("plain"), catalog.pipeline("locked")
    assert (plain.read(), plain.lock()) == ("name: plain  # Größe\n", None)
    assert (locked.read(), locked.lock()) == ("name: locked\n", "{}")
    assert (plain.distribution, plain.version) == ("semcodec-piped", "0.1")


@pytest.mark.parametrize(("name", "says"), [("absent", "has no file"), ("binary", "Unicode")])
def test_a_pipeline_that_cannot_be_read_is_broken(piped: Site, name: str, says: str) -> None:
    with pytest.raises(PluginBroken, match=says) as caught:
        piped.catalog().pipeline(name).read()
    assert "semcodec-piped 0.1" in str(caught.value)


def test_an_absent_pipeline_is_met_with_the_nearest_name(piped: Site) -> None:
    with pytest.raises(ComponentNotFound) as caught:
        piped.catalog().pipeline("plane")
    assert "Did you mean plain" in caught.value.hint


def test_a_class_finds_its_id_back(good: Site) -> None:
    catalog = good.catalog()
    loaded: Any = catalog.component("good.halve")
    assert catalog.id_of(loaded) == "good.halve"
    assert catalog.id_of(of_format(loaded, 1)) == "good.halve"
    assert catalog.id_of(of_format(loaded, 2)) == "good.halve"


def test_a_class_that_was_imported_by_hand_finds_its_id_too(good: Site) -> None:
    catalog = good.catalog()
    from pkg_good_parts import Zero  # type: ignore[import-not-found]

    assert catalog.id_of(Zero) == "good.zero"


def test_a_subclass_is_not_its_base(good: Site) -> None:
    catalog = good.catalog()
    loaded: Any = catalog.component("good.halve")
    derived = component(type("Derived", (loaded,), {"__module__": __name__}))
    with pytest.raises(ComponentNotFound, match="Derived") as caught:
        catalog.id_of(derived)
    assert "semcodec.register(Derived)" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("DeadZone", "local.dead-zone"),
        ("DCT", "local.dct"),
        ("DCTModel", "local.dct-model"),
        ("Block16", "local.block-16"),
        ("Snake_case", "local.snake-case"),
    ],
)
def test_a_registered_class_is_named_after_itself(name: str, id_: str) -> None:
    catalog = Catalog(path=[])
    cls = make(name)
    assert catalog.register(cls) == id_
    assert catalog.component(id_) is cls
    assert catalog.id_of(cls) == id_
    assert id_ in catalog.ids()
    assert catalog.entry(id_).distribution == ""


def test_registering_again_replaces() -> None:
    catalog = Catalog(path=[])
    first, second = make(), make()
    catalog.register(first)
    catalog.register(second)
    assert catalog.component("local.dead-zone") is second
    assert catalog.ids().count("local.dead-zone") == 1
    with pytest.raises(ComponentNotFound):
        catalog.id_of(first)


def test_registering_takes_no_installed_id(good: Site) -> None:
    catalog = good.catalog()
    with pytest.raises(PluginConflict, match=r"semcodec-good 0\.1"):
        catalog.register(make(), "good.halve")
    assert catalog.component("good.halve").__name__ == "Halve"


@pytest.mark.parametrize("id_", ["", "Local.x", "local.x@1", "a.b.c"])
def test_registering_refuses_malformed_ids(id_: str) -> None:
    with pytest.raises(PluginError, match="expected an id"):
        Catalog(path=[]).register(make(), id_)


@pytest.mark.parametrize("thing", [3, int, Quantizer])
def test_registering_refuses_what_is_no_component(thing: Any) -> None:
    with pytest.raises(PluginError, match="must"):
        Catalog(path=[]).register(thing)
