"""What the page says of studies left out, and what its explorer looks up: finished texts, places, and the kept fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reanalysis import formatting, wording
from reanalysis.digits import rounded
from reanalysis.distributions import critical_value
from reanalysis.figures.ticks import plain_ticks, ratio_ticks, tick_label
from reanalysis.measures import NAMES, is_ratio, null_value, to_analysis, to_print
from reanalysis.records import Effect
from reanalysis.report.scripts import in_script
from reanalysis.results import Results
from reanalysis.tau2 import NAMES as ESTIMATOR_NAMES

# As in the forest plot: the axis is cut this many times beyond the farthest estimate, or this many pooled intervals
# from the centre.
CUT_ESTIMATES, CUT_INTERVALS = 4.0, 5.0

# Fewer studies than this leave nothing when one is left out.
FEWEST = 2

# Of more studies the drawing shows only those left out: the pool would not be seen beside the boxes that are ticked.
MOST_DRAWN = 40

NOT_COMPUTED = "other sets were not computed, and nothing stands in for them"


def explorer(results: Results, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the section shows.

    Parameters
    ----------
    found
        The content of `leave_out.json`.
    """
    primary, keys = results.pooled["primary"], names_in_address(results)
    return {
        "possible": len(keys) >= FEWEST,
        "rows": [_row(results, one) for one in found["summary"]],
        "studies": [wording.effect_label(one, results.study(one.row)) for one in results.included],
        "estimators": [(one["name"], _choice(found, one)) for one in found["estimators"]],
        "intervals": list(wording.INTERVAL_NAMES.items()),
        "reach": said_of_reach(found),
        "draws_all": len(keys) <= MOST_DRAWN,
        "chosen": (found["tau2_method"], found["interval"]),
        "primary": _shown(results, primary),
        "called": f"{primary['tau2_method']}, {wording.INTERVAL_NAMES[primary['interval']]}",
        "data": _data(results, found, keys),
    }


def names_in_address(results: Results) -> list[str]:
    """Return what each study is called in the address of the page: its name, with contrast or count if need be."""
    included = results.included
    often = Counter(one.study for one in included)
    names: list[str] = []
    for one in included:
        name = one.study if often[one.study] == 1 else wording.effect_label(one, results.study(one.row))
        count = 2
        unique = name
        while unique in names:
            unique, count = f"{name} ({count})", count + 1
        names.append(unique)
    return names


def said_of_reach(found: Mapping[str, Any]) -> str:
    """Return in words which questions are answered."""
    most = len(found["studies"]) - 1
    reach = {one["name"]: one["most_left_out"] for one in found["estimators"]}
    own = reach[found["tau2_method"]]
    other = min(reach.values())
    if other == most:
        return "Any of the studies can be left out, under every estimator and interval."
    if other == own:
        return f"Under every estimator and interval, {_up_to(own)} can be left out; {NOT_COMPUTED}."
    first = "any of the studies" if own == most else _up_to(own)
    return (
        f"Under {found['tau2_method']}, {first} can be left out; under the other estimators, {_up_to(other)}; "
        f"{NOT_COMPUTED}."
    )


def _up_to(most: int) -> str:
    return "none" if most == 0 else f"up to {formatting.plural(most, 'study', 'studies')}"


def _choice(found: Mapping[str, Any], estimator: Mapping[str, Any]) -> str:
    name, most = estimator["name"], estimator["most_left_out"]
    whole = most == len(found["studies"]) - 1
    return f"{name}: {ESTIMATOR_NAMES[name]}" + ("" if whole else f" ({_up_to(most)} left out)")


def _row(results: Results, one: Mapping[str, Any]) -> dict[str, Any]:
    measure, out = results.review.measure, one["left_out"]
    ends = {
        name: {
            "estimate": formatting.number(wording.on_print(measure, one[name], "estimate"), 3),
            "without": ", ".join(one[name]["without"]),
        }
        for name in ("lowest", "highest")
    }
    return {
        "left_out": "none" if out == 0 else formatting.count(out),
        "sets": formatting.count(one["sets"]),
        "excludes": f"{formatting.count(one['excludes'])} of {formatting.count(one['sets'])}",
        **ends,
    }


def _shown(results: Results, primary: Mapping[str, Any]) -> dict[str, str]:
    """Return the primary analysis as the table shows it."""
    measure = results.review.measure
    predicted = [wording.on_print(measure, primary, name) for name in ("prediction_low", "prediction_high")]
    return {
        "studies": f"{primary['k']} of {primary['k']}",
        "effect": wording.model_text(measure, primary),
        "prediction": formatting.interval(predicted[0], predicted[1], 3),
        "tau2": formatting.number(primary["tau2"], 4),
        "i2": formatting.percent(primary["i2"]),
        "q": formatting.number(primary["q"]),
    }


def _data(results: Results, found: Mapping[str, Any], keys: list[str]) -> str:
    """Return what the script reads, as JSON that can stand inside a script element."""
    measure, level, primary = results.review.measure, results.pooled["level"], results.pooled["primary"]
    z = critical_value(level)
    low, high = axis(results, z)
    ratio = is_ratio(measure)
    ticks = (ratio_ticks if ratio else plain_ticks)(to_print(measure, low), to_print(measure, high))
    kept = ("tau2_method", "interval", "quantities", "most", "estimators", "q")
    content = {
        **{name: found[name] for name in kept},
        "draws_all": len(keys) <= MOST_DRAWN,
        "name": NAMES[measure],
        "level": f"{100 * level:g}%",
        "interval_names": wording.INTERVAL_NAMES,
        "studies": [{"key": key, **_line(results, one, z)} for key, one in zip(keys, results.included, strict=True)],
        "primary": [primary[name] for name in ("ci_low", "estimate", "ci_high")],
        "primary_text": wording.model_text(measure, primary),
        "axis": {
            "title": f"{NAMES[measure][0].upper()}{NAMES[measure][1:]}{', logarithmic scale' if ratio else ''}",
            "low": low,
            "high": high,
            "logarithmic": ratio,
            "null": to_analysis(measure, null_value(measure)),
            "ticks": [{"at": to_analysis(measure, one), "text": tick_label(one)} for one in ticks],
        },
    }
    return in_script(rounded(content))


def _line(results: Results, effect: Effect, z: float) -> dict[str, Any]:
    low, estimate, high = _limits(effect, z)
    return {
        "label": wording.effect_label(effect, results.study(effect.row)),
        "text": wording.effect_text(results.review.measure, estimate, low, high),
        "at": [low, estimate, high],
    }


def _limits(effect: Effect, z: float) -> tuple[float, float, float]:
    """Return an included effect between its Wald limits, on the scale of the analysis."""
    yi, sei = effect.yi or 0.0, effect.sei or 0.0
    return yi - z * sei, yi, yi + z * sei


def axis(results: Results, z: float) -> tuple[float, float]:
    """Return the ends of the axis: all estimates, no difference, and limits unless they reach far beyond the others."""
    primary, measure = results.pooled["primary"], results.review.measure
    lines = [_limits(one, z) for one in results.included]
    centre = primary["estimate"]
    farthest = max(abs(estimate - centre) for _, estimate, _ in lines)
    reach = max(CUT_ESTIMATES * farthest, CUT_INTERVALS * (primary["ci_high"] - primary["ci_low"]))
    null = to_analysis(measure, null_value(measure))
    low = min(null, max(min(one[0] for one in lines), centre - reach))
    high = max(null, min(max(one[2] for one in lines), centre + reach))
    pad = 0.03 * (high - low)
    return low - pad, high + pad
