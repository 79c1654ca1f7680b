"""Numbers that know where they stand: through arithmetic, formats and sentences, and out again."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import formatting
from reanalysis.measures import to_print
from reanalysis.report.data_elements import sources, with_data_elements
from reanalysis.traced import CLOSE, OPEN, derived, plain, size, source_of, trace, traced

FINITE = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)
CONTENT = {"primary": {"ratio": 0.63274, "k": 11}, "models": [{"tau2": 0.0284}, {"tau2": None}], "exact": True}


def test_a_number_of_a_file_knows_its_way() -> None:
    found = traced(CONTENT, "pooled")
    assert source_of(found["primary"]["ratio"]) == "pooled/primary/ratio"
    assert source_of(found["models"][0]["tau2"]) == "pooled/models/0/tau2"
    assert source_of(size(found["models"])) == "pooled/models"
    assert found["exact"] is True
    assert found["models"][1]["tau2"] is None


def test_a_key_with_a_slash_stays_one_step() -> None:
    assert source_of(traced({"a/b+c": 1}, "file")["a/b+c"]) == "file/a%2Fb%2Bc"


def test_tracing_changes_no_number_and_no_file() -> None:
    found = traced(CONTENT, "pooled")
    assert found == CONTENT
    assert json.dumps(found) == json.dumps(CONTENT)
    assert hash(found["primary"]["ratio"]) == hash(0.63274)


@given(FINITE, FINITE)
def test_arithmetic_gives_the_bare_result_and_keeps_both_sources(a: float, b: float) -> None:
    x, y = trace(a, "one"), trace(b, "two")
    for found, bare in ((x + y, a + b), (x - y, a - b), (x * y, a * b), (100 * x, 100 * a), (-x, -a), (abs(x), abs(a))):
        assert found == bare
    assert source_of(x + y) == "one+two"
    assert source_of(100 * x) == source_of(-x) == source_of(1 - x) == source_of(sum([x, x])) == "one"
    if b:
        assert x / y == a / b
        assert source_of(1 / y) == "two"


@given(FINITE, st.integers(0, 6))
def test_a_marked_text_is_the_text_without_marks(value: float, decimals: int) -> None:
    for show in (
        lambda one: formatting.number(one, decimals),
        lambda one: formatting.significant(one, decimals + 1),
        formatting.count,
        lambda one: formatting.p_value(abs(one)),
        lambda one: formatting.p_phrase(abs(one)),
        lambda one: f"{one:.3g} of {one}",
    ):
        shown = show(trace(value, "file/key"))
        assert OPEN in shown
        assert plain(shown) == show(value)


def test_a_ratio_comes_from_its_logarithm() -> None:
    found = to_print("HR", trace(-0.5, "pooled/primary/estimate"))
    assert found == math.exp(-0.5)
    assert source_of(found) == "pooled/primary/estimate"


def test_marks_become_elements_in_text_and_vanish_elsewhere() -> None:
    value = trace(0.63274, "pooled/primary/ratio")
    page = f'<p title="{value:.2f}">HR {value:.2f}</p><svg><text>{value:.1f}</text></svg><script>"{value:.1f}"</script>'
    assert with_data_elements(page) == (
        '<p title="0.63">HR <data value="0.63274" data-of="pooled/primary/ratio">0.63</data></p>'
        '<svg><text>0.6</text></svg><script>"0.6"</script>'
    )
    assert sources(with_data_elements(page)) == {"pooled/primary/ratio"}


def test_a_text_cut_through_a_mark_is_refused() -> None:
    with pytest.raises(AssertionError):
        with_data_elements(f"<p>{trace(1.5, 'file'):.1f}</p>".replace(CLOSE, ""))


def test_what_is_made_of_nothing_traced_has_no_source() -> None:
    assert source_of(derived(3, [1, 2, 3], 4)) == ""
    assert type(derived(3, 4)) is int
