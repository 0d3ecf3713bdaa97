"""The API version that plugins declare: its own and the one before are taken, others refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from semcodec.discovery import catalog, hookspecs
from semcodec.discovery.hookspecs import api_problem
from semcodec.errors import PluginBroken, UnknownCodec

if TYPE_CHECKING:
    from tests.discovery.conftest import Site

SOURCE = """
    from semcodec import hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("acme.x", "a:B")]
"""


@pytest.mark.parametrize("core", [1, 2, 3, 7])
@pytest.mark.parametrize("declared", range(1, 10))
def test_its_own_version_and_the_one_before(
    core: int, declared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hookspecs, "API_VERSION", core)
    problem = api_problem(declared, "semcodec-acme")
    assert (problem == "") == (declared in (core, core - 1))
    if declared > core:
        assert problem.endswith(f"has {core}: pip install --upgrade semcodec")
    elif problem:
        assert problem.endswith("and later: pip install --upgrade semcodec-acme")


@pytest.mark.parametrize("garbage", [0, -1, True, False, "1", 1.0, None, [1], 10**400, object()])
def test_garbage_is_no_version(garbage: Any) -> None:
    assert api_problem(garbage, "semcodec-acme") != ""


@pytest.mark.parametrize(
    ("core", "line", "says"),
    [
        (1, "semcodec_api = 1", ""),
        (1, "", ""),
        (2, "semcodec_api = 1", ""),
        (2, "", ""),
        (3, "", "was written for plugin API 1, this semcodec takes 2 and later: pip install "
                "--upgrade semcodec-acme"),
        (3, "semcodec_api = 1", "pip install --upgrade semcodec-acme"),
        (1, "semcodec_api = 2", "needs plugin API 2, this semcodec has 1: pip install --upgrade "
                                "semcodec"),
        (1, "semcodec_api = True", "expected a positive integer as semcodec_api, got True"),
        (1, "semcodec_api = '1'", "got '1'"),
        (1, "semcodec_api = 1.0", "got 1.0"),
        (1, "semcodec_api = None", "got None"),
    ],
)  # fmt: skip
def test_a_plugin_of_another_version_is_left_out_loudly(
    good: Site, core: int, line: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hookspecs, "API_VERSION", core)
    text = (good.folder / "pkg_good.py").read_text()
    good.write("pkg_good.py", f"{text}\nsemcodec_api = {core}\n")
    good.add("semcodec-acme", {"acme": "pkg_acme"}, pkg_acme=SOURCE + f"\n    {line}\n")
    found = good.catalog()
    if not says:
        assert found.problems == ()
        assert found.entry("acme.x").distribution == "semcodec-acme"
        return
    (problem,) = found.problems
    assert "plugin acme (semcodec-acme 0.1)" in problem
    assert says in problem
    with pytest.raises(PluginBroken) as caught:
        found.entry("acme.x")
    assert says in str(caught.value)
    assert caught.value.hint == "semcodec doctor"


def test_the_files_of_a_plugin_that_is_too_new_say_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    import semcodec
    from semcodec.registry import load_register
    from semcodec.wire import Header, write

    entry = load_register().code(16)
    assert entry is not None
    header = Header(code=16, digest=bytes.fromhex(entry.digest)[:2], width=9, height=9)
    data = write(header, radices=(), values=(), sections=(b"",))
    site.add(entry.provider, {"anchors": "pkg_new"}, pkg_new="semcodec_api = 2\n")
    catalog.cache_clear()
    with pytest.raises(UnknownCodec, match="needs plugin API 2") as caught:
        semcodec.decode(data)
    assert "pip install --upgrade semcodec" in str(caught.value)
    catalog.cache_clear()


def test_what_this_project_ships_declares_its_version() -> None:
    import importlib

    for plugin in catalog().plugins[1:]:
        if plugin.distribution.startswith("semcodec-"):
            module = importlib.import_module(plugin.module)
            assert vars(module).get("semcodec_api") == hookspecs.API_VERSION, plugin.name
