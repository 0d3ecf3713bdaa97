"""Value types: what both sides know of a value before any of its bytes is read.

Values themselves are plain NumPy arrays, ``str`` and ``bytes``. An instance of a class below
describes one: its shape, its dtype, its range. Layouts are computed from these descriptions alone,
so encoder and decoder agree on them without sending them.

    class     value                                             what it describes
    Image     uint8 or uint16 (height, width, channels)         sRGB picture; 1 gray, 2 gray+alpha,
                                                                3 RGB, 4 RGB+alpha
    Map       float32 (height, width) in [0, 1]                 saliency, masks
    Latent    float32, any shape                                coefficients, features
    Symbols   int32, any shape, in [low, high]                  what is entropy coded; label maps
    Text      str, Unicode NFC                                  captions, prompts
    Blob      bytes                                             a finished bitstream of a codec
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blob", "Image", "Latent", "Map", "Symbols", "Text", "Value", "ValueType"]

Array: TypeAlias = NDArray[Any]
Value: TypeAlias = "Array | str | bytes"
Grid: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ValueType:
    """Base of the descriptions.

    Laws: instances are immutable and hashable; ``check`` accepts exactly the values described.
    """

    name: ClassVar[str] = "value"

    def check(self, value: object) -> str:
        """Compare a value with this description.

        Returns:
            An empty string when it conforms, else one sentence: what was expected, what came.
        """
        return ""

    def settle(self, value: Any) -> Any:
        """Give a component's result in the dtype described, where only its width differs.

        NumPy widens in passing (an int32 array times a float is float64). Floats of any width are
        rounded to float32, integers that fit are taken as int32; anything else is left as it is,
        for ``check`` to refuse.
        """
        return value


def _narrowed(value: Any, kind: str, dtype: str) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in kind or value.dtype == dtype:
        return value
    if dtype == "int32" and value.size and not (-(2**31) <= value.min() <= value.max() < 2**31):
        return value
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
        return value.astype(dtype)


def _array_problem(value: object, dtype: str, shape: Sequence[int]) -> str:
    if not isinstance(value, np.ndarray):
        return f"expected a NumPy array of {dtype}, got {type(value).__name__}"
    if value.dtype != dtype:
        return f"expected dtype {dtype}, got {value.dtype}"
    if value.shape != tuple(shape):
        return f"expected shape {tuple(shape)}, got {value.shape}"
    return ""


@dataclass(frozen=True, slots=True)
class Image(ValueType):
    """A picture: ``uint8`` (depth 8) or ``uint16`` (depth 16), (height, width, channels), sRGB.

    Attributes:
        height: rows, at least 1.
        width: columns, at least 1.
        channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha (alpha is not premultiplied).
        depth: bits a sample, 8 or 16.
    """

    name: ClassVar[str] = "image"

    height: int
    width: int
    channels: int = 3
    depth: int = 8

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the array."""
        return (self.height, self.width, self.channels)

    @property
    def dtype(self) -> str:
        """Dtype of the array, ``uint8`` or ``uint16``."""
        return "uint8" if self.depth == 8 else "uint16"

    @property
    def pixels(self) -> int:
        """Height times width."""
        return self.height * self.width

    @classmethod
    def of(cls, array: Array) -> Image:
        """Describe an array.

        Raises:
            ValueError: it is no picture; the message says what was expected.
        """
        if not isinstance(array, np.ndarray) or array.ndim != 3:
            got = f"shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise ValueError(f"expected an array of shape (height, width, channels), got {got}")
        if array.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"expected dtype uint8 or uint16, got {array.dtype}")
        height, width, channels = array.shape
        if min(height, width) < 1 or not 1 <= channels <= 4:
            raise ValueError(f"expected 1 to 4 channels and no empty side, got {array.shape}")
        return cls(height, width, channels, 8 if array.dtype == np.uint8 else 16)

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        return _array_problem(value, self.dtype, self.shape)


@dataclass(frozen=True, slots=True)
class Map(ValueType):
    """A map over the picture: float32 (height, width) in [0, 1].

    Attributes:
        height: rows, those of the picture or fewer.
        width: columns likewise.
    """

    name: ClassVar[str] = "map"

    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the array."""
        return (self.height, self.width)

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        problem = _array_problem(value, "float32", self.shape)
        if problem or 0 in self.shape:
            return problem
        assert isinstance(value, np.ndarray)
        low, high = float(value.min()), float(value.max())
        if not (low >= 0.0 and high <= 1.0):  # NaN fails both comparisons
            return f"expected values in [0, 1], got [{low:g}, {high:g}]"
        return ""

    def settle(self, value: Any) -> Any:
        """See :meth:`ValueType.settle`."""
        return _narrowed(value, "f", "float32")


@dataclass(frozen=True, slots=True)
class Latent(ValueType):
    """Coefficients or features: float32 of any shape.

    Attributes:
        shape: shape of the array.
        grid: (rows, columns) of every plane of blocks or cells that the first axis runs over in
            raster order, planes one after another; empty where the shape itself is spatial. It
            lets a guide find the place in the picture that a block belongs to.
        cell: where the shape itself is spatial, its last two axes: pixels on a side of a place, the
            first in the picture's corner, the last ones perhaps beyond its edges. 0 where the
            places are spread evenly over the picture.
    """

    name: ClassVar[str] = "latent"

    shape: tuple[int, ...]
    grid: Grid = ()
    cell: int = 0

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        return _array_problem(value, "float32", self.shape)

    def settle(self, value: Any) -> Any:
        """See :meth:`ValueType.settle`."""
        return _narrowed(value, "f", "float32")


@dataclass(frozen=True, slots=True)
class Symbols(ValueType):
    """Integers to be coded: int32 of any shape.

    Attributes:
        shape: shape of the array.
        grid: as in :class:`Latent`.
        low: smallest value; -2**30 where only the coder's escape bounds it.
        high: largest value; 2**30 likewise.
        end: a value that ends the array early. With it the array is one-dimensional, has at most
            ``shape[0]`` entries, never contains ``end``, and its length is not known beforehand;
            the coder sends ``end`` after the last entry unless the array is full.
        mask: bool array of ``shape``: where it is False the symbol is not coded at all and
            decodes as 0. None codes everything. It takes no part in comparison.
    """

    name: ClassVar[str] = "symbols"

    shape: tuple[int, ...]
    grid: Grid = ()
    low: int = -(2**30)
    high: int = 2**30
    end: int | None = None
    mask: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """How many symbols the array holds at most; what bounds allocation."""
        return math.prod(self.shape)

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        if self.end is not None and isinstance(value, np.ndarray):
            if value.ndim != 1 or value.size > self.size or value.dtype != np.int32:
                return (
                    f"expected at most {self.size} int32 symbols in one dimension, "
                    f"got {value.dtype} of shape {value.shape}"
                )
            if (value == self.end).any():
                return f"expected no symbol {self.end}, which ends the array"
        else:
            problem = _array_problem(value, "int32", self.shape)
            if problem:
                return problem
        assert isinstance(value, np.ndarray)
        if value.size and (int(value.min()) < self.low or int(value.max()) > self.high):
            return (
                f"expected symbols in [{self.low}, {self.high}], "
                f"got [{int(value.min())}, {int(value.max())}]"
            )
        return ""

    def settle(self, value: Any) -> Any:
        """See :meth:`ValueType.settle`."""
        return _narrowed(value, "iu", "int32")


@dataclass(frozen=True, slots=True)
class Text(ValueType):
    """Text in Unicode normal form C.

    The normal form is the encoder's duty and not checked: it depends on the Unicode version.

    Attributes:
        limit: most characters it may have.
    """

    name: ClassVar[str] = "text"

    limit: int = 2000

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        if not isinstance(value, str):
            return f"expected text, got {type(value).__name__}"
        if len(value) > self.limit:
            return f"expected at most {self.limit} characters, got {len(value)}"
        return ""


@dataclass(frozen=True, slots=True)
class Blob(ValueType):
    """A finished bitstream of another codec; it gets a section of its own in the file."""

    name: ClassVar[str] = "blob"

    def check(self, value: object) -> str:
        """See :meth:`ValueType.check`."""
        if not isinstance(value, bytes):
            return f"expected bytes, got {type(value).__name__}"
        return ""
