"""Metrics by networks whose weights are found here and never fetched."""
