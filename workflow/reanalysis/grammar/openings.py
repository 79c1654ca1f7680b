"""Which kind of part begins at each token of a cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reanalysis.grammar.lexer import Token

# OS, PFS, R0: what stands for an outcome without a measure beside it.
CAPITALS = re.compile(r"[A-Z][A-Z0-9/-]{1,7}")
# Capitals with a number behind them that is no ratio.
NO_OUTCOME = ("NNT", "NNH", "AUC", "ROC", "ICC", "SD", "SE", "IQR", "BMI", "CI", "N")
# As many words as a label has at most: what is longer is a sentence.
LABEL_WORDS = 6
# A p value with a measure behind it belongs to the estimate that follows.
P_FIRST = re.compile(r"(?:OPEN )?(?:TEST )?P (?:EQUALS |LOGIC |COMMA )?NUMBER (?:CLOSE )?(?:COMMA )?MEASURE")
AHEAD = 10


class Openings:
    """The tokens of a cell, and which kind of part begins at each.

    Parameters
    ----------
    cell
        The characters of print.
    tokens
        Its tokens without footnote marks.
    """

    def __init__(self, cell: str, tokens: Sequence[Token]) -> None:
        self.text = cell
        self.tokens = tokens
        self.kinds = [token.kind for token in tokens]

    def at(self, place: int) -> str:
        """Return the kind of part that begins at a token; empty where none but a statement can."""
        kinds = self.kinds[place : place + AHEAD]
        kind = kinds[0]
        if self.reference(place):
            return "reference"
        if kind == "NS":
            return "unnumbered"
        if kinds[kind == "OPEN" :][:1] == ["MEASURE"] or self.p_first(place):
            return "estimate"
        if kind in ("WORD", "LABEL") and self.begins(place) and self.labels(place):
            return "estimate"
        if place == 0 and kinds[kind == "DASH" :][:1] == ["NUMBER"]:
            return "bare"
        return ""

    def reference(self, place: int) -> bool:
        """Whether a group that others are compared with begins at a token: "1.00 (ref.)", "Reference"."""
        kinds = self.kinds[place : place + AHEAD]
        ahead = 1 if kinds[0] == "NUMBER" else 0
        ahead += kinds[ahead : ahead + 1] == ["OPEN"]
        return kinds[ahead : ahead + 1] == ["REFERENCE"] and (ahead > 0 or place == 0)

    def p_first(self, place: int) -> bool:
        """Whether a p value begins at a token and an estimate follows it."""
        return P_FIRST.match(" ".join(self.kinds[place : place + AHEAD])) is not None

    def begins(self, place: int) -> bool:
        """Whether a token is the first of its line or follows a separator."""
        if place == 0 or self.kinds[place - 1] in ("COMMA", "CLOSE", "NS"):
            return True
        return self.new_line(place)

    def new_line(self, place: int) -> bool:
        """Whether a line breaks before a token."""
        return "\n" in self.text[self.tokens[place - 1].end : self.tokens[place].start]

    def labels(self, place: int) -> bool:
        """Whether the words from a token on are the outcome of an estimate that follows them."""
        kinds = self.kinds[place : place + AHEAD]
        texts = [token.text for token in self.tokens[place : place + AHEAD]]
        words = 0
        while kinds[words : words + 1] in (["WORD"], ["LABEL"]):
            words += 1
        capitals = words == 1 and CAPITALS.fullmatch(texts[0]) is not None
        mark = texts[words] if kinds[words : words + 1] in (["COMMA"], ["EQUALS"]) else ""
        behind = words + (mark in (":", "=") or (capitals and mark == ","))
        if kinds[behind : behind + 2] == ["OPEN", "MEASURE"]:
            behind += 1
        follows, then = kinds[behind : behind + 1], kinds[behind + 1 : behind + 2]
        if follows == ["MEASURE"] and 0 < words <= LABEL_WORDS:
            return not texts[words - 1].endswith(".") or capitals
        # Without a measure only "OS: 0.57 (", "OS 0.57 (", and "OS: NS".
        numbered = follows == ["NUMBER"] and then in (["OPEN"], ["CI"])
        if not capitals or texts[0] in NO_OUTCOME:
            return False
        if mark in (":", "="):
            return numbered or follows == ["NS"]
        return mark == "" and numbered and not texts[behind].isdigit()
