"""Markdown from what griffe reads: docstrings in Google style, signatures, fields.

Sources are parsed, never imported, so that the pages are the same under every Python.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import griffe

_WIDTH = 88
_INLINE = re.compile(r"``(.+?)``|:\w+:`~?([\w.]+)`", re.DOTALL)
_CODE = re.compile(r"^(?: {4}.*\n?|\n(?= {4}))+", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def headings(text: str) -> Iterator[tuple[str, str]]:
    """Find a page's headings and their anchors, as Git hosts make them."""
    seen: Counter[str] = Counter()
    for title in re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        yield title.strip("`"), f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


@dataclass(frozen=True)
class Links:
    """Where names have their sections, as seen from one place.

    Attributes:
        found: ``page#anchor`` by name.
        page: the page that the links stand on.
        scope: the class whose members may be named alone.
    """

    found: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    scope: str = ""

    def inside(self, scope: str) -> Links:
        """The same, where a class's members may be named alone."""
        return replace(self, scope=scope)

    def __call__(self, target: str) -> str:
        """Write a name as code, linked to its section where it has one."""
        parts = target.split(".")
        for name in (f"{self.scope}.{target}", ".".join(parts[-2:]), parts[-1]):
            if name in self.found:
                shown = name.removeprefix(f"{self.scope}.")
                return f"[`{shown}`]({self.found[name].removeprefix(self.page)})"
        return f"`{parts[-1]}`"


def prose(text: str, to: Links) -> str:
    """Turn a docstring's text into Markdown: code spans, links to other sections, code blocks."""
    done = []
    end = 0
    for found in _CODE.finditer(text):
        done += [_inline(text[end : found.start()], to), _block(found[0])]
        end = found.end()
    return "\n\n".join(
        filter(None, (part.strip("\n") for part in [*done, _inline(text[end:], to)]))
    )


def _block(text: str) -> str:
    code = "\n".join(line.removeprefix("    ").rstrip() for line in text.splitlines()).strip("\n")
    try:
        ast.parse(code)
    except SyntaxError:
        return f"```text\n{code}\n```"
    return f"```python\n{code}\n```"


def _inline(text: str, to: Links) -> str:
    done = []
    end = 0
    for found in _INLINE.finditer(text):
        done.append(_escape(text[end : found.start()]))
        done.append(f"`{' '.join(found[1].split())}`" if found[1] else to(found[2]))
        end = found.end()
    whole = "".join([*done, _escape(text[end:])])
    return re.sub(r"`?docs/([\w-]+\.md)`?", r"[docs/\1](../\1)", whole)


def _escape(text: str) -> str:
    """Keep powers and angle brackets from being taken for emphasis and for tags."""
    return re.sub(r"(?<=\w)\*\*(?=\w)", r"\\*\\*", text).replace("<", "\\<")


def _lower(text: str) -> str:
    """A sentence that goes on after its heading, unless it starts with a name or a dtype."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text[0].lower() + text[1:] if first[1:].islower() or first == "A" else text


def item(head: str, text: str, to: Links) -> str:
    """Write an entry of a list."""
    body = prose(text, to).replace("\n", "\n  ")
    return f"- {head}: {body}" if body else f"- {head}"


def signature(function: griffe.Function, name: str = "") -> str:
    """Write a call as code, one parameter a line where it is long; without ``self``.

    Args:
        function: what is called.
        name: the class, where the call makes an instance of it.
    """
    parts = []
    marked = False
    bound = isinstance(function.parent, griffe.Class) and "staticmethod" not in function.labels
    for each in list(function.parameters)[bound:]:
        star = {"variadic positional": "*", "variadic keyword": "**"}.get(str(each.kind.value), "")
        if each.kind is griffe.ParameterKind.keyword_only and not marked:
            parts.append("*")
        marked = marked or star == "*" or each.kind is griffe.ParameterKind.keyword_only
        text = f"{star}{each.name}"
        if each.annotation is not None:
            text += f": {each.annotation}"
        if each.default is not None and not star:
            private = re.match(r"_|\(lambda", str(each.default))
            text += f" = {'...' if private else each.default}"
        parts.append(text)
    head = name or function.name
    tail = f" -> {function.returns}" if function.returns is not None and not name else ""
    line = f"{head}({', '.join(parts)}){tail}"
    if len(line) > _WIDTH:
        line = "\n".join([f"{head}(", *(f"    {part}," for part in parts), f"){tail}"])
    return f"```python\n{line}\n```"


def docstring(thing: griffe.Object, to: Links) -> Iterator[str]:
    """Write a docstring's sections, those about attributes left out."""
    for section in thing.docstring.parsed if thing.docstring else ():
        kind = section.kind.value
        if kind == "text":
            yield prose(section.value, to)
        elif kind == "parameters":
            rows = [item(f"`{each.name}`", each.description, to) for each in section.value]
            yield "\n".join(["**Arguments**\n", *rows])
        elif kind in ("returns", "yields"):
            yield f"**{kind.capitalize()}** {prose(_lower(_section(thing, kind)), to)}"
        elif kind == "raises":
            rows = [item(to(str(e.annotation)), e.description, to) for e in section.value]
            yield "\n".join(["**Raises**\n", *rows])
        elif kind == "admonition" and section.value.kind == "example":
            yield f"```python\n{section.value.contents.strip()}\n```"
        elif kind != "attributes":
            raise ValueError(f"{thing.path}: no way to write the section {kind!r}")


def _section(thing: griffe.Object, kind: str) -> str:
    """Give a section as it stands: griffe takes what precedes a colon for a type."""
    assert thing.docstring is not None
    head = rf"^{kind.capitalize()}:\n((?:[ \t]+.*\n?|\n)+)"
    found = re.search(head, thing.docstring.value, re.MULTILINE)
    assert found is not None
    return inspect.cleandoc("\n" + found[1])


def attributes(cls: griffe.Class, to: Links) -> str:
    """List a class's fields, class attributes and properties."""
    sections = cls.docstring.parsed if cls.docstring else []
    described = griffe.DocstringSectionKind.attributes
    texts = {e.name: e.description for s in sections if s.kind is described for e in s.value}
    rows = []
    for name, member in cls.members.items():
        if name.startswith("_") or not isinstance(member, griffe.Attribute):
            continue
        text = texts.pop(name, "")
        if not text and member.docstring:
            text = _lower(member.docstring.value)
        head = f"`{name}`"
        if member.value is not None and "instance-attribute" not in member.labels:
            head = f"`{name} = {member.value}`"
        elif member.annotation is not None:
            head = f"`{name}` (`{member.annotation}`)"
        rows.append(item(head, text, to))
    rows += [item(f"`{name}`", text, to) for name, text in texts.items()]
    return "\n".join(["**Attributes**\n", *rows]) if rows else ""


def methods(cls: griffe.Class) -> Iterator[griffe.Function]:
    """Find the public methods that a class defines itself."""
    for name, member in cls.members.items():
        shown = not name.startswith("_") or name == "__iter__"
        if shown and isinstance(member, griffe.Function) and "property" not in member.labels:
            text = member.docstring.value if member.docstring else ""
            if not text.startswith("See :meth:"):  # the base says it all
                yield member


def thing(one: griffe.Object, title: str, to: Links) -> Iterator[str]:
    """Write the section of a class with its methods, of a function, or of a constant."""
    yield f"### `{title}`" if title.isidentifier() else f"### {title}"
    if isinstance(one, griffe.Class):
        to = to.inside(title)
        bases = [to(str(base)) for base in one.bases]
        linked = [base for base in bases if base.startswith("[")]
        if linked:
            yield f"Derives from {', '.join(linked)}."
        if "dataclass" in one.labels:
            made_by = one.members["__init__"]
            assert isinstance(made_by, griffe.Function)
            yield signature(made_by, title)
        yield from docstring(one, to)
        yield attributes(one, to)
        for method in methods(one):
            yield (
                f"#### `{title}.{method.name}`" if title.isidentifier() else f"#### `{method.name}`"
            )
            yield signature(method)
            if any(str(each.value).endswith("abstractmethod") for each in method.decorators):
                yield "*The author writes this one.*"
            yield from docstring(method, to)
    elif isinstance(one, griffe.Function):
        yield signature(one)
        yield from docstring(one, to)
    elif isinstance(one, griffe.Attribute):
        yield f"```python\n{one.name} = {one.value}\n```"
        yield from docstring(one, to)
