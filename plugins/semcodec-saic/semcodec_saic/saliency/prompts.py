"""Prompts as Grounding DINO was trained on them: lower case, each phrase closed by a period."""

from __future__ import annotations

import re
from collections.abc import Callable

from semcodec.errors import SettingError

__all__ = ["phrases", "split"]


def phrases(prompt: str) -> list[str]:
    """Take a prompt apart at periods, semicolons and line ends, each phrase once.

    Raises:
        SettingError: it names nothing.
    """
    found = [" ".join(each.split()) for each in re.split(r"[.;\n\r]", prompt.lower())]
    kept = list(dict.fromkeys(each for each in found if each))
    if not kept:
        raise SettingError(
            f"expected a prompt that names something, got {prompt!r:.60}",
            hint="Name what matters, such as: person . animal . text .",
        )
    return kept


def split(parts: list[str], count: Callable[[str], int], most: int) -> list[str]:
    """Join phrases to as few texts as fit a model, in their order.

    Args:
        parts: the phrases; one that does not fit by itself is parted between its words.
        count: positions that a text takes, with what stands around it.
        most: positions that the model has.

    Raises:
        SettingError: a single word does not fit.
    """
    texts: list[str] = []
    for part in parts:
        for piece in _fitting(part, count, most):
            longer = f"{texts[-1]} {piece} ." if texts else ""
            if longer and count(longer) <= most:
                texts[-1] = longer
            else:
                texts.append(f"{piece} .")
    return texts


def _fitting(part: str, count: Callable[[str], int], most: int) -> list[str]:
    if count(f"{part} .") <= most:
        return [part]
    words = part.split()
    if len(words) == 1:
        raise SettingError(
            f"expected words of at most {most - 3} tokens in the prompt, got {part!r:.40}",
            hint="Shorten it, or part it by periods.",
        )
    half = len(words) // 2
    return [
        piece
        for some in (words[:half], words[half:])
        for piece in _fitting(" ".join(some), count, most)
    ]
