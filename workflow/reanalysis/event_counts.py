"""Routes from printed counts and survival proportions to an effect and its standard error; `routes` lists them.

They know nothing of the covariates that an adjusted estimate was adjusted for, and take follow-up to be alike in both
groups.
"""

from __future__ import annotations

import math
from dataclasses import replace

from reanalysis.distributions import z_of_p
from reanalysis.printed import PrintedNumber
from reanalysis.reconstruction import Reconstruction, effect, rectangle
from reanalysis.records import Estimate, Study
from reanalysis.rounding import Interval
from reanalysis.standard_errors import z_range

Counts = tuple[int, int, int, int]


def filled(study: Study) -> Study:
    """Return a study with the third of total, treated and control, of patients and of events, where two are printed.

    A count that would be negative stays away.
    """
    for names in (("n", "n_treated", "n_control"), ("events", "events_treated", "events_control")):
        total, treated, control = (getattr(study, name) for name in names)
        worked = {
            names[0]: None if treated is None or control is None else treated + control,
            names[1]: None if total is None or control is None else total - control,
            names[2]: None if total is None or treated is None else total - treated,
        }
        missing = {name: value for name, value in worked.items() if getattr(study, name) is None and value is not None}
        study = replace(study, **{name: value for name, value in missing.items() if value >= 0})
    return study


def table(study: Study) -> Counts | None:
    """Return events and patients with treatment, events and patients without; None where one is not known or too large.

    The third of a total and two groups is worked out.
    """
    study = filled(study)
    counts = (study.events_treated, study.n_treated, study.events_control, study.n_control)
    d1, n1, d0, n0 = counts
    if d1 is None or n1 is None or d0 is None or n0 is None or d1 > n1 or d0 > n0 or not n1 or not n0:
        return None
    return d1, n1, d0, n0


def from_counts(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return the crude log ratio of a two-by-two table and its standard error.

    OR: sei^2 = 1/a + 1/b + 1/c + 1/d (Woolf 1955, Ann Hum Genet 19:251); RR: sei^2 = 1/a - 1/n1 + 1/c - 1/n0 (Katz et
    al. 1978, Biometrics 34:469). None with an empty cell: no continuity is corrected for here.
    """
    counts = table(study)
    if counts is None or estimate.measure not in ("OR", "RR"):
        return None
    d1, n1, d0, n0 = counts
    if not d1 or not d0 or (estimate.measure == "OR" and (d1 == n1 or d0 == n0)):
        return None
    if estimate.measure == "OR":
        yi = math.log(d1 * (n0 - d0) / (d0 * (n1 - d1)))
        variance = 1 / d1 + 1 / (n1 - d1) + 1 / d0 + 1 / (n0 - d0)
    else:
        yi = math.log(d1 * n0 / (d0 * n1))
        variance = 1 / d1 - 1 / n1 + 1 / d0 - 1 / n0
    sei = math.sqrt(variance)
    return _exactly(yi, sei) if sei > 0 else None


def _exactly(yi: float, sei: float) -> Reconstruction:
    return Reconstruction(yi, sei, (yi, yi), (sei, sei), rectangle((yi, yi), (sei, sei)))


def from_events(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return sei = sqrt(1/d1 + 1/d0) from the events of each group, and yi as printed, or ±z sei from a p value.

    Source: Parmar et al. 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16.
    """
    study = filled(study)
    d1, d0 = study.events_treated, study.events_control
    if estimate.measure != "HR" or not d1 or not d0:
        return None
    return _with_effect(estimate, study, math.sqrt(1 / d1 + 1 / d0))


def from_log_rank(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return sei = 1 / sqrt(D π (1 - π)) from all events D and the treated share π, and yi as for `from_events`.

    Source: Parmar et al. 1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16.
    """
    study = filled(study)
    n1, n0 = study.n_treated, study.n_control
    if estimate.measure != "HR" or not study.events or not n1 or not n0:
        return None
    share = n1 / (n1 + n0)
    return _with_effect(estimate, study, 1 / math.sqrt(study.events * share * (1 - share)))


def _with_effect(estimate: Estimate, study: Study, sei: float) -> Reconstruction | None:
    """Return a standard error with the printed effect, or with the one that an exact p value gives it."""
    found = effect(estimate)
    if found is not None:
        yi, reach = found
        return Reconstruction(yi, sei, reach, (sei, sei), rectangle(reach, (sei, sei)))
    counts, p = table(study), estimate.p
    if counts is None or p is None or estimate.p_operator != "=" or not 0 < p.value < 1:
        return None
    d1, n1, d0, n0 = counts
    # ASSUME: where no estimate is printed, the group with the larger share of events is the worse one.
    sign = math.copysign(1.0, d1 / n1 - d0 / n0)
    if d1 * n0 == d0 * n1:
        return None
    least, most = z_range(p.low, p.high, estimate.p_sides)
    ends = sorted((sign * least * sei, sign * most * sei))
    reach = ends[0], ends[1]
    region = rectangle(reach, (sei, sei)) if math.isfinite(most) else rectangle((0.0, 0.0), (sei, sei))
    return Reconstruction(sign * z_of_p(p.value, estimate.p_sides) * sei, sei, reach, (sei, sei), region)


def from_survival(estimate: Estimate, study: Study) -> Reconstruction | None:
    """Return yi = ln(ln S1 / ln S0) from the proportions alive at one time, a check without a standard error.

    Source: Parmar et al. 1998, Stat Med 17:2815. The proportions are of all patients, so the ratio is not adjusted.
    """
    s1, s0 = study.survival_treated, study.survival_control
    if estimate.measure != "HR" or s1 is None or s0 is None:
        return None
    treated, control = hazard_range(s1), hazard_range(s0)
    middle = (_log_hazard(s1.value), _log_hazard(s0.value))
    if not all(math.isfinite(value) for value in (*treated, *control, *middle)):
        return None
    return Reconstruction(middle[0] - middle[1], None, (treated[0] - control[1], treated[1] - control[0]))


def hazard_range(survival: PrintedNumber) -> Interval:
    """Return the range of ln(-ln S) of a survival proportion printed in percent; infinite at 0 and 100 %."""
    return _log_hazard(survival.high), _log_hazard(survival.low)


def _log_hazard(percent: float) -> float:
    if percent <= 0:
        return math.inf
    return -math.inf if percent >= 100 else math.log(-math.log(percent / 100))  # noqa: PLR2004 (percent)
