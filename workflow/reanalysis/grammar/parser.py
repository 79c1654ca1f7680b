"""Recursive descent over the tokens of one printed cell; labels are read in `labels`, what stands beside in `details`.

cell       = { part [ "," | "/" | "and" ] }
part       = estimate | reference | unnumbered | statement
estimate   = [ p "," ] label number { behind }
behind     = "if" contrast | "for" outcome | "(" contrast ")" | details
reference  = [ number ] [ "(" ] "reference" [ ")" ]
unnumbered = NS [ "if" contrast ]
statement  = { any word | p }                 up to the next part that is no statement
"""

from __future__ import annotations

import re
from dataclasses import replace

from reanalysis.grammar.details import STARTS
from reanalysis.grammar.labels import Labels
from reanalysis.grammar.reading import (
    NOT_A_NUMBER,
    NOT_SIGNIFICANT,
    REFERENCE,
    UNREADABLE,
    NotAnEstimate,
    Reading,
    Unreadable,
)

# mm Hg, points on a scale.
UNIT_WORDS = 3
YEARS = re.compile(r"\s*\d{4}\s*[^\w\s]\s*\d{2,4}\s*")
RATIOS = ("HR", "OR", "RR", "IRR", "TR")
# "Mortality: 0.57 (0.40-0.82)": an interval stands here, and nothing says of what.
LOOSE_INTERVAL = re.compile(r"(?:COMMA|EQUALS) (?:DASH )?NUMBER OPEN (?:CI )?(?:DASH )?NUMBER DASH")
VERSUS = ("vs", "versus")


class Parser(Labels):
    """Reads a cell; a method a rule of the grammar above."""

    def cell(self) -> list[Reading]:
        """Read all of the cell."""
        readings = []
        while self.peek():
            begin = self.next
            try:
                reading = self.part()
            except Unreadable as reason:
                reading = replace(self.statement(begin), reason=f"{UNREADABLE}{reason}")
            except NotAnEstimate:
                reading = self.statement(begin)
            readings.append(reading)
            while self.peek() == "COMMA" or self.peek_text().lower() in ("/", "and", "|", "."):
                self.next += 1
        return readings

    def part(self) -> Reading:
        """Read one estimate, reference group, unnumbered result or statement."""
        kind = self.openings.at(self.next)
        if kind == "reference":
            return self.reference()
        if kind == "unnumbered":
            return self.unnumbered()
        if kind == "estimate":
            return self.estimate()
        if kind == "bare":
            return self.bare()
        return self.statement(self.next)

    def estimate(self) -> Reading:
        """Read an estimate with all that is printed about it."""
        begin = self.next
        start = self.tokens[begin].start
        reading = Reading(start, start)
        if self.peek() in ("P", "TEST") or (self.peek() == "OPEN" and self.peek(1) in ("P", "TEST")):
            reading = self.detail(reading)
            self.skip("COMMA")
        opened = self.take("OPEN") if self.peek() == "OPEN" else None
        reading = self.label(reading)
        if opened is None and self.enclosed:
            opened = self.tokens[self.enclosed[-1]]
        self.enclosed.clear()
        if self.peek() == "NS":
            return self.unnumbered(reading)
        self.refuse_words(begin)
        number, span = self.number()
        if (self.peek() == "OPEN" and self.peek(1) == "REFERENCE") or self.peek() == "REFERENCE":
            return replace(self.reference(), start=start, measure=reading.measure, spans=reading.spans)
        if self.peek() == "PERCENT":
            raise NotAnEstimate
        if self.peek() == "PLUSMINUS":
            raise Unreadable("what follows ± may be a standard deviation or a standard error")
        reading = replace(reading, estimate=number, spans=reading.spans | {"estimate": span})
        self.unit(reading)
        while (found := self.behind(reading)) is not None:
            reading = found
        if opened is not None:
            self.close(opened)
        self.refuse_loose_numbers()
        numbers = (reading.estimate, reading.lower, reading.upper)
        if reading.measure in RATIOS and any(one is not None and one.value < 0 for one in numbers):
            raise Unreadable("a ratio is never negative")
        return replace(reading, end=self.covered(begin)[1])

    def refuse_words(self, begin: int) -> None:
        """Refuse a label that no number follows: it is a sentence, or an estimate that cannot be read."""
        if self.peek() in ("NUMBER", "DASH"):
            return
        taken = self.tokens[begin : self.next]
        digits = any(character.isdigit() for token in taken for character in token.text)
        odd = self.peek() in ("LOGIC", "OPEN", "PLUSMINUS") or (
            self.peek() == "WORD" and not any(character.isalpha() for character in self.peek_text())
        )
        if digits or odd or any(token.kind == "EQUALS" for token in taken):
            self.take("NUMBER")
        raise NotAnEstimate

    def unit(self, reading: Reading) -> None:
        """Step over the unit of a difference: "1.8 mm Hg (0.2 to 3.4)"."""
        if reading.measure in ("MD", "RD"):
            words = 0
            while self.peek(words) == "WORD" and words < UNIT_WORDS:
                words += 1
            if self.peek(words) in ("OPEN", "CI", "COMMA"):
                self.next += words

    def bare(self) -> Reading:
        """Read a cell that begins with its number; a unit or a slash behind it says that it is something else."""
        begin = self.next
        unit = begin + 1 + (self.peek() == "DASH")
        kinds = [token.kind for token in self.tokens[unit : unit + 3]]
        if kinds[:1] in (["WORD"], ["PERCENT"]) or kinds == ["OPEN", "NUMBER", "PERCENT"] or YEARS.fullmatch(self.text):
            return self.statement(begin)
        reading = self.estimate()
        if self.peek() and self.peek() != "LABEL":
            raise Unreadable(f"{self.peek_text()!r} follows an estimate without a label")
        return reading

    def behind(self, reading: Reading) -> Reading | None:
        """Read the next thing that is said of an estimate behind it; None where nothing more is."""
        ahead = 1 if self.peek() == "COMMA" and self.peek_text() != ":" else 0
        kind = self.peek(ahead)
        if kind == "LABEL" and self.peek(ahead + 1) == "WORD":
            return self.label_behind(reading, ahead)
        if kind == "WORD":
            return self.word_behind(reading, ahead)
        if kind == "OPEN":
            self.next += ahead
            return self.bracket_behind(reading)
        # A p value may belong to the estimate that follows it, "NS" on a line of its own is a result of its own.
        next_one = self.openings.p_first(self.next + ahead) if kind in ("P", "TEST") else False
        next_one |= kind == "NS" and self.openings.new_line(self.next + ahead)
        if kind not in STARTS or kind == "OTHERP" or next_one:
            return None
        self.next += ahead
        return self.detail(reading)

    def bracket_behind(self, reading: Reading) -> Reading:
        """Read brackets behind an estimate: a contrast, a citation, or details."""
        if self.peek(1) == "NUMBER" and self.peek(2) == "CLOSE" and self.peek_text() == "[" and reading.lower:
            self.next += 3  # "[12]" behind an interval cites
            return reading
        names = self.peek(1) == "WORD" and self._names_contrast() and not reading.contrast
        return self.contrast_in_brackets(reading) if names else self.bracket(reading)

    def refuse_loose_numbers(self) -> None:
        """Refuse a number behind an estimate that could be another one, or the rest of it."""
        ahead = 1 if self.peek() == "COMMA" else 0
        another = self.peek(ahead) == "NUMBER" and (self.peek(ahead + 1) in ("OPEN", "DASH") or not self.spaced(False))
        if self.peek() in ("NUMBER", "DASH", "PLUSMINUS") or (ahead and another):
            raise Unreadable(f"{self.peek_text(ahead)!r} follows the estimate outside brackets")
        touches = self.peek() in ("WORD", "LOGIC") and self.peek_text() != "." and not self.spaced(True)
        if touches and self.tokens[self.next - 1].kind == "NUMBER":
            raise Unreadable(f"{self.peek_text()!r} stands directly behind a number")
        if self.peek_text().lower() in ("or", "and") and self.peek(1) == "NUMBER":
            raise Unreadable("which of two numbers is the estimate?")
        if self.peek_text().lower().rstrip(".") in VERSUS:
            raise Unreadable(f"{self.peek_text()!r} follows it: which of two numbers is the estimate?")

    def _names_contrast(self) -> bool:
        """Whether brackets hold words and no number: a name, not a detail."""
        place = self.next + 1
        while place < len(self.tokens) and self.tokens[place].kind in ("WORD", "LABEL", "DASH"):
            place += 1
        return place < len(self.tokens) and self.tokens[place].kind == "CLOSE"

    def reference(self) -> Reading:
        """Read a group that the others are compared with."""
        begin = self.next
        while self.tokens[self.next].kind != "REFERENCE":
            self.next += 1
        self.next += 1
        self.skip("CLOSE")
        start, end = self.covered(begin)
        return Reading(start, end, reason=REFERENCE)

    def unnumbered(self, label: Reading | None = None) -> Reading:
        """Read "not significant", behind a label or alone."""
        begin = self.next
        reading = label or Reading(self.tokens[begin].start, 0)
        reading = replace(self.not_significant(reading), reason=NOT_SIGNIFICANT)
        if self.peek() == "LABEL" and self.peek(1) == "WORD" and self.same_line():
            reading = self.condition(reading)
        if self.peek() == "P" or (self.peek() == "OPEN" and self.peek(1) == "P"):
            reading = self.detail(replace(reading, p_operator=""))
        return replace(reading, end=self.covered(begin)[1])

    def statement(self, begin: int) -> Reading:
        """Read words up to the next part that is no statement; a p value among them is kept.

        Parameters
        ----------
        begin
            The token it begins at; those from there to the next one were read in vain as something else.
        """
        failed = self.next
        reading = Reading(self.tokens[begin].start, self.tokens[begin].end, reason=NOT_A_NUMBER)
        self.next = begin
        while self.peek():
            if self.next > max(begin, failed) and self.openings.at(self.next) in ("estimate", "unnumbered"):
                break
            if self.peek() in ("P", "TEST", "SIDES") and not reading.p_operator:
                reading = self.p_in_passing(reading)
            else:
                self.next += 1
        if reading.p_operator == "ns":
            reading = replace(reading, reason=NOT_SIGNIFICANT)
        kinds = " ".join(token.kind for token in self.tokens[begin : self.next])
        if LOOSE_INTERVAL.search(kinds):
            reading = replace(reading, reason=f"{UNREADABLE}no measure is printed with the interval")
        return replace(reading, end=self.covered(begin)[1])

    def p_in_passing(self, reading: Reading) -> Reading:
        """Read a p value among words; step over it where it cannot be read."""
        place = self.next
        try:
            return self.p(reading)
        except Unreadable:
            self.next = place + 1
            return reading

    def detail_alone(self) -> Reading:
        """Read a cell that is an interval, with or without brackets."""
        reading = self.details(Reading(0, len(self.text)))
        self.end()
        return reading

    def p_alone(self) -> Reading:
        """Read a cell that is a p value, with or without its letter and operator."""
        reading = Reading(0, len(self.text))
        if self.peek() == "NS":
            reading = self.unnumbered()
        elif self.peek() in ("P", "SIDES", "TEST"):
            reading = self.p(reading)
        else:
            reading = self.sides(self.p_number(replace(reading, p_operator=self.operator())))
        self.end()
        return reading
