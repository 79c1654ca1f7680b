"""Two versions of a review mixed: some of what differs as it is now, the rest as it was then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from reanalysis.comparison.causes import CELLS, CORRECTIONS, DECLARATIONS, SETTINGS, STUDIES
from reanalysis.errors import ReanalysisError
from reanalysis.extraction import read_rows
from reanalysis.raw import RawReview, Row
from reanalysis.review import Review, check_columns

# What review.yaml declares by the name of a study: that of a study which only one version has comes and goes with it.
BY_STUDY = ("contrasts", "left_out", "inverted")

# A printed row then and now, each as its place from 0; None where only the other version has it.
Pair = tuple[int | None, int | None]
Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Side:
    """One version of a review: its raw folder, read, and the settings it is analysed under."""

    raw: RawReview
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Versions:
    """The two versions of a review that are compared."""

    then: Side
    now: Side

    @cached_property
    def pairs(self) -> list[Pair]:
        """Return which rows are the same study, rows of now first and in their order."""
        return matched(self.then.raw, self.now.raw)

    @cached_property
    def only(self) -> set[str]:
        """Return the names of studies that only one version has, as printed and as corrected."""
        names = [_names(one.raw) for one in (self.then, self.now)]
        both: set[str] = set()
        alone: set[str] = set()
        for pair in self.pairs:
            said = {
                name for place, known in zip(pair, names, strict=True) if place is not None for name in known[place]
            }
            (alone if None in pair else both).update(said)
        return alone - both

    def mixed(self, chosen: Collection[str]) -> Side:
        """Return the review with the chosen causes as they are now, the others as they were.

        Raises
        ------
        ReanalysisError
            Where the table has no column for a role that the review gives it.
        """
        then, now = self.then.raw, self.now.raw
        table = now if CELLS in chosen else then
        rows = [self._row(pair, table, chosen) for pair in self._ordered(STUDIES in chosen)]
        review = self._review(chosen)
        check_columns(review, table.headings, "review.yaml", "table.csv")
        raw = replace(
            now,
            review=review,
            headings=table.headings,
            rows=rows,
            corrections=self._entries(then.corrections, now.corrections, CORRECTIONS, chosen),
            judgements=self._entries(then.judgements, now.judgements, DECLARATIONS, chosen),
            statements=self._entries(then.statements, now.statements, DECLARATIONS, chosen),
        )
        return Side(raw, (self.now if SETTINGS in chosen else self.then).settings)

    def _ordered(self, now: bool) -> list[Pair]:
        if now:
            return [pair for pair in self.pairs if pair[1] is not None]
        return sorted((pair for pair in self.pairs if pair[0] is not None), key=lambda pair: pair[0] or 0)

    def _row(self, pair: Pair, table: RawReview, chosen: Collection[str]) -> Row:
        before, after = pair
        side = (self.now, after) if before is None or (after is not None and CELLS in chosen) else (self.then, before)
        cells = side[0].raw.rows[side[1] or 0]
        return {heading: cells.get(heading, "") for heading in table.headings}

    def _entries(self, then: Sequence[Entry], now: Sequence[Entry], cause: str, chosen: Collection[str]) -> list[Entry]:
        """Return declared entries; those of studies that only one version has come with the studies."""
        own = [one for one in (now if cause in chosen else then) if self._study(one) not in self.only]
        return own + [one for one in (now if STUDIES in chosen else then) if self._study(one) in self.only]

    def _review(self, chosen: Collection[str]) -> Review:
        then, now = self.then.raw.review, self.now.raw.review
        made = now if DECLARATIONS in chosen else then
        maps: dict[str, Any] = {
            name: {study: one for study, one in getattr(made, name).items() if study not in self.only}
            | {
                study: one
                for study, one in getattr(now if STUDIES in chosen else then, name).items()
                if study in self.only
            }
            for name in BY_STUDY
        }
        return replace(made, **maps)

    @staticmethod
    def _study(entry: object) -> str:
        return str(entry.get("study", "") if isinstance(entry, dict) else getattr(entry, "study", ""))


# When two rows are the same, from the surest sign on: all cells, the study's cell, all others.
SAME: tuple[Callable[[tuple[str, ...], tuple[str, ...]], bool], ...] = (
    lambda one, other: one == other,
    lambda one, other: one[0] == other[0],
    lambda one, other: one[1:] == other[1:] and any(one[1:]),
)


def matched(then: RawReview, now: RawReview) -> list[Pair]:
    """Return which rows of two tables are the same study, rows of the second first and in their order.

    Rows are the same that print the same study cell: of several such rows equal ones first, then in order. A row whose
    study cell alone differs is the same too.
    """
    old, new = _printed(then), _printed(now)
    found: dict[int, int] = {}
    for same in SAME:
        taken = set(found.values())
        for after, row in enumerate(new):
            free = (place for place, one in enumerate(old) if place not in taken and same(one, row))
            if after not in found and (before := next(free, None)) is not None:
                found[after] = before
                taken.add(before)
    pairs: list[Pair] = [(found.get(after), after) for after in range(len(new))]
    return pairs + [(before, None) for before in range(len(old)) if before not in found.values()]


def _names(raw: RawReview) -> list[set[str]]:
    """Return what each row's study is called: as printed, and as corrected where the corrections can be applied."""
    try:
        corrected = [one.study for one in read_rows(raw).studies]
    except ReanalysisError:
        corrected = raw.names  # the table cannot be read, which its analysis tells
    return [{one, other} for one, other in zip(raw.names, corrected, strict=True)]


def _printed(raw: RawReview) -> list[tuple[str, ...]]:
    """Return the cells of each row, the study's first, without regard to spaces."""
    first = raw.review.columns["study"]
    order = [first, *(one for one in raw.headings if one != first)]
    return [tuple(" ".join(row[one].split()) for one in order) for row in raw.rows]
