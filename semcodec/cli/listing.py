"""The commands that say what is installed: components, info and doctor."""

from __future__ import annotations

from typing import Any, cast

import click

from semcodec.cli.output import emit, emit_json, paragraph, table
from semcodec.discovery import Catalog, catalog
from semcodec.errors import ComponentNotFound, PluginError, SettingError

__all__ = ["KINDS", "components", "doctor", "info"]

KINDS = (
    "saliency",
    "transform",
    "quantizer",
    "model",
    "coder",
    "decoder",
    "metric",
    "dataset",
)
"""The component kinds, repeated here so that the help need not import NumPy."""

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(epilog="\b\nExample:\n  semcodec components transform")
@click.argument("kind", required=False, type=click.Choice(KINDS), metavar="[KIND]")
@_json
def components(kind: str | None, as_json: bool) -> None:
    """List the components of one KIND or of all.

    KIND is saliency, transform, quantizer, model, coder, decoder, metric or dataset.
    """
    from semcodec.discovery.describe import missing, summary

    found = catalog()
    listed: list[dict[str, Any]] = []
    broken: list[dict[str, str]] = []
    for id_ in found.ids():
        entry = found.entry(id_)
        try:
            cls = found.component(id_)
        except PluginError as error:
            broken.append({"id": id_, "reason": str(error.args[0])})
            continue
        if kind in (None, cls.kind):
            lacking = missing(cls)
            listed.append(
                {
                    "id": id_,
                    "kind": cls.kind,
                    "distribution": entry.distribution,
                    "doc": summary(cls),
                    **({"missing": lacking} if lacking else {}),
                }
            )
    if as_json:
        emit_json({"components": listed, "broken": broken, "problems": [*found.problems]})
        return
    rows = [(each["id"], each["kind"], each["distribution"], each["doc"]) for each in listed]
    emit(table(rows, ("ID", "KIND", "DISTRIBUTION", "WHAT IT DOES")))
    absent = [f"{each['id']}: {each['missing']}" for each in listed if "missing" in each]
    if absent:
        emit("", "Unavailable here:")
        emit(*(paragraph(each, 2) for each in absent))
    reasons = [each["reason"] for each in broken]
    if reasons or found.problems:
        emit("", "Cannot be used:")
        emit(*(paragraph(reason, 2) for reason in (*reasons, *found.problems)))


@click.command(epilog="\b\nExample:\n  semcodec info dct\n  semcodec info flat-dct --json")
@click.argument("name", metavar="COMPONENT_OR_PIPELINE")
@_json
def info(name: str, as_json: bool) -> None:
    """Explain a component, or a named pipeline: parameters, contract and origin.

    A component may be given with its format, as in dct@1; it comes before a pipeline of that name.
    """
    found = catalog()
    try:
        facts = _component_facts(found, name)
    except ComponentNotFound as error:
        from semcodec.discovery.describe import describe_pipeline

        try:
            facts = describe_pipeline(found.pipeline(name))
        except ComponentNotFound as other:
            hints = dict.fromkeys(e.hint for e in (error, other) if not e.hint.startswith("See:"))
            raise ComponentNotFound(
                f"{name!r} is neither a component nor a pipeline that is installed",
                hint=" ".join(hints) or "See: semcodec components, semcodec plugins",
            ) from None
    if as_json:
        emit_json(facts)
    else:
        _show(facts)


@click.command(epilog="\b\nExample:\n  semcodec doctor && echo all is well")
@_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check Python, dependencies, caches and every plugin; exit with 1 if anything is broken."""
    from semcodec.discovery.health import examine

    checks = list(examine(catalog()))
    broken = sum(check.state == "broken" for check in checks)
    if as_json:
        emit_json(
            {
                "broken": broken,
                "checks": [
                    {"subject": c.subject, "state": c.state, "detail": c.detail} for c in checks
                ],
            }
        )
    else:
        emit(table([(c.state, c.subject, " ".join(c.detail.split())) for c in checks]))
        emit("", f"{broken} broken" if broken else "Everything is in order.")
    ctx.exit(1 if broken else 0)


def _component_facts(found: Catalog, name: str) -> dict[str, Any]:
    from semcodec.contracts.params import of_format
    from semcodec.discovery.describe import describe

    id_, at, number = name.partition("@")
    cls = found.component(id_)
    if at:
        try:
            cls = of_format(cast(Any, cls), int(number))
        except ValueError:
            raise SettingError(
                f"{id_}: expected a format from 1 to {cls.format}, got {number!r}",
                hint=f"semcodec info {id_}",
            ) from None
    return describe(found.entry(id_), cls)


def _show(facts: dict[str, Any]) -> None:
    """Print facts as aligned text: the name, the doc, plain facts, then ports and parameters."""
    emit(facts.get("id") or facts["pipeline"])
    if facts["doc"]:
        emit(paragraph(facts["doc"], 2))
    apart = {"id", "pipeline", "doc", "ports", "parameters"}
    plain = [(key.replace("_", " "), _text(facts[key])) for key in facts if key not in apart]
    emit("", table([row for row in plain if row[1]], indent=2))
    if facts.get("ports"):
        rows = [
            (
                port["name"],
                port["type"],
                "encoder only" if port["needed_by"] == "encode" else "both sides",
                ", ".join(mark for mark in ("exact", "optional") if port[mark]),
            )
            for port in facts["ports"]
        ]
        emit("", "Ports:", table(rows, indent=2))
    if facts.get("parameters"):
        emit("", "Parameters:")
        for each in facts["parameters"]:
            default = "required" if each["required"] else f"default {_text(each['default'])}"
            side = ", encoder only" if each["encode_only"] else ""
            emit(paragraph(f"{each['name']}: {each['type']}, {default}{side}", 2))
            if each["doc"]:
                emit(paragraph(each["doc"], 6))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return ", ".join(value) if isinstance(value, list) else str(value)
