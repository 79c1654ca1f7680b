"""Checks of how precise a result can be, and of its direction against the groups' own events and survival."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reanalysis.checks.table import Table
from reanalysis.distributions import critical_value
from reanalysis.event_counts import table as two_by_two
from reanalysis.records import Finding, Study
from reanalysis.review import TIME_RATIO
from reanalysis.routes import WAYS

# ASSUME: a printed ratio and that of the same patients' crude proportions do not lie this many of their combined
# standard errors apart, on different sides of no difference: a chance of 1 in 10,000, adjustment aside.
FAR = 3.9

# ASSUME: adjustment, strata and unequal follow-up do not double a standard error.
TWICE = 2.0

# Half a unit that rounds either way must not count.
ROUNDING = 1e-9


def information_bound(table: Table) -> Iterator[Finding]:
    """Find ratios more precise than their numbers of events or patients allow.

    Cox model: the information on the log hazard ratio of a 0/1 covariate is at most the sum over events of p (1 - p), p
    the covariate's weighted mean among those at risk. At the maximum of the likelihood these p add up to the events d1
    of the treated group, so by Jensen's inequality the sum is at most d1 d0 / (d1 + d0), whatever is adjusted for.
    Logistic model: in the same way sei^2 >= 1/d1 + 1/(n1 - d1) + 1/d0 + 1/(n0 - d0). Where a count is not printed, the
    most favourable one stands for it.
    ASSUME: the standard error is model-based, of an unweighted model without imputed data, of at most one event a
    patient, with treatment coded 0 and 1; for an odds ratio, of patients who were not matched, so that it is a warning.
    """
    measure = table.raw.review.measure
    for route in table.routes:
        if not route.used or route.sei_high is None or measure not in ("HR", "OR"):
            continue
        if route.route not in ("ci", "se", "variance") or route.inverted == TIME_RATIO:
            continue  # another route is of a test under no effect, or made of the counts themselves
        bound = hazard_information if measure == "HR" else odds_information
        information, because = bound(table.counted(route))
        if information is None or route.sei is None or 1 / route.sei_high**2 <= information * (1 + 1e-9):
            continue
        detail = (
            f"A standard error of {route.sei:.4f} (at most {route.sei_high:.4f} at any rounding) needs "
            f"at least {math.ceil(4 / route.sei_high**2)} {'events' if measure == 'HR' else 'patients'}; {because} "
            f"allow {f'no less than {1 / math.sqrt(information):.4f}' if information else 'none'}, in a model without "
            "weights and with treatment coded 0 and 1."
        )
        message = "The interval is narrower than the numbers of events or patients allow."
        severity = "error" if measure == "HR" else "warning"
        yield table.finding(severity, "information_bound", route.row, table.estimate(route).column, message, detail)


def hazard_information(study: Study) -> tuple[float | None, str]:
    """Return the most information on a log hazard ratio (None without a count), and the counts that bound it."""
    d1, d0 = study.events_treated, study.events_control
    n1, n0 = study.n_treated, study.n_control
    if d1 is not None and d0 is not None:
        return (d1 * d0 / (d1 + d0) if d1 + d0 else 0.0), f"{d1} and {d0} events"
    if study.events is not None and study.events > 0:
        events = study.events
        treated = events / 2
        if n1 is not None and n0 is not None and n1 + n0 >= events:
            treated = min(max(treated, float(events - n0)), float(n1))
        return treated * (events - treated) / events, f"{events} events"
    # ASSUME: where the groups and the total disagree, the larger number is the lenient one.
    if n1 and n0 and n1 + n0 >= (study.n or 0):
        return n1 * n0 / (n1 + n0), f"{n1} and {n0} patients"
    return (study.n / 4, f"{study.n} patients") if study.n else (None, "")


def odds_information(study: Study) -> tuple[float | None, str]:
    """Return the most information on a log odds ratio (None without a count), and the counts that bound it."""
    counts = two_by_two(study)
    if counts is not None:
        spread = [d * (n - d) / n for d, n in (counts[:2], counts[2:])]
        words = f"{counts[0]} of {counts[1]} and {counts[2]} of {counts[3]}"
        return (spread[0] * spread[1] / sum(spread) if sum(spread) else 0.0), words
    n1, n0 = study.n_treated, study.n_control
    if n1 and n0 and n1 + n0 >= (study.n or 0):
        return n1 * n0 / (n1 + n0) / 4, f"{n1} and {n0} patients"
    return (study.n / 16, f"{study.n} patients") if study.n else (None, "")


def crude(table: Table) -> Iterator[Finding]:
    """Find ratios that run against the groups' own survival proportions or shares of events."""
    for route in table.used.values():
        study = table.counted(route)
        for words, role, ratio in _crude_ratios(study, table.raw.review.measure):
            yi, spread = ratio
            # Near no difference the crude ratio has no side of its own.
            if route.sei is None or yi * route.yi >= 0 or abs(yi) < critical_value(0.95) * spread:
                continue
            if abs(yi - route.yi) <= FAR * math.hypot(spread, route.sei):
                continue
            message = f"The ratio runs against the {words} of the groups; follow-up or adjustment might explain it."
            detail = f"Their ratio is {math.exp(yi):.2f}, the printed one {math.exp(route.yi):.2f}."
            yield table.finding("warning", "crude", route.row, table.column(role), message, detail)


def _crude_ratios(study: Study, measure: str) -> Iterator[tuple[str, str, tuple[float, float]]]:
    """Return what the groups' own numbers say: words for them, a role they stand under, log ratio and its spread."""
    survival = [(study.survival_treated, study.n_treated), (study.survival_control, study.n_control)]
    if measure == "HR" and all(share is not None and patients for share, patients in survival):
        shares = [(share.value / 100, patients) for share, patients in survival if share is not None and patients]
        yield from (("survival proportions", "survival_treated", ratio) for ratio in _hazards(shares))
    counts = two_by_two(study)
    if counts is not None and measure in ("HR", "OR", "RR"):
        d1, n1, d0, n0 = counts
        # ASSUME: follow-up is alike in both groups, so that shares without an event are survival proportions.
        yield from (("events", "events_treated", ratio) for ratio in _hazards([(1 - d1 / n1, n1), (1 - d0 / n0, n0)]))


def _hazards(shares: Sequence[tuple[float, int]]) -> Iterator[tuple[float, float]]:
    """Return ln(ln S1 / ln S0) and its standard error with complete follow-up; nothing where all or none survive.

    By the delta method for binomial proportions (Collett 2015, Modelling Survival Data in Medical Research, 2.2).
    """
    if any(not 0 < share < 1 for share, _ in shares):
        return
    (s1, _), (s0, _) = shares
    variance = sum((1 - share) / (patients * share * math.log(share) ** 2) for share, patients in shares)
    yield math.log(math.log(s1) / math.log(s0)), math.sqrt(variance)


def own_table(table: Table) -> Iterator[Finding]:
    """Find odds and risk ratios that are not those of the row's own counts: notes, or warnings far from them.

    An adjusted ratio may differ from the crude one; seldom does it leave its interval.
    """
    for route in table.routes:
        best = table.used.get((route.row, route.item))
        if route.route != "counts" or best is None or best.route == "counts" or best.sei is None:
            continue
        if best.yi_low - ROUNDING <= route.yi <= best.yi_high + ROUNDING:
            continue
        far = abs(route.yi - best.yi) > critical_value(0.95) * best.sei
        detail = f"The counts give {math.exp(route.yi):.2f}, printed is {math.exp(best.yi):.2f}."
        message = "The ratio is not that of the row's own counts: it is adjusted, or a number is wrong."
        severity = "warning" if far else "note"
        yield table.finding(severity, "own_table", route.row, table.column("events_treated"), message, detail)


def standardised(table: Table) -> Iterator[Finding]:
    """Find standardised mean differences whose standard error is far from the one that the groups' sizes give.

    sei^2 = 1/n1 + 1/n0 + g^2 / (2 N) (Hedges and Olkin 1985). Paired and adjusted ones differ: it takes a factor of 2.
    """
    for route in table.used.values():
        study = table.counted(route)
        n1, n0 = study.n_treated, study.n_control
        if table.raw.review.measure != "SMD" or not n1 or not n0 or WAYS[route.route].kind != "exact":
            continue
        expected = math.sqrt(1 / n1 + 1 / n0 + route.yi**2 / (2 * (n1 + n0)))
        low, high = route.sei_low, route.sei_high
        if (high is not None and high * TWICE < expected) or (low is not None and low > TWICE * expected):
            detail = f"{route.sei:.4f} by print, {expected:.4f} from groups of {n1} and {n0}."
            message = "The standard error is not one of groups of this size."
            column = table.estimate(route).column
            yield table.finding("warning", "standardised", route.row, column, message, detail)


def routes_apart(table: Table) -> Iterator[Finding]:
    """Note routes that differ from the one used by more than rounding and a model can explain."""
    for route in table.routes:
        best = table.used.get((route.row, route.item))
        if best is None or route.used or best.sei is None:
            continue
        detail = ""
        if route.route in ("events", "log_rank", "counts", "score") and route.sei is not None:
            if not 1 / TWICE < best.sei / route.sei < TWICE:
                detail = f"{best.sei:.4f} from {best.route}, {route.sei:.4f} from {route.route}."
        elif route.route == "p_bound" and WAYS[best.route].kind != "exact":
            # An exact one is held against the inequality among the other numbers of the result.
            if route.sei_high is not None and best.sei > route.sei_high:
                detail = f"{best.sei:.4f} from {best.route}, at most {route.sei_high:.4f} by the p value."
            if route.sei_low is not None and best.sei < route.sei_low:
                detail = f"{best.sei:.4f} from {best.route}, at least {route.sei_low:.4f} by the p value."
        if detail:
            message = "Two routes give standard errors that are far apart, or exclude each other."
            yield table.finding("note", "routes_apart", route.row, table.estimate(route).column, message, detail)
