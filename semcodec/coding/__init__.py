"""Entropy coding: the range coder, its adaptive primitives and the core's integer tables.

``primitives`` and ``tables`` are light; everything else is, or imports, code compiled by numba.
"""
