"""The hooks that a plugin may implement; all of them optional.

    # semcodec_acme/__init__.py      [project.entry-points.semcodec]  acme = "semcodec_acme"
    from semcodec import hookimpl, ref

    @hookimpl
    def semcodec_components():
        return [ref("acme.dead-zone", "semcodec_acme.quantizer:DeadZone")]

The module that the entry point names must be light: it is imported by every ``semcodec --help``.
It may state ``semcodec_api = 1``, the version of these hooks that it was written for.
"""

from __future__ import annotations

import pluggy

from semcodec.discovery.refs import CommandRef, PipelineRef, Ref

__all__ = [
    "API_VERSION",
    "hookimpl",
    "hookspec",
    "semcodec_commands",
    "semcodec_components",
    "semcodec_datasets",
    "semcodec_metrics",
    "semcodec_pipelines",
]

API_VERSION = 1
"""Counts up when a hook changes so that older cores cannot use newer plugins."""

hookspec = pluggy.HookspecMarker("semcodec")
hookimpl = pluggy.HookimplMarker("semcodec")
"""Decorator that marks a function as an implementation of the hook of its name."""


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
