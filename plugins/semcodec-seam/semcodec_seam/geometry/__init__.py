"""Seams in a file: what goes, how it is recorded, and how it is filled.

records  which pixels, columns or borders go: what travels
carve    the picture without them, and with them again
fill     pixels between those that are known
"""
