"""What the test of a claim may ask for: results, printed cells, statements, each with where it was read."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from reanalysis.claim_results import STATEMENT_FIELDS, of_printed, of_result, of_statement
from reanalysis.errors import ReanalysisError
from reanalysis.expressions import Source, unknown
from reanalysis.printed import PrintedNumber
from reanalysis.quantities import Quantity, Series, Value, missing
from reanalysis.raw import RawReview, Row
from reanalysis.records import Effect, Provenance, Study
from reanalysis.results import Results
from reanalysis.significance import z_bounds

STUDY_FIELDS = tuple(one.name for one in fields(Study) if one.name not in ("row", "study", "extra"))
# What is worked out of other values of its study.
DERIVED = {"mid": ("start", "end"), "duration": ("start", "end")}
# What of a result's cells says how large it is.
NUMBER_FIELDS = ("estimate", "lower", "upper", "p", "se", "log_estimate", "variance", "o_minus_e")


@dataclass(frozen=True, order=True)
class CellSource:
    """A printed cell; rows count from 1."""

    row: int
    column: str


@dataclass(frozen=True, order=True)
class StatementSource:
    """A number printed outside the table, by its id."""

    id: str


@dataclass(frozen=True)
class Asked:
    """A review that is asked for values: its raw folder, its results, and where each value was read.

    Parameters
    ----------
    left_out
        The printed rows that nothing may be asked of.
    """

    raw: RawReview
    results: Results
    provenance: Sequence[Provenance]
    left_out: frozenset[int] = frozenset()

    @property
    def sources(self) -> dict[str, Source]:
        """Return the sources by name, each with a memory."""
        asked: dict[tuple[str, tuple[str, ...], str], Value] = {}
        makers: dict[str, Source] = {
            "pooled": self.pooled,
            "without": self.without,
            "regression": self.regression,
            "effect": self.effect,
            "effects": self.effects,
            "study": self.study,
            "studies": self.studies,
            "statement": self.statement,
        }

        def remembered(name: str) -> Source:
            def ask(texts: tuple[str, ...], field: str) -> Value:
                key = (name, texts, field)
                if key not in asked:
                    asked[key] = makers[name](texts, field)
                return asked[key]

            return ask

        return {name: remembered(name) for name in makers}

    def pooled(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of the primary analysis."""
        _takes("pooled", texts, 0, 0)
        cells = [cell for one in self.results.included for cell in self._cells_of(one)]
        return _number(self.results.pooled["primary"], field, cells)

    def without(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of the primary analysis without a study."""
        _takes("without", texts, 1, 1)
        models = {one["study"]: one for one in self.results.pooled["leave_one_out"]}
        pooled = [one.study for one in self.results.included]
        if texts[0] not in pooled:
            raise unknown("study in the analysis", texts[0], pooled)
        if texts[0] not in models:
            return missing(f"without {texts[0]} too few studies are left")
        rest = [one for one in self.results.included if one.study != texts[0]]
        return _number(models[texts[0]], field, [cell for one in rest for cell in self._cells_of(one)])

    def regression(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of a meta-regression: of its slope on a moderator, or of the whole model."""
        _takes("regression", texts, 1, 2)
        models = {one["name"]: one for one in self.results.regression["models"]}
        if texts[0] in {one["name"] for one in self.results.regression["not_fitted"]}:
            return missing(f"the meta-regression on {texts[0]} was not fitted")
        if texts[0] not in models:
            raise unknown("meta-regression", texts[0], models)
        model = models[texts[0]]
        slopes = {one["term"]: one for one in model["coefficients"][1:]}
        term = texts[1] if len(texts) > 1 else next(iter(slopes))
        if term not in slopes:
            raise unknown(f"term of the meta-regression on {texts[0]}", term, slopes)
        used = [one for one in self.results.included if one.study not in model["left_out"]]
        cells: list[Hashable] = [cell for one in used for cell in self._cells_of(one)]
        for moderator in term.split(" = ")[:1]:
            name = "n" if moderator == "log_n" else moderator
            cells += [cell for one in used for cell in self._cells_of_study(one.row, name)]
        return _number({**model, **slopes[term]}, field, cells)

    def effect(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of one printed result: of a study, its outcome, its contrast."""
        _takes("effect", texts, 1, 3)
        self._row(texts[0])
        known = {(one.study, one.outcome, one.contrast): one for one in self.results.effects}
        matching = [one for key, one in known.items() if key[: len(texts)] == texts]
        chosen = matching if len(matching) == 1 else [one for one in matching if one.included]
        if len(chosen) != 1:
            every = ", ".join(f'effect("{s}", "{o}", "{c}")' for s, o, c in known if s == texts[0])
            raise ReanalysisError(f"these words name {len(matching)} results", remedy=f"name one of: {every}")
        return self._of_effect(chosen[0], field)

    def effects(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of each result in the analysis."""
        _takes("effects", texts, 0, 0)
        return Series(tuple(self._of_effect(one, field) for one in self.results.included), "effects")

    def study(self, texts: tuple[str, ...], field: str) -> Value:
        """Return what the table prints of a study."""
        _takes("study", texts, 1, 1)
        return self._of_study(self.results.study(self._row(texts[0])), field)

    def studies(self, texts: tuple[str, ...], field: str) -> Value:
        """Return what the table prints of each study."""
        _takes("studies", texts, 0, 0)
        # A row that is left out for its numbers still stands in the table under its reference.
        kept = [one for one in self.results.studies if field == "reference" or one.row not in self.left_out]
        return Series(tuple(self._of_study(one, field) for one in kept), "studies")

    def statement(self, texts: tuple[str, ...], field: str) -> Value:
        """Return a number of a statement."""
        _takes("statement", texts, 1, 1)
        known = {one["id"]: one for one in self.raw.statements}
        if texts[0] not in known:
            raise unknown("statement", texts[0], known)
        return self._of_statement(known[texts[0]], field)

    def _row(self, study: str) -> int:
        rows = {one.study: one.row for one in self.results.studies}
        if study not in rows:
            raise unknown("study", study, rows)
        if rows[study] in self.left_out:
            raise ReanalysisError(f"it asks for {study}, which is left out", remedy="ask for a row that is there")
        return rows[study]

    @cached_property
    def _places(self) -> dict[tuple[str, int, int | None, str], Hashable]:
        """Return the cell or the statement of each value, by table, row, item and field."""
        ids = {(one["study"], one.get("field", "")): one["id"] for one in self.raw.statements}
        found: dict[tuple[str, int, int | None, str], Hashable] = {}
        for one in self.provenance:
            if one.file == "table.csv":
                found[one.table, one.row, one.item, one.field] = CellSource(one.row, one.column)
            elif (one.study, one.field) in ids:
                found[one.table, one.row, one.item, one.field] = StatementSource(ids[one.study, one.field])
        return found

    def _cells_of(self, effect: Effect) -> set[Hashable]:
        keys = [("estimates", effect.row, effect.item, name) for name in NUMBER_FIELDS]
        found = {self._places[key] for key in keys if key in self._places}
        return found or {CellSource(effect.row, self.results.estimate(effect).column)}

    def _cells_of_study(self, row: int, field: str) -> set[Hashable]:
        keys = [("studies", row, None, name) for name in DERIVED.get(field, (field,))]
        return {self._places[key] for key in keys if key in self._places}

    def _of_study(self, study: Study, field: str) -> Quantity:
        if field not in STUDY_FIELDS:
            raise unknown("field of a study", field, STUDY_FIELDS)
        value, cells = getattr(study, field), self._cells_of_study(study.row, field)
        if isinstance(value, PrintedNumber):
            return of_printed(value, cells)
        if field == "reference":
            value = int(value) if value.isdecimal() else None
        if value is None:
            return missing(f"the table prints no {field} of {study.study}", cells)
        return Quantity(float(value), frozenset(cells), half_unit=0.0)

    def _of_effect(self, effect: Effect, field: str) -> Quantity:
        what = f"{effect.study} {effect.outcome} {effect.contrast}".strip()
        z = z_bounds(effect) if effect.sei is not None else None
        return of_result(
            self.results.estimate(effect),
            effect.yi,
            effect.sei,
            field,
            f"the result of {what}",
            self._cells_of(effect),
            z,
        )

    def _of_statement(self, statement: Row, field: str) -> Value:
        if field not in STATEMENT_FIELDS:
            raise unknown("field of a statement", field, STATEMENT_FIELDS)
        return of_statement(statement, field, self.raw.review, StatementSource(statement["id"]))


def _takes(name: str, texts: Sequence[str], least: int, most: int) -> None:
    if not least <= len(texts) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise ReanalysisError(
            f"{name} takes {wanted} names in brackets, not {len(texts)}",
            remedy="data/raw/README.md says what each source takes",
        )


def _number(content: Mapping[str, Any], field: str, cells: Iterable[Hashable]) -> Quantity:
    """Return a number of a model."""
    known = [name for name, value in content.items() if value is None or isinstance(value, int | float)]
    if field not in known:
        raise unknown("number of the model", field, known)
    value = content[field]
    if value is None:
        return missing(f"the model has no {field}", cells)
    return Quantity(value if isinstance(value, bool) else float(value), frozenset(cells))
