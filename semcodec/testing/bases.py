"""Base test classes, one a kind: what an author writes is a subclass with a few attributes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from semcodec.contracts.values import Image, ValueType
from semcodec.testing.check import PIPELINE, Fault, NotApplicable
from semcodec.testing.lines import tidy
from semcodec.testing.loading import Named
from semcodec.testing.register import all_checks
from semcodec.testing.situations import default_description, default_pictures, default_shapes
from semcodec.testing.subject import ComponentSubject, Subject
from semcodec.testing.trial import Trial
from semcodec.testing.values import sample

if TYPE_CHECKING:
    from semcodec.contracts.kinds import (
        Dataset,
        Decoder,
        EntropyCoder,
        EntropyModel,
        Metric,
        Quantizer,
        SaliencySource,
        Transform,
    )

__all__ = [
    "ComponentTests",
    "DatasetTests",
    "DecoderTests",
    "EntropyCoderTests",
    "EntropyModelTests",
    "MetricTests",
    "PipelineTests",
    "QuantizerTests",
    "SaliencySourceTests",
    "Tests",
    "TransformTests",
]


class Tests(ABC):
    """What all base classes share.

    Every check that applies to the kind is one test for every configuration. The methods below
    say what the subject may be given; they are there to be overridden where the defaults do not
    suit it.

    Attributes:
        expected_failures: check ids that fail and why; such a test must fail, and only by the
            check's own finding.
        time_limit: seconds that hostile input, or another process, may take for one check.
        memory_limit: bytes that one call on hostile input may allocate.
    """

    kind: ClassVar[str] = ""
    expected_failures: ClassVar[Mapping[str, str]] = {}
    time_limit: ClassVar[float] = 30.0
    memory_limit: ClassVar[int] = 256 << 20
    __test__ = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.__test__ = cls._names_something()

    @classmethod
    def _names_something(cls) -> bool:
        return False

    @abstractmethod
    def subjects(self) -> list[Subject]:
        """List what is tested: the component with each configuration, or the pipeline."""

    def pictures(self, accepts: Callable[[Image], str]) -> Sequence[Image]:
        """Describe the pictures to code.

        Args:
            accepts: says why a picture cannot be taken; empty if it can.

        Returns:
            By default 1x1, a row, a column, odd and even sizes in the first of RGB, gray, alpha
            and 16 bits that is accepted, and a small picture in each other that is.
        """
        return default_pictures(accepts)

    def shapes(self, component: Any, image: Image) -> Sequence[ValueType]:
        """Describe what the component may be given for a picture, by what it consumes.

        By default a latent of 8x8 blocks and one of the picture's shape, labels of the picture's
        size, text, a map.
        """
        return default_shapes(self.kind, component, image)

    def describe(self, port: str, kind: type[ValueType], image: Image) -> ValueType:
        """Describe the value at a port for a picture.

        Raises:
            LookupError: there is no telling, and the checks that need it are skipped.
        """
        return default_description(kind, image)

    def inputs(self, image: Image) -> Mapping[str, Any]:
        """Give what the user gives beside the picture: masks, captions. Default: nothing."""
        return {}

    def sample(self, description: ValueType, rng: np.random.Generator) -> Any:
        """Make a value as described, from that generator's numbers alone.

        Raises:
            LookupError: as for :meth:`describe`.
        """
        return sample(description, rng)

    def trials(self) -> Iterator[Trial]:
        """List every check of every subject.

        Raises:
            ValueError: an expected failure names no check.
        """
        unknown = sorted(set(self.expected_failures) - set(all_checks()))
        if unknown:
            raise ValueError(
                f"{type(self).__name__}.expected_failures: no check {unknown[0]!r}; "
                "docs/conformance.md lists them"
            )
        for subject in self.subjects():
            for check in all_checks().values():
                if self.kind in check.kinds:
                    yield Trial(check, subject, self.expected_failures.get(check.id, ""))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make each trial a test of its own."""
        if "trial" in metafunc.fixturenames:
            metafunc.parametrize("trial", [_parameter(trial) for trial in self.trials()])

    def test_conformance(self, trial: Trial) -> None:
        """Hold the subject against one law."""
        __tracebackhide__ = True
        try:
            trial.check.run(trial.subject)
        except NotApplicable as reason:
            pytest.skip(str(reason))
        except Fault as fault:
            found = fault
        else:
            return
        raise tidy(found, trial.subject.home)


def _parameter(trial: Trial) -> Any:
    marks = []
    if trial.expected:
        marks.append(pytest.mark.xfail(strict=True, raises=Fault, reason=trial.expected))
    return pytest.param(trial, marks=marks, id=f"{trial.check.id}-{trial.subject.label}")


class ComponentTests(Tests):
    """What the base classes of components share.

    Attributes:
        component: its class, or its id.
        configurations: parameters to try it with, as data; nested components as ``{"use": id}``.
    """

    component: ClassVar[Any] = None
    configurations: ClassVar[Sequence[Mapping[str, Any]]] = ({},)

    @classmethod
    def _names_something(cls) -> bool:
        return cls.component is not None

    def subjects(self) -> list[Subject]:
        """See :meth:`Tests.subjects`."""
        named = Named(self.component, self.kind)
        return [ComponentSubject(named, each, self) for each in self.configurations]


class SaliencySourceTests(ComponentTests):
    """Tests of a saliency source."""

    kind = "saliency"
    component: ClassVar[type[SaliencySource] | str | None] = None


class TransformTests(ComponentTests):
    """Tests of a transform."""

    kind = "transform"
    component: ClassVar[type[Transform] | str | None] = None


class QuantizerTests(ComponentTests):
    """Tests of a quantizer."""

    kind = "quantizer"
    component: ClassVar[type[Quantizer] | str | None] = None


class EntropyModelTests(ComponentTests):
    """Tests of an entropy model."""

    kind = "model"
    component: ClassVar[type[EntropyModel] | str | None] = None


class EntropyCoderTests(ComponentTests):
    """Tests of an entropy coder."""

    kind = "coder"
    component: ClassVar[type[EntropyCoder] | str | None] = None


class DecoderTests(ComponentTests):
    """Tests of a decoder."""

    kind = "decoder"
    component: ClassVar[type[Decoder] | str | None] = None


class MetricTests(ComponentTests):
    """Tests of a metric."""

    kind = "metric"
    component: ClassVar[type[Metric] | str | None] = None


class DatasetTests(ComponentTests):
    """Tests of a data set."""

    kind = "dataset"
    component: ClassVar[type[Dataset] | str | None] = None


class PipelineTests(Tests):
    """Tests of a whole pipeline.

    Attributes:
        pipeline: the name of an installed pipeline, the path of a spec, or a spec as data.
        golden: a folder with ``NAME.smc`` and ``NAME.png``, made once and never again.
    """

    kind = PIPELINE
    pipeline: ClassVar[str | Path | Mapping[str, Any] | None] = None
    golden: ClassVar[Path | str | None] = None

    @classmethod
    def _names_something(cls) -> bool:
        return cls.pipeline is not None

    def subjects(self) -> list[Subject]:
        """See :meth:`Tests.subjects`."""
        from semcodec.testing.whole import PipelineSubject

        assert self.pipeline is not None
        return [PipelineSubject(self.pipeline, self)]
