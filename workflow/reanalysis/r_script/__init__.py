"""An R script that makes the numbers of a review again with metafor, and says how far they are from the results."""
