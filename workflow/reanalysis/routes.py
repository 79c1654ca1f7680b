"""Every way from print to an effect and its standard error: name, formula, source, and whether it may serve.

All that an estimate allows are computed; the precedence in `config.yaml` says which is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from reanalysis import event_counts, standard_errors
from reanalysis.measures import NAMES
from reanalysis.reconstruction import Reconstruction, effect
from reanalysis.records import Estimate, Route, Study

ALTMAN = "Altman and Bland 2011, BMJ 343:d2090"
PARMAR = "Parmar et al. 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16"


@dataclass(frozen=True)
class Way:
    """One way from print to an effect and its standard error.

    Parameters
    ----------
    function
        From an estimate and its study to a reconstruction; None where print does not allow it.
    name, short
        What the standard error comes from, in words, and in the column of a figure.
    formula, source
        How, and who says so.
    runs
        Which way its effect runs: ``print``, as the printed ratio does, which may be declared to run the other way;
        ``groups``, as the review names them; ``either``, as print where it has an estimate, else as the groups.
    kind
        ``exact`` where only rounding parts it from the authors' own standard error, ``approximate`` where a model does
        too, ``check`` where it gives no standard error that could be pooled.
    """

    function: Callable[[Estimate, Study], Reconstruction | None]
    name: str
    short: str
    formula: str
    source: str
    kind: str
    runs: str


WAYS = {
    "ci": Way(
        standard_errors.from_interval, "confidence interval", "CI", "(upper − lower) / 2z", PARMAR, "exact", "print"
    ),
    "se": Way(standard_errors.from_standard_error, "standard error", "SE", "as printed", "", "exact", "print"),
    "variance": Way(standard_errors.from_variance, "variance", "var.", "√V", "", "exact", "print"),
    "score": Way(
        standard_errors.from_score,
        "O−E and V",
        "O−E",
        "effect (O − E) / V, standard error 1 / √V",
        f"Yusuf et al. 1985, Prog Cardiovasc Dis 27:335; {PARMAR}",
        "exact",
        "print",
    ),
    "p": Way(
        standard_errors.from_p, "p value", "p", "|effect| / z(p), the exact normal quantile", ALTMAN, "exact", "print"
    ),
    "counts": Way(
        event_counts.from_counts,
        "two-by-two table",
        "2×2",
        "OR: √(1/a + 1/b + 1/c + 1/d); RR: √(1/a − 1/n₁ + 1/c − 1/n₀); effect from the same table",
        "Woolf 1955, Ann Hum Genet 19:251; Katz et al. 1978, Biometrics 34:469",
        "approximate",
        "groups",
    ),
    "events": Way(
        event_counts.from_events,
        "events of each group",
        "events",
        "√(1/d₁ + 1/d₀); effect as printed, or ±z(p) times it",
        PARMAR,
        "approximate",
        "either",
    ),
    "log_rank": Way(
        event_counts.from_log_rank,
        "all events and the treated share",
        "log-rank",
        "1 / √(D π (1 − π)); effect as printed, or ±z(p) times it",
        PARMAR,
        "approximate",
        "either",
    ),
    "p_bound": Way(
        standard_errors.from_inequality,
        "p value printed as an inequality",
        "p <",
        "bound |effect| / z(p), never pooled",
        ALTMAN,
        "check",
        "print",
    ),
    "survival": Way(
        event_counts.from_survival,
        "survival proportions",
        "S",
        "effect ln(ln S₁ / ln S₀), never pooled",
        "Parmar et al. 1998, Stat Med 17:2815",
        "check",
        "groups",
    ),
}

# What `routes` in config.yaml may list.
USABLE = tuple(name for name, way in WAYS.items() if way.kind != "check")


def reconstruct(estimate: Estimate, study: Study) -> dict[str, Reconstruction]:
    """Return what each way makes of an estimate, inverted where the review declares that it runs the other way."""
    made = {name: way.function(estimate, study) for name, way in WAYS.items()}
    printed = ("print", "either") if effect(estimate) is not None else ("print",)
    turned = {name for name, way in WAYS.items() if estimate.inverted and way.runs in printed}
    return {name: one.inverted() if name in turned else one for name, one in made.items() if one is not None}


def own_counts(study: Study, estimate: Estimate, outcome: str, contrasts: Collection[str]) -> Study:
    """Return a study without its events and survival proportions where they are not those of an estimate.

    Parameters
    ----------
    outcome
        The review's outcome.
    contrasts
        Those of all results of the study's row, each once or more.
    """
    # ASSUME: events and survival proportions are printed for the review's outcome, and for all patients of the row.
    if estimate.outcome == outcome and len(set(contrasts)) <= 1:
        return study
    return replace(
        study, events=None, events_treated=None, events_control=None, survival_treated=None, survival_control=None
    )


def routes(
    estimates: Sequence[Estimate], studies: Sequence[Study], outcome: str, precedence: Sequence[str]
) -> list[Route]:
    """Return every route that each estimate with numbers allows; of a poolable one the first in precedence is used.

    Parameters
    ----------
    studies
        All of the table's, in the order of print: the row of an estimate is its study's place, counted from 1.
    outcome
        The review's outcome.
    precedence
        Names in `USABLE`, the preferred one first.
    """
    contrasts: dict[int, set[str]] = {}
    for estimate in estimates:
        contrasts.setdefault(estimate.row, set()).add(estimate.contrast)
    found = []
    for estimate in estimates:
        if estimate.measure not in NAMES:
            continue
        study = own_counts(studies[estimate.row - 1], estimate, outcome, contrasts[estimate.row])
        made = reconstruct(estimate, study)
        usable = [name for name in precedence if name in made and made[name].sei is not None]
        used = usable[0] if usable and estimate.poolable else None
        found += [
            Route(
                row=estimate.row,
                item=estimate.item,
                study=estimate.study,
                outcome=estimate.outcome,
                contrast=estimate.contrast,
                route=name,
                used=name == used,
                inverted=estimate.inverted,
                yi=one.yi,
                sei=one.sei,
                yi_low=one.yi_range[0],
                yi_high=one.yi_range[1],
                sei_low=one.sei_range[0],
                sei_high=one.sei_range[1],
            )
            for name, one in made.items()
        ]
    return found
