"""Results of stages, kept so that each runs again only where its inputs changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from semcodec.contracts.params import Parametric

__all__ = ["Known", "Memo"]


@dataclass(frozen=True, slots=True)
class Known:
    """A result that need not be computed again.

    Attributes:
        result: what the stage gave.
        seconds: wall clock of computing it.
    """

    result: Any
    seconds: float


class Memo:
    """Results of the stages of one picture.

    It serves a search, and streams that begin with the same stages. Components count as equal when
    their parameters are; a component that draws noise says so by its determinism class, and its
    seed then counts too. Arrays count as equal when they are the same object, in a search also
    when they hold the same: every trial decodes guides anew.

    Args:
        search: whether several encodes of the picture share it.
    """

    def __init__(self, *, search: bool = False) -> None:
        self._search = search
        self._known: dict[Any, tuple[Any, Known]] = {}
        self._hashed: dict[Any, tuple[Any, Any]] = {}
        self._asked: tuple[Any, Any] = ((), ())

    def get(self, key: tuple[Any, ...]) -> Known | None:
        """Give a known result, or None."""
        identities = tuple(map(self._identity, key))
        self._asked = (key, identities)
        found = self._known.get(identities)
        return None if found is None else found[1]

    def put(self, key: tuple[Any, ...], known: Known) -> None:
        """Keep a result; its inputs are kept alive, so that their identities stay theirs."""
        asked, identities = self._asked
        if asked is not key:
            identities = tuple(map(self._identity, key))
        self._known[identities] = (key, known)
        for value, identity in zip(key, identities, strict=True):
            if isinstance(value, np.ndarray):
                self._hashed[_place(value)] = (value, identity)

    def _identity(self, value: Any) -> Any:
        if isinstance(value, np.ndarray) and self._search:
            hashed = self._hashed.get(_place(value))
            if hashed is not None:
                return hashed[1]
            digest = hashlib.blake2b(np.ascontiguousarray(value).data, digest_size=16).digest()
            return (value.dtype.str, value.shape, digest)
        if not isinstance(value, (str, Parametric)):
            return id(value)
        try:
            hash(value)
        except TypeError:  # a component with a list among its parameters
            return id(value)
        return value


def _place(value: np.ndarray[Any, Any]) -> tuple[Any, ...]:
    """Where an array lies in memory: another view of the same is the same while one lives."""
    return (value.ctypes.data, value.shape, value.strides, value.dtype.str)
