"""The engine against 739 numbers as papers and handbook chapters print them.

Our number, rounded to the printed digits, is the print; where the file marks a print as differing (a misprint, rounding
in between, metafor's early stop) it rounds to what converged metafor gives instead.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from reanalysis import batch, intervals
from reanalysis.cumulative import cumulative
from reanalysis.dataset import Dataset
from reanalysis.deletion import diagnostics, without_each
from reanalysis.design import Design, design
from reanalysis.distributions import chi2_upper, critical_value
from reanalysis.generalised import correlated
from reanalysis.henmi_copas import henmi_copas
from reanalysis.mixed_effects import Choices, Fit, fit, heterogeneity
from reanalysis.permutation import Resampling
from reanalysis.regression import explained
from reanalysis.sign_flip import sign_flip_test

Json = dict[str, Any]
Numbers = dict[str, float]
PAPERS: Json = json.loads((ROOT / "tests/oracles/published.json").read_text(encoding="utf-8"))
ANALYSES = [(paper, name) for paper, one in PAPERS.items() if paper != "source" for name in one["analyses"]]
Z = critical_value(0.95, math.inf)

# What the engine does not compute, and of how many printed numbers. Huber and White's sandwich without a correction
# (ours is CR2); the standard error of tau2; predictions of the studies' own effects; two levels by maximum likelihood
# (ours is restricted); Egger's test and trim and fill; of least squares with covariances Q and the covariances between
# coefficients, which are not handed out.
NOT_COVERED = {"hw": 29, "se_tau2": 5, "blup": 26, "two-level": 10, "egger": 2, "trimfill": 7, "gls": 10}
COVERED = 650


def data(paper: str) -> tuple[np.ndarray, np.ndarray, list[Json]]:
    rows = PAPERS[paper]["data"]
    return np.array([row["yi"] for row in rows]), np.array([row["vi"] for row in rows]), rows


def reason(analysis: str, quantity: str) -> str:
    """Return which of `NOT_COVERED` a number is; empty where the engine has it."""
    if analysis.endswith("/hw"):
        return "hw"
    if analysis.startswith("gls"):
        cell = re.fullmatch(r"cov\[(\d),(\d)\]", quantity)
        return "gls" if quantity == "q" or (cell and cell[1] != cell[2]) else ""
    for name in ("two-level", "egger", "trimfill"):
        if analysis.startswith(name):
            return name
    if quantity.startswith("blup"):
        return "blup"
    return quantity if quantity == "se_tau2" else ""


def with_exponentials(found: Numbers) -> Numbers:
    return found | {
        f"exp({(head := name.partition('['))[0]}){head[1]}{head[2]}": math.exp(value)
        for name, value in found.items()
        if name.startswith(("estimate", "ci_", "fit[", "prediction")) and abs(value) < 700
    }


def numbered(name: str, values: Any) -> Numbers:  # noqa: ANN401 (a sequence of numbers)
    return {f"{name}[{place}]": float(value) for place, value in enumerate(values, start=1)}


def rows_alone(yi: np.ndarray, vi: np.ndarray, _: list[Json]) -> Numbers:
    half = Z * np.sqrt(vi)
    return with_exponentials(numbered("ci_low", yi - half) | numbered("ci_high", yi + half))


def left_out(yi: np.ndarray, vi: np.ndarray, _: list[Json]) -> Numbers:
    found = without_each(yi, vi, None, Choices("REML", "wald", 0.95))
    low, high = intervals.limits(found, "wald", 0.95)
    h2 = 100 / (100 - found.i2)
    made = {"estimate": found.estimate, "ci_low": low, "ci_high": high, "stat": found.estimate / found.se}
    made |= {"q": found.q, "tau2": found.tau2, "i2": found.i2, "h2": h2}
    return with_exponentials(
        {key: value for name, values in made.items() for key, value in numbered(name, values).items()}
    )


def by_year(yi: np.ndarray, vi: np.ndarray, rows: list[Json]) -> Numbers:
    names, years = [str(place) for place in range(len(yi))], [row["year"] for row in rows]
    steps = cumulative(Dataset(names, yi, vi, {}), years, "RR", Choices("REML", "wald", 0.95))["steps"]
    made: Numbers = {}
    for name in ("estimate", "ci_low", "ci_high"):
        made |= numbered(name, [step[name] for step in steps])
    return with_exponentials(made)


def ratio_test(yi: np.ndarray, vi: np.ndarray, rows: list[Json]) -> Numbers:
    X = design({"ablat": [row["ablat"] for row in rows]}, len(yi))
    full, reduced = (batch.fit(yi, vi, design=one, tau2="ML") for one in (X, None))
    made: Numbers = {}
    for name, one, count in (("full", full, 3), ("reduced", reduced, 2)):
        height = float(one.loglik[0])
        made |= {f"loglik[{name}]": height, f"aic[{name}]": 2 * count - 2 * height}
        made |= {f"bic[{name}]": count * math.log(len(yi)) - 2 * height}
        made |= {f"q[{name}]": float(one.q[0]), f"tau2[{name}]": float(one.tau2[0])}
    lrt = 2 * (made["loglik[full]"] - made["loglik[reduced]"])
    whole = fit(yi, vi, X, Choices("ML", "wald", 0.95))
    return made | {"lrt": lrt, "lrt_p": chi2_upper(lrt, 1), "r2": explained(yi, vi, whole, made["q[full]"]) or 0.0}


def signs(yi: np.ndarray, vi: np.ndarray, _: list[Json]) -> Numbers:
    found = sign_flip_test(yi, vi, Choices("REML", "wald", 0.95), Resampling(1000, 1))
    assert found["exact"]
    return {"p": found["p"]}


def with_publication_bias(yi: np.ndarray, vi: np.ndarray, _: list[Json]) -> Numbers:
    found = henmi_copas(yi, vi, 0.95)
    assert found is not None
    return {"estimate": found.estimate, "ci_low": found.ci_low, "ci_high": found.ci_high}


SPECIAL: dict[str, Callable[[np.ndarray, np.ndarray, list[Json]], Numbers]] = {
    "rows": rows_alone,
    "leave1out/REML/z": left_out,
    "cumulative by year/REML/z": by_year,
    "~ablat against mean/ML": ratio_test,
    "permutation/REML/z": signs,
    "henmi-copas": with_publication_bias,
}


@cache
def ours(paper: str, analysis: str) -> Numbers:
    """Return the engine's numbers of an analysis under the names of the file."""
    yi, vi, rows = data(paper)
    if analysis in SPECIAL:
        return SPECIAL[analysis](yi, vi, rows)
    if analysis.startswith("gls"):
        return generalised(paper, yi, rows)
    formula, method, test = analysis.split("/")
    terms = formula[1:].split("+") if formula.startswith("~") else []
    X = design({term: [float(row[term]) for row in rows] for term in terms}, len(yi))
    choices = Choices(method, {"z": "wald", "knha": "hksj"}[test], 0.95)
    found = fit(yi, vi, X, choices)
    made = of_model(yi, vi, X, choices, found)
    if test == "z" and terms:
        made |= fitted(paper, analysis, found, terms) | deleted(yi, vi, X, choices)
    return made


def of_model(yi: np.ndarray, vi: np.ndarray, X: Design, choices: Choices, found: Fit) -> Numbers:
    spread = heterogeneity(yi, vi, X, choices, found.tau2)
    names = ["intrcpt", *X.terms[1:]]
    made = {
        f"{part}[{term}]": float(getattr(found, part)[place])
        for part in ("estimate", "se", "stat", "p", "ci_low", "ci_high")
        for place, term in enumerate(names)
    }
    made |= {"tau2": found.tau2, "tau": math.sqrt(found.tau2), "i2": spread.i2, "h2": spread.h2, "q": spread.q}
    if spread.q_p is not None:
        made["q_p"] = spread.q_p
    for end in ("low", "high"):
        tau2, i2 = getattr(spread, f"tau2_ci_{end}"), getattr(spread, f"i2_ci_{end}")
        if tau2 is not None:
            made |= {f"tau2_ci_{end}": tau2, f"tau_ci_{end}": math.sqrt(tau2), f"i2_ci_{end}": i2}
            made[f"h2_ci_{end}"] = 100 / (100 - i2)
    # metafor predicts with the normal quantile beside z; ours is Student's t (test_models has both).
    reach = Z * math.sqrt(found.tau2 + found.se[0] ** 2)
    if X.p == 1:
        mean, sd = float(found.estimate[0]), math.sqrt(found.tau2)
        made |= {"prediction_low[intrcpt]": mean - reach, "prediction_high[intrcpt]": mean + reach}
        made |= {"normal_range_low": mean - Z * sd, "normal_range_high": mean + Z * sd}
    else:
        assert found.qm is not None
        assert found.qm_p is not None
        made |= {"qm": found.qm, "qm_p": found.qm_p, "r2": explained(yi, vi, found, spread.q) or 0.0}
    return with_exponentials(made)


def fitted(paper: str, analysis: str, found: Fit, terms: list[str]) -> Numbers:
    """Return what the coefficients and their covariance give at the points that are printed."""
    made: Numbers = {}
    places = {
        place for row in PAPERS[paper]["analyses"][analysis] for place in re.findall(r"\[(at .*)\]", row["quantity"])
    }
    for place in places:
        at = dict(pair.rsplit("=", 1) for pair in place.removeprefix("at ").split(", "))
        row = np.array([1.0, *(float(at[term]) for term in terms)])
        value, variance = float(row @ found.estimate), float(row @ found.covariance @ row)
        ends = {"ci": Z * math.sqrt(variance), "prediction": Z * math.sqrt(variance + found.tau2)}
        made |= {f"fit[{place}]": value, f"fit_se[{place}]": math.sqrt(variance)}
        for name, reach in ends.items():
            made |= {f"{name}_low[{place}]": value - reach, f"{name}_high[{place}]": value + reach}
    return with_exponentials(made)


def deleted(yi: np.ndarray, vi: np.ndarray, X: Design, choices: Choices) -> Numbers:
    """Return each study's residual from the fit without it, its standard error, and their ratio."""
    without = without_each(yi, vi, X, choices)
    residual = yi - np.einsum("kp,pk->k", X.X, without.estimate)
    rstudent = diagnostics(yi, vi, X, without, choices).rstudent
    return (
        numbered("deleted_residual", residual)
        | numbered("deleted_se", residual / rstudent)
        | numbered("rstudent", rstudent)
    )


def generalised(paper: str, yi: np.ndarray, rows: list[Json]) -> Numbers:
    treatments = sorted({row["trt"] for row in rows})
    X = np.array([[float(row["trt"] == one) for one in treatments] for row in rows])
    found = correlated(yi, np.array(PAPERS[paper]["covariance"]), X, Choices("FE", "wald", 0.95))
    made = {f"estimate[trt{place}]": float(value) for place, value in enumerate(found.estimate, start=1)}
    # The risk differences' covariances are printed in millionths.
    unit = 1e6 if paper == "gleser2009rd" else 1.0
    return made | {f"cov[{place},{place}]": unit * float(se) ** 2 for place, se in enumerate(found.se, start=1)}


def as_printed(value: float, printed: str) -> Decimal:
    """Return a value rounded to the digits of a printed number."""
    return Decimal(value).quantize(Decimal(printed), rounding=ROUND_HALF_EVEN)


@pytest.mark.parametrize(("paper", "analysis"), ANALYSES)
def test_our_number_is_the_print(paper: str, analysis: str) -> None:
    for row in PAPERS[paper]["analyses"][analysis]:
        if reason(analysis, row["quantity"]):
            continue
        mine = as_printed(ours(paper, analysis)[row["quantity"]], row["printed"])
        if row["agrees"]:
            assert mine == Decimal(row["printed"]), row
        else:
            assert mine != Decimal(row["printed"]), row
            assert mine == as_printed(row["value"], row["printed"]), row


def test_all_but_the_named_are_compared() -> None:
    found = Counter(
        reason(analysis, row["quantity"]) for paper, analysis in ANALYSES for row in PAPERS[paper]["analyses"][analysis]
    )
    assert found.total() == 739
    assert found.pop("") == COVERED
    assert found == NOT_COVERED


def test_a_wrong_digit_would_be_seen() -> None:
    assert as_printed(0.31324, "0.3132") == Decimal("0.3132")
    assert as_printed(0.31326, "0.3132") != Decimal("0.3132")
    assert as_printed(7.0, "7") == Decimal(7)
