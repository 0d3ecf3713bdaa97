"""Text as bytes: how a caption travels."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Transform
from semcodec.contracts.params import component
from semcodec.contracts.values import Symbols, Text, ValueType
from semcodec.errors import ContainerError, SettingError

__all__ = ["Utf8"]

_BYTES_A_CHARACTER = 4


@component
class Utf8(Transform):
    """Text as UTF-8 bytes that 0 ends; what comes back is the text in Unicode normal form C.

    UTF-8 is RFC 3629, NFC is Unicode Standard Annex 15. The encoder normalises, the decoder does
    not: it would depend on the Unicode version it was built with.
    """

    consumes: ClassVar[type[ValueType]] = Text
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"

    def layout(self, shape: Text, guides: Guides, ctx: Context) -> Symbols:
        """Describe the bytes: at most 4 for every character that the text may have."""
        return Symbols((_BYTES_A_CHARACTER * shape.limit,), low=0, high=255, end=0)

    def forward(self, value: str, guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Turn text into int32 bytes in [1, 255].

        Raises:
            SettingError: the text holds NUL or half a surrogate pair, or is too long in NFC.
        """
        text = unicodedata.normalize("NFC", value)
        if "\0" in text:
            raise SettingError(
                f"utf8: expected text without NUL, got one at character {text.index(chr(0))}",
                hint="Remove it: 0 ends the text in the bitstream.",
            )
        # Composition exclusions make a few texts longer in NFC than they came.
        problem = ctx.shape.check(text)
        if problem:
            raise SettingError(f"utf8: {problem}", hint="Shorten the text.")
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise SettingError(
                f"utf8: expected Unicode characters, got the lone surrogate "
                f"U+{ord(text[error.start]):04X} at character {error.start}",
                hint="Read the text from its bytes again, in the encoding it was written in.",
            ) from None
        return np.frombuffer(data, dtype=np.uint8).astype(np.int32)

    def inverse(self, value: NDArray[np.int32], guides: Guides, ctx: Context) -> str:
        """Turn bytes into text.

        Raises:
            ContainerError: they are not UTF-8, or more characters than the text may have.
        """
        shape = ctx.shape
        assert isinstance(shape, Text)
        problem = self.layout(shape, guides, ctx).check(value)
        text = ""
        if not problem:
            try:
                text = value.astype(np.uint8).tobytes().decode("utf-8")
            except UnicodeDecodeError as error:
                problem = f"expected UTF-8, got {error.reason} at byte {error.start}"
        problem = problem or shape.check(text)
        if problem:
            raise ContainerError(f"utf8: {problem}", hint="The file is damaged.")
        return text
