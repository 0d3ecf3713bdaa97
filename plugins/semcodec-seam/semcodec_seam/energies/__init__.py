"""Energies: how much of a picture a pixel carries, as saliency sources of every codec.

brightness  from any picture to gray values
gradient    slopes of the brightness, or of colours
forward     edges that a removal would make
deep        activations of a network
backbones   which networks there are
hybrid      several, weighed
"""
