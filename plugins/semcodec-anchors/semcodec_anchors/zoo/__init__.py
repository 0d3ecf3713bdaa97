"""CompressAI's image zoo as anchors: its published models, and checkpoints of a user's own.

catalog      what is published: architectures, files, hashes; where torch.hub keeps them
checkpoints  a file read as tensors only, its architecture, the network
running      one thread, float32, no gradients: the same floats on every run of one build
rans         CompressAI's entropy decoder again, which reads no byte that is not there
strings      CompressAI's strings as one stream
costs        parameters and multiply-accumulate operations
pictures     pictures as the networks take and give them
networks     which network a component stands for, and where its file is
components   ``anchors.compressai`` and ``anchors.compressai-vbr``, codecs of their own
transforms   ``anchors.compressai-analysis`` and ``-hyper-analysis``, stages of codecs of others
models       ``anchors.compressai-factorized`` and ``-hyperprior``, their entropy models
"""
