"""SESECO: a label map, a precision class for each object, as many symbols as the classes say."""

import numpy as np

from semcodec import Decoder, Image, Latent, Port, Symbols, Transform, component

SIDES = (1, 2, 4, 8)


def objects_of(labels):
    """Labels present, in order."""
    return np.unique(labels)


def box_of(labels, label):
    rows, columns = np.nonzero(labels == label)
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


@component
class ObjectClasses(Transform):
    """Gives each object a precision class by its variance; no inverse."""

    consumes = Image
    produces = Symbols
    ports = {"labels": Port(Symbols)}

    def layout(self, shape, guides, ctx):
        return Symbols((1, len(objects_of(guides["labels"]))), low=0, high=len(SIDES) - 1)

    def forward(self, value, guides, ctx):
        labels = guides["labels"]
        spreads = [value[labels == label].std() for label in objects_of(labels)]
        return np.digitize(spreads, [8, 24, 48]).astype(np.int32)[None]


@component
class ObjectColours(Transform):
    """Colours of each object on a grid over its box, as fine as its class; no inverse."""

    consumes = Image
    produces = Latent
    ports = {"labels": Port(Symbols), "classes": Port(Symbols)}

    def accepts(self, shape):
        return "" if shape.channels == 3 and shape.depth == 8 else "expected 8-bit RGB"

    def layout(self, shape, guides, ctx):
        cells = sum(SIDES[c] ** 2 for c in guides["classes"][0])
        return Latent((cells, shape.channels))

    def forward(self, value, guides, ctx):
        labels = guides["labels"]
        found = []
        for label, number in zip(objects_of(labels), guides["classes"][0], strict=True):
            inside = labels == label
            top, bottom, left, right = box_of(labels, label)
            mean = value[inside].mean(axis=0)
            for rows in np.array_split(np.arange(top, bottom), SIDES[number]):
                for columns in np.array_split(np.arange(left, right), SIDES[number]):
                    cell = np.ix_(rows, columns)
                    here = inside[cell]
                    found.append(value[cell][here].mean(axis=0) if here.any() else mean)
        return np.array(found, dtype=np.float32).reshape(ctx.coded.shape)


@component
class Fill(Decoder):
    """Paints every object with its grid of colours."""

    ports = {
        "labels": Port(Symbols, exact=False),
        "classes": Port(Symbols, exact=False),
        "colours": Port(Latent, exact=False),
    }

    def decode(self, inputs, ctx):
        labels, colours = inputs["labels"], inputs["colours"]
        picture = np.zeros(ctx.shape.shape, dtype=np.float32)
        next_cell = 0
        for label, number in zip(objects_of(labels), inputs["classes"][0], strict=True):
            inside = labels == label
            top, bottom, left, right = box_of(labels, label)
            for rows in np.array_split(np.arange(top, bottom), SIDES[number]):
                for columns in np.array_split(np.arange(left, right), SIDES[number]):
                    cell = np.ix_(rows, columns)
                    block = picture[cell]
                    block[inside[cell]] = colours[next_cell]
                    picture[cell] = block
                    next_cell += 1
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
