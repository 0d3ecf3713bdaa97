"""From YAML text to a resolved pipeline: reading, expanding, composing, validating, locking."""
