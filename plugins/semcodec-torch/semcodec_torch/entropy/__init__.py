"""Entropy models: likelihoods to train with, integer tables to code with.

tables       integer tables of real probabilities, as tensors
likelihoods  factorized priors and conditional densities for training
steps        residuals in steps of gain 1, whatever the gain was
conditional  what ``torch.hyperprior`` reads from its weights
running      the same on a device
hyperprior   the same as a network to be trained, and exported
"""
