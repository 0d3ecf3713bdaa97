"""What is tested: a component with one configuration, or a pipeline, as the checks see it."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from semcodec.contracts.context import Side
from semcodec.contracts.kinds import Metric
from semcodec.contracts.params import Parametric
from semcodec.contracts.values import ValueType
from semcodec.discovery.scan import Plugin, last_line
from semcodec.errors import SemcodecError
from semcodec.testing.building import built
from semcodec.testing.case import Case, MethodFailed, PortMissing, invoke
from semcodec.testing.check import Blocked, Fault, NotApplicable
from semcodec.testing.drivers import DRIVERS, Driver, Result
from semcodec.testing.lines import line_of, where_raised
from semcodec.testing.loading import Named
from semcodec.testing.situations import situations
from semcodec.testing.values import settled

if TYPE_CHECKING:
    from semcodec.testing.bases import Tests

__all__ = ["ComponentSubject", "Subject"]


def _is_found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _brief(value: Any) -> Any:
    """Give files and folders by their last part, which does not depend on the machine."""
    if isinstance(value, Mapping) and isinstance(value.get("uri"), str):
        value = value["uri"].partition(":")[2]
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name
    return value


class Subject(ABC):
    """What a check is given.

    Attributes:
        kind: a component kind, or ``pipeline``.
        configuration: its parameters as data.
        tests: the author's test class, which knows what it may be given.
        driver: how it is called.
    """

    kind: str
    configuration: Mapping[str, Any]
    tests: Tests
    driver: Driver

    @property
    @abstractmethod
    def id(self) -> str:
        """Its id or name."""

    @property
    @abstractmethod
    def component(self) -> Any:
        """The component or codec itself."""

    @property
    @abstractmethod
    def promise(self) -> str:
        """Determinism class of its decoder's half."""

    @property
    @abstractmethod
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugin that provides it; several where they quarrel about it."""

    @property
    @abstractmethod
    def home(self) -> str:
        """Folder of the package that provides it; several are joined as in ``PATH``."""

    @abstractmethod
    def where(self, name: str = "") -> str:
        """Say where it, its method or its field is defined."""

    @abstractmethod
    def known_as(self) -> dict[str, Any]:
        """What another process needs to make it: arguments of ``questions.make``.

        Raises:
            NotApplicable: another process cannot have it.
        """

    @property
    def label(self) -> str:
        """The configuration in a few words, for the names of tests."""
        parts = [f"{key}={_brief(value)}" for key, value in self.configuration.items()]
        return ",".join(parts).replace("::", ":") or "default"

    @cached_property
    def _situations(self) -> list[Case]:
        try:
            found = list(situations(self.tests, self.kind, self.component))
        except LookupError as error:
            raise NotApplicable(f"{error.args[0]}: let the test class's methods make one") from None
        if not found:
            message = "it accepts nothing that it was offered: override pictures() or shapes()"
            raise Blocked("runs", Fault(f"{self.id}: {message}", self.where("accepts")))
        return found

    def cases(self) -> list[Case]:
        """Give fresh cases, each with the description of what the encoder's half makes.

        Raises:
            Blocked: ``layout`` fails.
            NotApplicable: nobody can make up what it takes.
        """
        return [self.prepared(case.fresh()) for case in self._situations]

    def prepared(self, case: Case) -> Case:
        """Ask for the description of the value on the bitstream's side."""
        made = self.attempt(case, self.driver.layout, self.component, case, "encode")
        if not isinstance(made, ValueType):
            message = f"layout must give a description such as Latent(...), got {made!r:.60}"
            raise Blocked("layout-agrees", Fault(message, self.where("layout")))
        case.coded = made
        return case

    def encode(self, case: Case) -> Any:
        """Run the encoder's half; give its result as it is."""
        return self.attempt(case, self.driver.encode, self.component, case)

    def emitted(self, case: Case) -> Any:
        """Run the encoder's half; give its result as the decoder will have it.

        Raises:
            Blocked: it is not as ``layout`` says.
        """
        made = self.encode(case)
        if not (self.driver.describes and self.driver.encodes):
            return made
        assert case.coded is not None
        value, problem = settled(case.coded, made)
        if problem:
            name = self.driver.encodes[0]
            message = f"{name} broke its own layout on {case.label}: {problem}"
            raise Blocked("layout-agrees", Fault(message, self.where("layout")))
        return value

    def decode(
        self, case: Case, emitted: Any, side: Side = "decode", component: Any = None
    ) -> dict[str, Result]:
        """Run the decoder's half; results by method."""
        return self.attempt(  # type: ignore[no-any-return]
            case, self.driver.decode, component or self.component, case, emitted, side
        )

    def attempt(self, case: Case, call: Any, *args: Any) -> Any:
        """Call it, and say whose matter it is when it fails.

        Raises:
            Blocked: it failed.
        """
        try:
            return call(*args)
        except MethodFailed as failed:
            raise self._blame(failed, case) from failed.__cause__

    def _blame(self, failed: MethodFailed, case: Case) -> Blocked:
        error = failed.__cause__
        assert error is not None
        where = where_raised(error, self.home) or self.where(failed.method)
        if isinstance(error, PortMissing):
            port = case.ports.get(error.port)
            if port is not None and port.optional and error.port not in case.guides:
                message = f"{failed.method} needs the port {error.port!r}, declared optional"
                return Blocked("optional-ports", Fault(message, where))
            said = "does not declare"
            if port is not None:
                said = "declares as needed by the encoder alone"
            message = f"{failed.method} asks for the port {error.port!r}, which it {said}"
            return Blocked("ports-declared", Fault(message, where))
        message = f"{failed.method} failed on {case.label}: {last_line(error)}"
        return Blocked("runs", Fault(message, where))


class ComponentSubject(Subject):
    """A component with one configuration.

    Args:
        named: the component.
        configuration: its parameters.
        tests: the author's test class.
    """

    def __init__(self, named: Named, configuration: Mapping[str, Any], tests: Tests) -> None:
        self.named = named
        self.kind = named.kind
        self.configuration = configuration
        self.tests = tests
        self.driver = DRIVERS[named.kind]

    @property
    def id(self) -> str:
        """See :attr:`Subject.id`."""
        return self.named.id

    @property
    def cls(self) -> type[Parametric]:
        """Its class."""
        return self.named.cls

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """See :attr:`Subject.plugins`."""
        return self.named.plugins

    @property
    def home(self) -> str:
        """See :attr:`Subject.home`."""
        return self.named.home

    @cached_property
    def component(self) -> Any:
        """The component; raises :class:`Blocked` where it does not build."""
        try:
            return built(self.cls, self.configuration)
        except SemcodecError as error:
            fault = Fault(str(error), self.where())
            raise Blocked("configuration-builds", fault) from error

    def cases(self) -> list[Case]:
        """See :meth:`Subject.cases`.

        Raises:
            Blocked: ``layout`` or ``missing`` fails.
            NotApplicable: a metric lacks a package or weights, or nobody can make up what it takes.
        """
        if isinstance(self.component, Metric):
            try:
                lacking = invoke(self.component.missing)
            except MethodFailed as failed:
                error = failed.__cause__
                assert error is not None
                fault = Fault(f"missing failed: {last_line(error)}", self.where("missing"))
                raise Blocked("runs", fault) from error
            if lacking:
                raise NotApplicable(f"it cannot run here: {lacking}")
        return super().cases()

    @property
    def promise(self) -> str:
        """See :attr:`Subject.promise`."""
        return str(self.component.determinism)

    def where(self, name: str = "") -> str:
        """See :meth:`Subject.where`."""
        return line_of(self.named.cls, name)

    def known_as(self) -> dict[str, Any]:
        """See :meth:`Subject.known_as`."""
        module, _, name = self.named.target.partition(":")
        if "<locals>" in name or not _is_found(module):
            raise NotApplicable(f"another process could not import {name} from {module}")
        return {
            "kind": self.kind,
            "target": self.named.target,
            "configuration": dict(self.configuration),
        }
