"""Which network of the zoo a component stands for, and where its file is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from semcodec.contracts.context import Side
from semcodec.contracts.params import Ge, Le
from semcodec.contracts.weights import Weights, open_weights
from semcodec.errors import PluginError, UnknownCodec
from semcodec_anchors.zoo.catalog import Published, hashes
from semcodec_anchors.zoo.checkpoints import load, require

__all__ = ["Chosen", "decoding", "settled"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Parameters of a component that uses one network among those of several rates.

    Attributes:
        model: architecture, by its name in the zoo.
        metric: what the published networks were trained for; of no meaning for your own.
        quality: which network, from 1, the lowest rate.
        published: first 8 hexadecimal digits of the SHA-256 of each published file, the lowest rate
            first; left empty, they are those that this version knows.
        checkpoints: your own, the lowest rate first; then nothing published is used.
    """

    model: str
    metric: Literal["mse", "ms-ssim"] = "mse"
    quality: Annotated[int, Ge(1), Le(64)] = 1
    published: tuple[str, ...] = ()
    checkpoints: tuple[Weights, ...] = ()

    def __post_init__(self) -> None:
        published = settled(self.model, self.metric, self.published, bool(self.checkpoints))
        object.__setattr__(self, "published", published)
        count = len(self.checkpoints or published)
        if self.quality > count:
            raise ValueError(f"expected a quality from 1 to {count}, got {self.quality}")

    def path(self) -> Path:
        """Find the file of this quality, its hash checked.

        Raises:
            WeightsError: absent or another; the hint says where it belongs.
            PluginError: a package is missing; the hint says what to install.
        """
        require()
        at = self.quality - 1
        if self.checkpoints:
            return open_weights(self.checkpoints[at])
        return Published(self.model, self.metric, self.quality, self.published[at]).find()

    def network(self) -> Any:
        """Load the network of this quality; raises as :meth:`path` does."""
        return load(self.model, self.path())

    def of_side(self, side: Side) -> Any:
        """Load it for one side; see :func:`decoding` for what it raises at the decoder."""
        return decoding(self.network) if side == "decode" else self.network()


def settled(model: str, metric: str, given: tuple[str, ...], own: bool) -> tuple[str, ...]:
    """Say which published files a component stands for.

    Args:
        model: architecture.
        metric: what they were trained for.
        given: hashes of the spec; empty for those that this version knows.
        own: whether the spec names checkpoints of the user's own.

    Raises:
        ValueError: there are none, or both they and the user's own are given.
    """
    if own:
        if given or metric != "mse":
            raise ValueError("expected checkpoints of your own or published files, got both")
        return ()
    known = hashes(model, metric)
    if not known:
        raise ValueError(
            f"CompressAI publishes no weights of {model} for {metric}; give checkpoints of your own"
        )
    if given and (len(given) != len(known) or not all(map(_is_hash, given))):
        raise ValueError(f"expected {len(known)} hashes of 8 hexadecimal digits, got {given!r}")
    return given or known


def decoding(call: Callable[[], T]) -> T:
    """Load what a decoder needs.

    Raises:
        UnknownCodec: a package is missing, which is no fault of the file; the hint says what to
            install.
        WeightsError: weights are missing or others.
    """
    try:
        return call()
    except PluginError as error:
        raise UnknownCodec(str(error.args[0]), hint=error.hint) from error


def _is_hash(text: str) -> bool:
    return len(text) == 8 and not set(text) - set("0123456789abcdef")
