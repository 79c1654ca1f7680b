"""What `review.yaml` declares under `bias`, on the scale of the analysis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reanalysis import grammar
from reanalysis.distributions import critical_value
from reanalysis.e_values import PER_STANDARD_DEVIATION
from reanalysis.errors import ReanalysisError
from reanalysis.immortal_time import Split
from reanalysis.measures import is_ratio, to_analysis
from reanalysis.records import Effect
from reanalysis.review import Review

# ASSUME: risk ratios beyond 0.9, or 1 / 0.9, are strong, and one in ten of them is few, as in the examples of Mathur
# and VanderWeele 2020, J Am Stat Assoc 115:163.
STRONG = math.log(0.9)
FEW = 0.1


@dataclass(frozen=True)
class Printed:
    """A printed ratio of one period: the statement it stands in, its logarithm and standard error."""

    statement: Mapping[str, str]
    yi: float
    sei: float


@dataclass(frozen=True)
class TimeSplit:
    """One study's effect in two periods, beside that in the analysis."""

    study: str
    early: Printed
    late: Printed
    overall: tuple[float, float]
    unit: str
    split: Split


def threshold(review: Review, pooled: float, file: str) -> float:
    """Return the effect beyond which a true effect is strong, on the scale of the analysis.

    Parameters
    ----------
    pooled
        The pooled effect, which says on which side that is where the review does not.
    file
        Where the review stands, for messages.

    Raises
    ------
    ReanalysisError
        Where the declared effect is no difference, or no ratio.
    """
    declared = review.bias.get("threshold")
    if declared is None:
        unit = PER_STANDARD_DEVIATION if review.measure == "SMD" else 1.0
        return (STRONG if pooled <= 0 else -STRONG) / unit
    found = to_analysis(review.measure, float(declared))
    if found == 0 or not math.isfinite(found):
        raise ReanalysisError(
            "this is no effect beyond which another could be strong",
            file=file,
            column="bias: threshold",
            printed=str(declared),
            remedy="give a ratio above 0 that is not 1" if is_ratio(review.measure) else "give a number that is not 0",
        )
    return found


def share(review: Review) -> float:
    """Return the share of strong effects that bias is to leave."""
    return float(review.bias.get("share", FEW))


def time_split(
    review: Review, statements: Sequence[Mapping[str, str]], effects: Sequence[Effect], files: tuple[str, str]
) -> TimeSplit | None:
    """Return what the review declares of two periods; None where it declares nothing.

    Parameters
    ----------
    effects
        Of all studies; that of the same study in the analysis is the overall one.
    files
        Where the review and its statements stand, for messages.

    Raises
    ------
    ReanalysisError
        Where a statement is missing or prints no ratio with an interval, the two are of different studies, or the study
        is not in the analysis.
    """
    declared = review.bias.get("time_split")
    if declared is None:
        return None
    if review.measure != "HR":
        raise ReanalysisError(
            f"the measure is {review.measure}, and only hazard ratios are compared over time",
            file=files[0],
            column="bias: time_split",
            remedy="take time_split away",
        )
    early, late = (_printed(review, statements, declared[name], name, files) for name in ("early", "late"))
    study = early.statement["study"]
    if late.statement["study"] != study:
        raise ReanalysisError(
            "the two periods are of different studies",
            file=files[0],
            study=f"{study}; {late.statement['study']}",
            column="bias: time_split",
            printed=f"{declared['early']}, {declared['late']}",
            remedy="name two statements of one study",
        )
    overall = next((one for one in effects if one.included and one.study == study), None)
    if overall is None or overall.yi is None or overall.sei is None:
        raise ReanalysisError(
            "this study has two periods but is not in the analysis",
            file=files[0],
            study=study,
            column="bias: time_split",
            printed=declared["early"],
            remedy="name statements of a study that is pooled",
        )
    split = Split((early.yi, early.sei), (late.yi, late.sei), float(declared["until"]))
    return TimeSplit(study, early, late, (overall.yi, overall.sei), declared["unit"], split)


def _printed(
    review: Review, statements: Sequence[Mapping[str, str]], name: str, role: str, files: tuple[str, str]
) -> Printed:
    """Return the ratio that a statement prints, with the standard error of its interval, (upper - lower) / 2z."""
    statement = next((one for one in statements if one["id"] == name), None)
    if statement is None:
        raise ReanalysisError(
            f"no statement has the id {name!r}",
            file=files[0],
            column=f"bias: time_split: {role}",
            printed=name,
            remedy=f"add it to statements.csv; known ids: {', '.join(one['id'] for one in statements) or 'none'}",
        )
    try:
        readings = grammar.read_result(statement["printed"], review.decimal_mark)
    except ReanalysisError as error:
        raise error.at(file=files[1], study=statement["study"], column="printed") from error
    whole = [one for one in readings if one.estimate is not None and one.lower is not None and one.upper is not None]
    if len(whole) == 1:
        (one,) = whole
        values = [
            to_analysis(review.measure, number.value) for number in (one.estimate, one.lower, one.upper) if number
        ]
        # ASSUME: the interval was made as yi ± z sei on the logarithmic scale (Wald).
        sei = (values[2] - values[1]) / (2 * critical_value(one.level or review.level))
        if math.isfinite(values[0]) and math.isfinite(sei) and sei > 0:
            return Printed(statement, values[0], sei)
    raise ReanalysisError(
        "this statement does not print one ratio with its interval",
        file=files[1],
        study=statement["study"],
        column="printed",
        printed=statement["printed"],
        remedy="print it as 0.76 (95% CI, 0.61 to 0.96), or name another statement under bias in review.yaml",
    )
