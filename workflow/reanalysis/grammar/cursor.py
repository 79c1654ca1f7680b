"""The tokens of one cell and how far they are read."""

from __future__ import annotations

from reanalysis.errors import ReanalysisError
from reanalysis.grammar.lexer import Style, Token, canonical, tokens
from reanalysis.grammar.reading import Ambiguous, Located, Unreadable
from reanalysis.printed import PrintedNumber, Span

TOKEN_NAMES = {"NUMBER": "a number", "CLOSE": "a closing bracket", "WORD": "a word", "LOGIC": "an operator"}

# More digits than a double holds, with room for zeros before them.
MOST_DIGITS = 30

PAIRS = {"(": ")", "[": "]", "{": "}"}

ONE_LIMIT = "an interval has two limits, one is printed"

SPELLED = ("to", "through", "bis", "à")

# Between two numbers "to", before one "about".
ABOUT = ("~", "∼", "〜")


class Cursor:
    """The tokens of one cell and how far they are read."""

    def __init__(self, cell: str, style: Style) -> None:
        self.text = cell
        self.style = style
        # A footnote mark says something about a value, and nothing of it.
        self.tokens = [token for token in tokens(cell, style) if token.kind != "MARK"]
        self.next = 0

    def peek(self, ahead: int = 0) -> str:
        """Return the kind of a coming token, empty at the end."""
        place = self.next + ahead
        return self.tokens[place].kind if place < len(self.tokens) else ""

    def peek_text(self, ahead: int = 0) -> str:
        """Return the characters of a coming token, empty at the end."""
        place = self.next + ahead
        return self.tokens[place].text if place < len(self.tokens) else ""

    def take(self, kind: str) -> Token:
        """Return the next token, which must be of a kind."""
        if self.peek() != kind:
            found = f"{self.peek_text()!r}" if self.peek() else "the end of the cell"
            raise Unreadable(f"{TOKEN_NAMES.get(kind, kind)} expected, {found} found")
        self.next += 1
        return self.tokens[self.next - 1]

    def skip(self, *kinds: str) -> bool:
        """Step over the next token if it is of one of the kinds."""
        if self.peek() in kinds:
            self.next += 1
            return True
        return False

    def covered(self, begin: int) -> Span:
        """Return the characters from one token up to the last one taken."""
        return self.tokens[begin].start, self.tokens[self.next - 1].end

    def words(self, begin: int) -> str:
        """Return the characters since one of the tokens, with single spaces."""
        start, end = self.covered(begin)
        return " ".join(self.text[start:end].split())

    def same_line(self) -> bool:
        """Whether no line breaks before the next token."""
        if self.next == 0 or not self.peek():
            return bool(self.peek())
        return "\n" not in self.text[self.tokens[self.next - 1].end : self.tokens[self.next].start]

    def spaced(self, before: bool) -> bool:
        """Whether white space stands before the next token, or behind it."""
        first = self.next - 1 if before else self.next
        if not 0 <= first < len(self.tokens) - 1:
            return False
        return self.tokens[first].end < self.tokens[first + 1].start

    def number(self) -> Located:
        """Read a number, with its sign where one is printed."""
        sign = self.take("DASH") if self.peek() == "DASH" and self.peek_text() not in SPELLED else None
        if sign is not None and sign.text in ABOUT:
            raise Unreadable(f"{sign.text!r} before a number says that it is about so much")
        token = self.take("NUMBER")
        text = canonical(token.text, self.style)
        if text.isdigit() and text.startswith("0") and text.strip("0"):
            raise Unreadable(f"{token.text!r} begins with a 0 and has no decimal mark")
        if len(text) > MOST_DIGITS:
            raise Unreadable(f"{token.text[:20]!r} and so on: no journal prints that many digits")
        try:
            number = PrintedNumber(text if sign is None else f"-{text}")
        except ReanalysisError as error:
            raise Unreadable(f"{token.text[:40]!r} is beyond any number that can be held") from error
        return number, (token.start if sign is None else sign.start, token.end)

    def interval(self) -> tuple[Located, Located]:
        """Read two numbers with a dash, a word or a comma between them.

        Raises
        ------
        Ambiguous
            Where a dash before the second number may part the two, or be its minus sign.
        """
        if self.peek_text().lower() in ("from", "between"):
            self.next += 1
        lower = self.number()
        if self.peek() == "DASH" and self.peek_text() not in SPELLED and self.spaced(True) and not self.spaced(False):
            upper = self.second(lower)
        elif self.skip("DASH", "COMMA") or (self.peek_text() == "/" and self.skip("WORD")):
            if self.peek() not in ("NUMBER", "DASH"):
                raise Unreadable(ONE_LIMIT)
            upper = self.number()
        else:
            raise Unreadable(ONE_LIMIT)
        return lower, upper

    def second(self, lower: Located) -> Located:
        """Read a limit after white space and a dash: "-0.9 -0.1" may go from -0.9 to 0.1 or to -0.1."""
        self.take("DASH")
        upper = self.number()
        if lower[0].value <= -upper[0].value:
            raise Ambiguous(f"the dash before {upper[0]} may part two limits, or be a minus sign")
        return upper

    def close(self, opened: Token) -> None:
        """Read the bracket that ends what another one opened."""
        closed = self.take("CLOSE")
        if PAIRS[opened.text] != closed.text:
            raise Unreadable(f"the bracket {opened.text!r} is closed by {closed.text!r}")

    def end(self) -> None:
        """Refuse tokens that are left.

        Raises
        ------
        Unreadable
            Which names the first of them.
        """
        if self.peek():
            raise Unreadable(f"{self.peek_text()!r} follows it")
