"""Checks of studies against each other: the same one twice, patients in common, other endpoints."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from reanalysis.checks.table import Table
from reanalysis.records import Estimate, Finding, Study

# Words between the names of institutions that share a cell.
PARTING = re.compile(r"\s*(?:[,;/()]|\band\b|\bof the\b|&)\s*", re.IGNORECASE)
# A name of one word says too little ("hospital"), unless the cell holds nothing else ("SEER").
NAME_WORDS = 2


def repeated(table: Table) -> Iterator[Finding]:
    """Find studies that several rows print alike: name and citation, or all of their numbers."""
    poolable = {one.row for one in table.estimates if one.poolable}
    cells = [" ".join(row[table.column("study")].split()) for row in table.raw.rows]
    for rows in _alike(cells, poolable):
        for row in rows:
            message = "Several rows print this study; they are pooled as if they shared no patient."
            yield table.finding("warning", "repeated", row, table.column("study"), message, _rows(rows))
    said = {row for rows in _alike(cells, poolable) for row in rows}
    numbers = [_numbers(study, table.of_row(study.row)) if study.row not in said else "" for study in table.studies]
    for rows in _alike(numbers, poolable):
        for row in rows:
            message = "Another row prints the same numbers: perhaps it is the same study, or a line was copied."
            yield table.finding("warning", "repeated", row, table.column("study"), message, _rows(rows))


def _alike(texts: Sequence[str], among: set[int]) -> list[list[int]]:
    """Return the rows, counted from 1, of each text that stands more than once; empty texts are none."""
    rows = defaultdict(list)
    for row, text in enumerate(texts, start=1):
        if text and row in among:
            rows[text].append(row)
    return [found for found in rows.values() if len(found) > 1]


def _rows(rows: Sequence[int]) -> str:
    return f"Rows {', '.join(map(str, rows))}."


def _numbers(study: Study, estimates: Sequence[Estimate]) -> str:
    """Return the counts and results of a row as one text; empty where there are too few to tell studies apart."""
    results = [[str(number) for number in (one.estimate, one.lower, one.upper, one.p)] for one in estimates]
    spread = any(one.estimate and (one.lower or one.p) for one in estimates)
    if not spread or (study.n is None and study.year is None):
        return ""
    # The name may print the year of one row alone.
    known = study.year if study.n is None else study.n
    return str([known, study.n_treated, study.n_control, study.events, results])


def endpoint(table: Table) -> Iterator[Finding]:
    """Note studies that are declared to count another endpoint than most."""
    declared, sources = table.raw.judged("endpoint"), table.raw.judged("endpoint_from")
    if not declared:
        return
    usual = Counter(declared.values()).most_common(1)[0][0]
    for study in table.studies:
        if declared.get(study.study, usual) != usual:
            message = f"Declared to count {declared[study.study]}, where most studies count {usual}."
            column = table.column("result", "estimate", "log_estimate")
            yield table.finding(
                "warning", "endpoint", study.row, column, message, f"Source: {sources.get(study.study, '')}."
            )


def overlap(table: Table) -> Iterator[Finding]:
    """Note poolable studies that may share patients: declared to, or from one institution in years in common."""
    cluster, why = table.raw.judged("cluster"), table.raw.judged("cluster_from")
    poolable = {one.row for one in table.estimates if one.poolable and one.study not in table.raw.review.left_out}
    pooled = [study for study in table.studies if study.row in poolable]
    institutions = _institutions(table, pooled)
    others: dict[int, list[str]] = defaultdict(list)
    reasons: dict[int, str] = {}
    for one, other in _candidates(pooled, cluster, institutions):
        if not _in_common(one, other):
            continue
        declared = cluster.get(one.study) is not None and cluster.get(one.study) == cluster.get(other.study)
        names = sorted(institutions[one.row] & institutions[other.row])
        for study, second in ((one, other), (other, one)):
            others[study.row].append(second.study)
            reasons.setdefault(study.row, why.get(study.study, "") if declared else f"Both name {names[0]}")
    for study in pooled:
        if study.row in others:
            message = f"May share patients with {', '.join(others[study.row])}; they are pooled as if independent."
            detail = f"{reasons[study.row]}."
            yield table.finding("note", "overlap", study.row, table.column("study"), message, detail)


def _institutions(table: Table, studies: Sequence[Study]) -> dict[int, set[str]]:
    """Return the names of institutions that each study's cell of the role `database` holds, in small letters."""
    column = table.raw.review.columns.get("database")
    found: dict[int, set[str]] = {study.row: set() for study in studies}
    if column is None:
        return found
    for study in studies:
        cell = " ".join(table.raw.rows[study.row - 1][column].replace("’", "'").lower().split())
        names = [name.strip(" .") for name in PARTING.split(cell)]
        found[study.row] = {name for name in names if len(name.split()) >= NAME_WORDS} | {cell} - {""}
    return found


def _candidates(
    studies: Sequence[Study], cluster: dict[str, str], institutions: dict[int, set[str]]
) -> list[tuple[Study, Study]]:
    """Return the pairs of studies with a cluster or an institution in common, in the order of print."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, study in enumerate(studies):
        declared = {f"cluster {cluster[study.study]}"} if study.study in cluster else set()
        for name in declared | institutions[study.row]:
            groups[name].append(place)
    pairs = {pair for places in groups.values() for pair in combinations(places, 2)}
    return [(studies[first], studies[second]) for first, second in sorted(pairs)]


def _in_common(one: Study, other: Study) -> bool:
    """Whether two inclusion periods share a year; unknown ones may."""
    if one.start is None or one.end is None or other.start is None or other.end is None:
        return True
    return one.start <= other.end and other.start <= one.end
