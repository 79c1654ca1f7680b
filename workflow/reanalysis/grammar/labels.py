"""What print says before the number of an estimate, and behind its details: measure, outcome, contrast.

label    = { measure | "(" measure ")" | outcome word | "(" contrast ")" | [ "(" ] CI [ ")" ] | "=" | "," }
contrast = ( "if" | "in" | "among" | "with" ) { word }     to the end of the line
"""

from __future__ import annotations

import re
from dataclasses import replace

from reanalysis.grammar.details import Details
from reanalysis.grammar.lexer import ADJUSTED, MEASURES, UNADJUSTED, Style
from reanalysis.grammar.openings import CAPITALS, NO_OUTCOME, Openings
from reanalysis.grammar.reading import Ambiguous, Reading, Unreadable
from reanalysis.printed import Span

COPULA = re.compile(r"(?:was|were|is|of|for)\s+|\s+(?:was|were|is|of|and)$", re.IGNORECASE)
OUTCOME_LABELS = ("for", "of")
FAVOUR = ("favour", "favor")
# "no surgery vs surgery": the groups, not an outcome.
GROUPS = re.compile(r"\b(?:vs|versus|compared)\b", re.IGNORECASE)


def abbreviation(text: str) -> tuple[str, str]:
    """Return the abbreviation of a printed measure and the word that says it is not adjusted, if one does."""
    text = re.sub(r"adj$", "", text)
    if text in ("g", "d"):
        return "SMD", ""
    unadjusted = re.match(UNADJUSTED, text, re.IGNORECASE)
    contrast = unadjusted.group().lower() if unadjusted else ""
    for name, words in MEASURES.items():
        if re.search(rf"(?:^|[\s-])(?:{words})$", text, re.IGNORECASE):
            return name, contrast
    last = re.split(r"[\s-]", text)[-1].removesuffix("s")
    return (last if last in MEASURES else last[1:] if last[1:] in MEASURES else last.split(".")[-1]), contrast


class Labels(Details):
    """Reads what stands before an estimate; a method a rule of the grammar above."""

    def __init__(self, cell: str, style: Style) -> None:
        super().__init__(cell, style)
        # Brackets that opened before a measure: "OS (HR 0.63, ...)".
        self.enclosed: list[int] = []
        self.openings = Openings(cell, self.tokens)

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
        adjusted = not contrast and re.match(rf"(?:{ADJUSTED})[\s-]|a(?=[HORI])|\w+adj$", token.text, re.IGNORECASE)
        return replace(reading, measure=measure, contrast=contrast, adjusted=adjusted is not None, spans=spans)

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
        field = "contrast" if GROUPS.search(words) else "outcome"
        return replace(reading, spans=reading.spans | {field: (start, end)}, **{field: words})  # type: ignore[arg-type]  # both are text

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

    def label_behind(self, reading: Reading, ahead: int) -> Reading | None:
        """Read "for OS" or "if R0" behind an estimate; None where the words say something else."""
        word = self.peek_text(ahead).lower()
        if word in OUTCOME_LABELS:
            if word != "for" or reading.outcome:
                return None
            self.next += ahead
            return self.outcome(reading)
        if self.peek_text(ahead + 1).lower() in FAVOUR or reading.contrast or ahead or not self.same_line():
            return None
        return self.condition(reading)

    def word_behind(self, reading: Reading, ahead: int) -> Reading | None:
        """Read "PFS" or "unadjusted" behind an estimate; None where the word begins something else."""
        place = self.next + ahead
        if self.openings.new_line(place):
            return None
        word = self.peek_text(ahead)
        if re.fullmatch(ADJUSTED, word, re.IGNORECASE):
            found = replace(reading, adjusted=True)
        elif re.fullmatch(UNADJUSTED, word, re.IGNORECASE) and not reading.contrast:
            found = replace(reading, contrast=word.lower(), spans=reading.spans | {"contrast": self.span(place)})
        elif CAPITALS.fullmatch(word) and not reading.outcome and self.names_what_is_before(place, ahead):
            found = replace(reading, outcome=word, spans=reading.spans | {"outcome": self.span(place)})
        else:
            return None
        self.next = place + 1
        return found

    def span(self, place: int) -> Span:
        """Return the characters of a token."""
        return self.tokens[place].start, self.tokens[place].end

    def names_what_is_before(self, place: int, ahead: int) -> bool:
        """Whether capitals behind an estimate name it, and not the one that follows them on their line.

        Raises
        ------
        Ambiguous
            Where they stand between two estimates with nothing that parts them from either.
        """
        name, last = self.tokens[place].text, place + 1 == len(self.tokens)
        if name in NO_OUTCOME:
            return False
        if last or self.openings.new_line(place + 1):
            return True
        if self.openings.labels(place):
            if not ahead:
                raise Ambiguous(f"{name} may name the result before it or the one behind it")
            return False
        return self.tokens[place + 1].kind == "COMMA"
