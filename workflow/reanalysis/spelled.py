"""Numbers that print spells out: "One hundred fifty-eight patients" begins with 158."""

from __future__ import annotations

import re

UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL = {word: value for value, word in enumerate(UNITS)} | {word: 10 * value for value, word in enumerate(TENS, 2)}
LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}


def spelled_number(text: str) -> int | None:
    """Return the whole number that a text begins with in English words, None where it begins with another word."""
    total = group = 0
    found = False
    for word in re.findall(r"[^\W\d_]+|\d", text.lower()):
        if word in SMALL:
            group += SMALL[word]
        elif word == "hundred" and found:
            group *= LARGE[word]
        elif word in LARGE and found:
            total, group = total + group * LARGE[word], 0
        elif word != "and" or not found:
            break
        found = True
    return total + group if found else None
