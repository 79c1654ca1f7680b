"""Numbers that know where they stand in the results, and texts in which they stay marked.

A traced number is a float or an int with a source: a file of the results and the way to the number inside it, such as
`pooled/primary/ratio`. Printing one, by any format, sets it between marks that say its source and its unrounded value,
so that every text made from results still knows the number behind each numeral. `plain` takes the marks out again; the
page turns them into elements.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

# Three characters that Unicode keeps for private use, so that no printed table has them for text.
OPEN, THEN, CLOSE = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{OPEN}([^{THEN}{CLOSE}]*){THEN}([^{CLOSE}]*){CLOSE}")
# Between the source and the unrounded value, and between two sources.
VALUE, AND = "=", "+"


def mark(text: str, value: object) -> str:
    """Return a text that shows a number, marked with the number's source; as it is where the number has none."""
    source = source_of(value)
    return f"{OPEN}{source}{VALUE}{_unrounded(value)}{THEN}{text}{CLOSE}" if source else text


def plain(text: str) -> str:
    """Return a text without marks."""
    return MARK.sub(r"\2", text)


def source_of(value: object) -> str:
    """Return where a number or a list stands; empty for one that is not traced."""
    return value.source if isinstance(value, (TracedFloat, TracedInt, TracedList)) else ""


def _unrounded(value: object) -> str:
    return ", ".join(map(_unrounded, value)) if isinstance(value, list) else repr(_bare(value))


def _bare(value: Any) -> Any:  # noqa: ANN401 (a number as it was before it was traced)
    return float(value) if isinstance(value, TracedFloat) else int(value) if isinstance(value, TracedInt) else value


def derived(value: Any, *of: object) -> Any:  # noqa: ANN401 (a number of any kind)
    """Return a number with the sources of the numbers and lists that it was made of; as it is where they have none."""
    sources = dict.fromkeys(one for operand in of for one in source_of(operand).split(AND) if one)
    return trace(value, AND.join(sources))


def _operation(work: Callable[[Any, Any], Any], *, swapped: bool) -> Callable[[Any, Any], Any]:
    def apply(this: Any, other: Any) -> Any:  # noqa: ANN401 (as the operators of float and int)
        if not isinstance(other, (int, float)):
            return NotImplemented
        left, right = (other, this) if swapped else (this, other)
        return derived(work(_bare(left), _bare(right)), left, right)

    return apply


class _Printed:
    """How a traced number prints: marked, in whatever format."""

    source: str

    def __str__(self) -> str:
        return mark(str(_bare(self)), self)

    def __format__(self, spec: str) -> str:
        return mark(format(_bare(self), spec), self)

    def __neg__(self) -> Any:  # noqa: ANN401
        return derived(-_bare(self), self)

    def __abs__(self) -> Any:  # noqa: ANN401
        return derived(abs(_bare(self)), self)

    __add__ = _operation(operator.add, swapped=False)
    __radd__ = _operation(operator.add, swapped=True)
    __sub__ = _operation(operator.sub, swapped=False)
    __rsub__ = _operation(operator.sub, swapped=True)
    __mul__ = _operation(operator.mul, swapped=False)
    __rmul__ = _operation(operator.mul, swapped=True)
    __truediv__ = _operation(operator.truediv, swapped=False)
    __rtruediv__ = _operation(operator.truediv, swapped=True)


class TracedFloat(_Printed, float):
    """A float with its source."""


class TracedInt(_Printed, int):
    """An int with its source."""


class TracedList(list[Any]):
    """A list with its source."""

    def __init__(self, items: Iterable[Any], source: str) -> None:
        super().__init__(items)
        self.source = source


def size(items: Sequence[Any]) -> int:
    """Return how many items a list has, with the source of the list."""
    found: int = derived(len(items), items)
    return found


def trace(value: Any, source: str) -> Any:  # noqa: ANN401 (what is no number comes back as it is)
    """Return a number with a source; truth values and all that is no number as they are."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not source:
        return value
    kind = TracedInt if isinstance(value, int) else TracedFloat
    made = kind(value)
    made.source = source
    return made


def traced(content: Any, source: str) -> Any:  # noqa: ANN401 (what JSON holds)
    """Return the content of a results file, each of its numbers traced.

    Parameters
    ----------
    content
        What JSON can hold.
    source
        The name of the file, or the way to this part of it.
    """
    if isinstance(content, Mapping):
        return {key: traced(value, f"{source}/{quote(str(key), safe='')}") for key, value in content.items()}
    if isinstance(content, list):
        return TracedList((traced(value, f"{source}/{place}") for place, value in enumerate(content)), source)
    return trace(content, source)
