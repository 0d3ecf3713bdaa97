"""The checks, by subject. Each is a function whose docstring is its law."""
