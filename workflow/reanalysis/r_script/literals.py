"""Values as R writes them: no text of a table can end a string, a comment or a line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

# How far a line of a vector goes.
WIDTH = 100
COMMENT_WIDTH = 116

ESCAPED = {"\\": "\\\\", '"': '\\"'}

# The last character that \u names; beyond it R has \U.
LAST_OF_PLANE = 0xFFFF


def string(text: str) -> str:
    """Return a text as an R string: quotes, backslashes and whatever cannot be seen are escaped."""
    return f'"{"".join(ESCAPED.get(one, _seen(one)) for one in text)}"'


def label(text: str) -> str:
    """Return an R string of one line, to be printed: what cannot be seen stands there as its escape."""
    return string(_one_line(text))


def comment(text: str) -> str:
    """Return a text as it may stand behind ``#``: its lines are ours, each behind a ``#`` of its own."""
    return "\n# ".join(textwrap.wrap(_one_line(text), COMMENT_WIDTH))


def number(value: float) -> str:
    """Return a finite number with as many digits as give the same double, at most 17."""
    return repr(float(value)).removesuffix(".0")


def vector(items: Sequence[str]) -> str:
    """Return R literals as a vector, over several lines where one is too short."""
    lines, line = [], ""
    for place, item in enumerate(items):
        word = item + ("," if place < len(items) - 1 else "")
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    return f"c({lines[0]})" if len(lines) == 1 else "c(\n  " + "\n  ".join(lines) + ")"


def named(values: Mapping[str, float | None]) -> str:
    """Return numbers as a named vector, those that are None left out."""
    return vector([f"{name} = {number(value)}" for name, value in values.items() if value is not None])


def _one_line(text: str) -> str:
    return "".join(_seen(one) for one in " ".join(text.split()))


def _seen(character: str) -> str:
    """Return a character, or its R escape where it cannot be seen or turns the direction of the text."""
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{{{code:x}}}" if code <= LAST_OF_PLANE else f"\\U{{{code:x}}}"
