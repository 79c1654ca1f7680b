"""A printed cell, read: estimates with their intervals, p values, counts and years, or why not.

Every reading says which characters of the cell it came from. `results` and `numbers` are what others call; the rules of
the grammar stand in `parser`, `labels` and `details`, the kinds of words in `lexer`.
"""

from reanalysis.grammar.numbers import PERCENTAGE, first_number, read_numbers, read_proportion, read_years
from reanalysis.grammar.reading import Located, Reading
from reanalysis.grammar.results import read_interval, read_p, read_result

__all__ = [
    "PERCENTAGE",
    "Located",
    "Reading",
    "first_number",
    "read_interval",
    "read_numbers",
    "read_p",
    "read_proportion",
    "read_result",
    "read_years",
]
