"""What is found in rows that are read cell by cell, one wrong number or word in each, and real ones that are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made import REVIEW

from reanalysis import checks
from reanalysis.extraction import extract
from reanalysis.raw import RawReview
from reanalysis.records import Finding
from reanalysis.routes import USABLE, routes


def found_in(
    *rows: dict[str, str],
    statements: list[dict[str, str]] | None = None,
    judgements: list[dict[str, str]] | None = None,
    **review: object,
) -> list[Finding]:
    """Return the findings of a table whose columns are named like their roles."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [dict.fromkeys(names, "") | {"study": "Ayer"} | row for row in rows]
    columns = {name: name for name in ("study", *names) if not name.startswith("other ")}
    raw = RawReview(
        folder=Path("made"),
        review=replace(REVIEW, columns=columns, **review),  # type: ignore[arg-type]
        headings=["study", *names],
        rows=cells,
        judgements=judgements or [],
        statements=statements or [],
    )
    read = extract(raw)
    made = routes(read.estimates, read.studies, raw.review.outcome, USABLE)
    return checks.run(checks.Table(raw, read.studies, read.estimates, made))


def spoken(found: list[Finding]) -> list[str]:
    return [one.check for one in found if one.severity != "note"]


RIGHT = {"result": "HR 0.70 (0.58-0.85), p = 0.0002"}

ROWS = [
    # counts
    ({"events": "500", "events_treated": "240", "events_control": "270"}, ["arms"]),
    ({"events": "510", "events_treated": "240", "events_control": "270"}, []),
    ({"n_treated": "100", "events_treated": "120"}, ["events"]),
    ({"n": "500", "events": "501"}, ["events"]),
    ({"n": "650", "n_treated": "920"}, ["events"]),
    ({"n": "1197", "n_treated": "1013", "events_control": "183"}, []),
    ({"n": "1197", "n_treated": "1013", "events_control": "283"}, ["events"]),
    ({"n": "344", "n_treated": "160 (46.5%)", "n_control": "184 (53.5%)"}, ["information_bound"]),
    ({"n": "1344", "n_treated": "660 (49.1%)", "n_control": "684 (50.9%)"}, []),
    ({"n": "1344", "n_treated": "660 (46.1%)", "n_control": "684 (50.9%)"}, ["percentages"]),
    ({"n": "1344", "n_treated": "660 (49.1%)", "events_treated": "264 (40%)", "events": "600 (45%)"}, []),
    ({"n": "1344", "n_treated": "660 (49.1%)", "events_treated": "330 (55%)"}, ["percentages"]),
    ({"other remarks": "died: 45/120 (37.5%), relapsed: 60/118 (51%)"}, []),
    ({"other remarks": "died: 45/120 (39.5%)"}, ["percentages"]),
    ({"period": "1998-1990"}, ["period"]),
    ({"period": "1998-2004", "year": "2003"}, ["period"]),
    ({"period": "1998-2003", "year": "2003"}, []),
    # words
    ({"claim": "significant"}, []),
    ({"claim": "no significant difference"}, ["claims"]),
    ({"claim": "n.s."}, ["claims"]),
    ({"claim": "favours surgery"}, []),
    ({"claim": "favours no surgery"}, ["claims"]),
    ({"claim": "in favour of no surgery (p = 0.0002)"}, ["claims"]),
    ({"claim": "not superior"}, []),
    ({"claim": "significantly better survival; no difference in toxicity"}, []),
    # a third group, recurrent events
    ({"n": "1000", "n_treated": "300", "n_control": "300"}, ["arms"]),
    # proportions
    ({"survival_treated": "43.4%", "survival_control": "26.7%", "n": "581", "n_treated": "320"}, []),
    ({"survival_treated": "26.7%", "survival_control": "43.4%", "n": "581", "n_treated": "320"}, ["crude"]),
    ({"survival_treated": "0.267", "survival_control": "0.434", "n_treated": "320", "n_control": "261"}, ["crude"]),
    ({"survival_treated": "26.7%", "survival_control": "43.4%"}, []),
    ({"n_treated": "600", "n_control": "600", "events_treated": "350", "events_control": "200"}, ["crude"]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), ROWS)
def test_what_is_found_beside_a_right_result(cells: dict[str, str], expected: list[str]) -> None:
    assert spoken(found_in(RIGHT | cells)) == expected


@pytest.mark.parametrize(
    ("cells", "measure", "expected"),
    [
        ({"result": "HR 0.70 (0.85-0.58)"}, "HR", ["impossible", "not_poolable"]),
        ({"result": "HR -0.70 (0.58-0.85)"}, "HR", ["not_poolable"]),
        ({"estimate": "-0.70", "ci": "0.58-0.85"}, "HR", ["impossible", "not_poolable"]),
        ({"result": "HR 0.70 (0.58-0.85), NS"}, "HR", ["coherent"]),
        ({"result": "HR 0.90 (0.70-1.16), NS"}, "HR", []),
        ({"result": "HR 0.70 (90% CI 0.60-0.82), p = 0.0002"}, "HR", []),
        ({"result": "HR 0.70 (0.60-0.82), p = 0.0002"}, "HR", ["coherent"]),
        ({"result": "HR 0.70 (0.58-0.85), one-sided p = 0.0001"}, "HR", []),
        ({"result": "HR 0.70 (0.58-0.85), one-sided p = 0.002"}, "HR", ["coherent"]),
        ({"result": "HR 0.70 (0.58-0.85)", "se": "0.0975"}, "HR", []),
        ({"result": "HR 0.70 (0.58-0.85)", "se": "0.0095"}, "HR", ["coherent"]),
        ({"result": "HR 0.70 (0.58-0.85)", "variance": "0.0095"}, "HR", []),
        ({"result": "HR 0.70 (0.58-0.85)", "variance": "0.0975"}, "HR", ["coherent"]),
        ({"result": "HR 0.70 (0.58-0.85)", "log_estimate": "-0.357"}, "HR", []),
        ({"result": "HR 0.70 (0.58-0.85)", "log_estimate": "0.357"}, "HR", ["coherent"]),
        ({"estimate": "-1.5", "lower": "-2.5", "upper": "-0.5"}, "MD", []),
        ({"estimate": "1.5", "lower": "-2.5", "upper": "-0.5"}, "MD", ["inside", "log_symmetry"]),
        ({"estimate": "-1.5", "lower": "-2.5", "upper": "0.5"}, "MD", ["log_symmetry"]),
        ({"estimate": "-1.5", "se": "0.51", "p": "0.003"}, "MD", []),
        ({"estimate": "-1.5", "se": "0.51", "p": "0.03"}, "MD", ["coherent"]),
        ({"estimate": "0.50", "lower": "0.30", "upper": "0.83", "p": "1.2"}, "OR", ["coherent", "p_range"]),
        ({"estimate": "2.0", "ci": "1.9-2.1", "n": "400"}, "OR", ["information_bound"]),
        ({"estimate": "2.0", "ci": "1.0-4.0", "n": "400"}, "OR", []),
        (
            {"estimate": "2.0", "ci": "1.2-3.3", "n_treated": "100", "n_control": "100",
             "events_treated": "40", "events_control": "5"}, "OR", ["information_bound", "own_table"],
        ),
        (
            {"estimate": "0.5", "ci": "0.3-0.8", "n_treated": "400", "n_control": "400",
             "events_treated": "120", "events_control": "50"}, "RR", ["crude", "own_table"],
        ),
    ],
)  # fmt: skip
def test_what_is_found_in_a_result(cells: dict[str, str], measure: str, expected: list[str]) -> None:
    assert sorted(spoken(found_in(cells, measure=measure))) == sorted(expected)


@pytest.mark.parametrize(
    ("result", "counts", "expected"),
    [
        # Badwe et al. 2015, Lancet Oncol 16:1380: 235 deaths among 350 women.
        ("HR 1.04 (0.81-1.34), p = 0.79", {"n": "350", "events": "235"}, []),
        # Soran et al. 2018, Ann Surg Oncol 25:3141, and 2021, J Am Coll Surg 233:742: 274 women, then 265.
        ("HR 0.66 (0.49-0.88), p = 0.005", {"n": "274", "n_treated": "138", "n_control": "136"}, []),
        ("HR 0.71 (0.59-0.86)", {"n": "265"}, ["information_bound"]),
        # Khan et al. 2022, J Clin Oncol 40:978: a 90 % interval.
        ("HR 1.11 (90% CI 0.82-1.52), p = 0.57", {"n": "256", "n_treated": "125", "n_control": "131"}, []),
        ("HR 1.11 (0.82-1.52), p = 0.57", {"n": "256"}, ["coherent"]),
        # Fitzal et al. 2019, Ann Surg 269:1163.
        ("HR 0.691 (0.358-1.333), p = 0.267", {"n": "90", "n_treated": "45", "n_control": "45"}, []),
        # JCOG1017 (Shien et al. 2023, abstract 523 of ASCO): a 90 % interval, a one-sided p, 221 deaths.
        ("HR 0.857 (90% CI 0.686-1.072), one-sided p = 0.128", {"n": "407", "events": "221"}, []),
        (
            "HR 0.857 (0.686-1.072), one-sided p = 0.128",
            {"n": "407", "events": "221"},
            ["information_bound", "coherent"],
        ),
        ("HR 0.857 (90% CI 0.686-1.072), p = 0.128", {"n": "407", "events": "221"}, ["coherent"]),
    ],
)
def test_the_trials_and_their_traps(result: str, counts: dict[str, str], expected: list[str]) -> None:
    assert spoken(found_in({"result": result} | counts)) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"field": "n", "printed": "16 023"}, []),
        ({"field": "n", "printed": "16 032"}, ["elsewhere"]),
        ({"field": "p", "printed": "P = 0.0003"}, []),
        ({"field": "p", "printed": "P = 0.006"}, ["elsewhere"]),
        ({"field": "p", "printed": "P = 0.006", "outcome": "TTFP"}, []),
        ({"field": "estimate", "printed": "hazard ratio, 0.7 [95%CI 0.58-0.85]; p = 0.0002"}, []),
        ({"field": "estimate", "printed": "HR 0.72 (0.58-0.85)"}, ["elsewhere"]),
        ({"field": "estimate", "printed": "HR 0.70 (0.58-0.95)"}, ["elsewhere"]),
        ({"of": "whole", "printed": "249 cases (78%)"}, []),
        ({"of": "whole", "printed": "249 cases (74%)"}, ["elsewhere"]),
    ],
)
def test_numbers_printed_elsewhere(statement: dict[str, str], expected: list[str]) -> None:
    row = {"n": "16023", "result": "HR 0.70 (0.58-0.85)"}
    about = {"id": "one", "section": "Discussion", "study": "Ayer", "about": "Something"}
    whole = about | {"id": "whole", "printed": "320", "about": "All"}
    found = found_in(row, statements=[about | statement, whole])
    assert spoken(found) == expected
    for one in found:
        assert one.check != "elsewhere" or statement["printed"] in one.detail


def test_the_p_value_of_blanchards_own_paper_is_not_that_of_the_interval(shipped: RawReview) -> None:
    read = extract(shipped)
    made = routes(read.estimates, read.studies, "OS", USABLE)
    found = checks.run(checks.Table(shipped, read.studies, read.estimates, made))
    (one,) = [one for one in found if one.check == "elsewhere"]
    assert (one.study, one.severity) == ("Blanchard", "warning")
    assert "0.006" in one.detail
    assert "7.7e-06 to 8.8e-06" in one.detail  # 8.6e-06 from the printed numbers as they stand


def test_numbers_copied_to_another_row() -> None:
    row = {"n": "210", "n_treated": "100", "result": "HR 0.70 (0.48-1.02)"}
    found = found_in(row | {"study": "Ayer"}, row | {"study": "Bell"}, row | {"study": "Cole", "n": "211"})
    assert [(one.check, one.row) for one in found if one.severity == "warning"] == [("repeated", 1), ("repeated", 2)]


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (("Brigham and Women’s Hospital and\nMassachusetts General Hospital", "1998-2005"),
         ("Massachusetts General Hospital and Birgham and Women’s Hospital", "1970-2002"), True),
        (("Massachusetts General Hospital", "1998-2005"), ("Massachusetts General Hospital", "1970-1997"), False),
        (("Massachusetts General Hospital", "1998-2005"), ("Geneva cancer registry", "1970-2002"), False),
        (("SEER", "1998-2005"), ("SEER", "1970-2002"), True),
        (("General Hospital of Paris", "1998-2005"), ("Hospital", "1970-2002"), False),
    ],
)  # fmt: skip
def test_one_institution_in_the_same_years_may_be_the_same_patients(
    first: tuple[str, str], second: tuple[str, str], shared: bool
) -> None:
    rows = [
        {"study": name, "database": database, "period": period, "result": "HR 0.70 (0.48-1.02)"}
        for name, (database, period) in (("Ayer", first), ("Bell", second))
    ]
    found = [one for one in found_in(*rows) if one.check == "overlap"]
    assert [one.study for one in found] == (["Ayer", "Bell"] if shared else [])


def test_a_declared_cluster_of_other_years_shares_nobody() -> None:
    rows = [
        {"study": name, "period": period, "result": "HR 0.70 (0.48-1.02)"}
        for name, period in (("Ayer", "1990-1995"), ("Bell", "1996-1999"), ("Cole", "1995-1997"))
    ]
    judged = [{"study": name, "cluster": "one", "cluster_from": "Made"} for name in ("Ayer", "Bell", "Cole")]
    found = [one for one in found_in(*rows, judgements=judged) if one.check == "overlap"]
    assert {one.study: one.message.split(";")[0] for one in found} == {
        "Ayer": "May share patients with Cole", "Bell": "May share patients with Cole",
        "Cole": "May share patients with Ayer, Bell",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "measure", "expected"),
    [
        # Intervals of other kinds, from R: fisher.test and confint(glm) of 12, 8, 4, 16; summary() of the same model.
        ({"estimate": "5.71", "ci": "1.23-32.73"}, "OR", [("log_symmetry", "warning")]),
        ({"estimate": "6.00", "ci": "1.55-27.48"}, "OR", [("log_symmetry", "warning")]),
        ({"estimate": "6.00", "ci": "1.46-24.69"}, "OR", []),
        # A log-rank test's own variance, under no effect; a t interval beside its standard error.
        ({"o_minus_e": "-15.0", "variance": "12.5", "events_treated": "10", "events_control": "40",
          "n_treated": "100", "n_control": "100"}, "HR", []),
        ({"estimate": "2.00", "ci": "0.11-3.89", "se": "0.90", "n": "20"}, "MD", [("coherent", "note")]),
        ({"estimate": "2.00", "ci": "0.11-3.89", "se": "0.60", "n": "20"}, "MD", [("coherent", "warning")]),
        # Groups that add up to less than all, events that recur.
        ({"estimate": "0.80", "ci": "0.74-0.87", "n": "300", "n_treated": "100", "n_control": "100"}, "RR",
         [("arms", "warning")]),
        ({"estimate": "0.80", "ci": "0.74-0.87", "n_treated": "200", "events_treated": "900"}, "RR",
         [("events", "warning")]),
        # The row's own two-by-two table: 24 of 100 and 16 of 100 have an odds ratio of 1.66.
        ({"estimate": "1.66", "ci": "0.82-3.35", "events_treated": "24", "events_control": "16",
          "n_treated": "100", "n_control": "100"}, "OR", []),
        ({"estimate": "1.50", "ci": "0.74-3.05", "events_treated": "24", "events_control": "16",
          "n_treated": "100", "n_control": "100"}, "OR", [("own_table", "note")]),
        ({"estimate": "0.60", "ci": "0.28-1.29", "events_treated": "24", "events_control": "16",
          "n_treated": "100", "n_control": "100"}, "OR", [("own_table", "warning")]),
        # The standard error of a standardised difference of 40 and 40 is about 0.23.
        ({"estimate": "-0.40", "se": "0.23", "n_treated": "40", "n_control": "40"}, "SMD", []),
        ({"estimate": "-0.40", "se": "0.05", "n_treated": "40", "n_control": "40"}, "SMD",
         [("standardised", "warning")]),
        # A median, a lost decimal mark, a wide odds ratio that is one.
        ({"result": "31 (26-36)"}, "HR", [("plausible", "warning")]),
        ({"result": "HR 23 (19-27)"}, "HR", [("plausible", "warning")]),
        ({"result": "OR 21.0 (1.3-336.1)"}, "OR", []),
        # Which way round?
        ({"result": "HR (no surgery vs surgery) 1.64 (1.20-2.24)"}, "HR", [("groups", "warning")]),
        ({"result": "HR for relapse 1.64 (1.20-2.24)"}, "HR", [("other_outcomes", "warning")]),
    ],
)  # fmt: skip
def test_what_is_unusual_and_what_is_wrong(
    cells: dict[str, str], measure: str, expected: list[tuple[str, str]]
) -> None:
    quiet = {"not_poolable", "from_p", "routes_apart"}
    found = found_in(cells, measure=measure)
    assert [(one.check, one.severity) for one in found if one.check not in quiet] == expected


def test_a_p_value_of_zero_is_noted() -> None:
    found = [one for one in found_in({"result": "HR 0.50 (0.40-0.62), p = 0.000"}) if one.check == "p_range"]
    assert [(one.severity, one.detail) for one in found] == [
        ("note", "Printed 0.000, which stands for less than 0.0005.")
    ]
