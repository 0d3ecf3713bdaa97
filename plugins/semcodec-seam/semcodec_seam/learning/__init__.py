"""Energies that are learned from pictures and maps of what mattered in them.

network  a base, a light head, and their file
pairs    pictures and their maps
fitting  the training
command  ``semcodec train-energy``
"""
