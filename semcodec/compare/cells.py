"""Cells: the codecs of a comparison, each compiled and checked before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from semcodec.compare.model import Entry, Plan, Rate
from semcodec.engine.api import load
from semcodec.engine.candidates import Candidates
from semcodec.engine.codec import Codec
from semcodec.engine.target import rate_setting
from semcodec.errors import PluginError, SemcodecError, SettingError
from semcodec.spec.canonical import canonical
from semcodec.spec.problems import nearest

__all__ = ["Cell", "compiled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A codec of a comparison.

    Attributes:
        entry: how it was asked for.
        spec: its general form; of a choice of candidates, theirs.
        digest: decode digest; empty for a choice, whose files have their winners'.
        full_digest: digest over the encoder's half too; of a choice, over all candidates and the
            rule. Empty for an invalid cell.
        status: whether it can run.
        reason: why it cannot, and what to do.
        rates: where it is run.
        providers: distributions and versions that provide its components.
    """

    entry: Entry
    spec: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    full_digest: str = ""
    status: Literal["ready", "invalid"] = "invalid"
    reason: str = ""
    rates: tuple[Rate, ...] = ()
    providers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in results."""
        return self.entry.name

    @property
    def record(self) -> dict[str, Any]:
        """What ``cells.json`` says of it."""
        return {
            "name": self.name,
            "spec": dict(self.spec),
            "digest": self.digest,
            "full_digest": self.full_digest,
            "status": self.status,
            "reason": self.reason,
        }

    def load(self, seed: int | None = None) -> Codec:
        """Build the codec, with another seed where one is given."""
        entry = self.entry
        changes = {**entry.set, **({} if seed is None else {"seed": seed})}
        return load(entry.spec, set=changes or None, swap=entry.swap or None)


def compiled(plan: Plan) -> list[Cell]:
    """Compile every codec of a plan; what cannot run becomes an invalid cell with its reason.

    One that is the same codec as an earlier one, encoder included, is not run twice and says so.
    """
    cells: list[Cell] = []
    for entry in plan.entries:
        rates = plan.rates if entry.rates is None else entry.rates
        try:
            cell = _compile(Cell(entry=entry, rates=rates), plan.seeds)
        except SemcodecError as error:
            cell = Cell(entry=entry, rates=rates, reason=str(error))
        twin = next((c for c in cells if c.status == "ready" and _alike(c, cell)), None)
        if twin is not None:
            reason = f"the same codec as {twin.name}, which is run"
            cell = Cell(entry=entry, rates=rates, spec=cell.spec, reason=reason)
        cells.append(cell)
    return cells


def _alike(one: Cell, other: Cell) -> bool:
    return one.full_digest == other.full_digest and one.rates == other.rates


def _compile(cell: Cell, seeds: tuple[int, ...]) -> Cell:
    codec = cell.load(seeds[0] if seeds else None)
    if isinstance(codec, Candidates):
        parts = [each.full_digest for each in codec.candidates]
        rule = canonical({"of": parts, "metric": codec.metric, "within": codec.within})
        spec: dict[str, Any] = {"candidates": [dict(c.pipeline.form) for c in codec.candidates]}
        digest, full = "", hashlib.sha256(rule).hexdigest()
        members = codec.candidates
    else:
        spec, members = dict(codec.pipeline.form), (codec,)
        digest, full = codec.digest, codec.full_digest
    for rate in cell.rates:
        _check(codec, rate)
    return Cell(
        entry=cell.entry,
        spec=spec,
        digest=digest,
        full_digest=full,
        status="ready",
        rates=cell.rates,
        providers=_providers(members),
    )


def _check(codec: Codec, rate: Rate) -> None:
    """Refuse a rate that the codec cannot be asked for."""
    names = codec.setting_names
    for name in rate.settings:
        if name not in names:
            raise SettingError(
                f"it has no setting {name!r} for the rate {rate.label}",
                hint=nearest(name, names) or "It has no settings; give a target instead.",
            )
    if rate.kind != "setting":
        for each in codec.candidates if isinstance(codec, Candidates) else (codec,):
            rate_setting(each.pipeline)
    if rate.scope == "dataset" and isinstance(codec, Candidates):
        raise SettingError(
            "a choice of candidates has no one setting for a whole data set",
            hint="Use 'scope: image', or list the candidates as codecs of their own.",
        )


def _providers(codecs: tuple[Codec, ...]) -> dict[str, str]:
    from semcodec.discovery import catalog

    found: dict[str, str] = {}
    for codec in codecs:
        for node in codec.pipeline.nodes():
            try:
                provider = catalog().entry(node.use.partition("@")[0])
            except PluginError:
                continue  # a nested pipeline's own name is no component
            found[provider.distribution] = provider.version
    return found
