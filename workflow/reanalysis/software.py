"""What the program is called, as `CITATION.cff` and `pyproject.toml` have it (tests hold them together)."""

NAME = "Reanalysis"
TITLE = "Reanalysis: re-pool a published review from its table as printed"
VERSION = "0.1.0"
LICENCE = "MIT"
AUTHORS = ("The Reanalysis authors",)
