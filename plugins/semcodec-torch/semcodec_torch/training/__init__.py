"""Training: a loop on ``accelerate``, its data, its checkpoints, and the command that runs it."""
