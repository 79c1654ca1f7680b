"""What files that people write may hold: text that can be seen, keys that are text, finite numbers."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from reanalysis.errors import ReanalysisError

# Line ends (which are \n once a file is read) and tabs lay a text out. Other control characters, what turns the
# direction of all that follows, halves of characters and what is no character stand in no print; XML forbids some of
# them, terminals obey others. The three of private use mark the page's numbers (`traced.py`). Joiners, and marks of
# direction that turn nothing behind them (U+200E, U+200F), belong to scripts.
UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\ue002\ufdd0-\ufdef\ufffe\uffff]"
)

# No setting and no number of a review is as large; beyond it a sum is no whole number any more.
LARGEST = 2**53

REMEDY = "take it out, or write what the print shows in its place"


def refuse_unfit_text(text: str, file: str) -> None:
    """Refuse text with a character that no print has.

    Raises
    ------
    ReanalysisError
        Which names the character, its line, and what stands around it.
    """
    found = UNFIT.search(text)
    if found is not None:
        raise ReanalysisError(
            f"this text holds {_called(found.group())} in line {text.count(chr(10), 0, found.start()) + 1}",
            file=file,
            printed=text[max(0, found.start() - 20) : found.end() + 20],
            remedy=REMEDY,
        )


def refuse_unfit_values(value: Any, file: str, way: tuple[str, ...] = ()) -> None:  # noqa: ANN401 (what YAML holds)
    """Refuse keys that are no text, numbers that are not finite or too large, and unfit text, however deep they stand.

    Raises
    ------
    ReanalysisError
        Which names the way to the value.
    """
    where = " › ".join(way) or "the top level"
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise ReanalysisError(
                    f"a key at {where} is no text: {key!r}",
                    file=file,
                    remedy="set it in quotation marks if it is a name",
                )
            refuse_unfit_values(key, file, way)
            refuse_unfit_values(part, file, (*way, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            refuse_unfit_values(part, file, (*way, str(place)))
    elif isinstance(value, str) and (found := UNFIT.search(value)):
        raise ReanalysisError(
            f"the text at {where} holds {_called(found.group())}", file=file, printed=value, remedy=REMEDY
        )
    elif isinstance(value, (int, float)) and not -LARGEST <= value <= LARGEST:
        raise ReanalysisError(
            f"the number at {where} is not finite, or larger than {LARGEST}", file=file, remedy="write another number"
        )


def _called(character: str) -> str:
    name = "NUL" if character == "\0" else unicodedata.name(character, "").lower()
    said = f" ({name})" if name else ""
    return f"the character U+{ord(character):04X}{said}, which no print has"
