"""Saliency by what a picture shows: boxes and masks of named things, of the user's or of networks.

Every source here is the encoder's alone. Weights are found and never fetched.
"""
