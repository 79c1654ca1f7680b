"""Figures: finished numbers in, a matplotlib Figure out, no statistics."""
