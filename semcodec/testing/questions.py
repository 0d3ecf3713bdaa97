"""What one process asks another about a subject; all arguments and answers can be pickled."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from typing import Any

from semcodec.testing.building import built, class_at, data_of
from semcodec.testing.case import Case
from semcodec.testing.check import PIPELINE
from semcodec.testing.drivers import DRIVERS, Driver

__all__ = ["build", "decode", "driver_of", "make", "signature", "signed", "unpickle"]


def make(kind: str, target: Any, configuration: Mapping[str, Any]) -> Any:
    """Make a component, or a codec, from what :meth:`Subject.known_as` says."""
    if kind == PIPELINE:
        import semcodec

        return semcodec.load(target)
    return built(class_at(target), configuration)


def driver_of(kind: str) -> Driver:
    """Give the driver of a kind."""
    if kind == PIPELINE:
        from semcodec.testing.whole import PIPELINES

        return PIPELINES
    return DRIVERS[kind]


def build(known: Mapping[str, Any]) -> Any:
    """Build a component and write its parameters as data."""
    return data_of(make(**known))


def unpickle(known: Mapping[str, Any], data: bytes) -> Any:
    """Unpickle a component that another process pickled; write its parameters as data."""
    return data_of(pickle.loads(data))  # noqa: S301 - from the process that started this one


def decode(
    known: Mapping[str, Any], work: Sequence[tuple[Case, Any]]
) -> tuple[Any, list[dict[str, Any]]]:
    """Run the decoder's half on what the encoder's half gave elsewhere.

    Returns:
        What says whether the same was made as there, and the results by method.
    """
    component, driver = make(**known), driver_of(known["kind"])
    return signature(component), [
        {name: result.value for name, result in driver.decode(component, case, emitted).items()}
        for case, emitted in work
    ]


def signed(known: Mapping[str, Any]) -> Any:
    """Make it, and say what was made."""
    return signature(make(**known))


def signature(component: Any) -> Any:
    """Say what was made: a codec's digest, a component's parameters."""
    digest = getattr(component, "digest", None)
    return repr(component) if digest is None else digest
