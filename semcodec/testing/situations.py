"""The situations that a component of each kind is tried in: sizes, forms, values, guides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from semcodec.contracts.kinds import Port
from semcodec.contracts.values import Blob, Image, Latent, Map, Symbols, Text, ValueType
from semcodec.testing.case import Case
from semcodec.testing.check import PIPELINE
from semcodec.testing.scripts import SCRIPTS, script
from semcodec.testing.values import generator

if TYPE_CHECKING:
    from semcodec.testing.bases import Tests

__all__ = ["default_description", "default_pictures", "default_shapes", "situations"]

SIZES = ((1, 1), (1, 19), (17, 1), (33, 29), (16, 24))
"""Heights and widths: one pixel, one row, one column, odd, and a multiple of 8."""
SMALL = (7, 10)
FORMS = ((3, 8), (1, 8), (4, 8), (2, 8), (3, 16), (1, 16))
"""Channels and depths."""
_NAMES = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGB and alpha"}


def default_pictures(accepts: Callable[[Image], str]) -> list[Image]:
    """Describe the pictures: every size in the first form that is taken, the others once."""
    forms = [form for form in FORMS if not accepts(Image(*SMALL, *form))]
    if not forms:
        return []
    found = [Image(*size, *forms[0]) for size in SIZES]
    return found + [Image(*SMALL, *form) for form in forms[1:]]


def default_shapes(kind: str, component: Any, image: Image) -> list[ValueType]:
    """Describe what a component may be given for a picture."""
    consumes = getattr(component, "consumes", Image)
    if kind == "model":
        return _symbols(component, image)
    if consumes is Latent:
        return [_blocks(image), Latent(image.shape)]
    try:
        return [default_description(consumes, image)]
    except LookupError:
        return []


def default_description(kind: type[ValueType], image: Image) -> ValueType:
    """Describe a value that belongs to a picture.

    Raises:
        LookupError: there is no telling (bytes of an unknown codec).
    """
    if kind is Blob:
        raise LookupError("no sample of bytes of an unknown codec")
    made: Mapping[type[ValueType], ValueType] = {
        Image: image,
        Map: Map(image.height, image.width),
        Latent: _blocks(image),
        Symbols: Symbols((image.height, image.width), low=0, high=7),
        Text: Text(),
    }
    return made[kind]


def _blocks(image: Image) -> Latent:
    rows, columns = -(-image.height // 8), -(-image.width // 8)
    grid = ((rows, columns),) * image.channels
    return Latent((image.channels * rows * columns, 8, 8), grid)


def _symbols(component: Any, image: Image) -> list[ValueType]:
    blocks = _blocks(image)
    size = (image.height, image.width)
    found: list[ValueType] = [
        Symbols(blocks.shape, blocks.grid),
        Symbols(size, low=0, high=7),
        Symbols((2, *size), low=-3, high=5),
    ]
    from semcodec.contracts.kinds import EntropyModel

    # A sequence that ends early is for models that were made for it.
    if type(component).accepts is not EntropyModel.accepts:
        found.append(Symbols((image.pixels,), low=0, high=255, end=0))
    return found


def situations(tests: Tests, kind: str, component: Any) -> Iterator[Case]:
    """Make the cases of a component.

    Raises:
        LookupError: a value that nobody can make up; the message names it.
    """
    if kind == "coder":
        for name in SCRIPTS:
            yield Case(label=name, image=Image(1, 1), shape=Blob(), value=script(name))
        return
    if kind == "dataset":
        yield Case(label="its samples", image=Image(1, 1), shape=Image(1, 1), value=None)
        return
    for image in tests.pictures(_acceptance(kind, component)):
        for shape in _shapes(tests, kind, component, image):
            if kind in ("transform", "model") and component.accepts(shape):
                continue
            made = _case(tests, kind, component, image, shape)
            yield made
            if kind == "model" and component.index_ratio is not None and not component.adaptive:
                yield _shifted(made)


def _shifted(case: Case) -> Case:
    """Let a quantizer shift the indexes, here and there beyond either end of the grid."""
    assert isinstance(case.shape, Symbols)
    label = f"{case.label}, indexes shifted"
    shift = generator("shift", label).integers(-80, 81, case.shape.shape).astype(np.int32)
    shift.setflags(write=False)
    return replace(case, label=label, shift=shift, missed=set())


def _acceptance(kind: str, component: Any) -> Callable[[Image], str]:
    if kind == "transform" and component.consumes is Image:
        return component.accepts  # type: ignore[no-any-return]
    if kind == PIPELINE:
        from semcodec.testing.whole import accepted

        return partial(accepted, component)
    if kind in ("saliency", "metric") or _sees_pictures(component):
        return lambda image: ""
    return lambda image: "" if (image.channels, image.depth) == FORMS[0] else "the same for all"


def _sees_pictures(component: Any) -> bool:
    return any(port.type is Image for port in component.ports.values())


def _shapes(tests: Tests, kind: str, component: Any, image: Image) -> Sequence[ValueType]:
    if kind == "saliency":
        return [Map(image.height, image.width)]
    if kind in ("metric", "decoder", PIPELINE):
        return [image]
    return tests.shapes(component, image)


def _case(tests: Tests, kind: str, component: Any, image: Image, shape: ValueType) -> Case:
    user = dict(tests.inputs(image))
    if kind == PIPELINE:
        from semcodec.testing.whole import made_up

        user = {**made_up(component, image), **user}
    label = f"{image.width}x{image.height} {_NAMES[image.channels]}, {image.depth} bits"
    if kind in ("quantizer", "model"):
        label = f"{type(shape).__name__} {getattr(shape, 'shape', '')} of {label}"
    rng = generator(kind, label)
    ports: Mapping[str, Port] = {} if kind == PIPELINE else component.ports
    descriptions = {name: tests.describe(name, port.type, image) for name, port in ports.items()}
    value: Any = None
    if kind == "metric":
        value = (tests.sample(image, rng), tests.sample(image, rng))
    elif kind in ("saliency", PIPELINE):
        value = tests.sample(image, rng)
    elif kind != "decoder":
        value = tests.sample(shape, rng)
    return Case(
        label=label,
        image=image,
        shape=shape,
        value=value,
        ports=ports,
        descriptions=descriptions,
        guides={name: tests.sample(each, rng) for name, each in descriptions.items()},
        inputs=user,
    )
