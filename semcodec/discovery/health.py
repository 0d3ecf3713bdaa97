"""What can be wrong with an installation, each thing checked on its own."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from semcodec.discovery.installed import Catalog
from semcodec.discovery.metadata import normalized
from semcodec.discovery.scan import CORE, Plugin
from semcodec.errors import PluginError, RegisterError

if TYPE_CHECKING:
    from semcodec.registry import Register

__all__ = ["Check", "check_owners", "examine"]

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)\s*(\[[^]]*\])?\s*(?P<versions>[^;]*)(;(?P<marker>.*))?"
)
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w.-]+)['\"]")
_DEVELOPERS = "dev"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        subject: what was looked at.
        state: ``"ok"``, ``"note"`` for what is merely worth knowing, or ``"broken"``.
        detail: what was found and, where it is broken, what to do.
    """

    subject: str
    state: Literal["ok", "note", "broken"]
    detail: str


def examine(catalog: Catalog) -> Iterator[Check]:
    """Check Python, the dependencies, the caches, the register and every plugin."""
    yield Check("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield Check("platform", "ok", platform.platform())
    yield from _dependencies()
    yield _code_cache()
    for problem in catalog.problems:
        yield Check("plugin", "broken", problem)
    yield from _register(catalog)
    for plugin in catalog.plugins[1:]:
        yield from _extras(plugin.distribution)
    yield from _contents(catalog)


def _dependencies() -> Iterator[Check]:
    try:
        requirements = metadata.requires(CORE) or []
    except metadata.PackageNotFoundError:
        yield Check(CORE, "note", "runs from a source tree, so its requirements are unknown")
        return
    for line in requirements:
        match = _REQUIREMENT.match(line)
        assert match is not None  # pip accepted it
        extra = _EXTRA.search(match["marker"] or "")
        if extra is None:
            yield _dependency(match["name"], match["versions"], f"pip install --upgrade {CORE}", "")
        elif extra[1] != _DEVELOPERS:
            command = f'pip install "{CORE}[{extra[1]}]"'
            yield _dependency(match["name"], match["versions"], command, extra[1])


def _extras(distribution: str) -> Iterator[Check]:
    """Look at what only a plugin's extras install: some of its components may need it."""
    try:
        requirements = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return
    seen = {normalized(distribution), CORE}  # an extra of all extras names the plugin itself
    for line in requirements:
        match = _REQUIREMENT.match(line)
        extra = _EXTRA.search(match["marker"] or "") if match else None
        if match is None or extra is None or extra[1] == _DEVELOPERS:
            continue
        name = normalized(match["name"])
        if name not in seen:
            seen.add(name)
            command = f'pip install "{distribution}[{extra[1]}]"'
            yield _dependency(match["name"], match["versions"], command, extra[1])


def _dependency(name: str, versions: str, command: str, extra: str) -> Check:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        if extra:
            return Check(name, "note", f"not installed, optional: {command}")
        return Check(name, "broken", f"not installed: {command}")
    least = re.search(r">=\s*([\d.]+)", versions)
    if least and _release(found) < _release(least[1]):
        return Check(name, "broken", f"{found} is older than {least[1]}: {command}")
    return Check(name, "ok", found)


def _release(version: str) -> tuple[int, ...]:
    numbers = re.match(r"\d+(\.\d+)*", version)
    parts = [int(part) for part in numbers[0].split(".")] if numbers else []
    while parts and parts[-1] == 0:
        parts.pop()  # 1.0 and 1 are one version
    return tuple(parts)


def _code_cache() -> Check:
    """Ask where the coders' machine code is kept; without a folder every process compiles anew."""
    from semcodec.coding.cache import writable_folder

    folder = writable_folder()
    if folder is None:
        advice = "set NUMBA_CACHE_DIR to a folder that can be written"
        return Check("code cache", "broken", f"the coders compile in every process: {advice}")
    return Check("code cache", "ok", str(folder))


def _register(catalog: Catalog) -> Iterator[Check]:
    from semcodec.registry import load_register

    try:
        register = load_register()
    except RegisterError as error:
        yield Check("register", "broken", str(error))
        return
    yield from check_owners(register, catalog.plugins)


def check_owners(register: Register, plugins: Sequence[Plugin]) -> Iterator[Check]:
    """Compare the register's owners of prefixes with who uses them here.

    Args:
        register: the register.
        plugins: the core first, then the installed plugins.
    """
    for plugin in plugins[1:]:
        owner = register.provider_of(f"{plugin.name}.any")
        if owner and normalized(owner.distribution) != normalized(plugin.distribution):
            yield Check(
                "register",
                "broken",
                f"prefix {plugin.name} belongs to {owner.distribution}, but {plugin.distribution} "
                f"uses it here: pip uninstall {plugin.distribution}",
            )


def _contents(catalog: Catalog) -> Iterator[Check]:
    """Load every component and read every pipeline."""
    components = [_load("component", id_, catalog.component) for id_ in catalog.ids()]
    pipelines = [
        _load("pipeline", n, lambda n: catalog.pipeline(n).read()) for n in catalog.pipelines()
    ]
    for kind, checks in (("components", components), ("pipelines", pipelines)):
        faults = [check for check in checks if check.state == "broken"]
        good = len(checks) - len(faults)
        yield Check(kind, "note" if faults else "ok", f"{good} of {len(checks)} load")
        yield from faults
    yield from _unavailable(catalog)


def _unavailable(catalog: Catalog) -> Iterator[Check]:
    """Say which metrics cannot run here, those that lack the same thing together."""
    from semcodec.discovery.describe import missing

    lacking: dict[str, list[str]] = {}
    for id_ in catalog.ids():
        try:
            reason = missing(catalog.component(id_))
        except PluginError:
            continue  # told among the components that do not load
        if reason:
            lacking.setdefault(reason, []).append(id_)
    for reason, ids in lacking.items():
        yield Check("metrics", "note", f"{', '.join(ids)}: {reason}")


def _load(kind: str, name: str, load: Callable[[str], object]) -> Check:
    try:
        load(name)
    except PluginError as error:
        return Check(
            kind, "broken", f"{error.args[0]} ({error.hint})" if error.hint else str(error)
        )
    return Check(kind, "ok", name)
