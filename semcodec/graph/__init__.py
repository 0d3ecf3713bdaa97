"""A resolved pipeline as a graph of values: its model, its order and the checks before it runs."""
