"""What changed since an archived version: one line a change, and shares that add up to the move."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compared import COMMIT, CORRECTION, FILES, LOCK, archived, changes, edited

from reanalysis.comparison.lines import differences, lines
from reanalysis.comparison.shapley import NOTHING, coalitions, finest, shares, summing
from reanalysis.comparison.told import summary
from reanalysis.comparison.versions import against, newest, order
from reanalysis.errors import ReanalysisError

LISTS = ("studies", "columns", "cells", "declared", "settings", "packages", "code")


def causes(found: Mapping[str, Any]) -> list[tuple[tuple[str, ...], int]]:
    return [(tuple(one["parts"]), one["count"]) for one in found["causes"]]


def quantity(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["quantities"] if one["quantity"] == name)


def exact(value: float) -> Decimal:
    return Decimal(repr(value))


def assert_sums(found: Mapping[str, Any]) -> None:
    """In decimals, as they are written: then and all shares make now."""
    for one in found["quantities"]:
        if one["shares"]:
            assert exact(one["then"]) + sum(map(exact, one["shares"])) == exact(one["now"])
            assert exact(one["now"]) - exact(one["then"]) == exact(one["move"])


CORRECTED = {**FILES, "corrections.yaml": CORRECTION}
ONE_CHANGE = {
    "a cell": (edited(FILES, "table.csv", "0.70,", "0.75,"), {}, "cells", "cells"),
    "a cell that names the study": (edited(FILES, "table.csv", "Cole 2006", "Kohl 2006"), {}, "cells", "cells"),
    "a cell that is not pooled": (edited(FILES, "table.csv", ",d", ",e"), {}, "cells", "cells"),
    "a study": ({**FILES, "table.csv": FILES["table.csv"] + "East 2012,70,0.5,0.3-0.83,e\n"}, {}, "studies", "studies"),
    "a correction": (CORRECTED, {}, "declared", "corrections"),
    "a declaration": (edited(FILES, "review.yaml", "title: Small", "title: Large"), {}, "declared", "declarations"),
    "a setting": (FILES, {"tau2_method": "DL"}, "settings", "settings"),
    "a setting that pools nothing": (FILES, {"seed": 1}, "settings", "settings"),
    "a package": (FILES, {"lock": LOCK.replace("2.1.0", "2.2.0")}, "packages", "software"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_CHANGE)
def test_one_change_is_one_attributed_line(name: str, tmp_path: Path) -> None:
    files, given, where, cause = ONE_CHANGE[name]
    found = changes(tmp_path, archived(tmp_path), files, **given)
    assert {one: len(found[one]) for one in LISTS if found[one]} == {where: 1}
    assert causes(found) == [((cause,), 1)]
    assert len(differences(found)) == 1
    assert_sums(found)
    for one in found["quantities"]:
        assert one["shares"] == [one["move"]]


def test_nothing_changed_is_no_line(tmp_path: Path) -> None:
    # Where a line breaks in a cell, and a comment of YAML, mean nothing.
    files = edited(edited(FILES, "table.csv", "Ayer 1999", '"Ayer\n1999"'), "review.yaml", "title", "# a\ntitle")
    found = changes(tmp_path, archived(tmp_path), files)
    assert [found[one] for one in (*LISTS, "causes")] == [[]] * 8
    assert {one["move"] for one in found["quantities"]} == {0.0}
    assert differences(found) == []
    assert any("Nothing differs from version 0.1.0" in one for one in lines(found))
    assert found["commit"] == COMMIT


def test_the_texts_of_then_and_now_are_told(tmp_path: Path) -> None:
    found = changes(tmp_path, archived(tmp_path), edited(FILES, "table.csv", "0.70,", "0.75,"), draws=5000)
    assert found["cells"] == [{"study": "Cole", "row": 3, "column": "OR", "then": "0.70", "now": "0.75"}]
    assert found["settings"] == [{"name": "draws", "then": "20000", "now": "5000"}]
    assert [one for one in lines(found) if "0.70" in one] == ["  cell: Cole, OR: 0.70 → 0.75"]


def pooled(ratios: list[tuple[float, float, float]]) -> float:
    """Return the equal-effects pool of printed ratios with 95 % limits."""
    yi, low, high = np.log(np.array(ratios)).T
    weights = 1 / ((high - low) / (2 * 1.959963984540054)) ** 2
    return float(np.average(yi, weights=weights))


def test_shares_are_the_mean_over_the_orders_of_the_changes(tmp_path: Path) -> None:
    """Two cells and a study, pooled here by hand with and without each of the two causes."""
    base = [(0.80, 0.60, 1.07), (0.95, 0.60, 1.50), (0.70, 0.55, 0.89), (0.90, 0.50, 1.62)]
    cells = [base[0], base[1], (0.50, 0.40, 0.63), base[3]]
    new = (0.5, 0.3, 0.83)
    files = edited(
        edited(FILES, "table.csv", "0.70,0.55-0.89", "0.50,0.40-0.63"),
        "table.csv",
        ",d\n",
        ",d\nEast,9,0.5,0.3-0.83,e\n",
    )
    then = archived(tmp_path, tau2_method="FE")
    one = quantity(changes(tmp_path, then, files, tau2_method="FE"), "estimate")
    nothing, only_cells, only_study, both = pooled(base), pooled(cells), pooled([*base, new]), pooled([*cells, new])
    study = ((only_study - nothing) + (both - only_cells)) / 2
    assert one["shares"] == pytest.approx([study, both - nothing - study], abs=2e-9)
    assert (one["then"], one["now"]) == pytest.approx((nothing, both), abs=2e-9)


def test_all_causes_at_once_add_up(tmp_path: Path) -> None:
    files = edited(edited(CORRECTED, "table.csv", "0.70,", "0.75,"), "review.yaml", "outcome: death", "outcome: OS")
    files["table.csv"] += "East 2012,70,0.5,0.3-0.83,e\n"
    files["judgements.csv"] = "study,design\nEast,randomised\n"
    found = changes(
        tmp_path, archived(tmp_path), files, tau2_method="SJ", interval="wald", lock=LOCK.replace("1.14.1", "1.15.0")
    )
    # What is declared of a new study comes with it.
    assert causes(found) == [
        (("studies",), 2), (("cells",), 1), (("corrections",), 1), (("declarations",), 1), (("settings",), 2),
        (("software",), 1),
    ]  # fmt: skip
    assert_sums(found)
    first = quantity(found, "estimate")
    assert first["shares"][-3] == first["shares"][-1] == 0  # another name of the outcome, another package: no number
    assert all(first["shares"][place] for place in (0, 1, 2, 4))


def test_another_result_of_the_same_input_is_the_software(tmp_path: Path) -> None:
    made = dict(archived(tmp_path).results("small"))
    other = {f"results/small/{name}": one for name, one in made.items()}
    before = quantity(changes(tmp_path, archived(tmp_path)), "tau2")["then"]
    written = repr(before).encode()
    name = "results/small/pooled.json"
    assert written in other[name]
    other[name] = other[name].replace(b'"tau2": ' + written, b'"tau2": 0.25')
    found = changes(tmp_path, archived(tmp_path, made=other), edited(FILES, "table.csv", "0.70,", "0.75,"))
    assert causes(found) == [(("cells",), 1), (("software",), 0)]
    assert quantity(found, "tau2")["shares"][1] == pytest.approx(before - 0.25)
    assert quantity(found, "estimate")["shares"][1] == 0
    assert_sums(found)


def test_causes_that_need_each_other_are_one(tmp_path: Path) -> None:
    """A guarded cell and its guard; a heading and the role that names it."""
    files = edited(edited(CORRECTED, "table.csv", "0.95,", "0.94,"), "corrections.yaml", '"0.95"', '"0.94"')
    found = changes(tmp_path, archived(tmp_path, CORRECTED), files, seed=3)
    assert causes(found) == [(("cells", "corrections"), 2), (("settings",), 1)]
    assert "Cells of the table and corrections count as one cause" in " ".join(summary(found))
    renamed = edited(edited(FILES, "table.csv", ",OR,", ",Odds,"), "review.yaml", "estimate: OR", "estimate: Odds")
    found = changes(tmp_path, archived(tmp_path), renamed)
    assert causes(found) == [(("cells", "declarations"), 3)]
    assert_sums(found)


def test_a_slope_that_some_mixture_has_not_is_told_and_not_divided(tmp_path: Path) -> None:
    few = {**FILES, "table.csv": "\n".join(FILES["table.csv"].splitlines()[:3]) + "\n"}
    found = changes(tmp_path, archived(tmp_path, few), edited(FILES, "review.yaml", "[log_n]", "[log_n, Note]"), seed=3)
    slopes = [one for one in found["quantities"] if one["quantity"] == "slope"]
    assert slopes
    assert all(one["shares"] is None and one["reason"] for one in slopes)
    assert quantity(found, "estimate")["shares"]
    assert_sums(found)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_studies(rows: int, tmp_path: Path) -> None:
    few = {**FILES, "table.csv": "\n".join(FILES["table.csv"].splitlines()[: rows + 1]) + "\n"}
    found = changes(tmp_path, archived(tmp_path, few), edited(few, "table.csv", "0.80,", "0.85,"))
    assert causes(found) == [(("cells",), 1)]
    assert quantity(found, "estimate")["move"] > 0
    assert_sums(found)
    assert summary(found)


def test_what_cannot_be_analysed_any_more_is_said(tmp_path: Path) -> None:
    then = archived(tmp_path)
    measured = edited(FILES, "review.yaml", "measure: OR", "measure: RR")
    found = changes(tmp_path, then, measured)
    assert found["problem"] == "the measure was OR and is RR"
    assert found["causes"] == []
    assert {one["reason"] for one in found["quantities"]} == {found["problem"]}
    assert "not divided" in summary(found)[1]
    broken = edited(CORRECTED, "corrections.yaml", '"0.95"', '"0.99"')
    found = changes(tmp_path, archived(tmp_path, broken, made=results_of(then)), CORRECTED)
    assert "cannot be analysed by this version of the program (Bell: the guard" in found["problem"]
    unread = {**FILES, "review.yaml": FILES["review.yaml"] + "colour: blue\n"}
    found = changes(tmp_path, archived(tmp_path, unread, made=results_of(then)))
    assert "cannot be read by this version of the program" in found["reason"]
    assert str(tmp_path) not in str(found)


def results_of(then: Any) -> dict[str, bytes]:  # noqa: ANN401 (an archive)
    return {f"results/small/{name}": one for name, one in then.results("small").items()}


def test_rows_are_the_same_study_whatever_their_order(tmp_path: Path) -> None:
    head, *rows = FILES["table.csv"].splitlines()
    found = changes(tmp_path, archived(tmp_path), {**FILES, "table.csv": "\n".join([head, *reversed(rows)]) + "\n"})
    assert found["studies"] == found["cells"] == []
    twice = {**FILES, "table.csv": FILES["table.csv"] + 'Ayer 1999,50,1.1,0.8-1.5,<&" é 山\n'}
    found = changes(tmp_path, archived(tmp_path, twice), edited(twice, "table.csv", "1.1,", "1.2,"))
    assert [(one["row"], one["then"], one["now"]) for one in found["cells"]] == [(5, "1.1", "1.2")]


def test_shares_of_the_airport_game() -> None:
    """Littlechild SC, Owen G. Manage Sci 1973;20:370: a runway that costs 8, 11, 13 or 18 is paid by 2, 3, 4 and 9."""
    cost = {"A": 8.0, "B": 11.0, "C": 13.0, "D": 18.0}
    values = {one: max((cost[name] for name in one), default=0.0) for one in coalitions("ABCD")}
    assert shares(values, [frozenset(name) for name in "ABCD"]) == pytest.approx([2, 3, 4, 9])


def test_shares_are_the_mean_over_all_orders() -> None:
    random = np.random.default_rng(3)
    values = {one: float(random.normal()) for one in coalitions("ABCDE")}
    slow = dict.fromkeys("ABCDE", 0.0)
    orders = list(permutations("ABCDE"))
    for way in orders:
        for place, name in enumerate(way):
            before = frozenset(way[:place])
            slow[name] += (values[before | {name}] - values[before]) / len(orders)
    assert shares(values, [frozenset(name) for name in "ABCDE"]) == pytest.approx(list(slow.values()))


def test_as_many_causes_apart_as_can_be() -> None:
    bad = {frozenset("A"), frozenset("B"), frozenset("AC"), frozenset("BC")}
    assert set(finest("ABC", lambda one: one not in bad)) == {frozenset("AB"), frozenset("C")}
    assert finest("ABC", lambda one: len(one) in (0, 3)) == [frozenset("ABC")]


def test_sums_keep_their_last_digit() -> None:
    made = summing(0.1, 0.4, [0.1, 0.1, 0.1 + 1e-17])
    assert exact(made.then) + sum(map(exact, made.parts)) == exact(made.now)
    assert summing(1.0, 1.0 + 1e-10, [1e-10, 0.0]).parts == [0.0, 0.0]
    assert summing(0.0, NOTHING / 2, [NOTHING / 2]).move == 0
    thirds = summing(0.0, 1.0, [1 / 3] * 3)
    assert sum(map(exact, thirds.parts)) == 1


def test_versions_are_ordered_as_they_are_counted(tmp_path: Path) -> None:
    known = ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "2024.1", "1.0.0+local"]
    assert sorted(known, key=order) == ["0.9.0", "0.10.0", "1.0.0-rc1", "1.0.0", "1.0.0+local", "2024.1"]
    assert newest(known, "1.0.0") == "1.0.0-rc1"
    assert newest(known, "0.9.0") == ""
    assert against(tmp_path / "none", "1.0") is None
    for name in ("0.1.0", "0.2.0"):
        (tmp_path / f"{name}.zip").touch()
    assert against(tmp_path, "0.2.0") == tmp_path / "0.1.0.zip"
    assert against(tmp_path, "0.2.0", "0.2.0") == tmp_path / "0.2.0.zip"
    with pytest.raises(ReanalysisError, match=r"'0\.3' is not archived") as caught:
        against(tmp_path, "0.2.0", "0.3")
    assert "0.1.0, 0.2.0" in caught.value.remedy
