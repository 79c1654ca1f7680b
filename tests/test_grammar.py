"""The cell forms of the shipped table, letter by letter, and forms that must not be read as numbers."""

import pytest

from reanalysis import grammar, names
from reanalysis.errors import ReanalysisError
from reanalysis.printed import is_missing

# cell -> readings as (measure, outcome, contrast, estimate, lower, upper, level, operator, p)
CELLS = {
    "HR OS (RO) = 0.61\n(0.58-0.65)\nHR (R1) = 0.751 (0.71-0.793)": [
        ("HR", "OS", "RO", "0.61", "0.58", "0.65", None, "", None),
        ("HR", "", "R1", "0.751", "0.71", "0.793", None, "", None),
    ],
    "HR OS = 0.57 (0.55-0.60)": [("HR", "OS", "", "0.57", "0.55", "0.60", None, "", None)],
    "HR OS = 0.47 (p = 0.003)": [("HR", "OS", "", "0.47", None, None, None, "=", "0.003")],
    "HR OS =\n0.89 (0.79-1)": [("HR", "OS", "", "0.89", "0.79", "1", None, "", None)],
    "HR OS = 0.5 (0.21-1.19)\nHR TTFP = 0.54 (0.38-0.77,\np = 0.0007)": [
        ("HR", "OS", "", "0.5", "0.21", "1.19", None, "", None),
        ("HR", "TTFP", "", "0.54", "0.38", "0.77", None, "=", "0.0007"),
    ],
    "HR OS = 0.62 (95%CI =\n0.51-0.76)": [("HR", "OS", "", "0.62", "0.51", "0.76", 0.95, "", None)],
    "HR OS = 0.6 if R0 (0.4-1.0)\nNS if R1": [
        ("HR", "OS", "R0", "0.6", "0.4", "1.0", None, "", None),
        ("", "", "R1", None, None, None, None, "ns", None),
    ],
    "Matched-pair analysis:\nbenefit of surgery\np < 0.0001": [
        ("", "", "", None, None, None, None, "<", "0.0001"),
    ],
    "No benefit in multivariate\nanalysis": [("", "", "", None, None, None, None, "", None)],
    # Forms of the running text.
    "hazard ratio, 0.70 [95%CI 0.58-0.85]; p = 0.0002": [("HR", "", "", "0.70", "0.58", "0.85", 0.95, "=", "0.0002")],
    "0.45 (95% CI, 0.32 to 0.65; P <.0001)": [("", "", "", "0.45", "0.32", "0.65", 0.95, "<", ".0001")],
    "1.6 (95%CI: 1.0-2.5)": [("", "", "", "1.6", "1.0", "2.5", 0.95, "", None)],
    "HR = 0.83, 95CI: 0.79-0.87": [("HR", "", "", "0.83", "0.79", "0.87", 0.95, "", None)],
    # Others.
    "adjusted hazards ratio 1.11 (90% CI 0.82–1.52)": [("HR", "", "", "1.11", "0.82", "1.52", 0.90, "", None)],
    "aHR 0.5 (0.4-0.6)": [("HR", "", "", "0.5", "0.4", "0.6", None, "", None)],
    "adj. OR = 2.0 [1.1; 3.6]": [("OR", "", "", "2.0", "1.1", "3.6", None, "", None)],
    "OR 0.57 CI 0.55-0.60": [("OR", "", "", "0.57", "0.55", "0.60", None, "", None)],
    "0.5 95% CI 0.3-0.8": [("", "", "", "0.5", "0.3", "0.8", 0.95, "", None)],
    "HR 0.5 (99CI 0.3-0.8, p-value = 0.01)": [("HR", "", "", "0.5", "0.3", "0.8", 0.99, "=", "0.01")],
    "risk ratio 1.5 (p > 0.05)": [("RR", "", "", "1.5", None, None, None, ">", "0.05")],
    "SMD = −0.4 [−0.8 to 0.0]": [("SMD", "", "", "-0.4", "-0.8", "0.0", None, "", None)],
    "0.88, 95% CI 0.60–1.29": [("", "", "", "0.88", "0.60", "1.29", 0.95, "", None)],
    "-1.5 (-2.5 to -0.5)": [("", "", "", "-1.5", "-2.5", "-0.5", None, "", None)],
    "aOR 0.55 (95% CI: 0.30 to 0.98)†": [("OR", "", "", "0.55", "0.30", "0.98", 0.95, "", None)],
    "MD -0.5 (-0.9 to -0.1)": [("MD", "", "", "-0.5", "-0.9", "-0.1", None, "", None)],
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_read_to_the_letter(cell: str) -> None:
    found = [
        (
            one.measure,
            one.outcome,
            one.contrast,
            *(None if number is None else number.text for number in (one.estimate, one.lower, one.upper)),
            one.level,
            one.p_operator,
            None if one.p is None else one.p.text,
        )
        for one in grammar.read_result(cell)
    ]
    assert found == CELLS[cell]


@pytest.mark.parametrize("cell", CELLS)
def test_every_field_stands_where_its_characters_say(cell: str) -> None:
    for reading in grammar.read_result(cell):
        for name, (start, end) in reading.spans.items():
            value = getattr(reading, name)
            characters = cell[start:end]
            if name in ("estimate", "lower", "upper", "p"):
                assert characters.replace("−", "-") == value.text
            elif name in ("outcome", "contrast"):
                assert characters.split() == value.split()
            elif name == "level":
                assert str(round(100 * value)) in characters
            else:
                assert characters
            assert reading.start <= start < end <= reading.end


@pytest.mark.parametrize("cell", CELLS)
def test_no_word_of_a_cell_is_lost(cell: str) -> None:
    covered = "".join(cell[one.start : one.end] for one in grammar.read_result(cell))
    lost = set("".join(cell.split())) - set("".join(covered.split()))
    assert not lost - set(",;†")


@pytest.mark.parametrize(
    "cell",
    [
        "0.57 (0.55-",
        "HR 0.5 (0.4-0.6) (0.3-0.7)",
        "OR 2.0 (-1)",
        "HR 0.5 (p = 0.01, p = 0.02)",
        "HR = not given",
        "HR (",
        # A cell keeps to one way of writing numbers.
        "OR 1,7 (p = 0.03)",
        "OR 1,72 (1.02-2.31)",
        "0,81 (0.5-1.2)",
        "OR 0.6 (0.95 CI 0.5-0.7)",
        # Numbers that belong to nobody.
        "OR 0.72 0.51-1.02",
        "1.2 (0.9-1.6) vs 1.4 (1.0-1.9)",
    ],
)
def test_what_cannot_be_read_is_kept_with_a_reason(cell: str) -> None:
    (reading,) = grammar.read_result(cell)
    assert reading.estimate is None
    assert reading.reason.startswith("cannot be read")


@pytest.mark.parametrize(
    "cell",
    [
        "better with surgery or 3 (1-5)",
        "MD Anderson Cancer Center",
        "not significant",
        "median 31 months",
        "46%",
        "12/40 vs 20/41",
        "3-year survival 35% against 26%",
        "better",
    ],
)
def test_words_and_percentages_are_no_ratios(cell: str) -> None:
    assert all(reading.estimate is None and reading.reason for reading in grammar.read_result(cell))


def test_an_empty_cell_has_no_reading() -> None:
    assert grammar.read_result(" \n ") == []


@pytest.mark.parametrize(
    ("cell", "between", "numbers"),
    [
        ("16023/9162/6861", "/", ["16023", "9162", "6861"]),
        ("16023 / 9162 / 6861", "/", ["16023", "9162", "6861"]),
        ("1990-1993", "-", ["1990", "1993"]),
        ("1990 – 1993", "-", ["1990", "1993"]),
        ("1990 to 1993", "-", ["1990", "1993"]),
        ("87", "", ["87"]),
        ("87*", "", ["87"]),
        ("-0.5", "", ["-0.5"]),
    ],
)
def test_numbers_alone(cell: str, between: str, numbers: list[str]) -> None:
    found = grammar.read_numbers(cell, "numbers", between)
    assert [number.text for number, _ in found] == numbers
    assert [cell[start:end] for _, (start, end) in found] == numbers


@pytest.mark.parametrize("between", ["", "/", "-"])
@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "12/abc",
        "12/",
        "/12",
        "12//13",
        "12 13",
        "1990-",
        "about 12",
        "12%",
        "--3",
        "1,204",
        "0.72x",
        "12;13",
        "12,13,14",
    ],
)
def test_a_word_where_a_number_must_be_is_an_error(cell: str, between: str) -> None:
    with pytest.raises(ReanalysisError) as error:
        grammar.read_numbers(cell, "a number", between)
    assert error.value.printed == cell


def test_a_separator_of_another_kind_is_an_error() -> None:
    for cell, between in [("12/13", "-"), ("12-13", "/"), ("12/13", ""), ("12-13", "")]:
        with pytest.raises(ReanalysisError):
            grammar.read_numbers(cell, "a number", between)


@pytest.mark.parametrize(
    ("cell", "operator", "p"),
    [("0.03", "=", "0.03"), ("< 0.001", "<", "0.001"), ("p = .04", "=", ".04"), ("P≤0.05", "<=", "0.05")],
)
def test_a_p_value_alone(cell: str, operator: str, p: str) -> None:
    reading = grammar.read_p(cell)
    assert reading.p is not None
    assert (reading.p_operator, reading.p.text) == (operator, p)


@pytest.mark.parametrize("cell", ["", " ", "-", "–", "—", "NA", "n/a", "NR", "nd", "Not reported", "not available"])
def test_cells_that_say_nothing_is_printed(cell: str) -> None:
    assert is_missing(cell)
    assert not is_missing("0")


def test_not_significant_alone() -> None:
    reading = grammar.read_p("NS")
    assert (reading.p, reading.p_operator) == (None, "ns")


@pytest.mark.parametrize("cell", ["0.55-0.60", "(0.55 to 0.60)", "[95% CI 0.55; 0.60]", "95%CI: 0.55–0.60"])
def test_an_interval_alone(cell: str) -> None:
    reading = grammar.read_interval(cell)
    assert reading.lower is not None
    assert reading.upper is not None
    assert (reading.lower.text, reading.upper.text) == ("0.55", "0.60")


@pytest.mark.parametrize("cell", ["0.55", "0.55-0.60-0.70", "wide", "p = 0.03", "(0.55-0.60"])
def test_what_is_no_interval_is_an_error(cell: str) -> None:
    with pytest.raises(ReanalysisError):
        grammar.read_interval(cell)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Kahn\net al. [13]", "Kahn"),
        ("Le Scodan\net al. [14]", "Le Scodan"),
        ("Badwe, 2015", "Badwe"),
        ("Badwe 2015", "Badwe"),
        ("O'Brien (7)", "O'Brien"),
        ("Team A", "Team A"),
        ("(Pilot) Jones 2011", "(Pilot) Jones"),
        ("Smith 2010a", "Smith"),
        (" [18]", ""),
        ("", ""),
    ],
)
def test_a_study_is_named_before_its_citation(cell: str, name: str) -> None:
    assert names.read_name(cell)[0] == name


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Smith (2010)", "Smith (2018)", "Bell 2004"], ["Smith 2010", "Smith 2018", "Bell"]),
        (["Smith [1]", "Smith [2]"], ["Smith [1]", "Smith [2]"]),
        (["Lee, A. 2010a", "Lee, B. 2010b"], ["Lee 2010a", "Lee 2010b"]),
        (["Chen (2004) [6]", "Chen (2004) [6]"], ["Chen 2004 [6] (row 1)", "Chen 2004 [6] (row 2)"]),
        (["Ayer", "Ayer"], ["Ayer (row 1)", "Ayer (row 2)"]),
        (["", ""], ["", ""]),
    ],
)
def test_no_two_studies_have_one_name(cells: list[str], expected: list[str]) -> None:
    assert names.study_names(cells) == expected


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("1998–02", ["1998", "2002"]), ("1990–93", ["1990", "1993"]), ("from 1990 to 1993", ["1990", "1993"]),
        ("Jan 1990 to Dec 1993", ["1990", "1993"]), ("01/1990-12/1993", ["1990", "1993"]), ("1990", ["1990"]),
        ("1990-93", ["1990", "1993"]),
    ],
)  # fmt: skip
def test_inclusion_periods(cell: str, years: list[str]) -> None:
    assert [number.text for number, _ in grammar.read_years(cell, "years")] == years


@pytest.mark.parametrize(
    ("cell", "percent"),
    [("43.4%", "43.4"), ("0.434", "43.4"), ("43.4", "43.4"), ("1", "1E+2"), ("100%", "100"), ("0%", "0"), ("1%", "1")],
)
def test_proportions_are_in_percent(cell: str, percent: str) -> None:
    assert grammar.read_proportion(cell)[0].text == percent
