"""How studies, estimates and intervals are called, in figures and in the report alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reanalysis.formatting import DASH, MINUS, NONE, interval, number, significant
from reanalysis.measures import is_ratio, to_print
from reanalysis.records import Effect, Estimate, Route, Study
from reanalysis.routes import WAYS

DAGGER = "\N{DAGGER}"
# Behind the name of a row that breaks a check at the level of an error.
DOUBLE_DAGGER = "\N{DOUBLE DAGGER}"
# Stands behind a study of whose results one is pooled, and says what that means for its counts.
SECTION = "\N{SECTION SIGN}"
ONE_OF_SEVERAL = "One of several results of the study: the counts are of all its patients."

ROUTE_NAMES = {name: way.name for name, way in WAYS.items()}

INTERVAL_NAMES = {"wald": "Wald", "hksj": "Knapp–Hartung", "hksj_guarded": "guarded Knapp–Hartung"}

# How an effect is read as a risk ratio.
READINGS = {
    "risk_ratio": "if the outcome were rare",
    "common": "outcome common",
    "standardised": "from standard deviations",
}

MODERATOR_NAMES = {
    "start": "first year of inclusion",
    "mid": "middle of the inclusion period",
    "end": "last year of inclusion",
    "duration": "length of the inclusion period",
    "year": "year of publication",
    "log_n": "number of patients (logarithm)",
    "intercept": "intercept",
}

# Moderators that say when a study included its patients.
PERIOD = frozenset({"start", "mid", "end", "duration"})


def regression_name(name: str) -> str:
    """Return what the page calls a meta-regression, from the name of its model: its moderators in words."""
    return " and ".join(MODERATOR_NAMES.get(term, term) for term in name.split(" + "))


def regression_kind(name: str) -> str:
    """Return what a meta-regression asks about: ``size`` where the size of studies is in it, ``period``, or ``other``.

    Parameters
    ----------
    name
        The model's name, its moderators joined by `` + ``.
    """
    moderators = set(name.split(" + "))
    return "size" if "log_n" in moderators else "period" if moderators <= PERIOD else "other"


def study_label(study: Study) -> str:
    """Return a study with its year of publication, where that is known."""
    # A plain number: a traced one prints with marks, which no name has.
    said = study.year is None or str(int(study.year)) in study.study
    return study.study if said else f"{study.study} {study.year}"


def effect_label(effect: Effect, study: Study) -> str:
    """Return a study with its contrast, where print names one."""
    return f"{study_label(study)} ({effect.contrast})" if effect.contrast else study_label(study)


def period(study: Study) -> str:
    """Return the years of inclusion."""
    if study.start is None or study.end is None:
        return ""
    first, last = f"{study.start:.0f}", f"{study.end:.0f}"
    return first if first == last else f"{first}{DASH}{last}"


def arms(study: Study) -> str:
    """Return the numbers of treated and untreated patients."""
    if study.n_treated is None or study.n_control is None:
        return ""
    return f"{study.n_treated:,}/{study.n_control:,}"


def printed_estimate(estimate: Estimate) -> str:
    """Return an estimate digit by digit as printed, with what its standard error is from.

    A dagger stands behind one whose standard error is worked back from a p value or from counts. One that is turned
    round for the analysis has "1 / " before it, or a minus sign where it is no ratio.
    """
    turned = "1 / " if is_ratio(estimate.measure) else MINUS
    return f"{turned if estimate.inverted else ''}{_as_printed(estimate)}"


def _as_printed(estimate: Estimate) -> str:
    value = str(estimate.estimate or estimate.log_estimate or "").replace("-", MINUS)
    if estimate.lower is not None and estimate.upper is not None:
        limits = f"{estimate.lower} to {estimate.upper}".replace("-", MINUS)
        level = "" if math.isclose(estimate.level, 0.95) else f"{100 * estimate.level:g}% CI "
        return f"{value} ({level}{limits})"
    if estimate.o_minus_e is not None:
        return f"O{MINUS}E {estimate.o_minus_e}, V {estimate.variance}".replace("-", MINUS)
    for name, number_printed in (("SE", estimate.se), ("variance", estimate.variance)):
        if number_printed is not None:
            return f"{value} ({name} {number_printed})"
    if estimate.p is None or not value:
        return f"{value or NONE}{DAGGER}"  # its standard error is from counts, or both are
    return f"{value} (p {estimate.p_operator} {estimate.p}){DAGGER}"


def route_value(measure: str, route: Route) -> str:
    """Return what a route gives: a standard error, a bound of it, or only an effect."""
    if route.sei is not None:
        return significant(route.sei)
    if route.sei_high is not None:
        return f"at most {significant(route.sei_high)}"
    if route.sei_low is not None:
        return f"at least {significant(route.sei_low)}"
    return f"{'ratio' if is_ratio(measure) else 'effect'} {number(to_print(measure, route.yi))}"


def effect_text(measure: str, estimate: float, low: float, high: float) -> str:
    """Return an effect with its interval on the printed scale."""
    values = [to_print(measure, value) for value in (estimate, low, high)]
    return f"{number(values[0])} ({interval(values[1], values[2])})"


def model_text(measure: str, model: Mapping[str, Any]) -> str:
    """Return a pooled effect of the results with its interval, on the printed scale, to three decimals."""
    value, low, high = (on_print(measure, model, name) for name in ("estimate", "ci_low", "ci_high"))
    return f"{number(value, 3)} ({interval(low, high, 3)})"


def step_text(slope: Mapping[str, Any]) -> str:
    """Return what a coefficient does over the step that it is told for, with its interval, on the printed scale."""
    return f"{number(slope['step_effect'])} ({interval(slope['step_ci_low'], slope['step_ci_high'])})"


def on_print(measure: str, model: Mapping[str, Any], name: str) -> float | None:
    """Return a quantity of a pooled model on the printed scale: its estimate, a limit."""
    key = {"estimate": "ratio"}.get(name, f"ratio_{name}") if is_ratio(measure) else name
    value: float | None = model[key]
    return value
