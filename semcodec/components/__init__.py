"""The core's own components: a whole codec without torch."""
