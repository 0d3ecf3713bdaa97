"""Whether what is installed is what the register says."""

from __future__ import annotations

from collections.abc import Iterator

from semcodec.discovery import Catalog
from semcodec.discovery.health import Check, check_owners
from semcodec.discovery.metadata import normalized
from semcodec.engine.codec import Codec
from semcodec.errors import ComponentNotFound, PluginError, SpecError
from semcodec.registry import Codec as Entry
from semcodec.registry import Register
from semcodec.spec.load import document_of, pipeline_from

__all__ = ["check_register"]


def check_register(register: Register, catalog: Catalog) -> Iterator[Check]:
    """Compare a register with what is installed.

    Every plugin's prefix must be its distribution's own. Every registered pipeline that is
    installed must come from its provider, and have the digest, the sections and the numbers of
    levels that are registered.

    Args:
        register: any register.
        catalog: this process's catalog, from which named pipelines are loaded.

    Yields:
        A check for each prefix that is wrong, for each registered code and for each pipeline that
        is not registered.
    """
    yield from check_owners(register, catalog.plugins)
    for entry in register.codecs:
        yield _check_codec(entry, register, catalog)
    for name in catalog.pipelines():
        if register.pipeline(name) is None:
            provider = catalog.pipeline(name).provider
            yield Check(name, "note", f"of {provider}: not registered, so its files are private")


def _check_codec(entry: Entry, register: Register, catalog: Catalog) -> Check:
    subject = f"{entry.code} {entry.name}"
    try:
        found = catalog.pipeline(entry.name)
        if normalized(found.distribution) != normalized(entry.provider):
            detail = f"registered for {entry.provider}, provided here by {found.provider}"
            return Check(subject, "broken", detail)
        codec = Codec(pipeline_from(document_of(entry.name)))
    except ComponentNotFound:
        return _absent(subject, entry, register, catalog)
    except (PluginError, SpecError) as error:
        return Check(subject, "broken", str(error))
    faults = _differences(entry, codec)
    if faults:
        return Check(subject, "broken", f"{found.provider}: {'; '.join(faults)}")
    return Check(subject, "ok", f"{entry.status}, as registered in {found.provider}")


def _absent(subject: str, entry: Entry, register: Register, catalog: Catalog) -> Check:
    for plugin in catalog.plugins:
        if normalized(plugin.distribution) == normalized(entry.provider):
            provider = f"{plugin.distribution} {plugin.version}"
            detail = f"{provider} is installed without it: pip install --upgrade {entry.provider}"
            return Check(subject, "broken", detail)
    how = register.install_hint(entry.name) or f"{entry.provider} is not out yet"
    return Check(subject, "note", f"{entry.provider} is not installed, so not compared: {how}")


def _differences(entry: Entry, codec: Codec) -> list[str]:
    registered = {field.name: field.levels for field in entry.wire}
    installed = {setting.name: setting.grid.levels for setting in codec.pipeline.wire}
    return [
        f"expected {name} {before}, got {after}"
        for name, before, after in (
            ("digest", entry.digest, codec.digest),
            ("sections", list(entry.sections), list(codec.sections)),
            ("wire", registered, installed),
        )
        if before != after
    ]
