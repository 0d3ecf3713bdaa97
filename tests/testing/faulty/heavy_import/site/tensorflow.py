"""Stands for a package that is large: the name is what the check knows."""

STEP = 8
