"""What a worker does: read a picture, code it, have it decoded elsewhere, measure, keep files.

A worker runs one call at a time. It keeps the last picture with the results of stages on it, so
that cells that begin with the same stages, and the trials of their searches, run them once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from semcodec.compare import decoding
from semcodec.compare.cells import Cell
from semcodec.compare.maps import drawn, map_of, mask_of
from semcodec.compare.measuring import Gauge, gauges
from semcodec.compare.memory import peak_bytes, reset_peak
from semcodec.compare.model import MetricUse, Rate
from semcodec.compare.pictures import Item, Source, pixels_digest
from semcodec.compare.process import Process, follow_parent
from semcodec.compare.record import failed, finished, sha256_of
from semcodec.compare.rows import DiskError
from semcodec.compare.search import Found, find, setting_value
from semcodec.engine.candidates import Candidates
from semcodec.engine.codec import Codec
from semcodec.engine.memo import Memo
from semcodec.engine.trace import Trace
from semcodec.errors import DecodeError, SemcodecError, SettingError, TargetError
from semcodec.image import read_image, write_bytes
from semcodec.image.png import quick_png

__all__ = ["Facts", "Job", "Task", "begin", "compare_sets", "end", "prepare", "row", "size"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all tasks of a run share.

    Attributes:
        cells: the codecs.
        source: the pictures.
        metrics: what is measured.
        folder: where results go.
        device: where networks run.
        detached: whether private codecs' files leave their lock out.
    """

    cells: Sequence[Cell]
    source: Source
    metrics: Sequence[MetricUse]
    folder: Path
    device: str
    detached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a picture before it is coded.

    Attributes:
        item: its names.
        pixels: SHA-256 of its samples; empty when it cannot be read.
        beside: SHA-256 of what belongs to it; empty for nothing.
        width: columns.
        height: rows.
        channels: samples a pixel.
        error: why it cannot be read; empty when it can.
        hint: what to do about it.
    """

    item: Item
    pixels: str = ""
    beside: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row to compute.

    Attributes:
        key: its identity.
        cell: index of the cell.
        facts: of the picture.
        rate: where the cell is run.
        seed: seed to set in the spec, or None.
        found: result of a search over the data set, or None.
    """

    key: str
    cell: int
    facts: Facts
    rate: Rate
    seed: int | None
    found: Found | None = None


@dataclass(slots=True)
class _Picture:
    """The last picture, and what was computed from it."""

    item: Item
    samples: NDArray[Any]
    given: Mapping[str, Any]
    graded: Mapping[str, Any]
    memos: dict[tuple[str, ...], Memo] = field(default_factory=dict)
    sizes: dict[tuple[int, int | None, int], int] = field(default_factory=dict)


class _Worker:
    """State of this process."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.data = job.source.open()
        self.gauges: list[Gauge] = gauges(job.metrics)
        self.decoder = Process(decoding.begin, (job.cells, job.device))
        self.warm: set[tuple[int, int | None]] = set()
        self.last: _Picture | None = None

    @cache  # noqa: B019 - one worker a process, which lives as long as it
    def codec(self, cell: int, seed: int | None) -> Codec:
        return self.job.cells[cell].load(seed)

    def picture(self, item: Item) -> _Picture:
        if self.last is None or self.last.item != item:
            self.last = None  # before the next is read: two pictures need not fit
            sample = self.data.read(item.name)
            source = self.job.source
            self.last = _Picture(
                item, sample.image, source.given(item, sample), source.graded(item, sample)
            )
        return self.last

    def options(self, codec: Codec, picture: _Picture) -> dict[str, Any]:
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

    def size(self, cell: int, seed: int | None, picture: _Picture, index: int) -> int:
        """Bytes of a file at an index of the rate setting, each encoded once."""
        key = (cell, seed, index)
        if key not in picture.sizes:
            codec = self.codec(cell, seed)
            options = self.options(codec, picture)
            memo = picture.memos.setdefault(tuple(sorted(options["inputs"])), Memo(search=True))
            settings = setting_value(codec, index)
            made = codec.encode(picture.samples, settings=settings, memo=memo, **options)
            picture.sizes[key] = len(made)
            self.warm.add((cell, seed))
        return picture.sizes[key]


_worker: list[_Worker] = []


def begin(job: Job) -> None:
    """Start the process."""
    follow_parent()
    _worker[:] = [_Worker(job)]


def end() -> None:
    """End the decoding process; a process that has one of its own cannot end before it."""
    [worker] = _worker
    worker.decoder.close()


def prepare(item: Item) -> Facts:
    """Read a picture and keep a copy of it, as it is coded, in the folder of results.

    Raises:
        DiskError: the copy cannot be written.
    """
    [worker] = _worker
    try:
        picture = worker.picture(item)
        height, width, channels = picture.samples.shape
        facts = Facts(
            item=item,
            pixels=pixels_digest(picture.samples),
            beside=sha256_of({**picture.graded, **picture.given}),
            width=width,
            height=height,
            channels=channels,
        )
    except SemcodecError as error:
        return Facts(item=item, error=str(error.args[0]), hint=error.hint)
    except Exception as error:  # a data set of anybody's
        return Facts(item=item, error=f"unexpected {type(error).__name__}: {error}")
    copy = worker.job.folder / "originals" / f"{item.label}.png"
    if not copy.exists():
        _keep(copy, picture.samples)
    mask = mask_of(picture.graded, height, width)
    if mask is not None:
        _keep(worker.job.folder / "masks" / f"{item.label}.png", drawn(mask))
    return facts


def size(cell: int, seed: int | None, item: Item, index: int) -> int:
    """Bytes of a picture's file at an index of the cell's rate setting; -1 where it has none."""
    [worker] = _worker
    try:
        return worker.size(cell, seed, worker.picture(item), index)
    except Exception:  # why is said in the row of that picture, which is computed all the same
        return -1


def compare_sets(name: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Compute a metric of sets over pictures of the folder of results: originals and decoded."""
    [worker] = _worker
    [gauge] = [each for each in worker.gauges if each.use.name == name]
    folder = worker.job.folder
    return gauge.summarise((read_image(folder / a), read_image(folder / b)) for a, b in pairs)


def row(task: Task) -> dict[str, Any]:
    """Compute one row; what goes wrong with the codec is in the row.

    Raises:
        DiskError: a file cannot be written.
    """
    [worker] = _worker
    cell = worker.job.cells[task.cell]
    try:
        return _row(worker, task)
    except DiskError:
        raise
    except SemcodecError as error:
        return failed(task, cell, str(error.args[0]), error.hint)
    except Exception as error:  # anybody's codec; the others go on
        return failed(task, cell, f"unexpected {type(error).__name__}: {error}")


def _row(worker: _Worker, task: Task) -> dict[str, Any]:
    cell = worker.job.cells[task.cell]
    picture = worker.picture(task.facts.item)
    options = worker.options(worker.codec(task.cell, task.seed), picture)
    way = _way(worker, task, picture, options)
    if way.codec is not worker.codec(task.cell, task.seed):
        given = options["inputs"]
        options["inputs"] = {k: v for k, v in given.items() if way.codec.takes(k)}
    if (task.cell, task.seed) not in worker.warm:
        way.codec.encode(picture.samples, **way.given, **options)
        worker.warm.add((task.cell, task.seed))
    reset_peak()
    trace = Trace(keep=True)
    start = time.perf_counter()
    data = way.codec.encode(picture.samples, trace=trace, **way.given, **options)
    seconds = time.perf_counter() - start
    peak = peak_bytes()
    place = Path(cell.name) / task.facts.item.label / _stem(task)
    guide = _keep_map(worker, trace, picture, place)
    try:
        decoded = worker.decoder.submit(decoding.decode, task.cell, task.seed, data).result()
    except BrokenProcessPool:
        worker.decoder.forget()
        raise DecodeError(
            "the decoding process died", hint="Too little memory, or a fault in native code."
        ) from None
    file, png = Path("files") / f"{place}.smc", Path("decoded") / f"{place}.png"
    _keep(worker.job.folder / file, data)
    _keep(worker.job.folder / png, decoded.picture)
    return finished(
        task,
        cell,
        trace=trace,
        decoded=decoded,
        found=way.found,
        size=len(data),
        encode_seconds=seconds,
        peak=peak,
        metrics={
            gauge.use.name: gauge.measure(picture.samples, decoded.picture, picture.graded)
            for gauge in worker.gauges
        },
        device=worker.job.device,
        places=(file.as_posix(), png.as_posix()),
        guide=guide,
    )


def _keep_map(
    worker: _Worker, trace: Trace, picture: _Picture, place: Path
) -> dict[str, str] | None:
    """Keep the map that guided an encode, and no other value of its trace."""
    kind, found = map_of(trace.values, *picture.samples.shape[:2])
    trace.values.clear()
    if found is None:
        return None
    path = Path("maps") / f"{place}.png"
    _keep(worker.job.folder / path, drawn(found))
    return {"file": path.as_posix(), "kind": kind}


@dataclass(frozen=True, slots=True)
class _Way:
    """How a rate is coded: with which codec, what it is given, and what a search came to."""

    codec: Codec
    given: dict[str, Any]
    found: Found | None = None


def _way(worker: _Worker, task: Task, picture: _Picture, options: Mapping[str, Any]) -> _Way:
    codec = worker.codec(task.cell, task.seed)
    if task.rate.kind == "setting":
        return _Way(codec, {"settings": task.rate.settings})
    if task.found is not None:
        return _Way(codec, {"settings": setting_value(codec, task.found.index)}, task.found)
    height, width = picture.samples.shape[:2]
    most = task.rate.most_bytes(height * width)
    if isinstance(codec, Candidates):
        way = _choice(codec, task.rate, most, picture, options)
        worker.warm.add((task.cell, task.seed))
        return way
    found = find(
        codec,
        task.rate,
        most,
        lambda index: worker.size(task.cell, task.seed, picture, index),
    )
    return _Way(codec, {"settings": setting_value(codec, found.index)}, found)


def _choice(
    codec: Candidates, rate: Rate, most: float, picture: _Picture, options: Mapping[str, Any]
) -> _Way:
    """Let a choice of candidates search; where none gets there, take the one that comes nearest."""
    whole = {"target_bytes": max(int(most), 1)}
    try:
        codec.encode(picture.samples, **whole, **options)
    except TargetError:
        ways: list[tuple[int, int, _Way]] = []
        for each in codec.candidates:
            given = {k: v for k, v in options["inputs"].items() if each.takes(k)}
            sizes: dict[int, int] = {}

            def size(index: int, each: Codec = each, given: Any = given, sizes: Any = sizes) -> int:
                settings = setting_value(each, index)
                own = {**options, "inputs": given}
                sizes[index] = len(each.encode(picture.samples, settings=settings, **own))
                return int(sizes[index])

            found = find(each, rate, most, size)
            way = _Way(each, {"settings": setting_value(each, found.index)}, found)
            ways.append((sizes[found.index], len(ways), way))
        return min(ways)[2]
    return _Way(codec, whole)


def _stem(task: Task) -> str:
    return task.rate.label + ("" if task.seed is None else f"-seed{task.seed}")


def _keep(path: Path, content: bytes | NDArray[Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            write_bytes(content, path)
        else:
            write_bytes(quick_png(content), path)
    except (OSError, SettingError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        raise DiskError(
            f"cannot write {path}: {getattr(cause, 'strerror', None) or error}",
            hint="The rows so far are kept: make room and run the same command again.",
        ) from None
