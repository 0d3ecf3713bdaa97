"""What a worker has at hand: codecs, metrics, a decoding process, and the last picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from numpy.typing import NDArray

from semcodec.compare import decoding
from semcodec.compare.job import Job
from semcodec.compare.measuring import Gauge, gauges
from semcodec.compare.memory import PeakMemo, reset_peak
from semcodec.compare.pictures import Item
from semcodec.compare.process import Process
from semcodec.compare.search import setting_value
from semcodec.engine.candidates import Candidates
from semcodec.engine.codec import Codec

__all__ = ["Bench", "Picture"]


@dataclass(slots=True)
class Picture:
    """The last picture, and what was computed from it."""

    item: Item
    samples: NDArray[Any]
    given: Mapping[str, Any]
    graded: Mapping[str, Any]
    memos: dict[tuple[str, ...], PeakMemo] = field(default_factory=dict)
    sizes: dict[tuple[int, int | None, int], int] = field(default_factory=dict)

    def memo(self, inputs: Mapping[str, Any]) -> PeakMemo:
        """Results of stages that were given the same inputs."""
        return self.memos.setdefault(tuple(sorted(inputs)), PeakMemo())


class Bench:
    """What a worker works with, and what it has at hand."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.data = job.source.open()
        self.gauges: list[Gauge] = gauges(job.metrics)
        self.decoder = Process(decoding.begin, (job.cells, job.device))
        self.warm: set[tuple[int, int | None]] = set()
        self.last: Picture | None = None

    @cache  # noqa: B019 - one worker a process, which lives as long as it
    def codec(self, cell: int, seed: int | None) -> Codec:
        """Load a cell's codec, with a seed where one is set."""
        return self.job.cells[cell].load(seed)

    def picture(self, item: Item) -> Picture:
        """Read a picture; the last one stays at hand with what was computed from it."""
        if self.last is None or self.last.item != item:
            self.last = None  # before the next is read: two pictures need not fit
            sample = self.data.read(item.name)
            source = self.job.source
            self.last = Picture(
                item, sample.image, source.given(item, sample), source.graded(item, sample)
            )
        return self.last

    def options(self, codec: Codec, picture: Picture) -> dict[str, Any]:
        """What every encode of a picture is given: inputs that the codec can use, and so on."""
        explicit = self.job.source.inputs
        inputs = {
            name: value
            for name, value in picture.given.items()
            if name in codec.inputs or (name in explicit and codec.takes(name))
        }
        return {
            "inputs": inputs,
            "device": self.job.device,
            # A choice decodes by what the file says, so there the file must say it.
            "detached": self.job.detached and not isinstance(codec, Candidates),
        }

    def size(self, cell: int, seed: int | None, picture: Picture, index: int) -> int:
        """Bytes of a file at an index of the rate setting, each encoded once."""
        key = (cell, seed, index)
        if key not in picture.sizes:
            codec = self.codec(cell, seed)
            options = self.options(codec, picture)
            settings = setting_value(codec, index)
            self.warm_up(cell, seed, picture, settings, options)
            memo = picture.memo(options["inputs"])
            reset_peak()
            made = codec.encode(picture.samples, settings=settings, memo=memo, **options)
            picture.sizes[key] = len(made)
        return picture.sizes[key]

    def warm_up(
        self,
        cell: int,
        seed: int | None,
        picture: Picture,
        settings: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> None:
        """Encode once before any clock starts, where it is the first time in this process."""
        if (cell, seed) not in self.warm:
            self.codec(cell, seed).encode(picture.samples, settings=settings, **options)
            self.warm.add((cell, seed))
