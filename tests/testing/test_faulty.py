"""Deliberately faulty plugins: each fails the check that is meant for it, and no other.

So with that check's assertion removed each would slip through; and no check is without a plugin
that shows what it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.testing import (
    EntropyCoderTests,
    EntropyModelTests,
    MetricTests,
    PipelineTests,
    QuantizerTests,
    SaliencySourceTests,
    TransformTests,
    all_checks,
    examine,
)

FAULTY = Path(__file__).parent / "faulty"
INTENDED: dict[str, tuple[str, Any]] = {
    "broken_entry": ("plugin-loads", QuantizerTests),
    "broken_hook": ("plugin-loads", QuantizerTests),
    "future_api": ("api-known", QuantizerTests),
    "duplicate_id": ("id-unique", QuantizerTests),
    "stray_id": ("id-owned", QuantizerTests),
    "broken_import": ("imports", QuantizerTests),
    "wrong_base": ("right-kind", QuantizerTests),
    "bare_field": ("fields-annotated", QuantizerTests),
    "bare_mixin": ("fields-annotated", QuantizerTests),
    "heavy_import": ("imports-light", QuantizerTests),
    "slow_import": ("imports-fast", QuantizerTests),
    "no_docstring": ("described", QuantizerTests),
    "undocumented_parameter": ("parameters-documented", QuantizerTests),
    "refused_default": ("configuration-builds", QuantizerTests),
    "halved_parameter": ("configuration-round-trips", QuantizerTests),
    "compares_by_identity": ("compares-by-value", QuantizerTests),
    "unpicklable": ("pickles", QuantizerTests),
    "drifting_default": ("builds-in-a-new-process", QuantizerTests),
    "fails_on_one_row": ("runs", QuantizerTests),
    "nan_saliency": ("results-as-described", SaliencySourceTests),
    "wrong_layout": ("layout-agrees", QuantizerTests),
    "wavering_layout": ("layout-pure", QuantizerTests),
    "negative_steps": ("steps-and-shifts", QuantizerTests),
    "careless_batch": ("batch-equals-loop", TransformTests),
    "writes_to_its_input": ("inputs-unchanged", QuantizerTests),
    "random_coder": ("repeats", EntropyCoderTests),
    "remembers": ("keeps-no-state", QuantizerTests),
    "mislabelled_parameter": ("encode-only-unseen", QuantizerTests),
    "two_faced": ("same-on-both-sides", QuantizerTests),
    "reads_the_clock": ("nothing-ambient", QuantizerTests),
    "undeclared_port": ("ports-declared", QuantizerTests),
    "needs_an_optional_port": ("optional-ports", QuantizerTests),
    "couples_entries": ("element-wise", QuantizerTests),
    "chooses_otherwise": ("chooses-alike", QuantizerTests),
    "covers_half": ("passes-cover", EntropyModelTests),
    "peeks_at_the_shift": ("model-round-trips", EntropyModelTests),
    "peeks_at_the_side": ("model-round-trips", EntropyModelTests),
    "upside_down": ("metric-direction", MetricTests),
    "takes_any_count": ("sets-need-enough", MetricTests),
    "loses_long_streams": ("coder-lossless", EntropyCoderTests),
    "loses_escapes": ("coder-escapes", EntropyCoderTests),
    "ignores_ends": ("coder-sessions", EntropyCoderTests),
    "tables_only": ("coder-adaptive", EntropyCoderTests),
    "hash_order": ("hash-seed", QuantizerTests),
    "counts_threads": ("threads", QuantizerTests),
    "needs_its_encoder": ("fresh-process", QuantizerTests),
    "fails_elsewhere": ("fresh-process", QuantizerTests),
    "device_dependent": ("devices-agree", QuantizerTests),
    "fails_on_damage": ("damaged-values", TransformTests),
    "hangs_on_damage": ("bounded-work", TransformTests),
    "swells_on_damage": ("bounded-work", TransformTests),
    "writes_a_file": ("no-side-effects", TransformTests),
    "unpickles": ("no-side-effects", TransformTests),
    "unknown_component": ("spec-resolves", PipelineTests),
    "stale_lock": ("lock-in-step", PipelineTests),
    "changed_decoder": ("golden-files", PipelineTests),
    "exits": ("damaged-values", PipelineTests),
}


LIMIT = {"hangs_on_damage": 5.0}
"""Seconds a question may take, where time is the fault; elsewhere a busy machine is none."""


def test_the_table_lists_every_faulty_plugin() -> None:
    assert sorted(INTENDED) == sorted(
        path.stem for path in FAULTY.iterdir() if not path.name.startswith("_")
    )


def test_every_check_has_a_plugin_that_fails_it() -> None:
    assert {check for check, _ in INTENDED.values()} == set(all_checks())


def named(name: str, base: Any, source: Path) -> Any:
    prefix = name.replace("_", "-")
    space: dict[str, Any] = {"time_limit": LIMIT.get(name, 60.0), "component": f"{prefix}.thing"}
    if base is PipelineTests:
        space = {"time_limit": 60.0, "pipeline": prefix, "golden": source / "golden"}
    return type("TestFaulty", (base,), space)


def marked(source: Path) -> set[int]:
    """Lines of a plugin that say that they are at fault."""
    files = [source] if source.is_file() else source.glob("*.py")
    return {
        number
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if line.endswith("# the fault")
    }


@pytest.mark.parametrize("name", INTENDED)
def test_a_faulty_plugin_fails_its_check_and_slips_through_without_it(
    name: str, install: Callable[[str], Path]
) -> None:
    source = install(name)
    check, base = INTENDED[name]
    rows = list(examine(named(name, base, source)))
    failed = {row.id: row for row in rows if row.outcome == "failed"}
    assert set(failed) == {check}, [(r.id, r.outcome, r.reason) for r in rows if r.reason]
    row = failed[check]
    assert row.reason
    file, _, line = row.where.rpartition(":")
    assert f"faulty_{name}" in file or source.name in file
    if marked(source):
        assert int(line) in marked(source), row
    # Without that check nobody notices.
    left = examine(named(name, base, source), without={check})
    assert [row.id for row in left if row.outcome == "failed"] == []
