"""Runs resolved pipelines: encode, decode, search, choose, trace."""
