"""Finding plugins: what they provide, without importing how they do it."""

from __future__ import annotations

from semcodec.discovery.installed import Catalog, catalog, register

__all__ = ["Catalog", "catalog", "register"]
