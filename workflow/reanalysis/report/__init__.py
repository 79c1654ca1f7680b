"""The review report: one self-contained page made from the results."""
