"""What print says about an estimate beside its value: interval, level, p value, standard error.

details  = detail { "," detail }
detail   = "(" details ")" | interval | CI | p | NS | SIDES | "SE" [ "=" ] number | "n" "=" number
interval = [ CI [ "=" ] ] number ( "-" | "," | "/" ) number
p        = [ TEST ] [ SIDES ] "p" [ "(" SIDES ")" ] [ "=" | "<" | ">" ] ( number | NS )
"""

from __future__ import annotations

import re
from dataclasses import replace

from reanalysis.grammar.cursor import Cursor
from reanalysis.grammar.reading import Reading, Unreadable

OPERATORS = {"⩽": "<=", "≦": "<=", "≤": "<=", "⩾": ">=", "≧": ">=", "≥": ">="}

# Words before a number in brackets that say what it is.
STANDARD_DEVIATION = re.compile(r"s\.?d\.?", re.IGNORECASE)
SIZE = re.compile(r"n|events", re.IGNORECASE)

STARTS = ("CI", "P", "NS", "SIDES", "TEST", "OTHERP", "SE")


class Details(Cursor):
    """Reads what stands beside an estimate; a method a rule of the grammar above."""

    def details(self, reading: Reading) -> Reading:
        """Read what brackets hold."""
        reading = self.detail(reading)
        while self.peek() not in ("CLOSE", ""):
            if not self.skip("COMMA") and self.peek() not in (*STARTS, "OPEN"):
                break
            reading = self.detail(reading)
        return reading

    def bracket(self, reading: Reading) -> Reading:
        """Read brackets with what they hold."""
        opened = self.take("OPEN")
        reading = self.details(reading)
        self.close(opened)
        return reading

    def detail(self, reading: Reading) -> Reading:
        """Read one detail; what begins like none of the others is an interval."""
        rule = RULES.get(self.peek(), Details.limits)
        return rule(self, reading)

    def word(self, reading: Reading) -> Reading:
        """Read a word in front of a number that says what the number is; an interval behind "from"."""
        text = self.peek_text()
        if STANDARD_DEVIATION.fullmatch(text):
            raise Unreadable("a standard deviation gives no standard error without the numbers it comes from")
        if not SIZE.fullmatch(text) or self.peek(1) != "EQUALS":
            return self.limits(reading)
        self.next += 2
        self.number()
        return reading

    def credible(self, reading: Reading) -> Reading:
        """Refuse a credible interval."""
        del reading
        raise Unreadable("a credible interval is no confidence interval")

    def named_interval(self, reading: Reading) -> Reading:
        """Read the name of an interval, and the interval where it follows."""
        reading = self.ci_label(reading)
        if self.peek() in ("CLOSE", ""):
            return reading
        self.skip("EQUALS", "COMMA")
        return self.bracket(reading) if self.peek() == "OPEN" else self.limits(reading)

    def limits(self, reading: Reading) -> Reading:
        """Read the two limits of an interval."""
        if reading.lower is not None:
            raise Unreadable("a second interval is printed for the same estimate")
        (lower, below), (upper, above) = self.interval()
        if self.peek() == "PERCENT":
            raise Unreadable("the interval is of a percentage")
        return replace(reading, lower=lower, upper=upper, spans=reading.spans | {"lower": below, "upper": above})

    def ci_label(self, reading: Reading) -> Reading:
        """Read the name of an interval, with its level where one is printed."""
        token = self.take("CI")
        found = {float(re.sub(r"\D", ".", text)) for text in re.findall(r"\d+(?:[^\d\s%]\d+)?", token.text)}
        if not found:
            return reading
        if len(found) > 1:
            raise Unreadable("two levels are printed for one interval")
        level = found.pop() / 100
        return replace(reading, level=level, spans=reading.spans | {"level": (token.start, token.end)})

    def standard_error(self, reading: Reading) -> Reading:
        """Read a standard error with its name."""
        self.take("SE")
        self.skip("EQUALS", "COMMA")
        number, span = self.number()
        return replace(reading, se=number, spans=reading.spans | {"se": span})

    def other_p(self, reading: Reading) -> Reading:
        """Step over a p value that is of something else than the estimate."""
        self.take("OTHERP")
        self.skip("COMMA")
        self.skip("EQUALS", "LOGIC")
        self.number()
        return reading

    def p(self, reading: Reading) -> Reading:
        """Read a p value with its operator, or that it is said to be not significant."""
        self.skip("TEST")
        reading = self.sides(reading)
        if self.peek() == "CLOSE" and reading.p_sides is not None:
            return reading
        if self.peek() == "NS":
            return self.not_significant(reading)
        if reading.p_operator:
            raise Unreadable("a second p value is printed for the same estimate")
        self.take("P")
        if self.peek() == "OPEN" and self.peek(1) == "SIDES":
            self.take("OPEN")
            reading = self.sides(reading)
            self.take("CLOSE")
        begin = self.next
        operator = self.operator()
        if self.peek() == "NS":
            return self.not_significant(reading)
        span = (self.tokens[begin].start, self.tokens[self.next - 1].end) if self.next > begin else None
        reading = self.p_number(replace(reading, p_operator=operator))
        if span is not None:
            reading = replace(reading, spans=reading.spans | {"p_operator": span})
        return self.sides(reading)

    def operator(self) -> str:
        """Read what stands between a p and its number; nothing and a colon mean equality."""
        if self.peek() == "LOGIC":
            text = "".join(self.take("LOGIC").text.split())
            return OPERATORS.get(text, text)
        self.skip("COMMA", "EQUALS")
        return "="

    def p_number(self, reading: Reading) -> Reading:
        """Read the number of a p value; "10-4" stands for a power of ten there, whose raised digits fell flat."""
        number, span = self.number()
        if self.peek() == "PERCENT":
            raise Unreadable("a percentage is no p value")
        flat = (self.peek(), self.peek(1)) == ("DASH", "NUMBER") and self.peek_text(1).isdigit()
        if number.text == "10" and flat and not self.spaced(True) and not self.spaced(False):
            self.next += 1
            exponent, (_, end) = self.number()
            number, span = type(number)(f"1e-{exponent}"), (span[0], end)
        return replace(reading, p=number, spans=reading.spans | {"p": span})

    def sides(self, reading: Reading) -> Reading:
        """Read whether a test is one-sided, where that is printed."""
        place = self.next
        while self.peek() in ("COMMA", "OPEN"):
            self.next += 1
        if self.peek() != "SIDES" or self.next - place > 1:
            self.next = place
            return reading
        bracket = self.next > place and self.tokens[self.next - 1].kind == "OPEN"
        token = self.take("SIDES")
        if bracket:
            self.take("CLOSE")
        number = 1 if token.text.lower().startswith(("o", "1")) else 2
        return replace(reading, p_sides=number, spans=reading.spans | {"p_sides": (token.start, token.end)})

    def not_significant(self, reading: Reading) -> Reading:
        """Read "not significant" where a p value could stand."""
        token = self.take("NS")
        if reading.p_operator:
            raise Unreadable("a p value and its absence are printed for the same estimate")
        return replace(reading, p_operator="ns", spans=reading.spans | {"p_operator": (token.start, token.end)})


# The kind of a detail's first token to the method that reads it.
RULES = {
    "OPEN": Details.bracket,
    "P": Details.p,
    "NS": Details.p,
    "SIDES": Details.p,
    "TEST": Details.p,
    "OTHERP": Details.other_p,
    "CREDIBLE": Details.credible,
    "WORD": Details.word,
    "SE": Details.standard_error,
    "CI": Details.named_interval,
}
