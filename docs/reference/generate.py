"""Writes the pages of this folder from the docstrings: ``python docs/reference/generate.py``.

With ``--check`` nothing is written; the exit code says whether the pages are as they should be.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
sys.path[:0] = [str(ROOT), str(FOLDER)]

import core  # noqa: E402
import griffe  # noqa: E402
import render  # noqa: E402

HEAD = (
    "<!-- Written by docs/reference/generate.py from the docstrings: edit those, run it again. -->"
)

BOUNDS = """\
What a field may be annotated with, `Annotated[float, Gt(0)]`; they are those of the package
`annotated_types`.

- `Gt(x)`, `Ge(x)`: more than x; x or more.
- `Lt(x)`, `Le(x)`: less than x; x or less.
- `Interval(gt=None, ge=None, lt=None, le=None)`: any of these together.
- `Len(least, most=None)`: the length of a text or a tuple."""


VERSION = """\
### `__version__`

The version of the distribution, as `semcodec --version` and its metadata say it."""


@dataclass(frozen=True)
class Section:
    """A heading over some of a module's names.

    Attributes:
        title: the heading; empty for names that go on under the one before.
        module: the module, below ``semcodec``.
        names: what to show of it, in this order.
        introduce: whether the module's own docstring stands below the heading.
        aliases: whether the names are aliases of types, which a line each will do for.
        text: a paragraph of its own.
    """

    title: str
    module: str = ""
    names: str = ""
    introduce: bool = False
    aliases: bool = False
    text: str = ""


@dataclass(frozen=True)
class Page:
    """A page: its file, its title, a paragraph, and its sections."""

    file: str
    title: str
    about: str
    sections: tuple[Section, ...]


HOOKS = Page(
    "hooks.md",
    "Hooks and component kinds",
    "What a plugin may implement, and what the methods of a component promise.\n"
    "[Writing components](../components.md) introduces both with examples.",
    (
        Section(
            "Hooks",
            "discovery.hookspecs",
            "semcodec_components semcodec_pipelines semcodec_metrics semcodec_datasets "
            "semcodec_commands hookimpl API_VERSION",
            introduce=True,
        ),
        Section("What hooks list", "discovery.refs", "ref pipeline command"),
        Section("", "discovery.refs", "Ref PipelineRef CommandRef"),
        Section(
            "Component kinds",
            "contracts.kinds",
            "_Kind SaliencySource Transform Quantizer EntropyModel EntropyCoder Decoder Metric "
            "SetMetric Dataset",
            introduce=True,
        ),
        Section("What they take and give", "contracts.kinds", "Port Region Sample"),
        Section("Parameters", "contracts.params", "component EncodeOnly Parameter", introduce=True),
        Section("Bounds", text=BOUNDS),
        Section(
            "Names of types", "contracts.kinds", "Guides Determinism Floats Ints", aliases=True
        ),
    ),
)

VALUES = Page(
    "values.md",
    "Values and their context",
    "What passes between components, how it is described before any byte is read, and what else a\n"
    "call is given.",
    (
        Section(
            "Value types",
            "contracts.values",
            "ValueType Image Map Latent Symbols Text Blob",
            introduce=True,
        ),
        Section("The context", "contracts.context", "Context", introduce=True),
        Section("Weights", "contracts.weights", "Weights", introduce=True),
        Section(
            "The boundary to the coder",
            "contracts.coding",
            "Tables TablePass AdaptivePass EncodeSession DecodeSession",
            introduce=True,
        ),
        Section("Names of types", "contracts.values", "Array Value Grid", aliases=True),
        Section("", "contracts.context", "Side Progress", aliases=True),
        Section("", "contracts.coding", "Ints", aliases=True),
    ),
)

API = Page(
    "api.md",
    "Functions and the codec",
    "What `import semcodec` offers to who uses codecs. [Using semcodec](../guide.md) introduces\n"
    "it with examples.",
    (
        Section("Functions", "engine.api", "load decode"),
        Section("", "engine.inspect", "inspect"),
        Section("", "image.reading", "read_image"),
        Section("", "image.writing", "write_image"),
        Section("", "discovery.installed", "register"),
        Section("The codec", "engine.codec", "Codec"),
        Section("Traces", "engine.trace", "Trace Step"),
        Section("What inspection finds", "engine.inspect", "Inspection Part"),
        Section("The version", text=VERSION),
        Section("Names of types", "engine.codec", "Form", aliases=True),
        Section("", "contracts.context", "Progress", aliases=True),
    ),
)

ERRORS = Page(
    "errors.md",
    "Errors",
    "All are names of `semcodec.errors`; the base is `semcodec.SemcodecError` too.",
    (
        Section(
            "Classes",
            "errors",
            "SemcodecError SettingError TargetError PluginError ComponentNotFound PluginConflict "
            "PluginBroken SpecError Problem GraphError ImageError WeightsError RegisterError "
            "DecodeError ContainerError UnknownCodec LimitError IntegrityError",
            introduce=True,
        ),
    ),
)


def _plain(value: object) -> str:
    """An alias as it is meant; a quoted one without its quotes."""
    return str(value).strip("'")


def write(page: Page, package: griffe.Object, to: render.Links) -> str:
    """Write one page."""
    parts = [HEAD, f"# {page.title}", page.about]
    for section in page.sections:
        module = package[section.module] if section.module else package
        if section.title:
            parts.append(f"## {section.title}")
        if section.introduce:
            parts += render.docstring(module, to)
        parts.append(section.text)
        if section.aliases:
            parts.append(
                "\n".join(f"- `{n}` is `{_plain(module[n].value)}`" for n in section.names.split())
            )
            continue
        for name in section.names.split():
            parts += render.thing(module[name], {"_Kind": "All kinds"}.get(name, name), to)
    return "\n\n".join(filter(None, parts)) + "\n"


def pages() -> dict[str, str]:
    """Make all pages: text by file."""
    package = griffe.load(
        "semcodec",
        search_paths=[str(ROOT)],
        docstring_parser="google",
        docstring_options={"returns_multiple_items": False, "returns_named_value": False},
    )
    assert isinstance(package, griffe.Module)
    found: dict[str, str] = {}
    made: dict[str, str] = {}
    for _ in range(2):  # the first round finds where everything stands, the second links to it
        for page in (HOOKS, VALUES, API, ERRORS):
            made[page.file] = write(page, package, render.Links(found, page.file))
        made["components.md"] = f"{HEAD}\n\n{core.components(package, render.Links(found))}"
        made["commands.md"] = f"{HEAD}\n\n{core.commands()}"
        found = {
            name: f"{file}#{anchor}"
            for file, text in made.items()
            for name, anchor in render.headings(text)
            if file not in ("components.md", "commands.md")
        }
    return made


def main() -> int:
    """Write the pages, or compare them."""
    check = "--check" in sys.argv
    made = pages()
    stale = sorted({path.name for path in FOLDER.glob("*.md")} - set(made))
    for file, text in made.items():
        path = FOLDER / file
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(file)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"not what the docstrings say: {', '.join(stale)}; run docs/reference/generate.py")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
