"""A choice between codecs, made by the encoder for each picture; the file is the winner's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from semcodec.contracts.context import part
from semcodec.engine.codec import Codec, paired
from semcodec.engine.inputs import check_inputs
from semcodec.engine.progress import Meter
from semcodec.engine.target import measure, metric_of
from semcodec.engine.trace import Trace
from semcodec.errors import ImageError, SettingError, TargetError
from semcodec.spec.compose import check_candidates
from semcodec.spec.text import Document

__all__ = ["Candidates"]


@dataclass(frozen=True, slots=True)
class _Entry:
    codec: Codec
    data: bytes
    score: float
    trace: Trace


class Candidates(Codec):
    """Encodes with every candidate and keeps the best file.

    With ``choose: {metric: psnr, within: 0.1}`` the smallest file among those whose metric is
    within 0.1 of the best wins, so at equal targets it is never worse than the best candidate by
    more than that; with ``metric: bytes`` the smallest file wins. Ties go to the first named.

    Attributes:
        candidates: the codecs, in the order of the spec.
        metric: ``bytes`` or the id of a metric.
        within: how far from the best the metric may be.
    """

    def __init__(self, codecs: Sequence[Codec], metric: str, within: float, name: str) -> None:
        super().__init__(codecs[0].pipeline)
        self.candidates = tuple(codecs)
        self.metric = metric
        self.within = within
        self._name = name

    @property
    def name(self) -> str:
        """The spec's name; may be empty."""
        return self._name

    @classmethod
    def from_document(
        cls,
        document: Document,
        *,
        set_: Mapping[str, Any] | None = None,
        swap: Mapping[str, Any] | None = None,
    ) -> Candidates:
        """Load every candidate of a spec.

        Raises:
            SettingError: parameters or components to change; each candidate has its own.
        ComponentNotFound: nobody installed provides a candidate, or the metric of the choice.
        """
        if set_ or swap:
            raise SettingError(
                "a choice of candidates has no parameters or components of its own",
                hint="Change the candidates' specs.",
            )
        names, choose = check_candidates(document)
        from semcodec.engine.api import load

        if choose["metric"] != "bytes":
            metric_of(choose["metric"])
        codecs = [load(name) for name in names]
        return cls(codecs, choose["metric"], choose.get("within", 0), document.data.get("name", ""))

    def __repr__(self) -> str:
        return f"<Candidates {', '.join(codec.name or 'unnamed' for codec in self.candidates)}>"

    @property
    def digest(self) -> str:
        """There is none: each candidate has its own; ``Trace.digest`` tells the winner's.

        Raises:
            SettingError: always.
        """
        raise self._many("digest")

    @property
    def full_digest(self) -> str:
        """There is none; see :attr:`digest`."""
        raise self._many("digest")

    @property
    def code(self) -> int | None:
        """There is none; see :attr:`digest`."""
        raise self._many("wire code")

    @property
    def sections(self) -> tuple[str, ...]:
        """There are none; see :attr:`digest`."""
        raise self._many("sections")

    def lock(self) -> str:
        """There is none; see :attr:`digest`."""
        raise self._many("lock")

    def settings(self, data: bytes) -> dict[str, Any]:
        """There are none of its own; see :attr:`digest`."""
        raise self._many("settings")

    @property
    def inputs(self) -> dict[str, str]:
        """What any candidate asks for beside the picture."""
        return {name: kind for codec in self.candidates for name, kind in codec.inputs.items()}

    @property
    def setting_names(self) -> tuple[str, ...]:
        """Settings that all candidates have; they are the ones that an encode may move."""
        first, *others = self.candidates
        return tuple(
            name for name in first.setting_names if all(name in c.setting_names for c in others)
        )

    def takes(self, name: str) -> bool:
        """Whether a candidate may use an input."""
        return any(codec.takes(name) for codec in self.candidates)

    def encode(self, image: Any, **options: Any) -> bytes:
        """Code a picture with every candidate; see :meth:`Codec.encode`.

        Candidates that cannot hold the picture or reach the target are passed over while another
        can. Each is given the inputs that it takes.
        """
        from semcodec.image import read_image

        trace: Trace | None = options.pop("trace", None)
        inputs = dict(options.pop("inputs", None) or {})
        meter = Meter.of(options.pop("progress", None))
        unknown = [name for name in inputs if not self.takes(name)]
        check_inputs(self.candidates[0].pipeline, unknown)
        picture = read_image(image)
        entries: list[_Entry] = []
        failures: list[ImageError | TargetError] = []
        for index, codec in enumerate(self.candidates):
            own = Trace(keep=trace.keep if trace else False)
            share = part(meter, index, len(self.candidates)) if meter else None
            given = {name: inputs[name] for name in inputs if codec.takes(name)}
            try:
                data = codec.encode(picture, inputs=given, trace=own, progress=share, **options)
            except (ImageError, TargetError) as error:
                failures.append(error)
                continue
            score = self._score(codec, picture, data, options.get("device", "cpu"))
            entries.append(_Entry(codec, data, score, own))
        if not entries:
            raise self._none_can(failures)
        best = max(entry.score for entry in entries)
        good = [entry for entry in entries if entry.score >= best - self.within]
        winner = min(good or entries, key=lambda entry: len(entry.data))
        if trace is not None:
            trace.adopt(winner.trace)
            trace.trials = sum(entry.trace.trials or 1 for entry in entries)
            trace.chosen = winner.trace.chosen or winner.codec.name
        return winner.data

    def encode_many(self, images: Any, *, inputs: Any = None, **options: Any) -> list[bytes]:
        """Code several pictures, each with its own choice; see :meth:`Codec.encode_many`."""
        return [
            self.encode(image, inputs=beside, **options) for image, beside in paired(images, inputs)
        ]

    def decode(self, data: bytes, **options: Any) -> NDArray[Any]:
        """Decode a file of any of the candidates."""
        from semcodec.engine.api import decode

        return decode(data, **options)

    def decode_many(self, data: Any, **options: Any) -> list[NDArray[Any]]:
        """Decode several files of the candidates."""
        return [self.decode(item, **options) for item in data]

    def _score(self, codec: Codec, picture: NDArray[Any], data: bytes, device: str) -> float:
        """Rate a candidate's file; higher is better."""
        if self.metric == "bytes":
            return -float(len(data))
        value = measure(self.metric, picture, codec.decode(data, device=device))
        return value if metric_of(self.metric).higher_is_better else -value

    def _none_can(self, failures: Sequence[ImageError | TargetError]) -> ImageError | TargetError:
        """Make one error of those of all candidates."""
        message = "no candidate can: " + "; ".join(
            f"{codec.name or 'unnamed'}: {error.args[0]}"
            for codec, error in zip(self.candidates, failures, strict=True)
        )
        missed = [error for error in failures if isinstance(error, TargetError)]
        if not missed:
            return ImageError(message, hint=failures[0].hint)
        return TargetError(message, reached=missed[0].reached, hint=missed[0].hint)

    def _many(self, what: str) -> SettingError:
        return SettingError(
            f"{self.name or 'the spec'} chooses between codecs and has no {what} of its own",
            hint=f"Ask each candidate: {', '.join(codec.name for codec in self.candidates)}",
        )
