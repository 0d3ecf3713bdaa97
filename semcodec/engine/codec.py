"""A codec: a resolved pipeline that codes and decodes pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from semcodec.contracts.context import Progress, part
from semcodec.contracts.values import Image
from semcodec.engine.binding import bind, choose_controls, choose_settings
from semcodec.engine.data import coded_bytes
from semcodec.engine.decode import decode as decode_runs
from semcodec.engine.decode import payload_hash
from semcodec.engine.encode import Encoded, EncodeRun, encode
from semcodec.engine.identity import codec_of, frame, registered_code, warn_if_deprecated
from semcodec.engine.inputs import check_inputs, declared, takes_input
from semcodec.engine.memo import Memo
from semcodec.engine.plan import Plan
from semcodec.engine.progress import Meter
from semcodec.engine.run import Run
from semcodec.engine.target import Target, Trial, aim, measure, most_trials, rate_setting, search
from semcodec.engine.trace import Trace
from semcodec.errors import ContainerError, SettingError
from semcodec.graph.model import Pipeline
from semcodec.spec.canonical import canonical
from semcodec.spec.lock import full_digest, lock_text
from semcodec.wire import (
    MAX_PIXELS,
    Body,
    Header,
    from_file,
    pack,
    read_body,
    read_header,
    to_file,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Codec", "paired"]

Form: TypeAlias = Literal["file", "wire"]
BATCH = 8


class Codec:
    """A pipeline ready to code pictures.

    Attributes:
        pipeline: the resolved pipeline.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._plan = Plan(pipeline)

    def __repr__(self) -> str:
        return f"<Codec {self.name or 'unnamed'} {self.digest[:8]}>"

    @property
    def name(self) -> str:
        """The spec's name; may be empty."""
        return self.pipeline.name

    @property
    def digest(self) -> str:
        """Decode digest: 64 hexadecimal digits. Equal digests decode equal files equally."""
        return self._plan.digest.hex()

    @cached_property
    def full_digest(self) -> str:
        """Digest over the encoder's half too, for provenance in results."""
        return full_digest(self.pipeline).hex()

    @cached_property
    def code(self) -> int | None:
        """Registered wire code, or None for a private codec."""
        return registered_code(self.digest)

    @property
    def sections(self) -> tuple[str, ...]:
        """Names of the sections of its files."""
        return self._plan.sections

    @property
    def inputs(self) -> dict[str, str]:
        """What it asks for beside the picture: type of each input, such as ``text``, by name."""
        return declared(self.pipeline)

    @property
    def setting_names(self) -> tuple[str, ...]:
        """Names of its wire and encode settings."""
        return tuple(s.name for s in (*self.pipeline.wire, *self.pipeline.encode))

    def takes(self, name: str) -> bool:
        """Whether it may use an input of that name."""
        return takes_input(self.pipeline, name)

    def lock(self) -> str:
        """The resolved spec with both digests, as JSON text."""
        return lock_text(self.pipeline)

    def encode(
        self,
        image: Any,
        *,
        settings: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        target_bytes: int | None = None,
        target_bpp: float | None = None,
        target: tuple[str, float] | None = None,
        form: Form = "file",
        detached: bool = False,
        trace: Trace | None = None,
        progress: Progress | None = None,
        device: str = "cpu",
        memo: Memo | None = None,
    ) -> bytes:
        """Code a picture.

        Args:
            image: a path, bytes, PIL image or array, as :func:`semcodec.read_image` takes it.
            settings: wire and encode settings by name; values are moved to the nearest of their
                grid.
            inputs: what the pipeline takes beside the picture: masks, captions, label maps.
            target_bytes: most bytes of the result; never exceeded.
            target_bpp: the same in bits per pixel of the picture.
            target: a metric and the value to reach, such as ``("psnr", 35.0)``.
            form: ``"file"`` with magic number and CRC, or ``"wire"`` without (6 bytes less).
            detached: leave the lock of a private codec out; the reader must have it.
            trace: filled in with what was done.
            progress: called with a share in [0, 1] and a few words.
            device: where networks run.
            memo: results of stages to reuse and to add to, ``Memo(search=True)`` for several
                encodes of one picture with the same inputs, by this codec or by others.

        Returns:
            The coded picture. Its length is the rate.

        Raises:
            ImageError: the picture cannot be read, or the pipeline cannot hold it.
            SettingError: a setting, input or target that cannot be honoured.
            PluginBroken: a component failed.
        """
        from semcodec.image import read_image

        self._must_encode(form, inputs or {})
        goal = aim(target_bytes, target_bpp, target)
        chosen = choose_settings(self.pipeline, settings or {})
        options = _Options(
            inputs=dict(inputs or {}),
            form=form,
            detached=detached,
            trace=trace,
            progress=Meter.of(progress),
            device=device,
        )
        picture = read_image(image)
        if goal is None:
            [made] = self._encode([picture], chosen, set(settings or ()), options, memo)
        else:
            made = self._search(
                picture, chosen, set(settings or ()), goal, options, memo or Memo(search=True)
            )
        if options.progress is not None:
            options.progress(1.0, "done")
        return made

    def encode_many(
        self,
        images: Iterable[Any],
        *,
        settings: Mapping[str, Any] | None = None,
        inputs: Iterable[Mapping[str, Any]] | None = None,
        form: Form = "file",
        detached: bool = False,
        device: str = "cpu",
    ) -> list[bytes]:
        """Code several pictures; the same bytes as one by one, in batches where that is faster.

        Args:
            images: pictures, as :meth:`encode` takes them.
            settings: as for :meth:`encode`, the same for all.
            inputs: what the pipeline takes beside each picture, one mapping for each.
            form: as for :meth:`encode`.
            detached: as for :meth:`encode`.
            device: where networks run.

        Raises:
            SettingError: as for :meth:`encode`, or more or fewer inputs than pictures.
        """
        from semcodec.image import read_image

        self._must_encode(form, {})
        chosen = choose_settings(self.pipeline, settings or {})
        made: list[bytes] = []
        options = _Options(form=form, detached=detached, device=device)
        for batch in _batches(paired(images, inputs)):
            pictures = [read_image(image) for image, _ in batch]
            beside = [mapping for _, mapping in batch]
            for mapping in beside:
                check_inputs(self.pipeline, mapping)
            made += self._encode(pictures, chosen, set(settings or ()), options, inputs=beside)
        return made

    def decode(
        self,
        data: bytes,
        *,
        controls: Mapping[str, Any] | None = None,
        max_pixels: int = MAX_PIXELS,
        trace: Trace | None = None,
        progress: Progress | None = None,
        device: str = "cpu",
    ) -> NDArray[Any]:
        """Decode what this codec coded.

        Args:
            data: a coded picture, in file or wire form.
            controls: the viewer's choices by name; any makes the result an edit.
            max_pixels: largest picture to accept.
            trace: filled in with what was done.
            progress: called with a share in [0, 1] and a few words.
            device: where networks run.

        Returns:
            uint8 or uint16 (height, width, channels), as the picture was given.

        Raises:
            DecodeError: it is damaged, too large, or of another codec.
            SettingError: a control that the spec, or the component that it steers, does not allow.
        """
        return self._decode([data], controls or {}, max_pixels, trace, progress, device)[0]

    def decode_many(
        self,
        data: Iterable[bytes],
        *,
        controls: Mapping[str, Any] | None = None,
        max_pixels: int = MAX_PIXELS,
        device: str = "cpu",
    ) -> list[NDArray[Any]]:
        """Decode several pictures; the same pixels as one by one."""
        made: list[NDArray[Any]] = []
        for batch in _batches(data):
            made += self._decode(batch, controls or {}, max_pixels, None, None, device)
        return made

    def settings(self, data: bytes) -> dict[str, Any]:
        """Read the wire settings of a file of this codec."""
        _, body = self._read(data, MAX_PIXELS)
        return {
            s.name: s.grid.values[i] for s, i in zip(self.pipeline.wire, body.values, strict=True)
        }

    def _must_encode(self, form: str, inputs: Mapping[str, Any]) -> None:
        if self.pipeline.decodes_only:
            raise SettingError(
                "this codec was read from a file and can only decode",
                hint="Load the pipeline by its name or spec to encode.",
            )
        if form not in get_args(Form):
            raise SettingError(f"expected the form 'file' or 'wire', got {form!r}")
        check_inputs(self.pipeline, inputs)
        if self.code is not None:
            warn_if_deprecated(self.code)

    def _encode(
        self,
        pictures: Sequence[NDArray[Any]],
        chosen: Mapping[str, int],
        wanted: Set[str],
        options: _Options,
        memo: Memo | None = None,
        inputs: Sequence[Mapping[str, Any]] | None = None,
    ) -> list[bytes]:
        known = {s.name: s for s in (*self.pipeline.wire, *self.pipeline.encode)}
        # A setting that was not touched keeps the spec's own value unless the wire must name it.
        touched = wanted | {s.name for s in self.pipeline.wire}
        values = {n: known[n].grid.values[i] for n, i in chosen.items() if n in touched}
        bound = bind(self.pipeline, [(known[n].target, value) for n, value in values.items()])
        runs = [
            EncodeRun(
                self._plan,
                bound,
                "encode",
                Image.of(picture),
                picture=picture,
                memo=memo,
                trace=options.trace,
                progress=options.progress,
                device=options.device,
                inputs=beside,
            )
            for picture, beside in zip(
                pictures, inputs or [options.inputs] * len(pictures), strict=True
            )
        ]
        wire = [chosen[s.name] for s in self.pipeline.wire]
        made = [
            self._frame(run.image, encoded, wire, options)
            for run, encoded in zip(runs, encode(runs), strict=True)
        ]
        if options.trace is not None:
            options.trace.settings = values
            options.trace.digest = self.digest
        return made

    def _frame(
        self, image: Image, encoded: Encoded, wire: Sequence[int], options: _Options
    ) -> bytes:
        data = frame(self._plan, self.code, image, encoded, wire, detached=options.detached)
        if options.form == "file":
            data = to_file(data)
        if options.trace is not None:
            sizes = dict(zip(self.sections, map(len, encoded.sections), strict=True))
            options.trace.sections = {"header": len(data) - sum(sizes.values()), **sizes}
        return data

    def _search(
        self,
        picture: NDArray[Any],
        chosen: Mapping[str, int],
        wanted: Set[str],
        goal: Target,
        options: _Options,
        memo: Memo,
    ) -> bytes:
        setting = rate_setting(self.pipeline)
        if setting.name in wanted:
            raise SettingError(
                f"setting {setting.name!r} is what the target moves; give one of them"
            )
        tried = count()
        pixels = picture.shape[0] * picture.shape[1]

        def attempt(index: int) -> Trial[tuple[bytes, Trace | None]]:
            trial = Trace(keep=options.trace.keep) if options.trace is not None else None
            meter = options.progress
            share = part(meter, next(tried), most_trials(setting)) if meter else None
            [data] = self._encode(
                [picture],
                {**chosen, setting.name: index},
                wanted | {setting.name},
                replace(options, trace=trial, progress=Meter.of(share)),
                memo,
            )
            if goal.is_size:
                measured = len(data) if goal.quantity == "bytes" else 8 * len(data) / pixels
            else:
                decoded = self.decode(data, device=options.device)
                measured = measure(goal.quantity, picture, decoded)
            if options.trace is not None:
                options.trace.trials += 1
            return Trial((data, trial), len(data), measured)

        data, best = search(setting, goal, attempt).result
        if options.trace is not None and best is not None:
            options.trace.adopt(best)
        return data

    def _decode(
        self,
        data: Sequence[bytes],
        controls: Mapping[str, Any],
        max_pixels: int,
        trace: Trace | None,
        progress: Progress | None,
        device: str,
    ) -> list[NDArray[Any]]:
        moved = choose_controls(self.pipeline, controls)
        meter = Meter.of(progress)
        groups: dict[tuple[int, ...], list[int]] = {}
        runs: list[Run] = []
        bodies = []
        for index, item in enumerate(data):
            header, body = self._read(item, max_pixels)
            values = [
                (s.target, s.grid.values[i])
                for s, i in zip(self.pipeline.wire, body.values, strict=True)
            ]
            image = Image(header.height, header.width, header.channels, header.depth)
            run = Run(
                self._plan,
                bind(self.pipeline, [*values, *moved]),
                "decode",
                image,
                trace=trace,
                progress=meter,
                device=device,
            )
            run.moved = frozenset(target.node for target, _ in moved)
            run.payload = payload_hash(pack(body.values, self._plan.radices), body.sections)
            runs.append(run)
            bodies.append(body)
            groups.setdefault(body.values, []).append(index)
        made: dict[int, NDArray[Any]] = {}
        for members in groups.values():
            decoded = decode_runs(
                [runs[i] for i in members],
                [bodies[i].sections for i in members],
                [bodies[i].check for i in members],
            )
            made.update(zip(members, decoded, strict=True))
        if meter is not None:
            meter(1.0, "done")
        if trace is not None:
            trace.digest = self.digest
        return [made[i] for i in range(len(data))]

    def _read(self, data: bytes, max_pixels: int) -> tuple[Header, Body]:
        wire = from_file(coded_bytes(data))
        header, offset = read_header(wire, max_pixels=max_pixels)
        self._must_be_ours(header)
        body = read_body(
            wire,
            offset,
            radices=self._plan.radices,
            sections=len(self.sections),
            check=header.check,
        )
        return header, body

    def _must_be_ours(self, header: Header) -> None:
        digest = self._plan.digest
        if header.lock is not None:
            ours = header.lock == canonical(self._plan.decode_form) or (
                codec_of(header).digest == self.digest
            )
        else:
            ours = digest.startswith(header.digest)
        if not ours:
            raise ContainerError(
                f"expected a file of {self.name or 'this codec'} (digest {self.digest[:8]}...), "
                "got one of another codec",
                hint="semcodec.decode(data) finds the right codec by itself.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What an encode carries along unchanged."""

    inputs: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "file"
    detached: bool = False
    trace: Trace | None = None
    progress: Meter | None = None
    device: str = "cpu"


def paired(
    images: Iterable[Any], inputs: Iterable[Mapping[str, Any]] | None
) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Put every picture beside its inputs.

    Raises:
        SettingError: there are inputs, and more or fewer than pictures.
    """
    try:
        if inputs is None:
            yield from zip(images, repeat({}))
        else:
            yield from zip(images, inputs, strict=True)
    except ValueError as error:
        if "zip()" not in str(error):
            raise
        raise SettingError("expected as many inputs as pictures, got more or fewer") from None


def _batches(items: Iterable[Any]) -> Iterable[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
