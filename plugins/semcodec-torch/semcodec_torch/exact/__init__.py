"""Integer networks that give the same integers on every machine, at the speed of floats.

layers     what such a network is, and the proof that its float32 sums are exact
reference  the same network in 64-bit integers of NumPy: what it must give
runtime    the same network in torch, on a CPU in float32 or on CUDA in float64
files      networks as integer tensors; proved again when they are read
training   layers that are trained with the rounding that they will have, and exported
"""
