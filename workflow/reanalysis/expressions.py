"""A small language for tests of a claim: parsed, never run as code, and every value remembers what it was read from.

`data/raw/README.md` describes it to those who write claims. It has numbers, + - * /, comparisons, and / or / not, the
functions below, names of numbers, and fields of sources such as ``pooled.i2`` or ``study("Khan").n``.
"""

from __future__ import annotations

import ast
import difflib
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reanalysis.distributions import two_sided_p
from reanalysis.errors import ReanalysisError
from reanalysis.quantities import (
    Misused,
    Quantity,
    Series,
    Value,
    combine,
    either,
    extreme,
    gather,
    numbers,
    sources,
    summarise,
)

# A file by anybody must not hang or exhaust a run: the work is bounded by these and by the number of studies.
MOST_CHARACTERS = 1000
MOST_NODES = 200
MOST_DEPTH = 25

# Where two numbers are as near as this, relative to their size, they are equal: 100 (1 - 0.61) is 39 on no machine.
SAME = 1e-9

# A source takes texts and the name of a field; it raises a ReanalysisError for those that it does not know.
Source = Callable[[tuple[str, ...], str], Value]


def evaluate(text: str, sources_known: Mapping[str, Source], named: Mapping[str, Value]) -> Value:
    """Return the value of an expression.

    Parameters
    ----------
    text
        The expression.
    sources_known
        What fields are asked of, by name.
    named
        Values that the expression may call by their names.

    Raises
    ------
    ReanalysisError
        Where the text is none of the language, too large, or names what is not known; `printed` is the text.
    """
    try:
        return _Evaluation(sources_known, named).of(_parse(text))
    except Misused as problem:
        raise _refused(str(problem), "data/raw/README.md says which function takes what").at(printed=text) from problem
    except ReanalysisError as error:
        raise error.at(printed=text) from error


def _refused(problem: str, remedy: str) -> ReanalysisError:
    return ReanalysisError(problem, remedy=remedy)


def _parse(text: str) -> ast.expr:
    if len(text) > MOST_CHARACTERS:
        raise _refused(f"this expression has more than {MOST_CHARACTERS} characters", "name parts of it as numbers")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd code; here it is refused below
            tree = ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _refused("this is no expression", 'write it as pooled.ratio < 1 and study("Khan").n > 100') from error
    level: list[ast.AST] = [tree]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        if count > MOST_NODES or depth > MOST_DEPTH:
            raise _refused("this expression is too large or too deep", "name parts of it as numbers")
        level = [child for one in level for child in ast.iter_child_nodes(one)]
    return tree


def unknown(kind: str, name: str, known: Iterable[str]) -> ReanalysisError:
    """Return the error of a name that is not known, with the nearest of those that are."""
    every = sorted(known)
    near = difflib.get_close_matches(name, every, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return _refused(f"there is no {kind} {name!r}", f"{hint}known: {', '.join(every)}")


@dataclass(frozen=True)
class _Evaluation:
    """One walk over a parsed expression. Every part is looked at, so that an unknown name is never passed over."""

    sources: Mapping[str, Source]
    named: Mapping[str, Value]

    def of(self, node: ast.expr) -> Value:
        """Return the value of a part."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                found: Value | None = _constant(value)
            case ast.Name(id=name):
                found = self._named(name)
            case ast.Attribute(value=ast.Name(id=name), attr=field):
                found = self._source(name, [], field)
            case ast.Attribute(value=ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]), attr=field):
                found = self._source(name, arguments, field)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                found = self._function(name, arguments)
            case _:
                found = self._operation(node)
        if found is not None:
            return found
        raise _refused(
            f"{ast.unparse(node)[:60]!r} is no part of this language",
            f"use numbers, + - * /, comparisons, and / or / not, fields of sources and: {', '.join(FUNCTIONS)}",
        )

    def _operation(self, node: ast.expr) -> Value | None:
        """Return the value of an operation, None where it is none of the language."""
        found: Value | None = None
        match node:
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
                operation = ARITHMETIC[type(operator)]
                found = combine(lambda parts: operation(*numbers(parts)), [self.of(left), self.of(right)])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                found = combine(lambda parts: -numbers(parts)[0], [self.of(operand)])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = combine(lambda parts: not _conditions(parts)[0], [self.of(operand)])
            case ast.BoolOp(op=operator, values=values):
                found = either([self.of(one) for one in values], isinstance(operator, ast.Or))
            case ast.Compare() if all(type(one) in COMPARISONS for one in node.ops):
                found = self._compare(node)
        return found

    def _named(self, name: str) -> Value:
        if name in self.named:
            return self.named[name]
        if name in self.sources or name in FUNCTIONS:
            form = f"{name}.field" if name in self.sources else f"{name}(…)"
            raise _refused(f"{name!r} alone has no value", f"write it as {form}")
        raise unknown("number", name, [*self.named, *self.sources, *FUNCTIONS])

    def _source(self, name: str, arguments: Sequence[ast.expr], field: str) -> Value:
        if name not in self.sources:
            raise unknown("source", name, self.sources)
        texts = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if len(texts) != len(arguments):
            raise _refused(f"{name} takes names in quotation marks", f'write it as {name}("…").{field}')
        return self.sources[name](tuple(texts), field)

    def _function(self, name: str, arguments: Sequence[ast.expr]) -> Value:
        if name not in FUNCTIONS:
            if name in self.sources:
                raise _refused(f"{name} has fields, and none is asked for", f'write it as {name}("…").field')
            raise unknown("function", name, FUNCTIONS)
        least, most, function = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}" if most < MOST_NODES else f"{least} or more"
            raise _refused(f"{name} takes {wanted} values, not {len(arguments)}", "data/raw/README.md lists functions")
        return function([self.of(one) for one in arguments])

    def _compare(self, node: ast.Compare) -> Value:
        values = [self.of(one) for one in (node.left, *node.comparators)]
        pairs = zip(node.ops, values[:-1], values[1:], strict=True)
        return either([_compared(COMPARISONS[type(one)], left, right) for one, left, right in pairs], False)


def _compared(test: Callable[[float, float], bool], left: Value, right: Value) -> Value:
    return combine(lambda parts: test(*numbers(parts)), [left, right])


def _constant(value: float) -> Quantity:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _refused("this number is too large to hold", "write a smaller one")
    return Quantity(number)


def _conditions(parts: Sequence[Quantity]) -> list[bool]:
    found = [one.value for one in parts if isinstance(one.value, bool)]
    if len(found) != len(parts):
        raise Misused("a number stands where a condition is needed")
    return found


def _same(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=SAME, abs_tol=1e-12)


ARITHMETIC: dict[type, Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}

COMPARISONS: dict[type, Callable[[float, float], bool]] = {
    ast.Lt: lambda a, b: a < b and not _same(a, b),
    ast.LtE: lambda a, b: a < b or _same(a, b),
    ast.Gt: lambda a, b: a > b and not _same(a, b),
    ast.GtE: lambda a, b: a > b or _same(a, b),
    ast.Eq: _same,
    ast.NotEq: lambda a, b: not _same(a, b),
}


def _each(function: Callable[..., float]) -> Callable[[Sequence[Value]], Value]:
    """Return a function of numbers as one of values, element by element."""
    return lambda values: combine(lambda parts: function(*numbers(parts)), values)


def _counted(parts: Sequence[Quantity]) -> float:
    return sum(_conditions(parts))


def _printed(parts: Sequence[Quantity]) -> tuple[float, float]:
    """Return the last of some numbers, and half of one unit in its last printed place."""
    number, half_unit = numbers(parts)[-1], parts[-1].half_unit
    if half_unit is None:
        raise Misused("a computed number stands where one straight from print is needed")
    return number, half_unit


def _rounds_to(parts: Sequence[Quantity]) -> bool:
    printed, half_unit = _printed(parts)
    return abs(numbers(parts)[0] - printed) <= half_unit + SAME * max(1.0, abs(printed))


def _absent(values: Sequence[Value]) -> Quantity | None:
    """Return the first single value that is missing, as a list that could not be read."""
    return next((one for one in values if isinstance(one, Quantity) and one.value is None), None)


def _without(values: Sequence[Value]) -> Value:
    """Return the elements of the first series that the second does not have."""
    first, second = values
    absent = _absent(values)
    if absent is not None:
        return absent
    if not isinstance(first, Series) or not isinstance(second, Series):
        raise Misused("absent compares two lists of numbers")
    there = set(numbers(gather([second])))
    kept = [one for one in gather([first]) if numbers([one])[0] not in there]
    return Series(tuple(kept), "numbers", read=sources(values))


def _count(values: Sequence[Value]) -> Value:
    """Return how many conditions hold, or how many numbers there are; 0 of an empty list."""
    (one,) = values
    absent = _absent(values)
    if absent is not None:
        return absent
    if not isinstance(one, Series):
        raise Misused("count is of a list")
    known = [item for item in one.items if item.value is not None]
    conditions = bool(known) and isinstance(known[0].value, bool)
    return Quantity(_counted(known) if conditions else float(len(known)), sources(values))


def _share(values: Sequence[Value]) -> Value:
    return summarise(lambda parts: 100 * _counted(parts) / len(parts), values)


Function = Callable[[Sequence[Value]], Value]

# Name to the least and the most values that it takes, and what it makes of them.
FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "min": (1, MOST_NODES, lambda values: extreme(min, values)),
    "max": (1, MOST_NODES, lambda values: extreme(max, values)),
    "sum": (1, MOST_NODES, lambda values: summarise(lambda parts: math.fsum(numbers(parts)), values)),
    "count": (1, 1, _count),
    "share": (1, 1, _share),
    "all": (1, 1, lambda values: summarise(lambda parts: all(_conditions(parts)), values)),
    "any": (1, 1, lambda values: summarise(lambda parts: any(_conditions(parts)), values)),
    "absent": (2, 2, _without),
    "abs": (1, 1, _each(abs)),
    "log": (1, 1, _each(math.log)),
    "exp": (1, 1, _each(math.exp)),
    "sqrt": (1, 1, _each(math.sqrt)),
    "reduction": (1, 1, _each(lambda ratio: 100 * (1 - ratio))),
    "normal_p": (1, 1, _each(two_sided_p)),
    "rounds_to": (2, 2, lambda values: combine(_rounds_to, values)),
    "smallest": (1, 1, lambda values: combine(lambda parts: _printed(parts)[0] - _printed(parts)[1], values)),
    "largest": (1, 1, lambda values: combine(lambda parts: sum(_printed(parts)), values)),
}
