"""Energies: how much of a picture a pixel carries, as saliency sources of every codec.

brightness    from any picture to gray values
gradient      slopes of the brightness, or of colours
forward       edges that a removal would make
deep          activations of a network
fine_grained  what is no background
learned       what was learned from maps
hybrid        several, weighed
backbones     which networks there are
activations   what their layers answer
features      what a picture shows, for comparison
segmentation  which networks tell classes apart
"""
