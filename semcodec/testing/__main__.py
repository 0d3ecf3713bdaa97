"""Lists the checks as a Markdown table: ``python -m semcodec.testing``."""

from __future__ import annotations

from collections.abc import Iterator

from semcodec.testing.check import COMPONENTS, PIPELINE
from semcodec.testing.register import all_checks

__all__ = ["listing"]


def listing() -> Iterator[str]:
    """Write the lines of the table, level by level."""
    yield "| level | check | law | of |"
    yield "| --- | --- | --- | --- |"
    order = [*COMPONENTS, PIPELINE]
    for check in all_checks().values():
        kinds = [kind for kind in order if kind in check.kinds]
        named = "all" if kinds == order else ", ".join(kinds)
        named = "all components" if kinds == [*COMPONENTS] else named
        yield f"| {check.level} | `{check.id}` | {check.law} | {named} |"


if __name__ == "__main__":
    print("\n".join(listing()))
