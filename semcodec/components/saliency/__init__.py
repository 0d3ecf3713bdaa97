"""Saliency without a learned model: where a picture matters, by rule or by its own contrast."""
