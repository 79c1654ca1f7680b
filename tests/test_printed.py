from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.errors import ReanalysisError
from reanalysis.printed import PrintedNumber


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        ("0.57", 0.57, 0.565, 0.575),
        ("0.60", 0.60, 0.595, 0.605),
        ("0.6", 0.6, 0.55, 0.65),
        ("1", 1.0, 0.5, 1.5),
        (".0001", 0.0001, 0.00005, 0.00015),
        ("-0.5", -0.5, -0.55, -0.45),
        ("2e-3", 0.002, 0.0015, 0.0025),
    ],
)
def test_stands_for_every_number_that_rounds_to_it(text: str, value: float, low: float, high: float) -> None:
    number = PrintedNumber(text)
    assert (number.value, number.low, number.high) == (value, low, high)
    assert str(number) == text


@pytest.mark.parametrize("text", ["", "abc", "1e400", "nan", "inf", "1,5", "1 2"])
def test_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        PrintedNumber(text)
    assert error.value.printed == text


@given(st.decimals(min_value=-1000, max_value=1000, places=3), st.integers(0, 3))
def test_a_rounded_number_holds_what_was_rounded(value: Decimal, places: int) -> None:
    printed = PrintedNumber(f"{value:.{places}f}")
    assert printed.low - 1e-9 <= float(value) <= printed.high + 1e-9
