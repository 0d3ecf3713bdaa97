"""Compares codecs: a file says what, workers code and measure, a folder keeps every result."""
