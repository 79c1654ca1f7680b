"""Typos to plant in printed rows, and whether a row with one can betray it.

Both look at the printed numbers, never at what the project makes of them: whether a row can be right is decided by an
exact search that shares nothing with the checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from simulated import LIMITS, NORMAL, PERCENT_OF, Interval, Row, limits, number_text, table_effect

# Two results on different sides of no difference, this many combined standard errors apart, cannot both be right.
APART = 3.9
# And this many of its own is the crude one from no difference.
CLEAR = 1.96

# Wider than anything printed here, so that every region searched has corners.
FAR = 1e5


def planted(rng: Generator, kind: str, row: Row) -> Row | None:
    """Return a row with one typo of a kind; None where it does not print what such a typo is of."""
    found = TYPOS[kind](row)
    return found[rng.integers(len(found))] if found else None


def retyped(row: Row, **texts: str) -> Row:
    """Return a row with some of its numbers replaced."""
    return replace(row, texts=row.texts | texts)


def mistyped(row: Row, change: Callable[[str], Iterator[str]]) -> list[Row]:
    """Return a row with its estimate or a limit changed in every way that leaves a number, and another one."""
    shown = [role for role in ("estimate", *LIMITS) if role in row.texts]
    wrong = [(role, text) for role in shown for text in change(row.texts[role]) if text != row.texts[role]]
    # No number begins with a 0 before another digit: such a slip shows itself.
    return [retyped(row, **{role: text}) for role, text in wrong if not re.match(r"-?0\d", text)]


def swapped(text: str) -> Iterator[str]:
    """Yield a number with two neighbouring digits exchanged, the decimal point left where it is."""
    for one, other in pairwise(place for place, mark in enumerate(text) if mark.isdigit()):
        yield text[:one] + text[other] + text[one + 1 : other] + text[one] + text[other + 1 :]


def replaced(text: str) -> Iterator[str]:
    """Yield a number with one digit replaced."""
    for place, mark in enumerate(text):
        if mark.isdigit():
            yield from (text[:place] + digit + text[place + 1 :] for digit in "0123456789")


def transposed(row: Row) -> list[Row]:
    """Return a row with two whole numbers exchanged; percentages stay where they are."""
    pairs = (("estimate", "lower"), ("estimate", "upper"), LIMITS, ("n", "n_treated"), ("n", "n_control"))
    return [retyped(row, **{one: row.texts[two], two: row.texts[one]}) for one, two in pairs if differ(row, one, two)]


def differ(row: Row, one: str, other: str) -> bool:
    """Whether a row prints two numbers, and not the same."""
    return one in row.texts and other in row.texts and row.texts[one] != row.texts[other]


def mislabelled(row: Row, level: float, said: str) -> list[Row]:
    """Return a row with the interval of another level than it says, unless rounding hides the difference."""
    if "lower" not in row.texts:
        return []
    wrong, right = (limits(row.measure, row.yi, row.sei, one, row.places) for one in (level, float(said or 95)))
    return [replace(retyped(row, **wrong), level=said)] if wrong != right else []


def misplaced(row: Row, role: str, value: float) -> list[Row]:
    """Return a row with something else where its standard error or variance should stand."""
    text = number_text(value, 3, 2)
    return [retyped(row, **{role: text})] if role in row.texts and text != row.texts[role] else []


def lost_minus(row: Row) -> list[Row]:
    """Return a row without the minus of its estimate, a limit or its logarithm."""
    return [retyped(row, **{role: text[1:]}) for role, text in row.texts.items() if text.startswith("-")]


def copied(row: Row, **sources: str) -> Row:
    """Return a row with cells copied from others, percentages with them."""
    percents = {role: text for role, text in row.percents.items() if role not in sources}
    percents |= {role: row.percents[source] for role, source in sources.items() if source in row.percents}
    texts = row.texts | {role: row.texts[source] for role, source in sources.items()}
    return replace(row, texts=texts, percents=percents)


def wrong_arm(row: Row) -> list[Row]:
    """Return a row with a count copied from the other arm or the total, or with the results of its arms exchanged."""
    found = []
    for whole in ("n", "events"):
        arms = (f"{whole}_treated", f"{whole}_control")
        pairs = [(arms[0], arms[1]), (arms[1], arms[0]), (arms[0], whole), (arms[1], whole)]
        found += [copied(row, **{role: source}) for role, source in pairs if differ(row, role, source)]
    for one, two in (("survival_treated", "survival_control"), ("events_treated", "events_control")):
        found += [copied(row, **{one: two, two: one})] if differ(row, one, two) else []
    return found


TYPOS: dict[str, Callable[[Row], list[Row]]] = {
    "digit_swap": lambda row: mistyped(row, swapped),
    "digit_wrong": lambda row: mistyped(row, replaced),
    "transposition": transposed,
    "wrong_level": lambda row: mislabelled(row, 99, "95" if row.level else ""),
    "ninety_as_95": lambda row: mislabelled(row, 90, ""),
    "se_for_variance": lambda row: misplaced(row, "variance", row.sei),
    "variance_for_se": lambda row: misplaced(row, "se", row.sei**2),
    "lost_minus": lost_minus,
    "wrong_arm": wrong_arm,
}


# What a row can betray, whatever the checks make of it.


def findable(row: Row) -> bool:
    """Whether a row cannot be right as it stands: no effect fits it, its counts clash, or two of its results do."""
    return not (has_pair(row, 1) or has_pair(row, -1)) or counts_clash(row) or opposed(row)


def unrounded(text: str) -> Interval:
    """Return the smallest and largest number that rounds to a printed one."""
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return float(text) - half, float(text) + half


def logarithms(ends: Interval) -> Interval:
    """Return the logarithms of a range, far below any number for what is not above 0."""
    return math.log(max(ends[0], 1e-99)), math.log(max(ends[1], 1e-99))


def quantile(tail: float) -> float:
    """Return the z statistic that leaves a tail, 0 where it leaves half or more."""
    return math.inf if tail <= 0 else max(0.0, -NORMAL.inv_cdf(min(tail, 0.5)))


def asked(row: Row, side: int) -> Iterator[tuple[float, float, float, float]]:
    """Yield what each printed number asks of an effect y on one side of 0 and its error s: low <= a y + b s <= high."""
    shown = {role: unrounded(text) for role, text in row.texts.items()}
    z = quantile((1 - float(row.level or 95) / 100) / 2)
    for role, slope in (("estimate", 0.0), ("lower", -z), ("upper", z)):
        if role in shown:
            yield 1.0, slope, *(shown[role] if row.measure == "MD" else logarithms(shown[role]))
    if "log_estimate" in shown:
        yield 1.0, 0.0, *shown["log_estimate"]
    if "se" in shown:
        yield 0.0, 1.0, *shown["se"]
    if "variance" in shown:
        yield 0.0, 1.0, *(math.sqrt(max(end, 0.0)) for end in shown["variance"])
    if "p" in shown:
        low, high = shown["p"]
        bound, sides = float(row.texts["p"]), 1 if "one-sided" in row.p_before else 2
        if "<" in row.p_before:
            low, high = 0.0, bound
        elif ">" in row.p_before:
            # A one-sided p value above a bound leaves open on which side the effect lies, and so how far out.
            low, high = (bound, 1.0) if sides == 2 else (0.0, 1.0)
        yield side, -quantile(high / sides), 0.0, FAR
        yield side, -min(quantile(low / sides), FAR), -math.inf, 0.0
    yield side, 0.0, 0.0, FAR
    # In a Cox model each event adds at most 1/4 to the information on the log hazard ratio.
    most = (filled(row, "events")[0] or filled(row, "n")[0] or 0) if row.measure == "HR" else 0
    yield 0.0, 1.0, 2 / math.sqrt(most) if most > 0 else 0.0, FAR


def has_pair(row: Row, side: int) -> bool:
    """Whether any effect on one side of 0 and any standard error together print the row.

    All that they are asked is linear and bounded, so if any pair meets it, a crossing of two of its lines does.
    """
    strips = np.array(list(asked(row, side)))
    planes = np.vstack([strips[:, [0, 1, 3]], -strips[:, [0, 1, 2]]])
    (a, b, c), (i, j) = planes.T, np.triu_indices(len(planes), 1)
    with np.errstate(all="ignore"):
        points = np.stack([c[i] * b[j] - c[j] * b[i], a[i] * c[j] - a[j] * c[i]]) / (a[i] * b[j] - a[j] * b[i])
        return bool((planes[:, :2] @ points <= planes[:, 2:] + 1e-9).all(axis=0).any())


def filled(row: Row, whole: str) -> list[int | None]:
    """Return all, treated and control of the patients or the events, one worked out where the other two are printed."""
    roles = (whole, f"{whole}_treated", f"{whole}_control")
    total, treated, control = (int(row.texts[role]) if role in row.texts else None for role in roles)
    if total is None:
        total = None if treated is None or control is None else treated + control
    elif treated is None:
        treated = None if control is None else total - control
    elif control is None:
        control = total - treated
    return [total, treated, control]


def counts_clash(row: Row) -> bool:
    """Whether counts do not add up, a part is more than its whole, or a percentage is of another count."""
    patients, events = filled(row, "n"), filled(row, "events")
    for total, treated, control in (patients, events):
        if treated is not None and control is not None and (total != treated + control or min(treated, control) < 0):
            return True
    known = [(e, n) for e, n in zip(events, patients, strict=True) if e is not None and n is not None]
    known += [(e, patients[0]) for e in events if e is not None and patients[0] is not None]
    if any(e > n for e, n in known):
        return True
    base = dict(zip(("n", "n_treated", "n_control"), patients, strict=True))
    for role, percent in row.percents.items():
        if (n := base[PERCENT_OF[role]]) and role in row.texts:
            low, high = unrounded(percent)
            if not low - 1e-9 <= 100 * int(row.texts[role]) / n <= high + 1e-9:
                return True
    return False


def opposed(row: Row) -> bool:
    """Whether counts or survival of the arms speak for the other arm than the printed effect does, beyond chance.

    The two stand `APART` combined standard errors apart, on different sides of no difference. Nothing less counts: the
    printed effect may be adjusted, the crude one is not. Where nearly all patients have the event its proportions are
    alike whatever the hazards, and may lie on either side: so the crude one has to be `CLEAR` of no difference as well.
    """
    found = printed_effect(row)
    if found is None:
        return False
    yi, sei = found
    against = [(crude, error) for crude, error in crudes(row) if crude * yi < 0 and abs(crude) >= CLEAR * error]
    return any(abs(crude - yi) >= APART * math.hypot(error, sei) for crude, error in against)


def printed_effect(row: Row) -> Interval | None:
    """Return a printed effect and its standard error, from the first number beside it that gives one."""
    values = {role: float(text) for role, text in row.texts.items()}
    if row.measure != "MD":
        values |= {role: math.log(max(values[role], 1e-99)) for role in ("estimate", *LIMITS) if role in values}
    yi = values.get("estimate", values.get("log_estimate", 0.0))
    sei = 0.0
    if "lower" in values:
        sei = (values["upper"] - values["lower"]) / (2 * quantile((1 - float(row.level or 95) / 100) / 2))
    elif "se" in values or "variance" in values:
        sei = values.get("se") or math.sqrt(values["variance"])
    elif "p" in values and not set("<>") & set(row.p_before):
        z = quantile(values["p"] / (1 if row.p_before else 2))
        sei = abs(yi) / z if z else 0.0
    return (yi, sei) if sei > 0 else None


def crudes(row: Row) -> Iterator[Interval]:
    """Yield the log ratios that the counts and the survival of two arms of printed size make, with standard errors.

    The standard error of survival is Greenwood's, of all the patients: wider than the printed sizes suggest.
    """
    (_, n1, n0), (_, d1, d0) = filled(row, "n"), filled(row, "events")
    if not n1 or not n0 or row.measure == "MD":
        return
    if d1 and d0 and d1 < n1 and d0 < n0:
        counts = d1, n1, d0, n0
        yield crude_hazards(*counts) if row.measure == "HR" else table_effect(row.measure, *counts)
    alive = [float(row.texts.get(role, 0)) / 100 for role in ("survival_treated", "survival_control")]
    if all(0 < one < 1 for one in alive):
        yield math.log(math.log(alive[0]) / math.log(alive[1])), row.survival_error


def crude_hazards(d1: int, n1: int, d0: int, n0: int) -> Interval:
    """Return the log ratio of the cumulative hazards of two arms that were followed alike, with its standard error."""
    alive = [(n - d, n) for d, n in ((d1, n1), (d0, n0))]
    logs = [math.log(left / n) for left, n in alive]
    variance = sum((1 / left - 1 / n) / one**2 for (left, n), one in zip(alive, logs, strict=True))
    return math.log(logs[0] / logs[1]), math.sqrt(variance)
