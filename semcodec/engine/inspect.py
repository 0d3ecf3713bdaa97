"""Explains any file from its bytes and the register; no plugin's implementation is imported."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from semcodec.discovery import catalog
from semcodec.discovery.remedies import merged, missing
from semcodec.engine.data import coded_bytes
from semcodec.engine.identity import unknown_code
from semcodec.engine.locks import damaged_lock, read_lock
from semcodec.errors import DecodeError, PluginError
from semcodec.registry import load_register
from semcodec.spec.lock import identity
from semcodec.spec.outline import grids, outline
from semcodec.wire import MAX_PIXELS, from_file, is_file, packed_size, read_body, read_header

__all__ = ["Inspection", "Part", "inspect"]

FILE_OVERHEAD = 6


@dataclass(frozen=True, slots=True)
class Part:
    """A run of bytes of a file.

    Attributes:
        name: what it is.
        size: its length in bytes.
    """

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file says of itself.

    Attributes:
        size: bytes of the whole file.
        form: ``file`` or ``wire``.
        version: container version.
        codec: ``registered``, ``embedded`` or ``detached``.
        code: registered wire code, or None.
        name: name of the pipeline; empty when it is not known.
        provider: distribution that provides a registered pipeline; empty otherwise.
        status: register status, or empty.
        install: command that installs the provider, or of a private codec what is missing here;
            empty when there is nothing to install.
        digest: decode digest in hexadecimal, as much of it as is known.
        width: columns of the picture.
        height: rows of the picture.
        channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
        depth: bits a sample.
        settings: wire settings by name; of a registered codec that is not installed, whose grid
            the register does not hold, ``{"index": N}``.
        components: ids of the components that decode it, where the file carries its lock.
        parts: the bytes of the file in order; they sum up to ``size``.
        check: whether it carries a check byte.
        lock: the embedded decode lock, or None.
        note: what could not be explained and why; empty when all was.
    """

    size: int
    form: str
    version: int
    codec: str
    code: int | None
    name: str
    provider: str
    status: str
    install: str
    digest: str
    width: int
    height: int
    channels: int
    depth: int
    settings: dict[str, Any]
    components: tuple[str, ...]
    parts: tuple[Part, ...]
    check: bool
    lock: dict[str, Any] | None
    note: str

    @property
    def bits_per_pixel(self) -> float:
        """Size in bits over width times height."""
        return 8 * self.size / (self.width * self.height)


def inspect(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Inspection:
    """Explain a coded picture.

    Args:
        data: a file in either form.
        max_pixels: largest picture to accept.

    Raises:
        DecodeError: it is no container, or it is damaged.
    """
    data = coded_bytes(data)
    wire = from_file(data)
    header, offset = read_header(wire, max_pixels=max_pixels)
    known = _Known(header)
    extra = [Part("magic and CRC", FILE_OVERHEAD)] if is_file(data) else []
    parts: list[Part] = [*extra, Part("header", offset)]
    settings: dict[str, Any] = {}
    note = known.note
    if known.sections is None:
        parts.append(Part("settings, lengths and sections", len(wire) - offset))
    else:
        try:
            body = read_body(
                wire,
                offset,
                radices=tuple(levels for _, levels, _ in known.wire),
                sections=len(known.sections),
                check=header.check,
            )
        except DecodeError as error:
            note = f"the body does not fit what the codec says: {error.args[0]}"
            parts.append(Part("unreadable body", len(wire) - offset))
        else:
            sizes = [len(section) for section in body.sections]
            framing = len(wire) - offset - sum(sizes) - header.check
            if framing:
                parts.append(Part("settings and lengths", framing))
            parts += map(Part, known.sections, sizes)
            if header.check:
                parts.append(Part("check byte", 1))
            for (name, _, values), index in zip(known.wire, body.values, strict=True):
                settings[name] = values[index] if values else {"index": index}
    return Inspection(
        size=len(data),
        form="file" if is_file(data) else "wire",
        version=header.version,
        codec=known.codec,
        code=header.code,
        name=known.name,
        provider=known.provider,
        status=known.status,
        install=known.install,
        digest=known.digest,
        width=header.width,
        height=header.height,
        channels=header.channels,
        depth=header.depth,
        settings=settings,
        components=known.components,
        parts=tuple(parts),
        check=header.check,
        lock=known.lock,
        note=note,
    )


class _Known:
    """What a header, the register and an embedded lock tell about a codec."""

    def __init__(self, header: Any) -> None:
        self.codec = "registered"
        self.name = self.provider = self.status = self.install = self.note = ""
        self.components: tuple[str, ...] = ()
        self.sections: tuple[str, ...] | None = None
        self.wire: list[tuple[str, int, tuple[Any, ...]]] = []
        self.lock: dict[str, Any] | None = None
        self.digest = header.digest.hex()
        if header.lock is not None:
            self.codec = "embedded"
            self._embedded(header.lock)
        elif header.code is None:
            self.codec = "detached"
            self.note = "a private codec without its lock; only its own spec can explain the rest"
        else:
            self._registered(header.code, header.digest)

    def _embedded(self, lock: bytes) -> None:
        form = read_lock(lock)
        try:
            found = outline(form)
            self.wire = [(name, grid.levels, grid.values) for name, grid in found.wire.items()]
            packed_size([levels for _, levels, _ in self.wire])
            self.digest = identity(form).hex()
        except Exception as error:  # no structure is too odd for a forged lock
            raise damaged_lock(error) from error
        self.lock = form
        self.name = str(form.get("name", ""))
        self.sections = found.sections
        self.components = found.components
        needed = merged(missing(found.components, catalog().ids(), catalog().plugins))
        if needed.startswith("pip "):
            self.install = needed
        else:
            self.note = needed

    def _registered(self, code: int, digest: bytes) -> None:
        register = load_register()
        entry = register.code(code)
        if entry is None:
            error = unknown_code(code)
            self.note = f"{error.args[0]}; {error.hint}"
            return
        self.name, self.provider, self.status = entry.name, entry.provider, entry.status
        self.install = register.install_hint(entry.name)
        if not self.install:
            self.note = register.planned(entry.name)
        if not bytes.fromhex(entry.digest).startswith(digest):
            self.note = "coded by another version of the pipeline than this release registers"
            return
        self.digest = entry.digest
        self.sections = entry.sections
        values = _installed_values(entry.name, entry.digest)
        self.wire = [(field.name, field.levels, values.get(field.name, ())) for field in entry.wire]


def _installed_values(name: str, digest: str) -> dict[str, tuple[Any, ...]]:
    """Values of a registered pipeline's settings, where its provider is installed: from its lock.

    The register holds their number only. Whatever is wrong with the lock, the file can still be
    explained without it.
    """
    try:
        form = json.loads(catalog().pipeline(name).lock() or "{}")
        if form["lock"]["decode"] != digest:
            return {}
        return {setting: grid.values for setting, grid in grids(form).items()}
    except (PluginError, ValueError, KeyError, TypeError, AttributeError):
        return {}
