"""What the catalog holds: a reference, who provides it, and the way to the thing itself."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from semcodec.discovery.refs import CommandRef, PipelineRef, Ref
from semcodec.discovery.scan import last_line
from semcodec.errors import PluginBroken

if TYPE_CHECKING:
    from click import Command

    from semcodec.contracts.params import Parametric

__all__ = ["CommandEntry", "Entry", "PipelineEntry", "Provided", "Provider", "component_problem"]

R = TypeVar("R", Ref, PipelineRef, CommandRef)


class Provider(NamedTuple):
    """A distribution that provides something.

    Attributes:
        distribution: its name; empty for what was registered in this process.
        version: its version.
    """

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".strip() or "this session"

    @property
    def upgrade(self) -> str:
        """The command that installs it anew."""
        return f"pip install --upgrade {self.distribution}" if self.distribution else ""

    def licence(self) -> str:
        """Read the licence that the distribution states; empty where it states none."""
        from importlib.metadata import PackageNotFoundError, metadata

        if not self.distribution:
            return ""
        try:
            found = metadata(self.distribution)
        except (PackageNotFoundError, ValueError):
            return ""
        # Asking for a header that is absent differs between Python's versions; listing does not.
        header = {key.lower(): found[key] for key in found}
        stated = header.get("license-expression") or header.get("license") or ""
        return stated.strip().partition("\n")[0]


class Provided(Generic[R]):
    """A reference and who provides it.

    Attributes:
        ref: the reference.
        provider: the distribution that provides it.
    """

    __slots__ = ("provider", "ref")

    def __init__(self, ref: R, provider: Provider) -> None:
        self.ref: R = ref
        self.provider = provider

    @property
    def distribution(self) -> str:
        """Name of the distribution that provides it."""
        return self.provider.distribution

    @property
    def version(self) -> str:
        """Version of that distribution."""
        return self.provider.version


class Entry(Provided[Ref]):
    """A component, metric or data set."""

    __slots__ = ()

    def load(self) -> type[Parametric]:
        """Import the class.

        Raises:
            PluginBroken: it does not import or is no component.
        """
        found = _import(self.ref.target, f"component {self.ref.id}", self.provider)
        problem = component_problem(found)
        if problem:
            raise PluginBroken(
                f"component {self.ref.id} ({self.provider}): {self.ref.target} {problem}",
                hint=self.provider.upgrade,
            )
        return found  # type: ignore[no-any-return]


class PipelineEntry(Provided[PipelineRef]):
    """A named pipeline."""

    __slots__ = ()

    def read(self) -> str:
        """Read its YAML text.

        Raises:
            PluginBroken: the file is absent or no text.
        """
        text = self._resource(self.ref.path)
        if text is None:
            raise PluginBroken(
                f"pipeline {self.ref.name} ({self.provider}): package {self.ref.package} has no "
                f"file {self.ref.path}",
                hint=self.provider.upgrade,
            )
        return text

    def lock(self) -> str | None:
        """Read the text of its lock; None where it ships none.

        Raises:
            PluginBroken: the file is no text.
        """
        return self._resource(self.ref.lock_path)

    def _resource(self, path: str) -> str | None:
        from importlib.resources import files

        try:
            file = files(self.ref.package).joinpath(*path.split("/"))
            return file.read_text(encoding="utf-8") if file.is_file() else None
        except (Exception, SystemExit) as error:
            raise PluginBroken(
                f"pipeline {self.ref.name} ({self.provider}): {path} of package "
                f"{self.ref.package} cannot be read: {last_line(error)}",
                hint=self.provider.upgrade,
            ) from error


class CommandEntry(Provided[CommandRef]):
    """A subcommand of ``semcodec``."""

    __slots__ = ()

    def load(self) -> Command:
        """Import the command.

        Raises:
            PluginBroken: it does not import or is no ``click.Command``.
        """
        from click import Command

        found = _import(self.ref.target, f"command {self.ref.name}", self.provider)
        if not isinstance(found, Command):
            raise PluginBroken(
                f"command {self.ref.name} ({self.provider}): expected {self.ref.target} to be a "
                f"click.Command, got {type(found).__name__}",
                hint=self.provider.upgrade,
            )
        return found


def component_problem(found: object) -> str:
    """Say why an object is no component, or an empty string."""
    from semcodec.contracts.kinds import KINDS

    if not inspect.isclass(found):
        return f"must be a class, got {type(found).__name__}"
    if not issubclass(found, tuple(KINDS.values())):
        return f"must derive from a component kind ({', '.join(KINDS)})"
    if "__dataclass_fields__" not in vars(found) or inspect.isabstract(found):
        return "must be made by @component"
    return ""


def _import(target: str, what: str, provider: Provider) -> Any:
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:
        raise PluginBroken(
            f"{what} ({provider}): {target} does not import: {last_line(error)}",
            hint=provider.upgrade,
        ) from error
