"""Other readings of the table, on which each verdict is tried again: without rows in error, and corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from reanalysis.claim_sources import Asked
from reanalysis.dataset import dataset
from reanalysis.departures import FINDING, Departures, Reading
from reanalysis.errors import ReanalysisError
from reanalysis.mixed_effects import Choices
from reanalysis.permutation import Resampling
from reanalysis.pooling import pool_all
from reanalysis.raw import RawReview
from reanalysis.regression import regress_all
from reanalysis.results import Results
from reanalysis.scenario import PRIMARY, Scenario, declared

# Of a finding: what cannot be true as printed.
ERROR = "error"

WITHOUT_ERRORS = Scenario(
    "without rows in error",
    why="Rows that break a check at the level of an error are left out.",
    leave_out={FINDING: [ERROR]},
)


# What a scenario does that only reads the table anew.
READS_ANEW = {"correct", "as_printed"}


@dataclass(frozen=True)
class Trial:
    """Another reading of the table.

    Parameters
    ----------
    name, why
        Of its scenario.
    without
        The studies that it leaves out, in the order of print.
    asked
        The review as it is read so; None where there is a reason.
    reason
        Why it cannot be analysed so; empty where it can.
    """

    name: str
    why: str
    without: tuple[str, ...]
    asked: Asked | None
    reason: str = ""


def scenarios(raw: RawReview) -> list[Scenario]:
    """Return the scenarios on which verdicts are tried: without rows in error, and what corrections and print say.

    The first is the review's own where it declares one; the others are those that do nothing but correct, or leave a
    result turned as it is printed.
    """
    every = declared(raw.review.scenarios)
    own = [one for one in every if _does(one) == {"leave_out"} and dict(one.leave_out) == {FINDING: [ERROR]}]
    return [*(own[:1] or [WITHOUT_ERRORS]), *(one for one in every if _does(one) and _does(one) <= READS_ANEW)]


def _does(scenario: Scenario) -> set[str]:
    """Return which of its keys a scenario departs by."""
    names = {one.name for one in fields(Scenario)} - {"name", "why", "parts"}
    return {name for name in names if getattr(scenario, name)}


def trials(departures: Departures, choices: Choices, resampling: Resampling) -> list[Trial]:
    """Return the review under each scenario that changes anything of its table."""
    return list(_trials(departures, choices, resampling))


def _trials(departures: Departures, choices: Choices, resampling: Resampling) -> Iterator[Trial]:
    raw = departures.raw
    primary = departures.reading(PRIMARY)
    for scenario in scenarios(raw) if raw.claims else []:
        try:
            reading = departures.reading(scenario)
            if reading == primary:
                continue
            asked = Asked(raw, _models(raw, reading, choices, resampling), reading.provenance, reading.left_out)
        except ReanalysisError as error:
            yield Trial(scenario.name, scenario.why, (), None, error.problem)
        else:
            yield Trial(scenario.name, scenario.why, _without(primary, reading), asked)


def _without(primary: Reading, reading: Reading) -> tuple[str, ...]:
    """Return the studies that are pooled in the primary analysis and not here, or whose row is left out."""
    kept = {one.row for one in reading.effects if one.included}
    gone = reading.left_out | {one.row for one in primary.effects if one.included and one.row not in kept}
    return tuple(one.study for one in primary.studies if one.row in gone)


def _models(raw: RawReview, reading: Reading, choices: Choices, resampling: Resampling) -> Results:
    """Return the models of a reading that claims can ask for; meta-regressions only where one asks."""
    data = dataset(reading.effects, str(raw.folder / "review.yaml"))
    review = raw.review
    regression: dict[str, Any] = {"models": [], "not_fitted": []}
    if any("regression" in text for claim in raw.claims for text in expressions(claim)):
        regression = regress_all(data, review.models, review.measure, choices, resampling)
    return Results(
        review=review,
        studies=reading.studies,
        estimates=reading.estimates,
        effects=reading.effects,
        pooled=pool_all(data, review.measure, choices, resampling),
        regression=regression,
        rounding={},
    )


def expressions(claim: Any) -> Sequence[str]:  # noqa: ANN401 (its schema types it)
    """Return the expressions of a claim."""
    return [str(one["value"]) for one in claim.get("numbers", [])] + [
        str(one.get("when", "")) for one in claim["verdicts"]
    ]
