"""What of a pipeline does not change between pictures: sections, sessions and their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from semcodec.graph.model import Pipeline
from semcodec.spec.lock import decode_form, identity, used
from semcodec.spec.outline import Outline, outline

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """A pipeline made ready to run.

    Attributes:
        pipeline: the pipeline.
    """

    pipeline: Pipeline

    @cached_property
    def decode_form(self) -> dict[str, Any]:
        """The decoder's half of the spec."""
        return decode_form(self.pipeline)

    @cached_property
    def digest(self) -> bytes:
        """The decode digest, 32 bytes."""
        return identity(self.decode_form)

    @cached_property
    def radices(self) -> tuple[int, ...]:
        """Number of values of every wire setting."""
        return tuple(s.grid.levels for s in self.pipeline.wire)

    @cached_property
    def outline(self) -> Outline:
        """Sections and settings, as the decode lock states them."""
        return outline(self.decode_form)

    @property
    def section_of(self) -> Mapping[str, int]:
        """Section of every stream that has bytes: equal coders share one, blobs have their own."""
        return self.outline.section_of

    @property
    def sections(self) -> tuple[str, ...]:
        """Name of every section: the streams in it, joined by ``+``."""
        return self.outline.sections

    @cached_property
    def closed(self) -> frozenset[str]:
        """Refs whose decoded value the encoder needs."""
        return frozenset(self.pipeline.closed_loop())

    @cached_property
    def payload_seeded(self) -> frozenset[str]:
        """Paths of the nodes whose seed the payload gives: what only shapes the final picture."""
        derived = self.pipeline.derive
        assumed = self.pipeline.closed_loop(both_only=True)
        return frozenset(derived[ref].path for ref in derived if ref not in assumed)

    @cached_property
    def used(self) -> frozenset[str]:
        """Refs that the decoder works out: all streams, and what they or the output need."""
        return frozenset(used(self.pipeline))

    @cached_property
    def last_coded(self) -> str:
        """The last stream that reads a section."""
        coded = [ref for ref in self.pipeline.order if ref in self.section_of]
        return coded[-1] if coded else ""

    @cached_property
    def _inputs(self) -> Mapping[str, frozenset[str]]:
        return {ref: frozenset(self.pipeline.needs(ref)) for ref in self.pipeline.order}

    def inputs_of(self, ref: str) -> frozenset[str]:
        """Refs that a decoded value needs."""
        return self._inputs[ref]
