"""The hooks that a plugin may implement; all of them optional.

    # semcodec_acme/__init__.py      [project.entry-points.semcodec]  acme = "semcodec_acme"
    from semcodec import hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("acme.dead-zone", "semcodec_acme.quantizer:DeadZone")]

The module that the entry point names must be light: it is imported by every ``semcodec --help``.
It states ``semcodec_api = 1``, the version of these hooks that it was written for; a module that
states none was written for version 1. A core accepts its own version and the one before it, whose
hooks it adapts (``docs/compatibility.md``); it leaves every other plugin out and says what to do.
"""

from __future__ import annotations

import pluggy

from semcodec.discovery.refs import CommandRef, PipelineRef, Ref

__all__ = [
    "API_VERSION",
    "api_problem",
    "hookimpl",
    "hookspec",
    "semcodec_commands",
    "semcodec_components",
    "semcodec_datasets",
    "semcodec_metrics",
    "semcodec_pipelines",
]

API_VERSION = 1
"""Counts up when a hook or a component's contract changes, so that what was written for another
version cannot be used as it is."""

hookspec = pluggy.HookspecMarker("semcodec")
hookimpl = pluggy.HookimplMarker("semcodec")
"""Decorator that marks a function as an implementation of the hook of its name."""


def api_problem(declared: object, distribution: str) -> str:
    """Say why a plugin of an API version cannot be used, and what to do; empty when it can.

    Args:
        declared: what its module states as ``semcodec_api``; 1 where it states nothing.
        distribution: who provides it, for the command.
    """
    if isinstance(declared, bool) or not isinstance(declared, int) or declared < 1:
        return f"expected a positive integer as semcodec_api, got {declared!r:.60}"
    oldest = max(1, API_VERSION - 1)
    if declared > API_VERSION:
        need = f"needs plugin API {declared}, this semcodec has {API_VERSION}"
        return f"{need}: pip install --upgrade semcodec"
    if declared < oldest:
        need = f"was written for plugin API {declared}, this semcodec takes {oldest} and later"
        return f"{need}: pip install --upgrade {distribution}"
    return ""


@hookspec
def semcodec_components() -> list[Ref]:  # type: ignore[empty-body]
    """List the components, each under the plugin's prefix.

    Returns:
        References that :func:`ref` makes, in any order. The classes are made by ``@component``.
    """


@hookspec
def semcodec_pipelines() -> list[PipelineRef]:  # type: ignore[empty-body]
    """List the named pipelines.

    Returns:
        References that :func:`pipeline` makes. Names have no prefix; one that another distribution
        lists too can be used from neither.
    """


@hookspec
def semcodec_metrics() -> list[Ref]:  # type: ignore[empty-body]
    """List the metrics, each under the plugin's prefix.

    Returns:
        References that :func:`ref` makes, to classes of the kind :class:`Metric`.
    """


@hookspec
def semcodec_datasets() -> list[Ref]:  # type: ignore[empty-body]
    """List the data sets, each under the plugin's prefix.

    Returns:
        References that :func:`ref` makes, to classes of the kind :class:`Dataset`.
    """


@hookspec
def semcodec_commands() -> list[CommandRef]:  # type: ignore[empty-body]
    """List subcommands of ``semcodec``.

    Returns:
        References that :func:`command` makes, to ``click`` commands. The core's own names cannot
        be taken.
    """
