"""Recursive descent over the tokens of one printed cell.

cell       = { estimate | unnumbered | statement }
estimate   = [ measure ] { outcome word } [ "(" contrast ")" ] [ "=" ] number { part }
part       = "if" contrast | "(" detail { "," detail } ")" | detail
detail     = [ CI "=" ] number "-" number | p
p          = "p" ( "=" | "<" | ">" ) number
unnumbered = "NS" [ "if" contrast ]
statement  = { any word | p }                 up to the next measure
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from reanalysis.lexer import Token, tokens
from reanalysis.printed import PrintedNumber

OPERATORS = {"=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}

TOKEN_NAMES = {"NUMBER": "a number", "CLOSE": "a closing bracket", "WORD": "a word", "LOGIC": "an operator"}

NOT_A_NUMBER = "printed as a statement, without an estimate"
NOT_SIGNIFICANT = "printed only as not significant, without an estimate"

Span = tuple[int, int]
Located = tuple[PrintedNumber, Span]


@dataclass(frozen=True)
class Reading:
    """What one part of a cell says.

    Parameters
    ----------
    start, end
        The characters it covers.
    spans
        Field name to the characters that the field was read from.
    reason
        Why there is no estimate; empty where there is one.
    """

    start: int
    end: int
    measure: str = ""
    outcome: str = ""
    contrast: str = ""
    estimate: PrintedNumber | None = None
    lower: PrintedNumber | None = None
    upper: PrintedNumber | None = None
    level: float | None = None
    p: PrintedNumber | None = None
    p_operator: str = ""
    reason: str = ""
    spans: dict[str, Span] = field(default_factory=dict)


class Unreadable(Exception):  # noqa: N818 (not an error: the row is kept, with this as its reason)
    """The cell says something else than the grammar expects."""


def _measure(text: str) -> str:
    """Return the abbreviation of a printed measure: HR for "adjusted hazards ratio", "aHR" and "HR"."""
    *before, last = text.upper().split()
    if last == "RATIO":
        return f"{before[-1][0]}R"
    return last.removeprefix("ADJ").removeprefix(".").removeprefix("A")


class Parser:
    """The tokens of one cell and how far they are read; a method a rule of the grammar above."""

    def __init__(self, cell: str) -> None:
        self.text = cell
        # A footnote mark says something about a value, and nothing of it.
        self.tokens = [token for token in tokens(cell) if token.kind != "MARK"]
        self.next = 0

    def peek(self, ahead: int = 0) -> str:
        """Return the kind of a coming token, empty at the end."""
        place = self.next + ahead
        return self.tokens[place].kind if place < len(self.tokens) else ""

    def take(self, kind: str) -> Token:
        """Return the next token, which must be of a kind."""
        if self.peek() != kind:
            found = f"{self.tokens[self.next].text!r}" if self.peek() else "the end of the cell"
            raise Unreadable(f"{TOKEN_NAMES.get(kind, kind)} expected, {found} found")
        self.next += 1
        return self.tokens[self.next - 1]

    def skip(self, *kinds: str) -> bool:
        """Step over the next token if it is of one of the kinds."""
        if self.peek() in kinds:
            self.next += 1
            return True
        return False

    def cell(self) -> list[Reading]:
        """Read all of the cell."""
        readings = []
        while self.peek():
            begin = self.next
            try:
                reading = self.part_of_cell()
            except Unreadable as reason:
                self.next = begin + 1
                reading = replace(self.statement(begin), reason=f"cannot be read: {reason}")
            readings.append(reading)
            self.skip("COMMA")
        return readings

    def part_of_cell(self) -> Reading:
        """Read one estimate, unnumbered result or statement."""
        if self.peek() == "NS":
            return self.unnumbered()
        if self.peek() == "MEASURE":
            return self.estimate()
        if self.next == 0 and self.peek(self.peek() == "DASH") in ("NUMBER", "GROUPED"):
            reading = self.estimate()
            if self.peek():
                raise Unreadable(f"{self.tokens[self.next].text!r} follows an estimate without a label")
            return reading
        return self.statement(self.next)

    def covered(self, begin: int) -> Span:
        """Return the characters from one token up to the last one taken."""
        return self.tokens[begin].start, self.tokens[self.next - 1].end

    def estimate(self) -> Reading:
        """Read an estimate with all that is printed about it."""
        begin = self.next
        start = self.tokens[begin].start
        reading = self.label(Reading(start, start))
        number, span = self.number()
        reading = replace(reading, estimate=number, spans=reading.spans | {"estimate": span})
        while True:
            if self.peek() == "IF":
                reading = self.condition(reading)
            elif self.skip("OPEN"):
                reading = self.details(reading)
                self.take("CLOSE")
            elif self.detail_follows():
                self.skip("COMMA")
                reading = self.detail(reading)
            elif self.peek() in ("NUMBER", "GROUPED", "DASH"):
                raise Unreadable(f"{self.tokens[self.next].text!r} follows the estimate outside brackets")
            else:
                return replace(reading, end=self.covered(begin)[1])

    def label(self, reading: Reading) -> Reading:
        """Read measure, outcome and contrast, as far as they are printed before the number."""
        spans: dict[str, Span] = {}
        if self.peek() == "MEASURE":
            token = self.take("MEASURE")
            spans["measure"] = (token.start, token.end)
            reading = replace(reading, measure=_measure(token.text))
        begin = self.next
        while self.skip("WORD"):
            pass
        if self.next > begin:
            spans["outcome"] = self.covered(begin)
            reading = replace(reading, outcome=self.words(begin))
        if self.peek() == "OPEN" and self.peek(1) == "WORD":
            self.take("OPEN")
            begin = self.next
            while self.skip("WORD"):
                pass
            spans["contrast"] = self.covered(begin)
            reading = replace(reading, contrast=self.words(begin))
            self.take("CLOSE")
        self.skip("EQUALS", "COMMA")
        return replace(reading, spans=spans)

    def words(self, begin: int) -> str:
        """Return the tokens taken since one of them, with single spaces."""
        return " ".join(token.text for token in self.tokens[begin : self.next])

    def condition(self, reading: Reading) -> Reading:
        """Read the contrast that an "if" names."""
        self.take("IF")
        begin = self.next
        self.take("WORD")
        spans = reading.spans | {"contrast": self.covered(begin)}
        return replace(reading, contrast=self.words(begin), spans=spans)

    def number(self) -> Located:
        """Read a number, with its sign where one is printed."""
        sign = self.take("DASH") if self.peek() == "DASH" else None
        token = self.take("NUMBER")
        if sign is None:
            return PrintedNumber(token.text), (token.start, token.end)
        return PrintedNumber(f"-{token.text}"), (sign.start, token.end)

    def details(self, reading: Reading) -> Reading:
        """Read what brackets hold."""
        reading = self.detail(reading)
        while self.skip("COMMA"):
            reading = self.detail(reading)
        return reading

    def detail_follows(self) -> bool:
        """Whether an interval or a p value comes next, outside brackets."""
        ahead = 1 if self.peek() == "COMMA" else 0
        return self.peek(ahead) in ("CI", "P")

    def detail(self, reading: Reading) -> Reading:
        """Read one interval or p value."""
        if self.peek() == "P":
            return self.p(reading)
        if reading.lower is not None:
            raise Unreadable("a second interval is printed for the same estimate")
        spans = dict(reading.spans)
        level = reading.level
        if self.peek() == "CI":
            token = self.take("CI")
            digits = token.text.lower().rstrip("ci. ").rstrip("% ")
            if digits:
                level = float(digits) / 100
                spans["level"] = (token.start, token.end)
            self.skip("EQUALS", "COMMA")
        lower, spans["lower"] = self.number()
        if not self.skip("DASH", "COMMA"):
            raise Unreadable("an interval has two limits, one is printed")
        upper, spans["upper"] = self.number()
        return replace(reading, lower=lower, upper=upper, level=level, spans=spans)

    def p(self, reading: Reading) -> Reading:
        """Read a p value with its operator."""
        if reading.p is not None:
            raise Unreadable("a second p value is printed for the same estimate")
        self.take("P")
        token = self.take("EQUALS") if self.peek() == "EQUALS" else self.take("LOGIC")
        number, span = self.number()
        spans = reading.spans | {"p": span, "p_operator": (token.start, token.end)}
        return replace(reading, p=number, p_operator=OPERATORS[token.text], spans=spans)

    def unnumbered(self) -> Reading:
        """Read "not significant"."""
        begin = self.next
        token = self.take("NS")
        spans = {"p_operator": (token.start, token.end)}
        reading = Reading(token.start, token.end, p_operator="ns", reason=NOT_SIGNIFICANT, spans=spans)
        if self.peek() == "IF":
            reading = self.condition(reading)
        return replace(reading, end=self.covered(begin)[1])

    def statement(self, begin: int) -> Reading:
        """Read words up to the next measure; a p value among them is kept."""
        reading = Reading(self.tokens[begin].start, self.tokens[begin].end, reason=NOT_A_NUMBER)
        while self.peek() not in ("", "MEASURE", "NS"):
            if self.peek() == "P" and reading.p is None and self.peek(2) == "NUMBER":
                reading = self.p(reading)
            else:
                self.next += 1
        return replace(reading, end=self.covered(begin)[1])

    def detail_alone(self) -> Reading:
        """Read a cell that is an interval, with or without brackets."""
        bracket = self.skip("OPEN")
        reading = self.details(Reading(0, len(self.text)))
        if bracket:
            self.take("CLOSE")
        if self.peek():
            raise Unreadable(f"{self.tokens[self.next].text!r} follows it")
        return reading

    def p_alone(self) -> Reading:
        """Read a cell that is a p value, with or without its letter and operator."""
        reading = Reading(0, len(self.text))
        if self.peek() == "NS":
            reading = self.unnumbered()
        elif self.peek() == "P":
            reading = self.p(reading)
        else:
            operator = self.take("LOGIC").text if self.peek() == "LOGIC" else "="
            number, span = self.number()
            reading = replace(reading, p=number, p_operator=OPERATORS[operator], spans={"p": span})
        if self.peek():
            raise Unreadable(f"{self.tokens[self.next].text!r} follows it")
        return reading
