"""Whatever one plugin does, it is named, and the others work as if it were not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import semcodec
from semcodec.discovery import Catalog
from semcodec.errors import PluginBroken, PluginConflict

if TYPE_CHECKING:
    from tests.discovery.conftest import Site

LISTS = """
    from semcodec import hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("bad.x", "pkg_bad_parts:X")]
"""


def assert_good(catalog: Catalog) -> None:
    """The faultless plugin is listed, without problems, and loads."""
    (good,) = [p for p in catalog.plugins if p.name == "good"]
    assert good.ids == ("good.halve", "good.zero")
    assert (good.distribution, good.version, good.problems) == ("semcodec-good", "0.1", ())
    assert catalog.component("good.halve").__name__ == "Halve"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import nowhere_at_all", "does not import: ModuleNotFoundError: No module named"),
        ("def f(:", "does not import: SyntaxError"),
        ("raise SystemExit(3)", "does not import: SystemExit: 3"),
        ("raise ValueError('one\\ntwo')", "does not import: two"),
        (LISTS + "\n    semcodec_api = 2", "needs plugin API 2, this semcodec has 1"),
        (LISTS + "\n    semcodec_api = 'x'", "positive integer as semcodec_api, got 'x'"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out(good: Site, source: str, says: str) -> None:
    good.add("semcodec-bad", {"bad": "pkg_bad"}, pkg_bad=source)
    catalog = good.catalog()
    (bad,) = [p for p in catalog.plugins if p.name == "bad"]
    assert not bad.usable
    assert not bad.ids
    (problem,) = catalog.problems
    assert "plugin bad (semcodec-bad 0.1)" in problem
    assert says in problem
    with pytest.raises(PluginBroken, match=r"semcodec-bad 0\.1"):
        catalog.component("bad.x")
    assert_good(catalog)


@pytest.mark.parametrize(
    ("hook", "says"),
    [
        ("@hookimpl\ndef semcodec_metrics(): return 1 / 0", "semcodec_metrics failed: ZeroDiv"),
        ("@hookimpl\ndef semcodec_metrics(): return [ref('No', 'a:B')]", "expected an id"),
        ("@hookimpl\ndef semcodec_metrics(): pass", "must return a list, got NoneType"),
        ("@hookimpl\ndef semcodec_metrics(): return 'bad.y'", "must return a list, got str"),
        ("@hookimpl\ndef semcodec_metrics(): return ['bad.y']", "list Ref objects, got 'bad.y'"),
        (
            "@hookimpl\ndef semcodec_pipelines(): return [ref('bad.y', 'a:B')]",
            "PipelineRef objects",
        ),
        ("@hookimpl\ndef semcodec_metrics(x): return []", "semcodec_metrics is no valid hook"),
        ("@hookimpl\ndef semcodec_metric(): return []", "semcodec_metric is no valid hook"),
        ("def semcodec_metrics(): return []", "semcodec_metrics lacks @hookimpl"),
    ],
)
def test_a_bad_hook_spoils_no_other_hook_of_its_plugin(good: Site, hook: str, says: str) -> None:
    source = LISTS.replace("\n    ", "\n") + "\n" + hook
    good.add("semcodec-bad", {"bad": "pkg_bad"}, pkg_bad=source)
    catalog = good.catalog()
    (problem,) = catalog.problems
    assert "plugin bad (semcodec-bad 0.1)" in problem
    assert says in problem
    assert catalog.entry("bad.x").distribution == "semcodec-bad"
    assert_good(catalog)


def test_an_id_outside_the_prefix_is_left_out_alone(good: Site) -> None:
    good.add(
        "semcodec-bad",
        {"bad": "pkg_bad"},
        pkg_bad=LISTS.replace("return [", "return [ref('dct', 'a:B'), ref('good.halve', 'a:B'), "),
    )
    catalog = good.catalog()
    assert catalog.problems == (
        "id dct is outside the prefix of plugin bad (distribution semcodec-bad)",
        "id good.halve is outside the prefix of plugin bad (distribution semcodec-bad)",
    )
    assert catalog.entry("bad.x").distribution == "semcodec-bad"
    assert catalog.entry("dct").distribution == "semcodec"
    assert_good(catalog)


def test_two_distributions_of_one_name_are_both_left_out(good: Site) -> None:
    good.add("first", {"bad": "pkg_bad"}, pkg_bad=LISTS)
    good.add("second", {"bad": "pkg_worse"}, pkg_worse=LISTS)
    catalog = good.catalog()
    (problem,) = catalog.problems
    assert problem == (
        "plugin bad is claimed more than once, by first 0.1, second 0.1: all are left out"
    )
    assert "bad.x" not in catalog.ids()
    with pytest.raises(PluginConflict, match=r"first 0\.1, second 0\.1"):
        catalog.component("bad.x")
    assert_good(catalog)


@pytest.mark.parametrize("name", ["semcodec", "local", "Bad", "bad_one", "bad.one"])
def test_a_plugin_cannot_take_a_reserved_or_malformed_name(good: Site, name: str) -> None:
    good.add("semcodec-bad", {name: "pkg_bad"}, pkg_bad="raise RuntimeError")
    catalog = good.catalog()
    (problem,) = catalog.problems
    assert f"plugin {name} (semcodec-bad 0.1): expected a name" in problem
    assert_good(catalog)


def test_an_entry_point_must_name_a_module(good: Site) -> None:
    good.add("semcodec-bad", {"bad": "pkg_bad:x"}, pkg_bad="x = 3")
    (problem,) = good.catalog().problems
    assert "expected its entry point to name a module" in problem


def test_a_distribution_reached_twice_counts_once(good: Site) -> None:
    folder = str(good.folder)
    catalog = Catalog(path=[folder, folder])
    assert not catalog.problems
    assert [p.name for p in catalog.plugins] == ["semcodec", "good"]
    assert_good(catalog)


def test_a_distribution_without_metadata_is_still_named(good: Site) -> None:
    good.add("semcodec-bad", {"bad": "pkg_bad"}, pkg_bad="import nowhere_at_all")
    (good.folder / "semcodec_bad-0.1.dist-info" / "METADATA").write_text("")
    (problem,) = good.catalog().problems
    assert "plugin bad (semcodec_bad 0.1)" in problem


def test_asking_sets_off_no_lazy_imports(good: Site) -> None:
    lazy = """
        def __dir__():
            return ["semcodec_metrics", "heavy"]

        def __getattr__(name):
            raise RuntimeError(f"{name} was asked for")
    """
    good.add("semcodec-lazy", {"bad": "pkg_bad"}, pkg_bad=LISTS + lazy.replace("\n    ", "\n"))
    catalog = good.catalog()
    assert not catalog.problems
    assert catalog.entry("bad.x").version == "0.1"


def test_scanning_imports_no_implementation_and_nothing_heavy(good: Site) -> None:
    code = (
        "import sys; from semcodec.discovery import catalog; c = catalog(); "
        "assert 'good.halve' in c.ids(), c.problems; print(*sys.modules)"
    )
    root = Path(semcodec.__file__).parents[1]
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{good.folder}:{root}"},
        cwd=good.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "pkg_good" in loaded
    heavy = {"pkg_good_parts", "numpy", "yaml", "pydantic", "torch", "PIL", "numba", "click"}
    assert not heavy & set(loaded)


def test_the_core_follows_the_rules_it_sets(site: Site) -> None:
    (core,) = site.catalog().plugins
    assert core.problems == ()
    assert core.distribution == "semcodec"
    assert all("." not in id_ for id_ in core.ids)
    assert {"dct", "uniform", "psnr", "folder"} <= set(core.ids)
