"""For authors of plugins: a package to start from, and checks of what they are about to publish."""
