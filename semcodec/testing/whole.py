"""A whole pipeline as a subject: pictures in, bytes, pictures out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import semcodec
from semcodec.contracts.context import Side
from semcodec.contracts.values import Blob, Image, Map, Symbols, Text, ValueType
from semcodec.discovery import catalog
from semcodec.discovery.entries import PipelineEntry
from semcodec.discovery.scan import Plugin
from semcodec.errors import ImageError, PluginConflict, SemcodecError
from semcodec.graph.determinism import classes
from semcodec.testing.case import Case, invoke
from semcodec.testing.check import PIPELINE, Blocked, Fault
from semcodec.testing.drivers import DRIVERS, Driver, Result
from semcodec.testing.lines import home_of, short_path
from semcodec.testing.loading import blame_plugin
from semcodec.testing.subject import Subject
from semcodec.testing.values import generator

if TYPE_CHECKING:
    from semcodec.testing.bases import PipelineTests

__all__ = ["PipelineSubject", "accepted", "made_up"]


class _Pipeline(Driver):
    """Codes without the file's CRC and lock, so that damage reaches what lies behind them."""

    describes = True
    encodes = ("encode",)
    decodes = ("decode",)

    def layout(self, component: Any, case: Case, side: Side) -> Any:
        return Blob()

    def encode(self, component: Any, case: Case) -> Any:
        def encode() -> bytes:
            made: bytes = component.encode(
                case.value, inputs=case.inputs, form="wire", detached=True, device=case.device
            )
            return made

        return invoke(encode)

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        def decode() -> Any:
            most = max(1 << 16, case.image.pixels)
            return component.decode(emitted, max_pixels=most, device=case.device)

        return {"decode": Result(invoke(decode))}


PIPELINES = _Pipeline()


def accepted(codec: Any, image: Image) -> str:
    """Say why a pipeline cannot code a picture; empty if it can."""
    try:
        picture = np.zeros(image.shape, dtype=image.dtype)
        codec.encode(picture, inputs=made_up(codec, image), form="wire", detached=True)
    except ImageError as error:
        return str(error.args[0])
    except (Exception, SystemExit):
        return ""  # a fault, which shows when it is coded in earnest
    return ""


def made_up(codec: Any, image: Image) -> dict[str, Any]:
    """Make a value for every input that a pipeline declares."""
    made = {}
    for name in codec.inputs:
        source = codec.pipeline.sources[f"@{name}"]
        described: Mapping[str, ValueType] = {
            "text": Text(min(source.limit, 80)),
            "labels": Symbols((image.height, image.width), low=0, high=min(source.classes, 4) - 1),
            "map": Map(image.height, image.width),
        }
        from semcodec.testing.values import sample

        made[name] = sample(described[source.type], generator(name, image))
    return made


class PipelineSubject(Subject):
    """A pipeline.

    Args:
        pipeline: its name, the path of its spec, or its spec as data.
        tests: the author's test class.
    """

    kind = PIPELINE

    def __init__(self, pipeline: str | Path | Mapping[str, Any], tests: PipelineTests) -> None:
        self.given = str(pipeline) if isinstance(pipeline, Path) else pipeline
        self.tests = tests
        self.configuration = {}
        self.driver = PIPELINES

    @property
    def id(self) -> str:
        """See :attr:`Subject.id`."""
        if isinstance(self.given, Mapping):
            return str(self.given.get("name") or "pipeline")
        return Path(self.given).stem if self.named is None else self.given

    @cached_property
    def named(self) -> str | None:
        """Its name, where it is one of an installed or a missing distribution's."""
        if isinstance(self.given, str) and not self.given.endswith((".yaml", ".yml", ".json")):
            return self.given
        return None

    @property
    def entry(self) -> PipelineEntry | None:
        """Its entry in the catalog; None for a path or data.

        Raises:
            Blocked: two distributions claim it, or nobody provides it.
        """
        if self.named is None:
            return None
        try:
            return catalog().pipeline(self.named)
        except PluginConflict as error:
            raise Blocked("id-unique", Fault(" ".join(str(error).split()))) from error
        except SemcodecError as error:
            for plugin in catalog().plugins:
                if not plugin.usable and plugin.module.partition(".")[0] in str(self.tests):
                    raise blame_plugin(plugin, plugin.problems[0]) from error
            raise Blocked("spec-resolves", Fault(str(error))) from error

    @cached_property
    def component(self) -> Any:
        """The codec; raises :class:`Blocked` where its spec makes no sense."""
        assert self.entry is None or self.entry
        try:
            return semcodec.load(self.given)
        except SemcodecError as error:
            raise Blocked("spec-resolves", Fault(str(error), self.where())) from error

    @property
    def promise(self) -> str:
        """See :attr:`Subject.promise`."""
        pipeline = self.component.pipeline
        return classes(pipeline)[pipeline.output]

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """See :attr:`Subject.plugins`."""
        return tuple(
            plugin
            for plugin in catalog().plugins
            if any(each.name == self.named for each in plugin.pipelines)
        )

    @cached_property
    def home(self) -> str:
        """See :attr:`Subject.home`: those of all its components and its own, joined."""
        modules = [plugin.module for plugin in self.plugins]
        modules += [type(node.component).__module__ for node in self.component.pipeline.nodes()]
        return os.pathsep.join(sorted(set(map(home_of, modules))))

    def where(self, name: str = "") -> str:
        """Say where its spec is; the line is that of a key, where one is asked for."""
        path = self._file
        if path is None or not path.is_file():
            return ""
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [n for n, line in enumerate(lines, 1) if name and line.startswith(f"{name}:")]
        return short_path(path, found[0] if found else 1)

    @property
    def _file(self) -> Path | None:
        for plugin in self.plugins:
            for each in plugin.pipelines:
                if each.name == self.named:
                    from importlib.resources import files

                    try:
                        return Path(str(files(each.package).joinpath(*each.path.split("/"))))
                    except ImportError:
                        return None
        return Path(self.given) if isinstance(self.given, str) and self.named is None else None

    def known_as(self) -> dict[str, Any]:
        """See :meth:`Subject.known_as`."""
        given = json.loads(json.dumps(self.given))
        return {"kind": PIPELINE, "target": given, "configuration": {}}


assert PIPELINE not in DRIVERS
