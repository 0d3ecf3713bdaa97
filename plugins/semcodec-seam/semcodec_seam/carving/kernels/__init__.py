"""Seams by dynamic programming, many from one field, in machine code.

A row of a plane begins at ``start[row]`` in its array: a pixel leaves by moving the shorter side of
its row over it. Indexes are unsigned throughout, since numba asks of signed ones whether they count
from the end, which keeps a loop from being done eight columns at a time; and what is compared is
read from arrays, since numba adds in 64 bits.

S. Avidan and A. Shamir, "Seam carving for content-aware image resizing", ACM TOG 26(3), 2007
(backward energy); M. Rubinstein, A. Shamir and S. Avidan, "Improved seam carving for video
retargeting", ACM TOG 27(3), 2008, section 5 (forward energy).

backward  seams of least energy
live      likewise, of energy that is the slope of what is left
forward   seams that leave the least new edges
rows      sums of a row, and the way back through them
taking    a seam out of its row, and places in the picture it was
"""
