"""The prose of the report: each sentence made from results and settings, none written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reanalysis.companion_narrative import RANDOMISED, randomised, trials_beside, trials_in_short
from reanalysis.formatting import count, interval, listed, number, p_phrase, percent, percent_interval, plural
from reanalysis.measures import NAMES, is_ratio, null_value, printable, to_analysis
from reanalysis.misprints import in_full, in_short
from reanalysis.records import Finding
from reanalysis.results import Results
from reanalysis.traced import derived, plain, size
from reanalysis.trends import p_values
from reanalysis.wording import MODERATOR_NAMES, ROUTE_NAMES, on_print, step_text

# So many words the answer has at most.
WORDS = 60


def level(results: Results) -> str:
    """Return the confidence level of the results, in percent."""
    return f"{100 * results.pooled['level']:g}%"


def _prediction(results: Results, model: dict[str, Any]) -> str:
    measure = results.review.measure
    return interval(on_print(measure, model, "prediction_low"), on_print(measure, model, "prediction_high"))


def excludes_null(results: Results, model: dict[str, float]) -> bool:
    """Whether the confidence interval of a model leaves out no difference."""
    null = to_analysis(results.review.measure, null_value(results.review.measure))
    return not model["ci_low"] <= null <= model["ci_high"]


def answer(
    results: Results, findings: Sequence[Finding], designs: Sequence[str], audit: Mapping[str, Any] | None = None
) -> str:
    """Return the answer of the review, in at most 60 words: the less important sentences go where they do not fit.

    Parameters
    ----------
    audit
        The content of `audit.json`.
    """
    review, primary = results.review, results.pooled["primary"]
    estimate, low, high = (on_print(review.measure, primary, name) for name in ("estimate", "ci_low", "ci_high"))
    direction = "it is compatible with benefit and with harm"
    if excludes_null(results, primary):
        side = "below" if primary["ci_high"] < to_analysis(review.measure, null_value(review.measure)) else "above"
        direction = f"{review.favours[side]} is associated with {review.favours.get('better', 'a better outcome')}"
    what = f"{NAMES[review.measure]} for {review.terms.get(review.outcome, review.outcome)}"
    over = (
        f"Over {count(primary['k'])} studies, the pooled {what}"
        if primary["k"] > 1
        else f"In the one study, the {what}"
    )
    sentences = {
        "pool": f"{over} is {number(estimate)} ({level(results)} CI {interval(low, high)}): {direction}.",
        "expected": "",
        "trials": trials_in_short(results.elsewhere, designs),
        "wrong": in_short(results, findings, audit or {}),
        "allotted": "",
    }
    if primary["prediction_low"] is not None:
        # What studies without randomisation foretell is what another such study would find, not what treatment does.
        what = "the true effect" if randomised(designs) or not any(designs) else "the association"
        sentences["expected"] = (
            f"In a new setting {what} is expected within {_prediction(results, primary)} ({level(results)})."
        )
    if any(designs) and not randomised(designs):
        where = " in all studies" if RANDOMISED in designs else ""
        sentences["allotted"] = f"Treatment was not allotted at random{where}."
    for least in ("trials", "expected", "wrong", "allotted"):
        if _words(sentences) > WORDS:
            sentences[least] = ""
    return " ".join(filter(None, sentences.values()))


def _words(sentences: Mapping[str, str]) -> int:
    return sum(len(plain(one).split()) for one in sentences.values())


def statements(
    results: Results, findings: Sequence[Finding], designs: Sequence[str], audit: Mapping[str, Any] | None = None
) -> list[tuple[str, str]]:
    """Return what can be said of direction, size and causality, each with its grounds."""
    review, models, primary = results.review, results.pooled["models"], results.pooled["primary"]
    agree = derived(sum(excludes_null(results, model) for model in models), models)
    faults = " ".join(in_full(results, findings, audit or {}))
    if primary["k"] == 1:
        alone = "Only one study can be analysed, so nothing is pooled."
        said = f"{faults} {_rounded(results)}".strip()
        return [("Direction", alone), ("Size", said), ("Causality", _cause(results, designs))]
    estimates = [on_print(review.measure, model, "estimate") or 0.0 for model in models]
    least, most = number(min(estimates)), number(max(estimates))
    lies = f"is {least}" if least == most else f"lies between {least} and {most}"
    distinct = derived(len({(one["ci_low"], one["ci_high"]) for one in models}), models)
    direction = (
        f"{agree} of {size(models)} combinations of estimator and interval exclude no difference "
        f"({distinct} are distinct, as some give one interval); "
        f"the pooled estimate {lies} in all of them."
    )
    spread = f"{percent(primary['i2'])}{_i2_limits(primary)} of the variability is more than sampling error (I²)"
    if primary["prediction_low"] is not None:
        spread += f", and the {level(results)} prediction interval is {_prediction(results, primary)}"
    spread = " ".join(filter(None, (f"{spread}.", faults, _without_one(results), _rounded(results))))
    return [("Direction", direction), ("Size", spread), ("Causality", _cause(results, designs))]


def _i2_limits(model: Mapping[str, Any]) -> str:
    """Return the interval of I2 in brackets; nothing where there is none."""
    if model["i2_ci_low"] is None or model["i2_ci_high"] is None:
        return ""
    return f" ({percent_interval(model['i2_ci_low'], model['i2_ci_high'])})"


def _rounded(results: Results) -> str:
    """Return how far the rounding of print alone lets the pooled estimate move."""
    name = "ratio" if is_ratio(results.review.measure) else "estimate"
    one = next(one for one in results.rounding["pooled"] if one["quantity"] == name)
    reach = interval(one["low"], one["high"], 3)
    return f"Rounding of the printed digits alone lets the pooled estimate lie anywhere from {reach}."


def _without_one(results: Results) -> str:
    """Return what the leaving out of the study that moves I2 most does; nothing for fewer than four studies."""
    without, primary, measure = results.pooled["leave_one_out"], results.pooled["primary"], results.review.measure
    if primary["k"] < 4 or primary["prediction_low"] is None:  # noqa: PLR2004 (three are left to differ)
        return ""
    one = max(without, key=lambda model: abs(model["i2"] - primary["i2"]))
    ratio, low, high = (on_print(measure, one, name) for name in ("estimate", "ci_low", "ci_high"))
    return (
        f"Without {one['study']}, I² is {percent(one['i2'])}, the pooled estimate {number(ratio)} "
        f"({interval(low, high)}) and the prediction interval {_prediction(results, one)}."
    )


def _slope_without_one(results: Results, model: dict[str, Any]) -> str:
    """Return what the leaving out of the study that moves a slope most does; empty where none can be left out."""
    if not model["leave_one_out"]:
        return ""
    slope = model["coefficients"][1]
    one = max(model["leave_one_out"], key=lambda without: abs(without["estimate"] - slope["estimate"]))
    measure, step = results.review.measure, slope["step"]
    values = [printable(measure, step * one[name]) for name in ("estimate", "ci_low", "ci_high")]
    return (
        f" Without {one['study']}, which moves it most: {number(values[0])} ({interval(values[1], values[2])}), "
        f"{p_phrase(one['p'])}."
    )


def interval_caution(results: Results) -> str:
    """Return a warning where Knapp and Hartung's interval is narrower than Wald's; empty where it is not.

    Röver et al. 2015, BMC Med Res Methodol 15:99: with standard errors that differ much it then misses its level.
    """
    primary = results.pooled["primary"]
    by_interval = {
        one["interval"]: one for one in results.pooled["models"] if one["tau2_method"] == primary["tau2_method"]
    }
    if primary["interval"] != "hksj" or primary["se"] >= by_interval["wald"]["se"]:
        return ""
    guarded = by_interval["hksj_guarded"]
    measure = results.review.measure
    limits = interval(on_print(measure, guarded, "ci_low"), on_print(measure, guarded, "ci_high"), 3)
    return (
        "Knapp and Hartung's standard error is smaller than Wald's here, which can happen when studies differ much in "
        f"size. The guarded interval, which never is, reads {limits}."
    )


def _cause(results: Results, designs: Sequence[str]) -> str:
    """Return what the declared designs, and the companion's pool, allow to be said of causes."""
    if randomised(designs):
        return "All studies are declared to be randomised."
    declared = [design for design in designs if design]
    if not declared:
        return "The design of the studies is not declared, so nothing is said about causes."
    counts = [f"{derived(declared.count(kind), designs)} {kind}" for kind in sorted(set(declared))]
    if len(declared) < len(designs):
        counts.append(f"{derived(len(designs) - len(declared), designs)} of undeclared design")
    all_alike = f"All {size(designs)} studies pooled are {declared[0]}"
    who = all_alike if len(counts) == 1 else f"The {size(designs)} studies pooled are {listed(counts)}"
    beside = trials_beside(results.elsewhere, designs)
    return (
        f"{beside} {who}: what is pooled is an association. Where patients were chosen for treatment, no calculation "
        "on this table can tell what treatment did from who received it."
    ).lstrip()


def flow(results: Results) -> str:
    """Return how the printed rows became the effects that are pooled."""
    routes = [one.route for one in results.included]
    parts = [
        f"{derived(routes.count(name), results.effects)} from a {ROUTE_NAMES[name]}" for name in dict.fromkeys(routes)
    ]
    if len(parts) == 1:
        parts = [f"{'all ' if len(routes) > 1 else ''}from a {ROUTE_NAMES[routes[0]]}"]
    held, pooled = size(results.effects), derived(len(routes), results.effects)
    left = held - pooled
    why = "each with its reason" if left > 1 else "with its reason"
    outside = f"{plural(left, 'stays', 'stay')} outside it, {why}" if left else "none stays outside it"
    return (
        f"{plural(size(results.studies), 'printed row holds', 'printed rows hold')} "
        f"{plural(held, 'result', 'results')}. "
        f"{count(pooled)} are in the analysis, their standard errors {listed(parts)}; "
        f"{outside}."
    )


def regression_question(results: Results) -> str:
    """Return the question that the review's meta-regressions answer."""
    asked, called = [], {**MODERATOR_NAMES, "log_n": "the size of the study"}
    for name in results.review.moderators:
        period = name in ("start", "mid", "end", "duration")
        asked.append("the inclusion period" if period else called.get(name, name))
    return f"Does the effect change with {listed([*dict.fromkeys(asked)] or ['what is known of the studies'], 'or')}?"


def regression_summary(results: Results) -> list[str]:
    """Return one sentence a meta-regression on a single moderator."""
    said = []
    for model in results.regression["models"]:
        if len(model["coefficients"]) != 2:  # noqa: PLR2004 (intercept and one slope)
            continue
        slope = model["coefficients"][1]
        kind = "is multiplied by" if is_ratio(results.review.measure) else "changes by"
        whole = f"{_step(slope)}, the {NAMES[results.review.measure]} {kind} {step_text(slope)}"
        said.append(f"{whole}: {p_values(results, model)}.{_slope_without_one(results, model)}")
    return said


def _step(slope: dict[str, Any]) -> str:
    """Return the change of a moderator that a slope is told for: "With each decade of the first year ..."."""
    name = MODERATOR_NAMES.get(slope["term"], slope["term"])
    if slope["step_name"].startswith("instead of"):
        return f"With {name} {slope['step_name']}"
    of = "number of patients" if slope["term"] == "log_n" else name
    return f"With each {slope['step_name'].removeprefix('per ')} of the {of}"


def disagreement(results: Results) -> str:
    """Return a warning where slopes on the inclusion period have different signs; empty where they agree."""
    models = [one for one in results.regression["models"] if one["name"] in ("start", "mid", "end")]
    falling = [one for one in models if one["coefficients"][1]["estimate"] < 0]
    rising = [one for one in models if one["coefficients"][1]["estimate"] > 0]
    if not falling or not rising:
        return ""
    first, second = (listed([MODERATOR_NAMES[one["name"]] for one in group], "and the") for group in (falling, rising))
    trend = "The trend depends on what stands for the inclusion period"
    said = f"{trend}: the {NAMES[results.review.measure]} falls with the {first} and rises with the {second}."
    # One study may be the reason: then it should be named beside the warning.
    signs = {
        study: {one["estimate"] < 0 for model in models for one in model["leave_one_out"] if one["study"] == study}
        for study in {one["study"] for one in models[0]["leave_one_out"]}
    }
    alone = sorted(study for study, found in signs.items() if len(found) == 1)
    return f"{said} Without {listed(alone, 'or')} all of them have one sign." if alone else said
