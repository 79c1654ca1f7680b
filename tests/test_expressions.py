"""The language of claims: what it gives, what it refuses, and where its values were read."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.errors import ReanalysisError
from reanalysis.expressions import FUNCTIONS, MOST_CHARACTERS, evaluate, unknown
from reanalysis.quantities import Quantity, Series, Value, missing, sources
from reanalysis.spelled import spelled_number


def printed(value: float, half_unit: float, name: str) -> Quantity:
    return Quantity(value, frozenset([name]), half_unit)


FIELDS: dict[str, Value] = {
    "ratio": Quantity(0.61, frozenset(["cell"])),
    "nothing": missing("nobody printed it", ["empty"]),
    "shares": Series((printed(33, 0.5, "a"), missing("none", ["b"]), printed(61, 0.5, "c")), "studies"),
    "sizes": Series((printed(10, 0, "d"), printed(20, 0, "e"), printed(0, 0, "f")), "studies"),
    "others": Series((printed(1, 0, "g"),), "effects"),
    "said": printed(39, 0.5, "text"),
}


def ask(texts: tuple[str, ...], field: str) -> Value:
    if field not in FIELDS or texts not in ((), ("Khan",)):
        raise unknown("field", field, FIELDS)
    return FIELDS[field]


def value(text: str, **named: Quantity) -> object:
    found = evaluate(text, {"it": ask}, named)
    return [one.value for one in found.items] if isinstance(found, Series) else found.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - -4 / 2", 9.0),
        ("it.ratio", 0.61),
        ('it("Khan").ratio', 0.61),
        ("reduction(it.ratio)", 39.0),
        ("reduction(it.ratio) == it.said", True),
        ("1 < 2 <= 2 < 3 != 4", True),
        ("1 < 2 < 2", False),
        ("not 1 > 2 and (1 == 2 or 3 >= 3)", True),
        ("min(3, it.shares, 40)", 3.0),
        ("max(it.shares)", 61.0),
        ("sum(it.sizes, 1)", 31.0),
        ("count(it.shares)", 2.0),
        ("count(it.shares > 40)", 1.0),
        ("share(it.shares > 40)", 50.0),
        ("all(it.shares > 40)", False),
        ("any(it.shares > 40)", True),
        ("absent(it.sizes, it.shares)", [10.0, 20.0, 0.0]),
        ("absent(it.sizes, it.sizes)", []),
        ("count(absent(it.sizes, it.sizes))", 0.0),
        ("abs(-2) + log(exp(1)) + sqrt(4)", 5.0),
        ("normal_p(1.959963984540054)", 0.05),
        ("rounds_to(39.5, it.said) and rounds_to(38.5, it.said)", True),
        ("rounds_to(39.51, it.said) or rounds_to(38.49, it.said)", False),
        ("smallest(it.said)", 38.5),
        ("largest(it.said)", 39.5),
        ("part * 2", 14.0),
    ],
)
def test_what_expressions_give(text: str, expected: object) -> None:
    assert value(text, part=Quantity(7.0)) == pytest.approx(expected, rel=1e-14, abs=1e-15)


def test_lists_are_combined_element_by_element() -> None:
    assert value("100 * it.shares / it.sizes") == [330.0, None, None]
    assert value("35 <= it.shares <= 70 and it.sizes == 0") == [False, False, True]
    assert value("35 <= it.shares <= 70") == [False, None, True]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "division by zero"),
        ("1 / (it.said - 39)", "division by zero"),
        ("log(0)", "logarithm"),
        ("sqrt(-1)", "root"),
        ("exp(1000)", "too large"),
        ("1e308 * 10", "too large"),
        ("it.nothing + 1 > 2", "nobody printed it"),
        ("min(it.nothing, 1)", "nobody printed it"),
        ("max(it.shares / 0)", "no study"),
        ("rounds_to(1, it.nothing)", "nobody printed it"),
    ],
)
def test_what_has_no_value_says_why(text: str, reason: str) -> None:
    found = evaluate(text, {"it": ask}, {})
    assert isinstance(found, Quantity)
    assert found.value is None
    assert reason in found.reason


@pytest.mark.parametrize(("known", "expected"), [("1 < 2", (True, None)), ("1 > 2", (None, False))])
def test_a_missing_condition_matters_only_where_it_decides(known: str, expected: tuple[object, object]) -> None:
    for pair in (f"{known} {{}} it.nothing > 0", f"it.nothing > 0 {{}} {known}"):
        assert (value(pair.format("or")), value(pair.format("and"))) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1 + 1", set()),
        ("it.ratio < it.said", {"cell", "text"}),
        ("max(it.shares)", {"c"}),
        ("count(it.shares > 40)", {"a", "b", "c"}),
        ("sum(it.sizes)", {"d", "e", "f"}),
        ("1 > 2 and it.ratio > 0", {"cell"}),
        ("it.nothing > 0 or 1 < 2", {"empty"}),
        ("count(absent(it.sizes, it.sizes))", {"d", "e", "f"}),
    ],
)
def test_values_remember_what_they_were_read_from(text: str, read: set[str]) -> None:
    found = sources([evaluate(text, {"it": ask}, {})])
    assert found == read


@pytest.mark.parametrize(
    "text",
    [
        *("", "1 +", "(", "(" * 500, "-" * 900 + "1", "1" * 900, "9" * 400, "1 if 2 else 3", "[1]"),
        *("'text'", "True", "None", "1j", "1e999", "2 ** 9", "7 // 2", "7 % 2", "1 is 1", "1 in it.sizes", "~1", "+1"),
        *("lambda: 1", "{1: 2}", "[one for one in it.sizes]", "it.sizes[0]", "f'{it}'"),
        *("__import__('os').system('true')", "it.__class__.__mro__", "it('Khan').ratio.real", "it(Khan).ratio"),
        *("it(f'{1}').ratio", "it(*'a').ratio", "it(a='Khan').ratio", "it('Nobody').ratio", "it.unknown", "that.ratio"),
        *("it", "it('Khan')", "min", "part", "open('x')", "min()", "log(1, 2)", "log()", "count(1)", "absent(1, 2)"),
        *("1 and 2", "not 1", "(1 < 2) + 1", "log(1 < 2)", "(1 < 2) < 3", "all(it.sizes)", "share(it.sizes)"),
        *("it.shares + it.others", "rounds_to(1, 2)", "smallest(it.said * 1)", "x\0", "x := 1", "(yield)", "\\d"),
        *(" + ".join(["1"] * 150), "abs(" * 30 + "1" + ")" * 30, "1 + " * (MOST_CHARACTERS // 4) + "1"),
    ],
)  # fmt: skip
def test_what_is_refused_is_shown_with_a_remedy(text: str) -> None:
    with pytest.raises(ReanalysisError) as caught:
        evaluate(text, {"it": ask}, {})
    assert caught.value.printed == text
    assert caught.value.remedy


def test_an_unknown_name_is_seen_wherever_it_stands() -> None:
    for text in ("1 > 2 and nobody > 1", "1 < 2 or it.nobody > 1", "1 > 2 > nobody", "it.nothing + nobody"):
        with pytest.raises(ReanalysisError, match="nobody"):
            evaluate(text, {"it": ask}, {})
    with pytest.raises(ReanalysisError) as caught:
        evaluate("it.ration", {"it": ask}, {})
    assert "did you mean 'ratio'?" in caught.value.remedy


@given(st.text(alphabet="it.ratoshres()+-*/<>=!'\"0123456789 andornt,\n\t\\[]{}:%@~^&|", max_size=60))
def test_any_text_has_a_value_or_is_refused(text: str) -> None:
    try:
        found = evaluate(text, {"it": ask}, {})
    except ReanalysisError:
        return
    items = found.items if isinstance(found, Series) else (found,)
    assert all(one.reason if one.value is None else math.isfinite(one.value) for one in items)


NUMBER = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("a + b * a - b", lambda a, b: a + b * a - b),
        ("min(a, b) - max(a, b)", lambda a, b: -abs(a - b)),
        ("abs(a) * -b", lambda a, b: abs(a) * -b),
        ("a < b and not b <= a", lambda a, b: a < b and not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)),
    ],
)
def test_arithmetic_is_that_of_numbers(text: str, python: Callable[[float, float], float]) -> None:
    @given(NUMBER, NUMBER)
    def holds(a: float, b: float) -> None:
        assert value(text, a=Quantity(a), b=Quantity(b)) == python(a, b)

    holds()


def test_every_function_is_described() -> None:
    described = (ROOT / "data/raw/README.md").read_text(encoding="utf-8").split("## claims.yaml")[1]
    for name in FUNCTIONS:
        assert f"`{name}`" in described or f"`{name}(" in described, name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("One hundred fifty-eight patients (63.5%)", 158),
        ("One hundred and twenty-four patients", 124),
        ("twelve thousand six hundred", 12600),
        ("two million three hundred thousand and one", 2300001),
        ("Zero events", 0),
        ("Eighteen patients", 18),
        ("57 patients", None),
        ("and one", None),
        ("hundred", None),
        ("One 2", 1),
        ("", None),
    ],
)
def test_numbers_in_words(text: str, number: int | None) -> None:
    assert spelled_number(text) == number
