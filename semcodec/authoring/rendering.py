"""The template of a plugin: real files, of which some lines stand under a condition.

Three rules make a package of them:

- Lines between ``# if WORD`` (or ``# if not WORD``) and ``# end`` are kept where the word holds; in
  Markdown the two stand in ``<!-- -->``. A file of which nothing is left is not written.
- Words such as ``acme`` are replaced, in the files and in their names.
- A name that starts with ``dot-`` gets a dot instead, so that no tool takes the template's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["rendered", "template_files"]

_MARK = re.compile(r"\s*(?:#|<!--) (?:if (?P<no>not )?(?P<word>\w+)|end)(?: -->)?")


def template_files(
    holds: Collection[str], words: Mapping[str, str], licence: str
) -> Iterator[tuple[str, str]]:
    """Render the template.

    Args:
        holds: the words whose conditions hold.
        words: what to replace, and what by.
        licence: name of the licence whose text is the file ``LICENSE``.

    Yields:
        The path of each file, relative to the package's folder, and its text.
    """
    home = files("semcodec.authoring")
    for path, text in _read(home.joinpath("template"), ""):
        made = rendered(text, holds, words)
        if made or not text:
            yield rendered(path, (), words).strip(), made
    yield "LICENSE", rendered(home.joinpath("licences", licence).read_text("utf-8"), (), words)


def rendered(text: str, holds: Collection[str], words: Mapping[str, str]) -> str:
    """Apply the conditions and replace the words; longer words first, each place once."""
    kept: list[str] = []
    conditions: list[bool] = []
    for line in text.splitlines():
        mark = _MARK.fullmatch(line)
        if mark is None:
            if all(conditions):
                kept.append(line)
        elif mark["word"]:
            conditions.append((mark["word"] in holds) is not bool(mark["no"]))
        else:
            conditions.pop()
    body = "\n".join(kept).strip("\n")
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.sub(pattern, lambda found: words[found[0]], body) + "\n" if body else ""


def _read(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        path = above + re.sub("^dot-", ".", each.name)
        if each.is_file():
            yield path, each.read_text("utf-8")
        elif each.name != "__pycache__":  # installers compile what looks like code
            yield from _read(each, f"{path}/")
