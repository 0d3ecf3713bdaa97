"""The component kinds: the contracts that every codec is composed of.

    picture ──► SaliencySource ─► map                     (encoder only)
       │                            │ coded, decoded again, guides the rest
       ▼                            ▼
    Transform ──► Quantizer ──► EntropyModel ──► EntropyCoder ──► bytes
    forward       quantize      which table      symbols in,
       ▲             │          for which        bytes out
    inverse ◄── dequantize      symbol
       │
       ▼
    Decoder ──► picture                                    (optional, decoder only)

Laws that hold for all kinds:

- Calls never mutate their inputs and keep no state between calls; equal arguments give equal
  results within the declared determinism class.
- ``layout`` is pure: it sees descriptions and decoded guides, never the values to be coded.
- A guide is the decoded value, on both sides. Only a port with ``needed_by="encode"`` may be
  connected to a raw value.
- ``*_batch`` methods equal a loop over the single ones.
- A component that draws noise declares ``seeded``, or keeps it out of its results.

Determinism classes, from strong to weak:

    bitexact   the same integers or floats on every device and in every process
    stable     the same within a small tolerance: picture-side transforms and decoders
    seeded     repeats on the same device and build from the context's seed
    free       no promise; encoder-only parts
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, TablePass
from semcodec.contracts.context import Context, Side
from semcodec.contracts.params import Parametric
from semcodec.contracts.values import Image, Latent, Symbols, Value, ValueType
from semcodec.errors import SettingError

__all__ = [
    "KINDS",
    "Dataset",
    "Decoder",
    "Determinism",
    "EntropyCoder",
    "EntropyModel",
    "Guides",
    "Metric",
    "Port",
    "Price",
    "Quantizer",
    "Region",
    "SaliencySource",
    "Sample",
    "SetMetric",
    "Transform",
]

Guides: TypeAlias = Mapping[str, Any]
Determinism: TypeAlias = Literal["bitexact", "stable", "seeded", "free"]
Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int32]
Price: TypeAlias = Callable[[Ints, NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Port:
    """A named input of a component beside its main one.

    Attributes:
        type: the value type it takes.
        needed_by: ``"both"`` when the decoder uses it too; it must then be a decoded or derived
            value. ``"encode"`` may take any value and is no part of the codec's identity.
        exact: whether a layout, a table index or a symbol depends on it, which must then be
            bit-exact. Ports that only shape pixels may say False.
        optional: whether a spec may leave it unconnected; it is then absent from ``guides``.
    """

    type: type[ValueType]
    needed_by: Literal["both", "encode"] = "both"
    exact: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A labelled region of the picture that a saliency source found.

    Attributes:
        mask: bool (height, width) of the picture.
        box: left, top, right, bottom in pixels, right and bottom exclusive.
        label: what it is; may be empty.
        score: confidence in [0, 1].
    """

    mask: NDArray[np.bool_]
    box: tuple[int, int, int, int]
    label: str = ""
    score: float = 1.0


class _Kind(Parametric, ABC):
    """Common to all kinds.

    Attributes:
        ports: the guides it takes, by name.
        determinism: promise of the methods that run at the decoder.
    """

    ports: ClassVar[Mapping[str, Port]] = {}
    determinism: ClassVar[Determinism] = "stable"

    def cost(self, shape: Any, side: Side) -> tuple[int, int] | None:
        """State the work of coding or decoding one value, for traces and comparisons.

        Args:
            shape: description of the value, as ``ctx.shape`` of the calls on that side.
            side: ``"encode"`` or ``"decode"``.

        Returns:
            Parameters and multiply-accumulate operations, or None, the default, where there is
            no network to count.
        """
        return None


class SaliencySource(_Kind):
    """Says where the picture matters. Encoder only: files decode without it."""

    kind = "saliency"
    determinism = "free"

    @abstractmethod
    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Rate every pixel.

        Args:
            image: as ``ctx.image`` describes it.
            guides: values of its ports.
            ctx: the context; ``ctx.inputs`` holds what the user gave (masks, boxes).

        Returns:
            float32 (height, width) in [0, 1], 1 for what matters most.
        """

    def regions(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Sequence[Region]:
        """List labelled regions, most important first. Default: none."""
        return ()


class Transform(_Kind):
    """Turns one value into another; its inverse, where it has one, runs at the decoder.

    The decoder runs the inverses backwards until it meets a transform without one: what it then
    holds is the stream's decoded value. A transform with ``encode_only = True`` changes no type
    (a pre-filter); it leaves no trace at the decoder.

    Attributes:
        consumes: value type of its input.
        produces: value type of its output.
        encode_only: whether the decoder can ignore it; requires ``consumes is produces`` and the
            default layout.
    """

    kind = "transform"
    consumes: ClassVar[type[ValueType]] = Image
    produces: ClassVar[type[ValueType]] = Latent
    encode_only: ClassVar[bool] = False

    def accepts(self, shape: Any) -> str:
        """Say why a value described by ``shape`` cannot be coded; empty, the default, if it can.

        What a component refuses here (alpha, 16 bits, a side too long) reaches the user as an
        error before any work is done.
        """
        return ""

    def layout(self, shape: Any, guides: Guides, ctx: Context) -> ValueType:
        """Describe the output for an input described by ``shape``; pure.

        Default: the input's description, for transforms that keep it.
        """
        if self.produces is not self.consumes:
            raise TypeError(
                f"{type(self).__name__} must define layout(): it changes the value type"
            )
        return shape  # type: ignore[no-any-return]

    @abstractmethod
    def forward(self, value: Any, guides: Guides, ctx: Context) -> Any:
        """Transform at the encoder. ``ctx.shape`` describes the input, ``ctx.coded`` the output."""

    def inverse(self, value: Any, guides: Guides, ctx: Context) -> Any:
        """Undo it from the decoded output; absent unless overridden. Result as ``ctx.shape``."""
        raise TypeError(f"{type(self).__name__} has no inverse")

    def forward_batch(
        self, values: Sequence[Any], guides: Sequence[Guides], ctxs: Sequence[Context]
    ) -> Sequence[Any]:
        """Transform several values; equals a loop over :meth:`forward`."""
        return [self.forward(v, g, c) for v, g, c in zip(values, guides, ctxs, strict=True)]

    def inverse_batch(
        self, values: Sequence[Any], guides: Sequence[Guides], ctxs: Sequence[Context]
    ) -> Sequence[Any]:
        """Invert several values; equals a loop over :meth:`inverse`."""
        return [self.inverse(v, g, c) for v, g, c in zip(values, guides, ctxs, strict=True)]

    @classmethod
    def invertible(cls) -> bool:
        """Whether it has an inverse."""
        return cls.inverse is not Transform.inverse


class Quantizer(_Kind):
    """Turns a latent into integer symbols and back; two methods make one.

    Law: ``quantize`` and ``dequantize`` act on every entry by its own value, its place and the
    guides, so that an entropy model may code the entries in several passes and subtract a mean.
    """

    kind = "quantizer"
    determinism = "bitexact"
    consumes: ClassVar[type[ValueType]] = Latent
    produces: ClassVar[type[ValueType]] = Symbols

    def layout(self, shape: Any, guides: Guides, ctx: Context) -> Symbols:
        """Describe the symbols of a latent described by ``shape``; pure.

        Default: one symbol an entry, with the escape alphabet. A ``mask`` in the result leaves
        out symbols that decoded guides make needless.
        """
        return Symbols(shape.shape, shape.grid)

    @abstractmethod
    def quantize(self, x: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn float32 of ``ctx.shape`` into int32 of the same shape."""

    def choose(
        self, x: Floats, places: NDArray[np.int64], price: Price, guides: Guides, ctx: Context
    ) -> Ints | None:
        """Quantise the entries of one pass, knowing what each symbol costs; the encoder alone.

        A quantizer that has it may give up accuracy where that saves bits, entry by entry. Where
        nothing is priced it gives the symbols of :meth:`quantize`.

        Args:
            x: float32 (entries,), means subtracted.
            places: int64 (entries,), indexes into ``ctx.shape`` as one axis.
            price: ``price(q, which)`` gives, as float64 (n,), the bits that symbols ``q``, int32
                (n,), would take in place of the entries ``which``, int64 (n,) indexes into ``x``.
            guides: decoded values of its ports.
            ctx: the context.

        Returns:
            int32 (entries,); None, the default, lets :meth:`quantize` do it.
        """
        return None

    @abstractmethod
    def dequantize(self, q: Ints, guides: Guides, ctx: Context) -> Floats:
        """Turn int32 symbols into float32 of ``ctx.shape``."""

    def steps(self, guides: Guides, ctx: Context) -> Floats | None:
        """Tell how far apart decoded values are, for filters in the transform before; or None.

        Returns:
            float32, broadcastable to ``ctx.shape``: the distance of neighbouring decoded values
            of every entry, positive and bit-exact. The transform finds it in ``ctx.steps``.
        """
        return None

    def index_shift(self, guides: Guides, ctx: Context) -> Ints | None:
        """Shift the entropy model's table indexes, as int32 of the symbols' shape, or None.

        For steps that follow a guide: a gain of ``ratio**k`` is a shift by k on a table grid of
        that ratio. The entropy model must have ``index_ratio``.
        """
        return None


class EntropyModel(_Kind):
    """Says which integer table each symbol uses, in a program of passes.

    Attributes:
        index_ratio: ratio of neighbouring scales of its tables, where a quantizer's
            ``index_shift`` may move its indexes; None where it may not.
        adaptive: whether it learns the spread of its symbols while it codes them and has no use
            for an ``index_shift``; none is asked for then.
    """

    kind = "model"
    determinism = "bitexact"
    consumes: ClassVar[type[ValueType]] = Symbols
    index_ratio: ClassVar[float | None] = None
    adaptive: ClassVar[bool] = False

    def accepts(self, symbols: Symbols) -> str:
        """Say why symbols so described cannot be modelled; empty, the default, if they can."""
        return ""

    @abstractmethod
    def passes(
        self, symbols: Symbols, guides: Guides, ctx: Context
    ) -> Generator[TablePass | AdaptivePass, Ints, None]:
        """Yield the passes one by one; ``yield`` gives back the symbols known so far.

        Args:
            symbols: their description.
            guides: decoded values of its ports.
            ctx: the context.

        Yields:
            Passes whose positions together cover every symbol exactly once. What comes back from
            each ``yield`` is an int32 array of ``symbols.shape``, zero where nothing is known
            yet; it must not be written to. Later passes may depend on it, never on floats.
        """


class EntropyCoder(_Kind):
    """A factory of coding sessions; symbols and integer tables in, bytes out, and back, exactly."""

    kind = "coder"
    determinism = "bitexact"

    @abstractmethod
    def encoder(self) -> EncodeSession:
        """Open a session that writes."""

    @abstractmethod
    def decoder(self, data: bytes) -> DecodeSession:
        """Open a session that reads what an encoder session finished."""


class Decoder(_Kind):
    """Makes a value from decoded streams: the final picture, or one that both sides derive.

    Attributes:
        ports: its inputs, by name.
        produces: value type of its result.
    """

    kind = "decoder"
    produces: ClassVar[type[ValueType]] = Image

    def layout(self, shapes: Mapping[str, ValueType], ctx: Context) -> ValueType:
        """Describe the result for inputs so described; pure. Default: the picture's."""
        return ctx.image

    @abstractmethod
    def decode(self, inputs: Guides, ctx: Context) -> Any:
        """Make the result, as ``ctx.shape`` describes it. Noise comes from the context alone."""

    def decode_batch(self, inputs: Sequence[Guides], ctxs: Sequence[Context]) -> Sequence[Any]:
        """Decode several; equals a loop over :meth:`decode`."""
        return [self.decode(i, c) for i, c in zip(inputs, ctxs, strict=True)]


class Metric(_Kind):
    """Compares a decoded picture with its reference.

    A metric may have ports, for a mask or a caption that belongs to the reference; it then defines
    :meth:`compare`. Whoever measures calls ``compare``.

    Attributes:
        version: changes whenever the same pictures give another number; shown with results. It
            names the library and the settings where a library makes the number.
        unit: unit of the number, such as ``"dB"``.
        higher_is_better: direction of improvement.
    """

    kind = "metric"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = True

    def missing(self) -> str:
        """Say what it lacks to run here; empty, the default, when it can run.

        Returns:
            One sentence that ends with the command or the address that mends it: a package that
            is not installed, weights that are not at hand. Nothing is downloaded, and no heavy
            package imported, to find out.
        """
        return ""

    @abstractmethod
    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two pictures of the same shape and dtype."""

    def compare(self, reference: NDArray[Any], decoded: NDArray[Any], guides: Guides) -> float:
        """Compare two pictures with what its ports take; default: :meth:`compute`.

        Args:
            reference: the picture that was coded.
            decoded: another of its shape and dtype.
            guides: values of its ports, by name; empty for a metric without ports.
        """
        return self.compute(reference, decoded)


class SetMetric(Metric):
    """Compares a set of decoded pictures with the set of their references.

    For distances of distributions, which no mean over pictures gives. ``observe`` is called once
    for each pair, in any order and any process, and ``summarise`` once with all that it gave.

    Attributes:
        fewest: pictures below which the number means nothing; ``summarise`` refuses fewer.
    """

    fewest: ClassVar[int] = 2

    @abstractmethod
    def observe(self, reference: NDArray[Any], decoded: NDArray[Any]) -> NDArray[Any]:
        """Take from one pair what the summary needs.

        Returns:
            An array whose rank is at least 1; other axes than the first are equal for all pairs.
        """

    @abstractmethod
    def summarise(self, rows: Sequence[NDArray[Any]]) -> float:
        """Make the number out of what every pair gave.

        Args:
            rows: results of :meth:`observe`, one a pair, of at least ``fewest`` pairs.

        Raises:
            SettingError: fewer pairs than ``fewest``.
        """

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Refuse a single pair.

        Raises:
            SettingError: always.
        """
        raise SettingError(
            f"{type(self).__name__} compares sets of at least {self.fewest} pictures, "
            "got a single pair",
            hint="Call observe for every pair and summarise once, or compare whole data sets.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture of a data set.

    Attributes:
        name: unique within the data set.
        image: the picture, as :class:`~semcodec.contracts.values.Image` describes arrays.
        inputs: masks, label maps and captions that belong to it.
    """

    name: str
    image: NDArray[Any]
    inputs: Mapping[str, Value]


class Dataset(_Kind):
    """A named set of pictures in a fixed order."""

    kind = "dataset"

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Names of its samples, in order, without reading a picture."""

    @abstractmethod
    def read(self, name: str) -> Sample:
        """Read one sample."""

    def __iter__(self) -> Iterator[Sample]:
        """Read all samples in order."""
        return (self.read(name) for name in self.names())


KINDS: Mapping[str, type[_Kind]] = {
    base.kind: base
    for base in (
        SaliencySource,
        Transform,
        Quantizer,
        EntropyModel,
        EntropyCoder,
        Decoder,
        Metric,
        Dataset,
    )
}
