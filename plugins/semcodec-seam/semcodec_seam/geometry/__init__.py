"""Seams in a file: what goes, how it is recorded, and how it is filled.

records  which pixels, columns or borders go: what travels
carve    the picture without them, and with them again
fill     pixels between those that are known
relax    these drawn anew, edges kept
insert   seams that the decoder finds by itself
fit      one file at many sizes
"""
