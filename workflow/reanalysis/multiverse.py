"""What the answer owes to choices: each scenario by itself, and all specifications together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.departures import Departures, Row
from reanalysis.design import FloatArray
from reanalysis.errors import ReanalysisError
from reanalysis.joint_test import joint_test
from reanalysis.means import mean_records
from reanalysis.measures import is_ratio, printable
from reanalysis.mixed_effects import Choices
from reanalysis.records import Specification
from reanalysis.scenario import PRIMARY, Scenario
from reanalysis.specifications import (
    INDEPENDENT,
    Choice,
    arrays,
    as_they_are,
    choices,
    specifications,
)

# Of all estimates, the ones that are shown: the least, the middle nine tenths, the middle one, the greatest.
QUANTILES = {"least": 0.0, "low": 0.05, "median": 0.5, "high": 0.95, "greatest": 1.0}


def multiverse(
    departures: Departures, declared: Sequence[Scenario], measure: str, options: Choices, seed: int
) -> tuple[dict[str, Any], list[Specification]]:
    """Return the content of `multiverse.json`, whose schema says what each key means, and every specification.

    Raises
    ------
    ReanalysisError
        Where a scenario names what the review does not have, or nothing can be pooled at all.
    """
    for one in declared:
        departures.check(one)
    made = choices(departures, declared)
    every = specifications(made, options.level)
    content = {
        "schema_version": 1,
        "measure": measure,
        "level": options.level,
        "tau2_method": options.tau2_method,
        "interval": options.interval,
        "scenarios": _scenarios(departures, declared, measure, options),
        "specifications": _summary(made, every, measure),
        "explained": explained(every, {one.scenario.name: one.scenario for one in made}),
        "joint_test": joint_test(made, options, seed),
    }
    return content, every


def _scenarios(
    departures: Departures, declared: Sequence[Scenario], measure: str, options: Choices
) -> list[dict[str, Any]]:
    """Return the primary analysis and each scenario, pooled in one batch."""
    primary = departures.rows(PRIMARY)
    found: list[tuple[Scenario, list[Row], str]] = []
    for one in (PRIMARY, *declared):
        try:
            found.append((one, departures.rows(one), ""))
        except ReanalysisError as error:
            where = f"{error.study}: " if error.study else ""
            found.append((one, [], f"{where}{error.problem}"))
    pooled = [Choice(one, INDEPENDENT, *as_they_are(rows, departures.clusters(rows))) for one, rows, _ in found if rows]
    yi, vi, include = arrays(pooled)
    records = iter(mean_records(batch.fit(yi, vi, include, tau2=options.tau2_method), measure, options))
    said, base = [], None
    for scenario, rows, problem in found:
        record = next(records) if rows else None
        base = base or record
        said.append(
            {
                "name": scenario.name,
                "why": scenario.why,
                "without": [one.study for one in primary if one.row not in {row.row for row in rows}] if rows else [],
                "added": [one.study for one in rows if one.row not in {row.row for row in primary}],
                "changed": [one.study for one in rows if _differs(one, primary)],
                "pooled": record,
                "shift": record["estimate"] - base["estimate"] if record and base else None,
                "same_as": next((one.name for one, others, _ in found if others == rows and rows), scenario.name),
                "problem": problem,
            }
        )
    return said


def _differs(row: Row, others: Sequence[Row]) -> bool:
    """Whether the same row has another effect or variance there."""
    return any(one.row == row.row and (one.yi, one.vi) != (row.yi, row.vi) for one in others)


def _summary(made: Sequence[Choice], every: Sequence[Specification], measure: str) -> dict[str, Any]:
    """Return what the specifications say together."""
    estimates = np.array([one.estimate for one in every])
    below = np.mean([one.ci_high is not None and one.ci_high < 0 for one in every])
    above = np.mean([one.ci_low is not None and one.ci_low > 0 for one in every])
    quantiles = {name: float(np.quantile(estimates, share)) for name, share in QUANTILES.items()}
    return {
        "count": len(every),
        "choices": len(made),
        "fewest_studies": min(one.k for one in every),
        "most_studies": max(one.k for one in every),
        "estimate": quantiles,
        "ratio": {name: printable(measure, one) for name, one in quantiles.items()} if is_ratio(measure) else None,
        "excluding_below": float(below),
        "excluding_above": float(above),
        "same_side": float(max(np.mean(estimates < 0), np.mean(estimates > 0))),
    }


def explained(every: Sequence[Specification], scenarios: dict[str, Scenario]) -> list[dict[str, Any]]:
    """Return the choices, ranked by how much of the variance of the estimates each explains beyond the others.

    The share is what a linear model of all choices loses of its R squared without one (the squared semi-partial
    correlation); shares need not add up to 1. The same for the logarithm of the interval's width.

    Parameters
    ----------
    scenarios
        Every scenario of the specifications, by name; each that it was combined from is a choice, made or not.
    """
    names = list(dict.fromkeys(part for one in scenarios.values() for part in one.parts))
    factors: dict[str, FloatArray] = {
        name: np.array([[float(name in scenarios[one.scenario].parts)] for one in every]) for name in names
    }
    for name in ("dependence", "tau2_method", "interval"):
        levels = sorted({getattr(one, name) for one in every})
        columns = [[float(getattr(one, name) == level) for level in levels[1:]] for one in every]
        factors[name] = np.array(columns).reshape(len(every), len(levels) - 1)
    widths = [np.nan if one.ci_low is None or one.ci_high is None else one.ci_high - one.ci_low for one in every]
    outcomes = {"estimate": np.array([one.estimate for one in every]), "width": np.log(widths)}
    shares = {name: _shares(factors, values) for name, values in outcomes.items()}
    said = [{"choice": name, **{key: values[name] for key, values in shares.items()}} for name in factors]
    return sorted(said, key=lambda one: (-(one["estimate"] or 0.0), one["choice"]))


def _shares(factors: dict[str, FloatArray], values: FloatArray) -> dict[str, float | None]:
    """Return by factor what the model loses without it; None where the values do not vary."""
    there = np.isfinite(values)
    spread = float(np.sum((values[there] - values[there].mean()) ** 2)) if there.any() else 0.0
    if spread == 0:
        return dict.fromkeys(factors)

    def left(columns: list[FloatArray]) -> float:
        X = np.hstack([np.ones((len(values), 1)), *columns])[there]
        fitted = X @ np.linalg.lstsq(X, values[there], rcond=None)[0]
        return float(np.sum((values[there] - fitted) ** 2))

    whole = left(list(factors.values()))
    # A small difference of sums of squares: its last digits are those of the machine's own linear algebra.
    return {
        name: round(max(0.0, (left([one for other, one in factors.items() if other != name]) - whole) / spread), 8)
        for name in factors
    }
