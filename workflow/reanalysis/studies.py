"""From a printed row to a typed study: who, when, how many."""

from __future__ import annotations

from dataclasses import replace

from reanalysis import grammar, names
from reanalysis.cells import TableRow
from reanalysis.errors import ReanalysisError
from reanalysis.printed import PrintedNumber, is_missing
from reanalysis.records import Study
from reanalysis.review import COUNT_ROLES, SURVIVAL_ROLES, YEAR_ROLES

COUNTS = "a number of patients, or total/treated/control"
PERIOD = "a year, or the first and the last one (1990-1993)"

# What is no year of medical research is a month, a duration or a slip.
YEARS = range(1800, 2101)


def read_study(row: TableRow) -> Study:
    """Return the study that a row prints, and keep its provenance in the row.

    Raises
    ------
    ReanalysisError
        Where the row names no study, or a number is not where it must be.
    """
    cell = row.cell("study")
    name, span = names.read_name(cell)
    if not name:
        raise row.located(
            ReanalysisError(
                f"row {row.number} names no study", remedy="name the study; every row of the table has one"
            ),
            "study",
        )
    row.note("studies", "study", "study", span)
    study = Study(row=row.number, study=row.study)
    if reference := names.REFERENCE.search(cell):
        row.note("studies", "reference", "study", reference.span("reference"))
        study = replace(study, reference=reference["reference"])
    if year := names.YEAR.search(cell):
        row.note("studies", "year", "study", year.span("year"))
        study = replace(study, year=int(year["year"]))
    study = _judged(_stated(_counts(_years(study, row), row), row), row)
    roles = set(row.raw.review.columns.values())
    return replace(study, extra={heading: cell for heading, cell in row.cells.items() if heading not in roles})


def _numbers(row: TableRow, role: str, names: tuple[str, ...], expected: str, between: str = "") -> dict[str, int]:
    """Return the whole numbers that one cell prints for the first field alone, or for all fields in order."""
    cell = row.cell(role)
    if is_missing(cell):
        return {}
    try:
        mark = row.raw.review.decimal_mark
        numbers = (
            grammar.read_years(cell, expected)
            if role == "period"
            else grammar.read_numbers(cell, expected, between, whole=True, decimal_mark=mark)
        )
        _refuse_unless_counts(numbers, len(names), expected, years=role in ("period", *YEAR_ROLES))
    except ReanalysisError as error:
        raise row.located(error, role) from error
    for name, (_, span) in zip(names, numbers, strict=False):
        row.note("studies", name, role, span)
    return {name: int(number.value) for name, (number, _) in zip(names, numbers, strict=False)}


def _refuse_unless_counts(numbers: list[grammar.Located], most: int, expected: str, *, years: bool) -> None:
    if len(numbers) not in (1, most):
        raise ReanalysisError(
            f"{expected} was expected here: there are {len(numbers)} numbers",
            remedy="check the cell against the print, or give its column another role",
        )
    for number, _ in numbers:
        if number.value != int(number.value) or number.value < 0:
            raise ReanalysisError(
                f"{expected} was expected here: {number} is no whole number of 0 or more",
                remedy="check the cell against the print",
            )
        if years and int(number.value) not in YEARS:
            raise ReanalysisError(
                f"{expected} was expected here: {number} is no year from {YEARS.start} to {YEARS.stop - 1}",
                remedy="check the cell against the print; write years with four digits",
            )


def _years(study: Study, row: TableRow) -> Study:
    years = _numbers(row, "period", ("start", "end"), PERIOD, "-")
    for role in YEAR_ROLES:
        years |= _numbers(row, role, (role,), "a year")
    study = replace(study, year=years.get("year", study.year))
    start = years.get("start")
    # ASSUME: a period printed as one year begins and ends in that year.
    end = years.get("end", start)
    if start is None or end is None:
        return replace(study, start=start, end=end)
    # ASSUME: inclusion was spread evenly over the period, so that its middle stands for it.
    return replace(study, start=start, end=end, mid=(start + end) / 2, duration=end - start)


def _counts(study: Study, row: TableRow) -> Study:
    counts = _numbers(row, "counts", ("n", "n_treated", "n_control"), COUNTS, "/")
    for role in COUNT_ROLES:
        own = _numbers(row, role, (role,), "a number of patients or events")
        if own and counts.get(role, own[role]) != own[role]:
            error = ReanalysisError(
                f"this column says {own[role]}, the column {row.column('counts')!r} says {counts[role]}",
                remedy="declare in corrections.yaml which is right, or take the role of one column away",
            )
            raise row.located(error, role)
        counts |= own
    if "n" not in counts and {"n_treated", "n_control"} <= counts.keys():
        # ASSUME: a study without a printed total has the patients of its two groups.
        counts["n"] = counts["n_treated"] + counts["n_control"]
    return replace(
        study,
        n=counts.get("n"),
        n_treated=counts.get("n_treated"),
        n_control=counts.get("n_control"),
        events=counts.get("events"),
        events_treated=counts.get("events_treated"),
        events_control=counts.get("events_control"),
        survival_treated=_survival(row, "survival_treated"),
        survival_control=_survival(row, "survival_control"),
    )


def _survival(row: TableRow, role: str) -> PrintedNumber | None:
    """Return a survival proportion in percent, with the decimals that were printed."""
    cell = row.cell(role)
    if is_missing(cell):
        return None
    try:
        proportion, span = grammar.read_proportion(cell, row.raw.review.decimal_mark)
    except ReanalysisError as error:
        raise row.located(error, role) from error
    row.note("studies", role, role, span)
    return proportion


def _stated(study: Study, row: TableRow) -> Study:
    """Take survival proportions, which only checks use, from statements.csv where the table prints none."""
    for statement in row.raw.statements:
        field, cell = statement.get("field", ""), statement["printed"]
        if statement["study"] != study.study or field not in SURVIVAL_ROLES or getattr(study, field) is not None:
            continue
        try:
            proportion, span = grammar.read_proportion(cell)
        except ReanalysisError as error:
            file = str(row.raw.folder / "statements.csv")
            raise error.at(file=file, study=study.study, column="printed") from error
        row.declare("studies", field, "statements.csv", "printed", cell, span)
        study = replace(study, **{field: proportion})  # type: ignore[arg-type]  # one of two fields of a kind
    return study


def _judged(study: Study, row: TableRow) -> Study:
    """Take the year of publication from the declared judgements where the table does not print it."""
    for judgement in row.raw.judgements:
        value = judgement.get("year", "")
        if judgement["study"] != study.study or study.year is not None or not value:
            continue
        row.declare("studies", "year", "judgements.csv", "year", value, (0, len(value)))
        study = replace(study, year=int(value))
    return study
