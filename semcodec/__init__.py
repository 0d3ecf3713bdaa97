"""Compose, publish and compare semantic image codecs.

Three people use this package: one composes a codec from YAML (:func:`load`, :func:`decode`), one
publishes components (:func:`component`, the kinds, :data:`hookimpl`), one swaps a component and
compares. Importing it imports nothing else; each name below loads its module on first use.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # type checkers take this name for true; importing typing costs milliseconds
if TYPE_CHECKING:
    from semcodec import errors
    from semcodec.contracts.coding import (
        AdaptivePass,
        DecodeSession,
        EncodeSession,
        TablePass,
        Tables,
    )
    from semcodec.contracts.context import Context
    from semcodec.contracts.kinds import (
        Dataset,
        Decoder,
        EntropyCoder,
        EntropyModel,
        Metric,
        Port,
        Quantizer,
        Region,
        SaliencySource,
        Sample,
        SetMetric,
        Transform,
    )
    from semcodec.contracts.params import (
        EncodeOnly,
        Ge,
        Gt,
        Interval,
        Le,
        Len,
        Lt,
        Parameter,
        component,
    )
    from semcodec.contracts.values import Blob, Image, Latent, Map, Symbols, Text
    from semcodec.contracts.weights import Weights
    from semcodec.discovery import register
    from semcodec.discovery.hookspecs import hookimpl
    from semcodec.discovery.refs import command, pipeline, ref
    from semcodec.engine.api import decode, load
    from semcodec.engine.codec import Codec
    from semcodec.engine.inspect import inspect
    from semcodec.engine.trace import Trace
    from semcodec.errors import SemcodecError
    from semcodec.image import read_image, write_image

__version__ = "0.1.0"

__all__ = [
    "AdaptivePass",
    "Blob",
    "Codec",
    "Context",
    "Dataset",
    "DecodeSession",
    "Decoder",
    "EncodeOnly",
    "EncodeSession",
    "EntropyCoder",
    "EntropyModel",
    "Ge",
    "Gt",
    "Image",
    "Interval",
    "Latent",
    "Le",
    "Len",
    "Lt",
    "Map",
    "Metric",
    "Parameter",
    "Port",
    "Quantizer",
    "Region",
    "SaliencySource",
    "Sample",
    "SemcodecError",
    "SetMetric",
    "Symbols",
    "TablePass",
    "Tables",
    "Text",
    "Trace",
    "Transform",
    "Weights",
    "__version__",
    "command",
    "component",
    "decode",
    "errors",
    "hookimpl",
    "inspect",
    "load",
    "pipeline",
    "read_image",
    "ref",
    "register",
    "write_image",
]

_MODULES = {
    "contracts.coding": "AdaptivePass DecodeSession EncodeSession TablePass Tables",
    "contracts.context": "Context",
    "contracts.kinds": (
        "Dataset Decoder EntropyCoder EntropyModel Metric Port Quantizer Region SaliencySource "
        "Sample SetMetric Transform"
    ),
    "contracts.params": "EncodeOnly Ge Gt Interval Le Len Lt Parameter component",
    "contracts.values": "Blob Image Latent Map Symbols Text",
    "contracts.weights": "Weights",
    "discovery": "register",
    "discovery.hookspecs": "hookimpl",
    "discovery.refs": "command pipeline ref",
    "engine.api": "decode load",
    "engine.codec": "Codec",
    "engine.inspect": "inspect",
    "engine.trace": "Trace",
    "errors": "SemcodecError",
    "image": "read_image write_image",
}
"""Which module each public name comes from; ``errors`` is itself a module."""
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name == "errors":
        return importlib.import_module(f"{__name__}.errors")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
