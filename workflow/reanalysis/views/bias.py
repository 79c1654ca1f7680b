"""What the figure of strong effects under bias shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis import formatting
from reanalysis.companion_narrative import companion_pool
from reanalysis.e_values import confounding_strength, log_bias
from reanalysis.figures.bias import Mark, Panel, StrongEffects, bias
from reanalysis.figures.ticks import ratio_ticks, tick_label
from reanalysis.measures import NAMES
from reanalysis.results import Results
from reanalysis.views.result_data import bias_data
from reanalysis.views.shown import Shown
from reanalysis.wording import READINGS

# The two ways to count, by their keys in `confounding.json`.
TITLES = {"parametric": "By a normal model", "calibrated": "Counted, with bootstrap intervals"}

# A larger factor is said to be larger: it may have hundreds of digits.
LARGE = 10_000

# At these bias factors the text alternative gives the shares.
TOLD = (1.0, 1.25, 1.5, 2.0, 3.0)


def bias_view(results: Results) -> StrongEffects:
    """Return what the figure of strong effects under bias shows."""
    whole = results.confounding["strong_effects"]
    part = _leading(whole)
    curve = part["curve"]
    log_factors = [math.log(one["bias_factor"]) for one in curve]
    # Where tau2 is 0 there is no curve, and any other pool is said elsewhere.
    last = log_factors[-1] if curve else 0.0
    factors = ratio_ticks(1.0, math.exp(last))
    strengths = ratio_ticks(1.0, confounding_strength(last))
    return StrongEffects(
        panels=[_panel(whole, key, title) for key, title in TITLES.items()] if curve else [],
        log_factors=log_factors,
        few=whole["share"],
        strong=f"True effects {_strong(whole)}",
        scale=_scale(results.review.measure, part),
        factors=[(math.log(one), tick_label(one)) for one in factors],
        strengths=[(log_bias(one), tick_label(one)) for one in strengths],
        other=_other(results) if curve else None,
        missing="" if curve else _missing(part),
    )


def show_bias(results: Results) -> Shown:
    """Draw the share of strong effects against the bias factor."""
    view, part = bias_view(results), results.confounding["strong_effects"]
    title = f"Strong effects under bias: true {NAMES[results.review.measure]}s {_strong(part)}"
    if view.missing:
        return Shown(bias(view), title=title, caption=view.missing, description=view.missing, of=("confounding",))
    level = f"{100 * results.confounding['level']:g}%"
    few = formatting.percent(100 * part["share"], 0)
    name = NAMES[results.review.measure]
    read = (
        f" The {name} is turned into the risk ratio of a common outcome; below the marks stands what they would be if "
        "the outcome were rare."
        if len(part["readings"]) > 1
        else ""
    )
    other = "" if view.other is None else " The broken line is the bias that would take this pool to the other one."
    return Shown(
        bias(view),
        title=title,
        caption="The share of true effects that stay strong, if bias moved every study away from no effect by the "
        f"factor below; bands are {level} intervals. The diamond, with its interval, is the least factor T that leaves "
        f"no more than {few} of them; above it stands G, the least confounding that can make it.{other}{read}",
        description=" ".join(_told(view, part)),
        of=("confounding", "elsewhere"),
        data=bias_data(view, [one["bias_factor"] for one in _leading(part)["curve"]]),
    )


def _strong(part: Mapping[str, Any]) -> str:
    return f"{part['side']} {formatting.number(part['threshold'])}"


def _leading(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the reading as a risk ratio that leads; no curve where the measure has none."""
    return part["readings"][0] if part["readings"] else {"curve": [], "fallback": None, "reason": part["reason"]}


def _scale(measure: str, part: Mapping[str, Any]) -> str:
    """Return which risk ratio the axis is of, where the measure is none."""
    called = part.get("reading", "risk_ratio")
    return "" if measure == "RR" or called == "risk_ratio" else READINGS[called]


def _missing(part: Mapping[str, Any]) -> str:
    """Return why there is no curve, and what stands in for it."""
    fallback = part["fallback"]
    instead = (
        ""
        if fallback is None
        else f": a bias factor of {formatting.number(fallback['bias_factor'])}, which takes confounding of "
        f"{formatting.number(fallback['e_value'])}"
    )
    return f"There is no curve: {part['reason']}{instead}."


def _panel(whole: Mapping[str, Any], key: str, title: str) -> Panel:
    part, *others = whole["readings"]
    shares, lows, highs = (
        [math.nan if one[key][name] is None else one[key][name] for one in part["curve"]]
        for name in ("estimate", "ci_low", "ci_high")
    )
    factor = part[key]["bias_factor"]
    at, low, high = (_log(factor[name]) for name in ("estimate", "ci_low", "ci_high"))
    last = math.log(part["curve"][-1]["bias_factor"])
    beyond = ", beyond the axis" if at is None or at > last else ""
    said = [f"T = {_with_interval(factor)}{beyond}", f"G = {_with_interval(part[key]['confounding'])}"]
    said += [
        f"{READINGS[one['reading']]}: T = {_short(one[key]['bias_factor']['estimate'])}, "
        f"G = {_short(one[key]['confounding']['estimate'])}"
        for one in others
        if one[key] is not None
    ]
    return Panel(title, shares, lows, highs, Mark(at, low, high, said))


def _with_interval(one: Mapping[str, Any]) -> str:
    low, high = _short(one["ci_low"]), _short(one["ci_high"])
    interval = formatting.NONE if formatting.NONE in (low, high) else f"{low} to {high}"
    return f"{_short(one['estimate'])} ({interval})"


def _short(value: float | None) -> str:
    """Return a factor that has room under a panel."""
    return f"> {formatting.count(LARGE)}" if value is not None and value > LARGE else formatting.number(value)


def _log(factor: float | None) -> float | None:
    return None if factor is None else math.log(factor)


def _other(results: Results) -> Mark | None:
    """Return the bias factor that takes this pool to the companion's, where that is the way that the curve takes."""
    companion, one = results.elsewhere["companion"], results.elsewhere["comparison"]
    if companion is None or not one["bias"] or one["bias"][0]["bias_factor"] is None:
        return None
    part = results.confounding["strong_effects"]
    if (one["estimate"] > 0) is not (part["side"] == "below"):
        # The other pool is further from no effect than this one: no bias of the curve's kind would explain it.
        return None
    leading, *others = one["bias"]
    at, last = math.log(leading["bias_factor"]), math.log(_leading(part)["curve"][-1]["bias_factor"])
    strength = formatting.number(leading["confounding"]["estimate"])
    beyond = ", beyond the axis" if at > last else ""
    first = (
        f"{formatting.number(leading['bias_factor'])} takes this pool to {companion_pool(companion)}; confounding of "
        f"{strength} can make it{beyond}"
    )
    rare = [
        f"{READINGS[other['reading']]}: {formatting.number(other['bias_factor'])}, confounding of "
        f"{formatting.number(other['confounding']['estimate'])}"
        for other in others
    ]
    said = [first, *rare]
    return Mark(at, None, None, said)


def _told(view: StrongEffects, part: Mapping[str, Any]) -> Sequence[str]:
    """Return the text alternative, a sentence a panel and one for the other pool."""
    rows = [one for one in _leading(part)["curve"] if one["bias_factor"] in TOLD]
    said = []
    for (key, title), panel in zip(TITLES.items(), view.panels, strict=True):
        shares = ", ".join(
            f"{formatting.percent(100 * one[key]['estimate'], 0)} at {formatting.number(one['bias_factor'])}"
            for one in rows
            if one[key]["estimate"] is not None
        )
        said.append(f"{title}: {shares}; {'; '.join(panel.least.said)}.")
    if view.other is not None:
        said.append(f"{'; '.join(view.other.said)}.")
    return said
