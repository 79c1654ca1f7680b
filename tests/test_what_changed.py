"""What a reader sees of a change: the figure re-read, the section of the page, the page computed again from itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from drawn import clashes, on_paper, some_results, svg_of
from pages import tree
from test_lineage import named, numerals, sourced

from reanalysis.archive.reading import Archived
from reanalysis.commands.recompute import run_step
from reanalysis.comparison.changes import compared
from reanalysis.comparison.held import held
from reanalysis.comparison.told import move_text, summary
from reanalysis.figures import style
from reanalysis.figures.waterfall import waterfall
from reanalysis.files import dump_json, write_all
from reanalysis.inputs import from_page, settings
from reanalysis.report.material import read_material
from reanalysis.report.page import render
from reanalysis.results import Results
from reanalysis.views.waterfall import show_waterfall, waterfall_view

REVIEW = "randomised-trials"
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SETTINGS = settings(CONFIG)


def of_project() -> Archived:
    """Return the project as it stands, as if it were archived as version 0.0.9 with another setting."""
    paths = [path for top in ("data/raw", "results", "workflow") for path in (ROOT / top / "").rglob("*")]
    wanted = [path for path in paths if path.suffix in (".csv", ".yaml", ".json", ".py")]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in wanted}
    lock = {"requirements.lock": (ROOT / "requirements.lock").read_bytes()}
    return Archived("0.0.9", (REVIEW,), files | lock, CONFIG | {"interval": "wald"}, "0" * 40)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose small review has a cell and a setting that are not what was archived."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "results" / REVIEW, folder / "results" / REVIEW, ignore=shutil.ignore_patterns("*.p*"))
    shutil.copytree(ROOT / "data", folder / "data")
    table = folder / "data/raw" / REVIEW / "table.csv"
    text = table.read_text(encoding="utf-8")
    cell = next(one for one in re.findall(r"0\.\d\d", text))
    table.write_text(text.replace(cell, cell[:-1] + str((int(cell[-1]) + 1) % 10), 1), encoding="utf-8")
    against = held(
        of_project(), REVIEW, "0.1.0", (ROOT / "requirements.lock").read_text().replace("numpy==", "numpy==9.")
    )
    results = folder / "results" / REVIEW
    write_all({results / "against.json": dump_json(against)})
    found = compared(table.parent, SETTINGS, json.loads((results / "against.json").read_text()))
    write_all({results / "changes.json": dump_json(found)})
    shown = show(found)
    words = json.loads((results / "figures/words.json").read_text())
    words["figures"]["waterfall"] = shown.words
    write_all(
        {results / "figures/words.json": dump_json(words), results / "figures/waterfall.svg": svg_of(shown.figure)}
    )
    return folder


def show(changes: Mapping[str, Any]) -> Any:  # noqa: ANN401 (what a view returns)
    style.use()
    return show_waterfall(made(changes))


def made(changes: Mapping[str, Any], measure: str = "HR") -> Results:
    return replace(some_results(4, measure=measure), changes=dict(changes))


def page(project: Path) -> str:
    return render(read_material(project / "data/raw" / REVIEW, project / "results" / REVIEW, SETTINGS))


def test_the_section_tells_what_changed_and_every_number_its_source(project: Path, tmp_path: Path) -> None:
    text = page(project)
    report = tmp_path / REVIEW / "report.html"
    write_all({report: text})
    shutil.copy(project / "results" / REVIEW / "studies.csv", report.parent)
    whole = tree(text)
    assert [said for node, said in numerals(whole, named(report)) if not sourced(node)] == []
    section = text.partition('<section id="what-changed"')[2].partition("</section>")[0]
    for words in (
        "Cells of the table",
        "Settings",
        "Software",
        "<td>wald</td><td>hksj</td>",
        "numpy",
        'id="figure-waterfall"',
    ):
        assert words in section
    assert "archive/0.0.9.zip" in section


def test_a_page_carries_what_it_is_compared_with(project: Path, tmp_path: Path) -> None:
    """Computed again from the page alone, without the archive, the comparison is the same to the byte."""
    carried = from_page(page(project), "page")
    carried.lay(tmp_path)
    run_step("changes", tmp_path, REVIEW, carried.settings)
    for name in ("against.json", "changes.json"):
        ours, theirs = (folder / "results" / REVIEW / name for folder in (tmp_path, project))
        assert ours.read_bytes() == theirs.read_bytes()


def changed(shares: Sequence[float], then: float = -0.4, measure: str = "HR", **names: str) -> dict[str, Any]:
    """Return the content of `changes.json` with these shares, a cause each."""
    parts = [["studies"], ["cells"], ["corrections", "declarations"], ["settings"], ["software"]][: len(shares)]
    numbers = []
    for name, first in (("estimate", then), ("ci_low", then - 0.2), ("ci_high", then + 0.2), ("tau2", 0.02)):
        numbers.append({
            "quantity": name, "model": "", "term": "", "step": None, "step_name": "", "then": first,
            "now": first + sum(shares), "move": sum(shares), "shares": list(shares), "reason": "",
        })  # fmt: skip
    causes = [{"parts": part, "count": 1} for part in parts]
    return {
        "against": "0.1.0", "version": "0.2.0", "measure": measure, "reason": "", "problem": "", "causes": causes,
        "quantities": numbers, **names,
    }  # fmt: skip


def test_arrows_end_where_the_moves_do() -> None:
    style.use()
    shares = [0.1, -0.15, 0.0005, 0.0, 0.08]
    view = waterfall_view(made(changed(shares)))
    assert view is not None
    figure = waterfall(view)
    axes, svg = figure.axes[0], svg_of(figure)
    outlines = re.findall(r'<path d="([^"]+)"[^>]*style="fill: #0072b2"', svg)
    arrows = [
        [float(one) for one in re.findall(r"-?[\d.]+", outline)] for outline in outlines if outline.count("L") == 6
    ]
    assert len(arrows) == 3
    places = [-0.4]
    for share in shares:
        places.append(places[-1] + share)
    for numbers, row in zip(arrows, (0, 1, 4), strict=True):
        start, _ = on_paper(axes, places[row], row + 1.5)
        end, level = on_paper(axes, places[row + 1], row + 1.5)
        assert numbers[0] == pytest.approx(start, abs=0.1)
        assert (numbers[6], numbers[7]) == pytest.approx((end, level), abs=0.1)
    # One too short for an arrow is a circle, none a stroke.
    assert [line.get_marker() for line in axes.lines if line.get_marker() in ("o", "|")] == ["o", "|"]


@pytest.mark.parametrize("measure", ["HR", "MD"])
@pytest.mark.parametrize(
    "against", ["0.1.0", "a-version-with-a-name-that-goes-on-and-on-for-much-longer-than-it-should"]
)
@pytest.mark.parametrize("shares", [[0.0], [3.0, -5.0], [1e-7, 0.0, 0.2, -0.1, 0.4]])
def test_the_figure_stays_legible(shares: list[float], against: str, measure: str) -> None:
    for width in (89, 183):
        style.use(width)
        assert clashes(show_waterfall(made(changed(shares, measure=measure, against=against), measure)).figure) == []


def test_an_effect_without_an_interval_is_drawn() -> None:
    content = changed([0.1])
    for one in content["quantities"][1:3]:
        one |= {"then": None, "now": None, "move": None, "shares": None, "reason": "none"}
    shown = show(content)
    assert "0.670" in shown.description
    assert summary(content)[0].startswith("The pooled hazard ratio was 0.670 in version 0.1.0 and is 0.741 now")


def test_where_nothing_is_compared_the_page_says_how_it_would_be() -> None:
    content = changed([]) | {"against": "", "reason": "no lower version is archived", "quantities": []}
    shown = show(content)
    assert shown.reason == shown.description
    assert "snakemake archive" in shown.reason
    for path in sorted((ROOT / "results").glob("*/report.html")):
        text = path.read_text(encoding="utf-8").partition('<section id="what-changed"')[2].partition("</section>")[0]
        assert "No version lower than this one, 0.1.0, is archived" in text


@pytest.mark.parametrize(
    ("move", "measure", "said"),
    [
        (0.01, "HR", "×\N{NO-BREAK SPACE}1.0101"),
        (-0.5, "OR", "×\N{NO-BREAK SPACE}0.6065"),
        (2e-6, "HR", "×\N{NO-BREAK SPACE}1.0000020"),
        (0.25, "MD", "+0.2500"),
        (-0.25, "SMD", "\N{MINUS SIGN}0.2500"),
        (0.0, "HR", "none"),
        (None, "HR", "\N{EM DASH}"),
    ],
)
def test_moves_are_told_on_the_printed_scale(move: float | None, measure: str, said: str) -> None:
    assert move_text({"quantity": "estimate", "step": None}, move, measure) == said
