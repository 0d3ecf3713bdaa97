"""A choice between codecs, made by the encoder for each picture; the file is the winner's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from semcodec.engine.codec import Codec, _metric, load
from semcodec.engine.target import Target
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
        """
        if set_ or swap:
            raise SettingError(
                "a choice of candidates has no parameters or components of its own",
                hint="Change the candidates' specs.",
            )
        names, choose = check_candidates(document)
        codecs = [load(name) for name in names]
        return cls(codecs, choose["metric"], choose.get("within", 0), document.data.get("name", ""))

    def lock(self) -> str:
        """There is none: each candidate has its own.

        Raises:
            SettingError: always.
        """
        raise SettingError(
            f"{self.name or 'the spec'} chooses between codecs; lock each candidate instead",
            hint=", ".join(codec.name for codec in self.candidates),
        )

    def encode(self, image: Any, **options: Any) -> bytes:
        """Code a picture with every candidate; see :meth:`Codec.encode`.

        Candidates that cannot hold the picture or reach the target are passed over while another
        can.
        """
        from semcodec.image import read_image

        picture = read_image(image)
        trace: Trace | None = options.pop("trace", None)
        entries: list[_Entry] = []
        failures: list[ImageError | TargetError] = []
        for codec in self.candidates:
            own = Trace(keep=trace.keep if trace else False)
            try:
                data = codec.encode(picture, trace=own, **options)
            except (ImageError, TargetError) as error:
                failures.append(error)
                continue
            entries.append(_Entry(codec, data, self._score(codec, picture, data), own))
        if not entries:
            raise failures[0]
        best = max(entry.score for entry in entries)
        good = [entry for entry in entries if entry.score >= best - self.within]
        winner = min(good, key=lambda entry: len(entry.data))
        if trace is not None:
            trace.adopt(winner.trace)
            trace.trials = sum(entry.trace.trials or 1 for entry in entries)
            trace.chosen = winner.codec.name
        return winner.data

    def encode_many(self, images: Any, **options: Any) -> list[bytes]:
        """Code several pictures, each with its own choice."""
        return [self.encode(image, **options) for image in images]

    def decode(self, data: bytes, **options: Any) -> NDArray[Any]:
        """Decode a file of any of the candidates."""
        from semcodec.engine.codec import decode

        return decode(data, **options)

    def decode_many(self, data: Any, **options: Any) -> list[NDArray[Any]]:
        """Decode several files of the candidates."""
        return [self.decode(item, **options) for item in data]

    def _score(self, codec: Codec, picture: NDArray[Any], data: bytes) -> float:
        """Rate a candidate's file; higher is better."""
        if self.metric == "bytes":
            return -float(len(data))
        metric = _metric(Target(quantity=self.metric, value=0.0))
        value = float(metric.compute(picture, codec.decode(data)))
        return value if metric.higher_is_better else -value
