"""What a departure from the primary analysis makes of the table: which rows it pools, and with which effects."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from reanalysis import checks
from reanalysis.dataset import dataset
from reanalysis.effects import effects
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import Extraction, extract
from reanalysis.raw import RawReview
from reanalysis.records import Effect, Estimate, Provenance, Route, Study
from reanalysis.review import Review
from reanalysis.routes import USABLE, routes
from reanalysis.scenario import ALL, Scenario

# What a filter may ask of a row beside its printed columns and judgements.
STUDY, ROUTE, FINDING = "study", "route", "finding"

# The way to keep what prints no effect: as no effect.
NO_EFFECT = "no_effect"


@dataclass(frozen=True)
class Row:
    """One effect of a scenario.

    Parameters
    ----------
    row
        The printed row, from 1.
    yi, vi
        Effect and sampling variance, on the scale of the analysis.
    route
        Where the standard error is from; empty where the row prints no effect.
    """

    row: int
    study: str
    yi: float
    vi: float
    route: str


@dataclass(frozen=True)
class Reading:
    """A table as a scenario reads it.

    Parameters
    ----------
    effects
        Of all results; in the analysis are those that the scenario pools.
    left_out
        The printed rows, pooled or not, that it leaves out for what the checks find in them.
    """

    studies: list[Study]
    estimates: list[Estimate]
    provenance: list[Provenance]
    effects: list[Effect]
    left_out: frozenset[int]


@dataclass(frozen=True)
class _Extracted:
    """The table as a scenario reads it, before any row is left out."""

    raw: RawReview
    found: Extraction
    made: list[Route]
    effects: list[Effect]

    @cached_property
    def severities(self) -> dict[int, set[str]]:
        """The severities of what the checks say of each row."""
        said: dict[int, set[str]] = {}
        for one in checks.run(checks.Table(self.raw, self.found.studies, self.found.estimates, self.made)):
            said.setdefault(one.row, set()).add(one.severity)
        return said


class Departures:
    """A review under any of its scenarios, what several of them share being read once."""

    def __init__(self, raw: RawReview, precedence: Sequence[str]) -> None:
        self.raw, self.precedence = raw, tuple(precedence)
        self._read: dict[str, _Extracted] = {}

    def check(self, scenario: Scenario) -> None:
        """Refuse a scenario that names what the review does not have.

        Raises
        ------
        ReanalysisError
            Which names the scenario, the word, and what there is.
        """
        names, ids = self.raw.names, [one.id for one in self.raw.corrections]
        studies = sorted({*names, *(one.study for one in self._extracted(Scenario("")).found.studies)})
        keys = [STUDY, ROUTE, FINDING, *self._judged(), *self.raw.headings]
        asked: list[tuple[str, Collection[str], Collection[str]]] = [
            ("correct", [one for one in scenario.correct if one != ALL], ids),
            ("routes", scenario.routes, USABLE),
            ("as_printed", scenario.as_printed, list(self.raw.review.inverted)),
            ("take_in", scenario.take_in, list(self.raw.review.left_out)),
            ("contrast", list(scenario.contrast), studies),
        ]
        for key, of in (("keep", scenario.keep), ("leave_out", scenario.leave_out)):
            asked.append((key, list(of), keys))
            asked.append((f"{key}: {STUDY}", of.get(STUDY, ()), studies))
            asked.append((f"{key}: {ROUTE}", of.get(ROUTE, ()), USABLE))
            asked.append((f"{key}: {FINDING}", of.get(FINDING, ()), checks.SEVERITIES))
        for key, words, known in asked:
            for word in words:
                if word not in known:
                    raise ReanalysisError(
                        f"the scenario {scenario.name!r} says {word!r} under {key}, which this review does not have",
                        file=str(self.raw.folder / "review.yaml"),
                        column="scenarios",
                        remedy=f"name one of: {'; '.join(map(repr, known)) or 'nothing, there is none'}",
                    )

    def rows(self, scenario: Scenario) -> list[Row]:
        """Return what a scenario pools, in the order of print, at least one row.

        Raises
        ------
        ReanalysisError
            Where the review cannot be analysed so.
        """
        read = self._extracted(scenario)
        included = [one for one in read.effects if one.included]
        data = dataset(read.effects, self._file)
        rows = [
            Row(one.row, one.study, float(y), float(v), one.route)
            for one, y, v in zip(included, data.yi, data.vi, strict=True)
        ]
        if scenario.unusable == NO_EFFECT:
            rows = sorted(rows + _no_effect(read.found.studies, rows), key=lambda one: one.row)
        errors = read.severities if FINDING in {*scenario.keep, *scenario.leave_out} else {}
        facts = {one.row: self._facts(one, errors.get(one.row, set())) for one in rows}
        kept = [
            one
            for one in rows
            if all(facts[one.row][key] & set(values) for key, values in scenario.keep.items())
            and not any(facts[one.row][key] & set(values) for key, values in scenario.leave_out.items())
        ]
        if not kept:
            raise ReanalysisError("no study is left", file=self._file, column="scenarios", remedy="ask for less")
        return kept

    def reading(self, scenario: Scenario) -> Reading:
        """Return the table as a scenario reads it; raises as `rows` does."""
        read = self._extracted(scenario)
        kept = {one.row for one in self.rows(scenario)}
        effects = [
            replace(one, included=False, reason=f"left out: {scenario.name}")
            if one.included and one.row not in kept
            else one
            for one in read.effects
        ]
        refused = set(scenario.leave_out.get(FINDING, ()))
        findings = read.severities if refused else {}
        left_out = frozenset(row for row, severities in findings.items() if severities & refused)
        return Reading(read.found.studies, read.found.estimates, read.found.provenance, effects, left_out)

    def clusters(self, rows: Sequence[Row]) -> list[str]:
        """Return the overlap cluster of each row: the declared one, or its own study."""
        declared = self.raw.judged("cluster")
        return [declared.get(one.study) or f"{one.study} ({one.row})" for one in rows]

    @property
    def _file(self) -> str:
        return str(self.raw.folder / "review.yaml")

    def _extracted(self, scenario: Scenario) -> _Extracted:
        asked = {
            "correct": sorted(self._corrections(scenario)),
            "outcome": scenario.outcome,
            "contrast": sorted(scenario.contrast.items()),
            "routes": scenario.routes,
            "as_printed": sorted(scenario.as_printed),
            "take_in": sorted(scenario.take_in),
        }
        key = repr(asked)
        if key not in self._read:
            # A result that names no outcome is of the review's own, whichever is pooled.
            turned = replace(self.raw, review=self._turned(scenario))
            review = self._changed(turned.review, scenario)
            found = extract(turned, asked["correct"])  # type: ignore[arg-type]  # a list of names
            made = routes(found.estimates, found.studies, review.outcome, scenario.routes or self.precedence)
            result = effects(found.studies, found.estimates, made, review, self._file)
            self._read[key] = _Extracted(self.raw, found, made, result)
        return self._read[key]

    def _corrections(self, scenario: Scenario) -> set[str]:
        """Return the corrections that a scenario treats the other way."""
        pending = {one.id for one in self.raw.corrections if one.status != "applied"}
        return set(scenario.correct) - {ALL} | (pending if ALL in scenario.correct else set())

    def _turned(self, scenario: Scenario) -> Review:
        """Return the review with the directions that a scenario asks for."""
        review = self.raw.review
        return replace(
            review, inverted={name: one for name, one in review.inverted.items() if name not in scenario.as_printed}
        )

    @staticmethod
    def _changed(review: Review, scenario: Scenario) -> Review:
        """Return the review with the rows taken in, the outcome and the contrasts that a scenario asks for."""
        left_out = {name: why for name, why in review.left_out.items() if name not in scenario.take_in}
        review = replace(review, left_out=left_out)
        if scenario.outcome and scenario.outcome.lower() not in review.outcomes:
            return replace(review, outcome=scenario.outcome, also_called=[], contrasts=dict(scenario.contrast))
        return replace(review, contrasts={**review.contrasts, **scenario.contrast})

    def _judged(self) -> list[str]:
        return sorted({key for one in self.raw.judgements for key in one} - {STUDY})

    def _facts(self, row: Row, severities: set[str]) -> dict[str, set[str]]:
        """Return what a filter may ask of a row, by name."""
        judged = next((one for one in self.raw.judgements if one[STUDY] == row.study), {})
        cells = self.raw.rows[row.row - 1]
        facts = {heading: {" ".join(cell.split())} for heading, cell in cells.items()}
        facts |= {name: {judged.get(name, "")} for name in self._judged()}
        return facts | {STUDY: {row.study}, ROUTE: {row.route}, FINDING: severities}


def _no_effect(studies: Sequence[Study], rows: Sequence[Row]) -> list[Row]:
    """Return the studies that print no effect, as ones of no effect, with the standard error that their size suggests.

    ASSUME: "no benefit" or a bare claim is no effect; and a standard error falls with the root of the number of
    patients, at the geometric mean of the others' ratio of the two.
    """
    sizes: Mapping[int, int | None] = {one.row: one.n for one in studies}
    shares = [math.log(one.vi) + math.log(n) for one in rows if (n := sizes[one.row])]
    if not shares:
        return []
    constant = math.exp(math.fsum(shares) / len(shares))
    there = {one.row for one in rows}
    return [Row(one.row, one.study, 0.0, constant / one.n, "") for one in studies if one.n and one.row not in there]
