"""Checks of a plugin's package: what its wheel holds, says, and does when it is imported."""
