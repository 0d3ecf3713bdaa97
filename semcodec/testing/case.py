"""One situation in which a component is called: a picture, a value, guides and inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Port
from semcodec.contracts.values import Image, Latent, ValueType

__all__ = ["Case", "Given", "MethodFailed", "PortMissing", "copied", "invoke"]

_SEED = 0x5E3C0DEC
_STEPS = np.array(16.0, dtype=np.float32)


class PortMissing(KeyError):
    """A component asked for a guide that it was not given.

    Attributes:
        port: its name.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        super().__init__(port)


class Given(dict[str, Any]):
    """The guides of a call; notes what was asked for and is not there.

    Args:
        values: the guides.
        missed: takes the names that were asked for in vain.
    """

    def __init__(self, values: Mapping[str, Any], missed: set[str]) -> None:
        super().__init__(values)
        self.missed = missed

    def __missing__(self, key: str) -> Any:
        self.missed.add(key)
        raise PortMissing(key)

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        if not found:
            self.missed.add(str(key))
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """See :meth:`dict.get`."""
        return self[key] if key in self else default  # noqa: SIM401 - this is get


class MethodFailed(Exception):
    """A method raised; the cause is what it raised.

    Attributes:
        method: its name.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        super().__init__(method)


def invoke(method: Callable[..., Any], *args: Any) -> Any:
    """Call a component's method.

    Raises:
        MethodFailed: it raised anything but a demand to stop.
    """
    __tracebackhide__ = True
    try:
        return method(*args)
    except (Exception, SystemExit) as error:
        raise MethodFailed(getattr(method, "__name__", "call")) from error


def copied(value: Any, *, writable: bool = True) -> Any:
    """Copy arrays, and the tuples, lists and dicts that hold them."""
    if isinstance(value, np.ndarray):
        made = value.copy()
        made.setflags(write=writable)
        return made
    if isinstance(value, dict):
        return {key: copied(item, writable=writable) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(copied(item, writable=writable) for item in value)
    return value


@dataclass(eq=False, kw_only=True)
class Case:
    """A situation.

    Attributes:
        label: what it is, in a few words.
        image: the picture that the pipeline codes.
        shape: description of the value on the picture's side.
        value: that value, as the encoder has it.
        ports: the component's ports.
        descriptions: description of the value at each port.
        guides: the value at each port.
        inputs: what the user gives beside the picture.
        coded: description of the value on the bitstream's side, once ``layout`` has been asked.
        shift: what a quantizer says to an entropy model, ``Context.shift``.
        device: where networks should run.
        missed: names of guides that were asked for and are not there.
    """

    label: str
    image: Image
    shape: ValueType
    value: Any
    ports: Mapping[str, Port] = field(default_factory=dict)
    descriptions: Mapping[str, ValueType] = field(default_factory=dict)
    guides: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    coded: ValueType | None = None
    shift: NDArray[np.int32] | None = None
    device: str = "cpu"
    missed: set[str] = field(default_factory=set)

    def fresh(self, *, writable: bool = True) -> Case:
        """Copy everything that a call could write to."""
        return replace(
            self,
            value=copied(self.value, writable=writable),
            guides=copied(dict(self.guides), writable=writable),
            inputs=copied(dict(self.inputs), writable=writable),
            missed=set(),
        )

    def given(self, side: Side) -> Given:
        """The guides of a call on one side: the decoder lacks what only the encoder needs."""
        return Given(
            {
                name: value
                for name, value in self.guides.items()
                if side == "encode" or self.ports[name].needed_by == "both"
            },
            self.missed,
        )

    def without(self, names: set[str]) -> Case:
        """Leave ports unconnected."""
        kept = {name: value for name, value in self.guides.items() if name not in names}
        return replace(self, guides=kept)

    def context(self, side: Side, shape: ValueType, coded: ValueType) -> Context:
        """Make the context of a call."""
        return Context(
            image=self.image,
            shape=shape,
            coded=coded,
            side=side,
            inputs=MappingProxyType(dict(self.inputs) if side == "encode" else {}),
            steps=_STEPS if isinstance(coded, Latent) else None,
            shift=self.shift,
            seed=_SEED,
            device=self.device,
        )
