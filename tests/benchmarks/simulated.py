"""Simulated studies: patients first, then the row that a journal would print of them.

Nothing here comes from the project: effects are fitted to patients, and no standard error is worked back from print.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.random import Generator

Interval = tuple[float, float]

PERCENT_OF = {
    "n_treated": "n", "n_control": "n", "events": "n", "events_treated": "n_treated", "events_control": "n_control",
}  # fmt: skip
COUNTS = ("n", *PERCENT_OF)
LIMITS = ("lower", "upper")
ROLES = (
    *COUNTS, "start", "end", "survival_treated", "survival_control", "estimate", *LIMITS, "ci", "p", "se", "variance",
    "log_estimate",
)  # fmt: skip

NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """What a study of simulated patients found; pairs are treated and control."""

    yi: float
    sei: float
    n: tuple[int, int]
    events: tuple[int, int] | None = None
    survival: tuple[float, float] | None = None
    survival_error: float = math.inf


@dataclass(frozen=True)
class Row:
    """A printed row, number by number, with the unrounded truth.

    Parameters
    ----------
    places
        The decimals of the estimate and its limits.
    survival_error
        The standard error of the log ratio of the cumulative hazards, which is not printed.
    level
        The declared level of the interval, in percent; empty where its limits stand in columns of their own.
    p_before
        What stands before the p value in its cell.
    """

    measure: str
    yi: float
    sei: float
    places: int
    survival_error: float
    texts: dict[str, str]
    percents: dict[str, str] = field(default_factory=dict)
    level: str = ""
    between: str = " to "
    p_before: str = ""

    def cells(self) -> dict[str, str]:
        """Return the cell of every role, empty where nothing is printed."""
        cells = dict.fromkeys(ROLES, "") | self.texts
        cells |= {role: f"{self.texts[role]} ({percent}%)" for role, percent in self.percents.items()}
        cells |= {role: f"{text}%" for role, text in self.texts.items() if role.startswith("survival")}
        if self.level:
            cells["ci"] = f"{self.level}% CI {cells['lower']}{self.between}{cells['upper']}"
            cells |= {"lower": "", "upper": ""}
        if "p" in self.texts:
            cells["p"] = self.p_before + self.texts["p"]
        return cells


def cox(time: np.ndarray, event: np.ndarray, treated: np.ndarray) -> Interval | None:
    """Return the log hazard ratio of treatment and its standard error from the observed information, by Newton."""
    order = np.argsort(time)
    event, treated = event[order], treated[order]
    risk_treated = treated[::-1].cumsum()[::-1][event].astype(float)
    risk_control = (~treated)[::-1].cumsum()[::-1][event].astype(float)
    beta, deaths = 0.0, int(treated[event].sum())
    for _ in range(30):
        share = risk_treated / (risk_treated + risk_control * math.exp(-beta))
        information = float((share * (1 - share)).sum())
        if information <= 0 or abs(beta) > 10:
            return None
        step = (deaths - float(share.sum())) / information
        beta += step
        if abs(step) < 1e-10:
            return beta, 1 / math.sqrt(information)
    return None


def kaplan_meier(time: np.ndarray, event: np.ndarray, at: float) -> Interval | None:
    """Return the proportion alive at a time and the variance (Greenwood) of the log of its cumulative hazard."""
    order = np.argsort(time)
    at_risk = np.arange(len(time), 0, -1.0)[event[order] & (time[order] <= at)]
    if len(at_risk) == 0 or int((time > at).sum()) < 5:
        return None
    alive = float(np.prod(1 - 1 / at_risk))
    return alive, float((1 / (at_risk * (at_risk - 1))).sum()) / math.log(alive) ** 2


def survival_study(rng: Generator) -> Sample | None:
    """Return a Cox model of two arms with proportional Weibull hazards; None where it has too few events."""
    n = round(math.exp(rng.uniform(math.log(40), math.log(3000))))
    treated = np.arange(n) < round(n * rng.uniform(0.15, 0.85))
    shape = 1.0 if rng.random() < 0.5 else rng.uniform(0.6, 2.0)
    hazard = np.where(treated, math.exp(rng.uniform(math.log(0.3), math.log(2.5))), 1.0)
    censored = rng.uniform(0, 0.6)
    lost = censored * rng.random()
    dies = (rng.exponential(size=n) / hazard) ** (1 / shape)
    leaves = (rng.exponential(size=n) * (1 - lost) / max(lost, 1e-9)) ** (1 / shape)
    time = np.minimum(dies, leaves)
    closed = float(np.quantile(time, 1 - censored + lost))
    event = (dies <= leaves) & (time <= closed)
    time = np.minimum(time, closed)
    events = int((event & treated).sum()), int((event & ~treated).sum())
    found = cox(time, event, treated) if min(events) >= 5 else None
    if found is None:
        return None
    at = float(np.quantile(time, rng.uniform(0.1, 0.8)))
    alive = [kaplan_meier(time[arm], event[arm], at) for arm in (treated, ~treated)]
    size = int(treated.sum()), int((~treated).sum())
    if alive[0] is None or alive[1] is None:
        return Sample(*found, size, events)
    return Sample(*found, size, events, (alive[0][0], alive[1][0]), math.sqrt(alive[0][1] + alive[1][1]))


def table_effect(measure: str, d1: int, n1: int, d0: int, n0: int) -> Interval:
    """Return the log ratio of a two-by-two table without empty cells and its standard error."""
    if measure == "OR":
        yi, variance = math.log(d1 * (n0 - d0) / (d0 * (n1 - d1))), 1 / d1 + 1 / (n1 - d1) + 1 / d0 + 1 / (n0 - d0)
    else:
        yi, variance = math.log(d1 * n0 / (d0 * n1)), 1 / d1 - 1 / n1 + 1 / d0 - 1 / n0
    return yi, math.sqrt(variance)


def binary_study(rng: Generator, measure: str) -> Sample | None:
    """Return the log ratio of a two-by-two table of patients; None with an empty cell."""
    n = round(math.exp(rng.uniform(math.log(30), math.log(3000))))
    n1 = max(1, round(n * rng.uniform(0.15, 0.85)))
    n0 = n - n1
    risk = rng.uniform(0.05, 0.8)
    odds = risk / (1 - risk) * math.exp(rng.uniform(math.log(0.3), math.log(2.5)))
    d1, d0 = int((rng.random(n1) < odds / (1 + odds)).sum()), int((rng.random(n0) < risk).sum())
    if min(d1, d0, n1 - d1, n0 - d0) == 0:
        return None
    return Sample(*table_effect(measure, d1, n1, d0, n0), (n1, n0), (d1, d0))


def mean_study(rng: Generator) -> Sample:
    """Return the difference of the means of two normal samples."""
    sizes = [int(rng.integers(10, 500)) for _ in range(2)]
    spread = math.exp(rng.uniform(math.log(0.5), math.log(20)))
    arms = [rng.normal(rng.normal(0, 0.4) * spread, spread * rng.uniform(0.8, 1.2), size) for size in sizes]
    sei = math.sqrt(sum(float(arm.var(ddof=1)) / len(arm) for arm in arms))
    return Sample(float(arms[0].mean() - arms[1].mean()), sei, (sizes[0], sizes[1]))


def number_text(value: float, places: int, significant: int = 1) -> str:
    """Return a rounded number, with more decimals where it would have fewer significant digits than asked for."""
    if value:
        places = max(places, significant - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"


def limits(measure: str, yi: float, sei: float, level: float, places: int) -> dict[str, str]:
    """Return the printed limits of the Wald interval of a level in percent."""
    reach = NORMAL.inv_cdf((1 + level / 100) / 2) * sei
    ends = (yi - reach, yi + reach) if measure == "MD" else (math.exp(yi - reach), math.exp(yi + reach))
    return {role: number_text(end, places, 2) for role, end in zip(LIMITS, ends, strict=True)}


def p_value(rng: Generator, sample: Sample) -> tuple[str, str]:
    """Return what stands before a Wald p value and its number: exact, an inequality, or of one side."""
    one_sided = rng.random() < 0.1
    p = math.erfc(abs(sample.yi) / sample.sei / math.sqrt(2)) / (2 if one_sided else 1)
    text = f"{p:.{rng.integers(2, 5)}f}"
    text = f"{p:.3f}" if float(text) == 0 else text
    before = ""
    if float(text) == 0:
        before, text = "<", "0.001"
    elif rng.random() < 0.3:
        above = [bound for bound in ("0.001", "0.01", "0.05") if p < float(bound)]
        before, text = ("<", str(rng.choice(above))) if above else (">", "0.05")
    return (f"one-sided p {before or '='} " if one_sided else before), text


def printed(rng: Generator, measure: str, sample: Sample) -> Row:
    """Return a row that prints some of what a study found, rounded as journals round."""
    places = int(rng.integers(1, 4))
    (n1, n0), texts = sample.n, {}
    counts = {"n": n1 + n0, "n_treated": n1, "n_control": n0}
    if sample.events:
        counts |= {"events": sum(sample.events), "events_treated": sample.events[0], "events_control": sample.events[1]}
    texts |= {role: str(count) for role, count in counts.items() if rng.random() < 0.7}
    percents = {
        role: f"{100 * counts[role] / counts[base]:.{rng.integers(0, 3)}f}"
        for role, base in PERCENT_OF.items()
        if role in texts and rng.random() < 0.3
    }
    begin = int(rng.integers(1960, 2010))
    texts |= {role: year for role, year in (("start", f"{begin}"), ("end", f"{begin + rng.integers(0, 12)}"))
              if rng.random() < 0.5}  # fmt: skip
    if sample.survival and rng.random() < 0.5:
        decimals = rng.integers(0, 2)
        shown = [f"{100 * alive:.{decimals}f}" for alive in sample.survival]
        texts |= dict(zip(("survival_treated", "survival_control"), shown, strict=True))
    logged = measure != "MD" and rng.random() < 0.25
    if logged:
        texts["log_estimate"] = number_text(sample.yi, int(rng.integers(2, 4)))
    if not logged or rng.random() < 0.8:
        texts["estimate"] = number_text(sample.yi if measure == "MD" else math.exp(sample.yi), places)
    level = str(rng.choice(["", "", "", "95", "90", "99"]))
    if rng.random() < 0.85:
        texts |= limits(measure, sample.yi, sample.sei, float(level or 95), places)
    before, p = p_value(rng, sample)
    spread = {"p": p, "se": number_text(sample.sei, int(rng.integers(2, 5)), 2)}
    spread["variance"] = number_text(sample.sei**2, int(rng.integers(2, 5)), 2)
    texts |= {role: text for role, text in spread.items() if rng.random() < (0.6 if role == "p" else 0.3)}
    between = str(rng.choice([" to ", "–", "-"])) if measure != "MD" else " to "
    level = level if "lower" in texts else ""
    return Row(measure, sample.yi, sample.sei, places, sample.survival_error, texts, percents, level, between, before)


def simulated_rows(rng: Generator, measure: str, count: int) -> list[Row]:
    """Return printed rows of studies that differ in everything."""
    found: list[Row] = []
    while len(found) < count:
        if measure == "HR":
            sample = survival_study(rng)
        else:
            sample = mean_study(rng) if measure == "MD" else binary_study(rng, measure)
        if sample is not None:
            found.append(printed(rng, measure, sample))
    return found
