"""What a worker does: read a picture, code it, have it decoded elsewhere, measure, keep files.

A worker runs one call at a time. It keeps the last picture with the results of stages on it, so
that cells that begin with the same stages, all their rates and the trials of their searches, run
them once. The time and the memory of a file count such a stage as if it had run for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from semcodec.compare import decoding
from semcodec.compare.bench import Bench, Picture
from semcodec.compare.job import Facts, Job, Task
from semcodec.compare.keeping import keep
from semcodec.compare.maps import drawn, map_of, mask_of
from semcodec.compare.memory import peak_bytes, reset_peak
from semcodec.compare.pictures import Item, pixels_digest
from semcodec.compare.process import follow_parent
from semcodec.compare.record import failed, finished, sha256_of
from semcodec.compare.rows import DiskError
from semcodec.compare.ways import Way, way_of
from semcodec.engine.candidates import Candidates
from semcodec.engine.trace import Trace
from semcodec.errors import DecodeError, SemcodecError
from semcodec.image import read_image

__all__ = ["begin", "compare_sets", "end", "prepare", "row", "size"]

_bench: list[Bench] = []


def begin(job: Job) -> None:
    """Start the process."""
    follow_parent()
    _bench[:] = [Bench(job)]


def end() -> None:
    """End the decoding process; a process that has one of its own cannot end before it."""
    [bench] = _bench
    bench.decoder.close()


def prepare(item: Item) -> Facts:
    """Read a picture and keep a copy of it, as it is coded, in the folder of results.

    Raises:
        DiskError: the copy cannot be written.
    """
    [bench] = _bench
    try:
        picture = bench.picture(item)
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
    keep(bench.job.folder / "originals" / f"{item.label}.png", picture.samples)
    mask = mask_of(picture.graded, height, width)
    if mask is not None:
        keep(bench.job.folder / "masks" / f"{item.label}.png", drawn(mask))
    return facts


def size(cell: int, seed: int | None, item: Item, index: int) -> int:
    """Bytes of a picture's file at an index of the cell's rate setting; -1 where it has none."""
    [bench] = _bench
    try:
        return bench.size(cell, seed, bench.picture(item), index)
    except Exception:  # why is said in the row of that picture, which is computed all the same
        return -1


def compare_sets(name: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Compute a metric of sets over pictures of the folder of results: originals and decoded."""
    [bench] = _bench
    [gauge] = [each for each in bench.gauges if each.use.name == name]
    folder = bench.job.folder
    return gauge.summarise((read_image(folder / a), read_image(folder / b)) for a, b in pairs)


def row(task: Task) -> dict[str, Any]:
    """Compute one row; what goes wrong with the codec is in the row.

    Raises:
        DiskError: a file cannot be written.
    """
    [bench] = _bench
    cell = bench.job.cells[task.cell]
    try:
        return _row(bench, task)
    except DiskError:
        raise
    except SemcodecError as error:
        return failed(task, cell, str(error.args[0]), error.hint)
    except Exception as error:  # anybody's codec; the others go on
        return failed(task, cell, f"unexpected {type(error).__name__}: {error}")


def _row(bench: Bench, task: Task) -> dict[str, Any]:
    cell = bench.job.cells[task.cell]
    picture = bench.picture(task.facts.item)
    options = bench.options(bench.codec(task.cell, task.seed), picture)
    way = way_of(bench, task, picture, options)
    if way.codec is not bench.codec(task.cell, task.seed):
        given = options["inputs"]
        options["inputs"] = {k: v for k, v in given.items() if way.codec.takes(k)}
    data, trace, seconds, peak = _encode(way, picture, options)
    place = Path(cell.name) / task.facts.item.label / _stem(task)
    guide = _keep_map(bench, trace, picture, place)
    try:
        decoded = bench.decoder.submit(decoding.decode, task.cell, task.seed, data).result()
    except BrokenProcessPool:
        bench.decoder.forget()
        raise DecodeError(
            "the decoding process died", hint="Too little memory, or a fault in native code."
        ) from None
    file, png = Path("files") / f"{place}.smc", Path("decoded") / f"{place}.png"
    keep(bench.job.folder / file, data)
    keep(bench.job.folder / png, decoded.picture)
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
            for gauge in bench.gauges
        },
        device=bench.job.device,
        places=(file.as_posix(), png.as_posix()),
        guide=guide,
    )


def _encode(
    way: Way, picture: Picture, options: Mapping[str, Any]
) -> tuple[bytes, Trace, float, int]:
    """Encode, and give what came of it, the seconds and the peak memory."""
    trace = Trace(keep=True)
    memo = None if isinstance(way.codec, Candidates) else picture.memo(options["inputs"])
    beside: dict[str, Any] = {} if memo is None else {"memo": memo}
    if memo is not None:
        memo.peak = 0
    reset_peak()
    start = time.perf_counter()
    data = way.codec.encode(picture.samples, trace=trace, **beside, **way.given, **options)
    seconds = time.perf_counter() - start + trace.reused
    return data, trace, seconds, max(peak_bytes(), memo.peak if memo is not None else 0)


def _keep_map(bench: Bench, trace: Trace, picture: Picture, place: Path) -> dict[str, str] | None:
    """Keep the map that guided an encode, and no other value of its trace."""
    kind, found = map_of(trace.values, *picture.samples.shape[:2])
    trace.values.clear()
    if found is None:
        return None
    path = Path("maps") / f"{place}.png"
    keep(bench.job.folder / path, drawn(found))
    return {"file": path.as_posix(), "kind": kind}


def _stem(task: Task) -> str:
    return task.rate.label + ("" if task.seed is None else f"-seed{task.seed}")
