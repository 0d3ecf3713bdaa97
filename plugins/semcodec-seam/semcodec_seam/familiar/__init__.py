"""The classes and functions of Semantic Compress, by their names and arguments."""
