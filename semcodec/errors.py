"""Every error that semcodec raises on purpose.

    SemcodecError
     ├─ SettingError            a setting, target or argument that cannot be honoured
     │   └─ TargetError         no setting reaches the target; carries the best one found
     ├─ PluginError             a plugin or component that cannot be used
     │   ├─ ComponentNotFound   nobody installed provides that id
     │   ├─ PluginConflict      two distributions claim one name
     │   └─ PluginBroken        its code fails to import or breaks a contract
     ├─ SpecError               a spec that makes no sense; carries every problem at once
     │   └─ GraphError          its parts do not fit together
     ├─ ImageError              a picture that cannot be read, written or coded as it is
     ├─ WeightsError            weights that are absent or not what was promised
     ├─ RegisterError           a damaged registry.yaml
     └─ DecodeError             a file that cannot be decoded
         ├─ ContainerError      malformed, truncated or of another format
         ├─ UnknownCodec        well formed, but its codec is not at hand
         ├─ LimitError          it asks for more than the limits allow
         └─ IntegrityError      a check value does not match

Each message says what was expected, what came and where; ``hint`` says what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "ComponentNotFound",
    "ContainerError",
    "DecodeError",
    "GraphError",
    "ImageError",
    "IntegrityError",
    "LimitError",
    "PluginBroken",
    "PluginConflict",
    "PluginError",
    "Problem",
    "RegisterError",
    "SemcodecError",
    "SettingError",
    "SpecError",
    "TargetError",
    "UnknownCodec",
    "WeightsError",
]


class SemcodecError(Exception):
    """Base of all errors of this package.

    Attributes:
        hint: what to do next, one sentence or a command; empty when there is nothing to add.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled as a call with its args, which a constructor of another
        # signature refuses; so errors of worker processes would arrive as a TypeError.
        return _again, (type(self), self.args, dict(self.__dict__))

    def __str__(self) -> str:
        message = str(self.args[0])
        return f"{message}\n  {self.hint}" if self.hint else message


def _again(cls: type[SemcodecError], args: tuple[Any, ...], state: dict[str, Any]) -> SemcodecError:
    """Make an error as it was before it was pickled."""
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class SettingError(SemcodecError):
    """A setting, target or argument that cannot be honoured."""


class TargetError(SettingError):
    """No setting reaches the target.

    Attributes:
        reached: the nearest value of the targeted quantity that a setting does reach.
    """

    def __init__(self, message: str, *, reached: float, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reached = reached


class PluginError(SemcodecError):
    """A plugin or component that cannot be used."""


class ComponentNotFound(PluginError):
    """No installed distribution provides the component or pipeline."""


class PluginConflict(PluginError):
    """Two distributions claim the same name."""


class PluginBroken(PluginError):
    """A plugin's code fails to import or breaks a contract."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a spec.

    Attributes:
        path: dotted address inside the spec, such as ``streams.image.stages.0.use``.
        message: what was expected and what came.
        line: line of the YAML text, counted from 1; 0 when the spec was no text.
        hint: the nearest valid name, or what to do.
    """

    path: str
    message: str
    line: int = 0
    hint: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.path or 'spec'}: {self.message}{tail}"


class SpecError(SemcodecError):
    """A spec that makes no sense.

    Attributes:
        problems: everything that is wrong, in the order of the text.
        source: the file or name that the spec came from.
    """

    def __init__(
        self, problems: Sequence[Problem], *, source: str = "spec", hint: str = ""
    ) -> None:
        self.problems = tuple(problems)
        self.source = source
        count = len(self.problems)
        head = f"{source}: {count} problem{'' if count == 1 else 's'}"
        super().__init__("\n".join([head, *(f"  - {p}" for p in self.problems)]), hint=hint)


class GraphError(SpecError):
    """The parts of a spec do not fit together: kinds, order, causality or determinism."""


class ImageError(SemcodecError):
    """A picture that cannot be read, written or coded as it is."""


class WeightsError(SemcodecError):
    """Weights that are absent or whose hash is not the promised one."""


class RegisterError(SemcodecError):
    """A damaged registry.yaml."""


class DecodeError(SemcodecError):
    """A file that cannot be decoded."""


class ContainerError(DecodeError):
    """A container that is malformed, truncated or of another format."""


class UnknownCodec(DecodeError):
    """A well-formed container whose codec is not at hand."""


class LimitError(DecodeError):
    """A file that asks for more than the limits allow."""


class IntegrityError(DecodeError):
    """A check value that does not match the decoded data."""
