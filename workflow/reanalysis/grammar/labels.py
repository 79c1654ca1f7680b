"""What print says before the number of an estimate: measure, outcome, contrast.

label    = { measure | "(" measure ")" | outcome word | "(" contrast ")" | [ "(" ] CI [ ")" ] | "=" | "," }
contrast = ( "if" | "in" | "among" | "with" ) { word }     to the end of the line
"""

from __future__ import annotations

import re
from dataclasses import replace

from reanalysis.grammar.details import Details
from reanalysis.grammar.lexer import MEASURES, UNADJUSTED, Style
from reanalysis.grammar.reading import Reading, Unreadable

COPULA = re.compile(r"(?:was|were|is|of|for)\s+|\s+(?:was|were|is|of)$", re.IGNORECASE)
OUTCOME_LABELS = ("for", "of")


def abbreviation(text: str) -> tuple[str, str]:
    """Return the abbreviation of a printed measure and the word that says it is not adjusted, if one does."""
    unadjusted = re.match(UNADJUSTED, text, re.IGNORECASE)
    contrast = unadjusted.group().lower() if unadjusted else ""
    for name, words in MEASURES.items():
        if re.search(rf"(?:^|[\s-])(?:{words})$", text, re.IGNORECASE):
            return name, contrast
    last = re.split(r"[\s-]", text)[-1].removesuffix("s")
    abbreviation = last if last in MEASURES else last[1:] if last[1:] in MEASURES else last.split(".")[-1]
    return {"WMD": "MD"}.get(abbreviation, abbreviation), contrast


class Labels(Details):
    """Reads what stands before an estimate; a method a rule of the grammar above."""

    def __init__(self, cell: str, style: Style) -> None:
        super().__init__(cell, style)
        # Brackets that opened before a measure: "OS (HR 0.63, ...)".
        self.enclosed: list[int] = []

    def label(self, reading: Reading) -> Reading:
        """Read measure, outcome, contrast and level, as far as they are printed before the number."""
        found: Reading | None = reading
        while found is not None and self.peek() not in ("NUMBER", ""):
            reading = found
            found = self.in_brackets(reading) if self.peek() == "OPEN" else self.part_of_label(reading)
        return found or reading

    def part_of_label(self, reading: Reading) -> Reading | None:
        """Read the next part of a label; None where it ends."""
        kind = self.peek()
        if kind == "MEASURE":
            return self.measure(reading)
        if kind == "CI":
            return self.ci_label(reading)
        if kind == "LABEL" and self.peek_text().lower() not in OUTCOME_LABELS and reading.outcome:
            return self.condition(reading)
        if kind in ("WORD", "LABEL") and not reading.outcome:
            return self.outcome(reading)
        return reading if self.skip("EQUALS", "COMMA") else None

    def in_brackets(self, reading: Reading) -> Reading | None:
        """Read brackets of a label: a level, a contrast, the measure's abbreviation, or the measure itself."""
        inside = self.peek(1)
        if inside == "CI":
            return self.bracket(reading)
        if inside == "WORD" and not reading.contrast:
            return self.contrast_in_brackets(reading)
        if inside != "MEASURE":
            return None
        if reading.measure:
            self.next += 2
            self.take("CLOSE")
        else:
            self.enclosed.append(self.next)
            self.next += 1
        return reading

    def measure(self, reading: Reading) -> Reading:
        """Read the measure, and whether it is said not to be adjusted."""
        if reading.measure:
            raise Unreadable("a second measure is printed for the same estimate")
        token = self.take("MEASURE")
        measure, contrast = abbreviation(token.text)
        spans = reading.spans | {"measure": (token.start, token.end)}
        if contrast:
            spans |= {"contrast": (token.start, token.start + len(contrast))}
        return replace(reading, measure=measure, contrast=contrast, spans=spans)

    def outcome(self, reading: Reading) -> Reading:
        """Read the words that name an outcome; a "for" before them and a "was" behind them belong to the sentence."""
        while self.peek() == "LABEL":
            self.next += 1
        begin = self.next
        while self.peek() in ("WORD", "REFERENCE") or (self.peek(), self.peek(1)) == ("DASH", "WORD"):
            self.next += 1
        if self.next == begin:
            return reading
        words = COPULA.sub("", self.words(begin)).strip(" .,")
        if words.lower() in ("was", "were", "is", ""):
            return reading
        if not any(character.isalpha() for character in words):
            raise Unreadable(f"{words!r} stands where a number or a name should")
        start = self.text.index(words.split()[0], self.tokens[begin].start)
        end = self.text.rindex(words.split()[-1], start, self.covered(begin)[1]) + len(words.split()[-1])
        return replace(reading, outcome=words, spans=reading.spans | {"outcome": (start, end)})

    def contrast_in_brackets(self, reading: Reading) -> Reading:
        """Read the contrast that brackets hold."""
        self.take("OPEN")
        begin = self.next
        while self.skip("WORD", "LABEL", "DASH"):
            pass
        found = replace(reading, contrast=self.words(begin), spans=reading.spans | {"contrast": self.covered(begin)})
        self.take("CLOSE")
        return found

    def condition(self, reading: Reading) -> Reading:
        """Read the contrast that an "if" or "in" names, to the end of its line."""
        self.take("LABEL")
        begin = self.next
        self.take("WORD")
        while self.peek() in ("WORD", "DASH") and self.same_line():
            self.next += 1
        return replace(reading, contrast=self.words(begin), spans=reading.spans | {"contrast": self.covered(begin)})
