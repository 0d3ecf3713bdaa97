"""Seams: which pixels go, and in which order.

kernels   the dynamic programs, in machine code
planes    energy and masks as whole numbers whose sums are exact
order     the order in which pixels go
widen     seams doubled
axes      either axis, and pictures carried along
"""
