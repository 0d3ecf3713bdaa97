"""The public register of wire codes and component prefixes, read from ``registry.yaml``.

It answers without a network and without importing a plugin: what is code 17, who provides
``acme.*``, what must be installed.
"""

from __future__ import annotations

from semcodec.registry.additions import additions_problems
from semcodec.registry.finding import Found, everything, search
from semcodec.registry.model import CORE, Codec, Provider, Register, WireField, can_be_registered
from semcodec.registry.parse import parse_register
from semcodec.registry.shipped import load_register, read_register, register_file

__all__ = [
    "CORE",
    "Codec",
    "Found",
    "Provider",
    "Register",
    "WireField",
    "additions_problems",
    "can_be_registered",
    "everything",
    "load_register",
    "parse_register",
    "read_register",
    "register_file",
    "search",
]
