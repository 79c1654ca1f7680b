"""The R script: the effects to the last digit, the expected numbers of the results, nothing that R would misread."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from conftest import ROOT

from reanalysis.dataset import Dataset, dataset
from reanalysis.digits import rounded
from reanalysis.egger import egger, egger_mixed
from reanalysis.files import read_json
from reanalysis.mixed_effects import Choices
from reanalysis.pooling import pool_all
from reanalysis.r_script.literals import comment, named, number, string, vector
from reanalysis.r_script.script import COEFFICIENT, POOLED, WHOLE, r_script
from reanalysis.records import Effect
from reanalysis.regression import regress_all
from reanalysis.review import Review, parse
from reanalysis.tables import read

SHIPPED = ("le-scodan-2010", "randomised-trials")
HOSTILE = 'O\'Brien "x"\\n\n# stop("in")\r\t\\u0041 \u202e中文 <b>&'

EGGER = {"egger": egger, "egger_mixed": egger_mixed}
NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


def script(name: str) -> str:
    return (ROOT / "results" / name / "check.R").read_text(encoding="utf-8")


def numbers(text: str, name: str) -> list[float]:
    found = re.search(rf"^{name} <- c?\(?([^)]*)\)?$", text, re.MULTILINE)
    assert found is not None, name
    return [float(one) for one in re.findall(NUMBER, found[1])]


def comparisons(text: str) -> dict[str, dict[str, float]]:
    """Return what is compared with what: the first argument of each call of `same`, and its expected numbers."""
    calls = re.findall(r'^same\("((?:[^"\\]|\\.)*)", .*?c\(\s*((?:\w+ = [^)]*))\)\)$', text, re.MULTILINE)
    assert len({what for what, _ in calls}) == len(calls)
    return {
        what: {name: float(value) for name, value in re.findall(rf"(\w+) = ({NUMBER})", expected)}
        for what, expected in calls
    }


@cache
def made(
    yi: tuple[float, ...], vi: tuple[float, ...], measure: str = "HR", interval: str = "hksj", name: str = HOSTILE
) -> str:
    """Return the script of a review whose every name is hostile, its results made by the project's own arithmetic."""
    k = len(yi)
    moderators = {name: [str(1990 + place % 7) for place in range(k)], "side": (["l\n", 'r"', "<m>"] * k)[:k]}
    data = Dataset([f"{name} {place}" for place in range(k)], np.array(yi), np.array(vi), moderators)
    choices = Choices("REML", interval, 0.9)
    models: list[tuple[str, ...]] = [(name,), ("side",), (name, "side")]
    review = Review(
        title=name, source={"citation": name, "table": name}, measure=measure, favours={"below": "a", "above": "b"},
        outcome=name, columns={"study": "study"}, models=models,
    )  # fmt: skip
    results: list[dict[str, Any]] = [
        pool_all(data, measure, choices),
        regress_all(data, models, measure, choices) if k > 1 else {"models": []},
        {"all": {name: test(data.yi, np.sqrt(data.vi), measure, choices) for name, test in EGGER.items()}},
    ]
    return r_script(review, data, *map(rounded, results))


YI = (-0.5, -0.2, 0.1, -0.9, 0.3, -0.4, 0.02, -0.6)
VI = (0.04, 0.02, 0.09, 0.3, 0.05, 0.01, 0.2, 0.07)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_committed_script_is_what_the_results_make(name: str) -> None:
    folder, review_file = ROOT / "results" / name, ROOT / "data/raw" / name / "review.yaml"
    data = dataset(read(folder / "effects.csv", Effect), "effects.csv")
    review = parse(yaml.safe_load(review_file.read_text(encoding="utf-8")), "review.yaml")
    contents = (read_json(folder / f"{one}.json") for one in ("pooled", "regression", "small_study"))
    assert r_script(review, data, *contents) == script(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_effects_are_those_of_the_file_to_the_last_digit(name: str) -> None:
    used = [one for one in read(ROOT / "results" / name / "effects.csv", Effect) if one.included]
    assert numbers(script(name), "yi") == [one.yi for one in used]
    assert numbers(script(name), "sei") == [one.sei for one in used]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_expected_numbers_are_those_of_the_results(name: str) -> None:
    found = comparisons(script(name))
    folder = ROOT / "results" / name
    pooled, regression = read_json(folder / "pooled.json"), read_json(folder / "regression.json")
    assert len(pooled["models"]) == 27
    names = {"wald": "Wald", "hksj": "Knapp–Hartung", "hksj_guarded": "guarded Knapp–Hartung"}
    for one in pooled["models"]:
        said = found[f"{one['tau2_method']}, {names[one['interval']]}"]
        assert said == {key: one[key] for key in POOLED if one[key] is not None}
    for one in regression["models"]:
        assert found[f"{one['name']}:"] == {key: one[there] for key, there in WHOLE.items()}
        for row in one["coefficients"]:
            assert found[f"{one['name']}, {row['term']}:"] == {key: row[key] for key in COEFFICIENT}
    all_studies = read_json(folder / "small_study.json")["all"]
    slope = all_studies["egger"]["slope"]
    assert found["Egger, weighted least squares, slope:"] == {key: slope[key] for key in COEFFICIENT}
    limit = all_studies["egger_mixed"]["limit"]
    assert found["Egger, meta-regression, limit:"] == {key: limit[key] for key in COEFFICIENT}
    primary = pooled["primary"]
    assert found["Q-profile"]["tau2_ci_high"] == primary["tau2_ci_high"]
    assert len(found) == 27 + 1 + sum(1 + len(one["coefficients"]) for one in regression["models"]) + 4


def test_one_study_has_a_common_effect_and_nothing_else() -> None:
    text = made((-0.5,), (0.04,))
    found = comparisons(text)
    assert set(found) == {what for what in found if "," in what}
    assert len(found) == 27
    assert 'Q-profile"' not in text
    assert 'pooled("REML"' not in text
    # No residual is left to scale by: Wald's interval stands in for each.
    assert '"hksj' not in text.partition("# The pooled effects")[2].partition("# The forest")[0]


def code(text: str) -> str:
    """Return what is left of a script without its strings, comments and spaces."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*', "", text).replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("k", [1, 2, 3, 8])
def test_no_name_ends_a_string_a_comment_or_a_line(k: int) -> None:
    text = made(YI[:k], VI[:k])
    assert not set("\u202e\r\t") & set(text)
    assert HOSTILE.rsplit(maxsplit=1)[-1] in text
    assert code(text) == code(made(YI[:k], VI[:k], name="Plain"))
    assert code(text).isascii()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Khan", '"Khan"'), ('a"b', r'"a\"b"'), ("a\\b", r'"a\\b"'), ("a\nb", r'"a\u{a}b"'),
        ("Müller 中", '"Müller 中"'),
        ("\u202e", r'"\u{202e}"'), ("\U000e0001", r'"\U{e0001}"'), ("", '""'), ("`{%#}", '"`{%#}"'),
    ],
)  # fmt: skip
def test_strings_are_as_r_reads_them(text: str, expected: str) -> None:
    assert string(text) == expected


def test_comments_numbers_and_vectors() -> None:
    assert comment("a\nstop()\r\u2028b") == "a stop() b"
    assert all(line.startswith("# ") for line in f"# {comment('word ' * 100)}".splitlines())
    assert len(comment("x" * 500).splitlines()) == 5
    assert [number(one) for one in (1.0, -0.1, 1e-300, 1990, 0.1 + 0.2)] == [
        "1", "-0.1", "1e-300", "1990", "0.30000000000000004",
    ]  # fmt: skip
    assert vector(["1"]) == "c(1)"
    assert vector(["1234567890"] * 20).splitlines()[0] == "c("
    assert named({"a": 1.5, "b": None, "p": 0.0}) == "c(a = 1.5, p = 0)"


@cache
def without_r() -> str:
    """Return why no script can be run here; empty where one can."""
    if shutil.which("Rscript") is None:
        return "Rscript is not here: the script was not run"
    found = subprocess.run(["Rscript", "-e", "library(metafor)"], capture_output=True, check=False)  # noqa: S607
    return "metafor is not here: the script was not run" if found.returncode else ""


def run(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run scripts one after the other in one R, each by itself."""
    if without_r():
        pytest.skip(without_r())
    code = 'for (path in commandArgs(TRUE)) { cat(path, "\\n"); source(path, local = new.env(), encoding = "UTF-8") }'
    command = ["Rscript", "-e", code, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_metafor_gives_the_same() -> None:
    done = run(*(ROOT / "results" / name / "check.R" for name in SHIPPED))
    assert done.returncode == 0, done.stdout + done.stderr
    worst = re.findall(r"largest relative difference (\S+)", done.stdout)
    assert len(worst) == len(SHIPPED)
    assert all(float(one) < 1e-8 for one in worst)


REVIEWS: list[tuple[tuple[float, ...], tuple[float, ...], str, str]] = [
    (YI, VI, "HR", "hksj"),
    (YI, VI, "HR", "hksj_guarded"),
    (YI, VI, "MD", "wald"),
    (tuple(3000 * y for y in YI), tuple(9e6 * v for v in VI), "MD", "hksj_guarded"),
    (tuple(y / 3000 for y in YI), tuple(v / 9e6 for v in VI), "MD", "hksj"),
    ((0.1,) * 4, VI[:4], "SMD", "hksj"),
    (YI[:3], VI[:3], "OR", "hksj"),
    (YI[:2], VI[:2], "OR", "hksj_guarded"),
    (YI[:1], VI[:1], "RR", "hksj"),
    (YI * 25, tuple(v * (1 + place % 11) for place, v in enumerate(VI * 25)), "HR", "hksj"),
]


def test_metafor_gives_the_same_of_hostile_reviews(tmp_path: Path) -> None:
    paths = []
    for place, review in enumerate(REVIEWS):
        paths.append(tmp_path / f"{place}.R")
        paths[-1].write_text(made(*review), encoding="utf-8")
    done = run(*paths)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("numbers compared") == len(REVIEWS)


def test_a_number_that_is_off_stops_the_script(tmp_path: Path) -> None:
    path = tmp_path / "check.R"
    text = script("randomised-trials")
    wrong = re.sub(r"(pooled\(\"REML\", \"hksj\"\), c\(\s*estimate = )", r"\g<1>1", text)
    path.write_text(wrong, encoding="utf-8")
    done = run(path)
    assert done.returncode != 0
    assert "1 numbers differ by more than the tolerance" in done.stderr
    assert "REML, Knapp–Hartung estimate" in done.stdout
