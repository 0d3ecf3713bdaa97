"""What a plugin says it provides: names, and where the code or the file behind each is.

References are data. Making one imports nothing, so that a plugin can list hundreds of components
in a module that loads in a millisecond. For the same reason the classes here have no slots: making
those costs every start of the command more than it ever saves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from semcodec.errors import PluginBroken

__all__ = [
    "CommandRef",
    "PipelineRef",
    "Ref",
    "command",
    "is_id",
    "is_module",
    "is_name",
    "pipeline",
    "ref",
]

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEBAB = "lower-case letters and digits, words joined by single hyphens"


def is_name(text: object) -> bool:
    """Whether it is a bare name in lower-case kebab, such as ``flat-dct``."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_id(text: object) -> bool:
    """Whether it is a component id: a bare name, or two joined by a dot: ``acme.dead-zone``."""
    return isinstance(text, str) and text.count(".") < 2 and all(map(is_name, text.split(".")))


def is_module(text: object) -> bool:
    """Whether it is the dotted name of a module."""
    return isinstance(text, str) and all(part.isidentifier() for part in text.split("."))


@dataclass(frozen=True)
class Ref:
    """A component, metric or data set.

    Attributes:
        id: ``prefix.name``, the prefix being the plugin's entry-point name; bare in the core.
        target: ``package.module:Class``, imported when the component is first used.

    Raises:
        PluginBroken: either is malformed.
    """

    id: str
    target: str

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise PluginBroken(
                f"expected an id of the form prefix.name ({_KEBAB}), got {self.id!r}"
            )
        _check_target(self.target, self.id)


@dataclass(frozen=True)
class PipelineRef:
    """A named pipeline: a YAML spec inside an importable package.

    Attributes:
        name: a bare name in lower-case kebab.
        package: the importable package that holds the file.
        path: the file, relative to the package, with forward slashes, ending in ``.yaml``. Its
            lock, where there is one, lies beside it with the suffix ``.lock.json`` instead.

    Raises:
        PluginBroken: one of them is malformed.
    """

    name: str
    package: str
    path: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise PluginBroken(f"expected a pipeline name ({_KEBAB}), got {self.name!r}")
        if not is_module(self.package):
            raise PluginBroken(
                f"pipeline {self.name}: expected an importable package, got {self.package!r}"
            )
        if not _is_resource(self.path):
            raise PluginBroken(
                f"pipeline {self.name}: expected a path inside the package that ends in .yaml, "
                f"got {self.path!r}"
            )

    @property
    def lock_path(self) -> str:
        """Where its lock is, relative to the package."""
        return self.path.removesuffix(".yaml") + ".lock.json"


@dataclass(frozen=True)
class CommandRef:
    """A subcommand of ``semcodec``.

    Attributes:
        name: a bare name in lower-case kebab.
        target: ``package.module:object``, a ``click.Command``, imported when the command is run.
        help: one line, shown by ``semcodec --help``.

    Raises:
        PluginBroken: one of them is malformed.
    """

    name: str
    target: str
    help: str

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise PluginBroken(f"expected a command name ({_KEBAB}), got {self.name!r}")
        _check_target(self.target, f"command {self.name}")
        if not isinstance(self.help, str) or len(self.help.splitlines()) != 1:
            raise PluginBroken(f"command {self.name}: expected one line of help, got {self.help!r}")


def ref(id: str, target: str) -> Ref:  # noqa: A002 - the field's own word for it
    """Name a component, metric or data set, without importing it.

    Args:
        id: ``prefix.name``, the prefix being the plugin's entry-point name.
        target: ``package.module:Class``.

    Raises:
        PluginBroken: either is malformed.
    """
    return Ref(id, target)


def pipeline(name: str, package: str, path: str) -> PipelineRef:
    """Name a pipeline, without reading it.

    Args:
        name: its name, in lower-case kebab.
        package: the importable package that holds its spec.
        path: the spec's file in that package, ending in ``.yaml``. Its lock, where there is one,
            lies beside it with the suffix ``.lock.json`` instead.

    Raises:
        PluginBroken: one of them is malformed.
    """
    return PipelineRef(name, package, path)


def command(name: str, target: str, help: str) -> CommandRef:  # noqa: A002 - likewise
    """Name a subcommand, without importing it.

    Args:
        name: what is typed after ``semcodec``, in lower-case kebab.
        target: ``package.module:object``, a ``click.Command``.
        help: one line for ``semcodec --help``.

    Raises:
        PluginBroken: one of them is malformed.
    """
    return CommandRef(name, target, help)


def _is_resource(path: object) -> bool:
    if not isinstance(path, str) or not path.endswith(".yaml") or {"\\", ":"} & set(path):
        return False
    return not {"", ".", "..", ".yaml"} & set(path.split("/"))


def _check_target(target: object, owner: str) -> None:
    module, _, name = target.partition(":") if isinstance(target, str) else ("", "", "")
    if not is_module(module) or not name.isidentifier():
        raise PluginBroken(f"{owner}: expected a target package.module:Name, got {target!r}")
