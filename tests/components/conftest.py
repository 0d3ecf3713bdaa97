from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Transform
from semcodec.contracts.values import Image, Value, ValueType


@pytest.fixture(scope="session")
def context() -> Callable[..., Context]:
    """Make the context of a transform between a described input and its layout."""

    def make(
        shape: ValueType, stage: Transform | None = None, inputs: Mapping[str, Value] | None = None
    ) -> Context:
        image = shape if isinstance(shape, Image) else Image(1, 1)
        bare = Context(image=image, shape=shape, coded=shape, inputs=inputs or {})
        if stage is None:
            return bare
        coded = stage.layout(shape, {}, bare)
        return Context(image=image, shape=shape, coded=coded)

    return make
