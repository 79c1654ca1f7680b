"""Two makings of the same file, compared: numbers within a tolerance, all else letter by letter."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Results carry ten significant digits, and another processor adds up the same numbers with other last bits, near the
# thirteenth; what a matrix or a search loses on the way leaves eight digits that must be the same everywhere.
RELATIVE = 1e-8
# ASSUME: below this a number of a result is zero, as a residual that is only rounding.
ABSOLUTE = 1e-12

NUMBER = re.compile(r"(?<![\w.#])[-−+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w)")
IN_SCRIPT = re.compile(r'(<script type="application/json" id="(\w+)">)(.*?)(</script>)', re.DOTALL)
MISSING = "(nothing)"
LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """A place where two makings of a file differ.

    Parameters
    ----------
    file, key
        The file, and the place in it.
    found, expected
        What stands there, and what was computed, both as they are written.
    """

    file: str
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.file}, {self.key}: {_short(self.found)} stands there, {_short(self.expected)} was computed"


def differences(file: str, found: bytes | None, expected: bytes | None) -> Iterator[Difference]:
    """Yield where a file differs from what was computed.

    Parameters
    ----------
    file
        Its name, which says how it is read.
    found, expected
        Both contents; None where there is no such file.
    """
    if found == expected:
        return
    if found is None or expected is None:
        yield Difference(
            file, "the whole file", *("(no such file)" if one is None else "a file" for one in (found, expected))
        )
        return
    try:
        texts = found.decode(), expected.decode()
    except UnicodeDecodeError:
        yield Difference(file, "the whole file", "not UTF-8", "UTF-8")
        return
    yield from _by_kind(file, *texts)


def _by_kind(file: str, found: str, expected: str) -> Iterator[Difference]:
    try:
        if file.endswith(".json"):
            yield from _values(file, "", json.loads(found), json.loads(expected))
        elif file.endswith(".csv"):
            yield from _rows(file, found, expected)
        elif file.endswith(".html"):
            yield from _page(file, found, expected)
        else:
            yield from _words(file, found, expected)
    except (ValueError, csv.Error, RecursionError) as error:
        yield Difference(file, "the whole file", f"cannot be read: {error}", "a whole file")


def _values(file: str, key: str, found: Any, expected: Any) -> Iterator[Difference]:  # noqa: ANN401 (any JSON value)
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in [*expected, *(one for one in found if one not in expected)]:
            inner = f"{key} › {name}".removeprefix(" › ")
            if name in found and name in expected:
                yield from _values(file, inner, found[name], expected[name])
            else:
                yield Difference(file, inner, _json(found, name), _json(expected, name))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for place, (one, other) in enumerate(zip(found, expected, strict=True), 1):
            yield from _values(file, f"{key} › {place}".removeprefix(" › "), one, other)
    elif isinstance(found, str) and isinstance(expected, str) and found != expected and "\n" in expected:
        yield Difference(file, key, *_apart(found, expected))
    elif not _same(found, expected):
        yield Difference(file, key or "the whole file", _json([found], 0), _json([expected], 0))


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 (any JSON value)
    """Return whether two values are the same: whole numbers exactly, others within the tolerance."""
    if type(one) is not type(other) and {type(one), type(other)} != {int, float}:
        return False
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(one == other)


def _json(within: Any, key: Any) -> str:  # noqa: ANN401 (any JSON value)
    if isinstance(within, dict) and key not in within:
        return MISSING
    return json.dumps(within[key], ensure_ascii=False)


def _rows(file: str, found: str, expected: str) -> Iterator[Difference]:
    ours, theirs = (list(csv.reader(io.StringIO(one), strict=True)) for one in (found, expected))
    headings = theirs[0] if theirs else []
    if not ours or ours[0] != headings:
        yield Difference(file, "the headings", ", ".join(ours[0] if ours else []), ", ".join(headings))
        return
    if len(ours) != len(theirs):
        yield Difference(file, "the number of rows", str(len(ours) - 1), str(len(theirs) - 1))
    for place, (one, other) in enumerate(zip(ours[1:], theirs[1:], strict=False), 1):
        if len(one) != len(other):
            yield Difference(file, f"row {place}", f"{len(one)} cells", f"{len(other)} cells")
            continue
        for name, cell, wanted in zip(headings, one, other, strict=True):
            if not _same_word(cell, wanted):
                yield Difference(file, f"row {place} › {name}", cell, wanted)


def _same_word(one: str, other: str) -> bool:
    """Return whether two texts are the same, or two numbers that are, of which one has a decimal part at least."""
    if one == other:
        return True
    if not (NUMBER.fullmatch(one) and NUMBER.fullmatch(other)) or (one + other).lstrip("-−+").isdigit():
        return False
    values = [float(text.replace("−", "-")) for text in (one, other)]
    return math.isclose(*values, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _page(file: str, found: str, expected: str) -> Iterator[Difference]:
    """Compare a page's data by their keys, and then the rest of it."""
    ours, theirs = ({one[2]: one[3] for one in IN_SCRIPT.finditer(text)} for text in (found, expected))
    for name in theirs:
        if ours.get(name) != theirs[name]:
            part = f"{file} #{name}"
            if name in ours:
                yield from _values(part, "", json.loads(ours[name]), json.loads(theirs[name]))
            else:
                yield Difference(part, "the whole element", MISSING, "data")
    yield from _words(file, *(IN_SCRIPT.sub(r"\1\4", text) for text in (found, expected)))


def _words(file: str, found: str, expected: str) -> Iterator[Difference]:
    """Compare texts line by line, numbers within the tolerance."""
    ours, theirs = found.split("\n"), expected.split("\n")
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if one == other:
            continue
        parts = [(NUMBER.split(text), NUMBER.findall(text)) for text in (one, other)]
        (words, numbers), (their_words, their_numbers) = parts
        if words != their_words:
            yield Difference(file, f"line {place}", *_apart(one, other))
            return  # what follows is likely to be moved
        for number, wanted in zip(numbers, their_numbers, strict=True):
            if not _same_word(number, wanted):
                yield Difference(file, f"line {place}", number, wanted)
    if len(ours) != len(theirs):
        yield Difference(file, "the number of lines", str(len(ours)), str(len(theirs)))


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return two texts from shortly before the place where they part."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, place - 20)
    return one[start:], other[start:]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
