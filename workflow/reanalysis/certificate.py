"""Every number of the models again, to fifty digits by other algorithms, and how many digits ours has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from reanalysis import batch
from reanalysis.certification import records, stress
from reanalysis.certification.compare import MOST_DIGITS, Row, digits, rows, without_reference
from reanalysis.certification.left_out import chosen
from reanalysis.certification.precision import mp
from reanalysis.certification.reference import Fit, intercept, standing_fit
from reanalysis.certification.tau2 import maxima
from reanalysis.dataset import Dataset
from reanalysis.design import design
from reanalysis.invariances import invariances
from reanalysis.measures import is_ratio
from reanalysis.mixed_effects import Choices
from reanalysis.mixed_effects import fit as ours_of
from reanalysis.moderators import ModelDesign, model_design
from reanalysis.pooling import pool_all
from reanalysis.regression import regress_all
from reanalysis.tau2 import ESTIMATORS

Json = Mapping[str, Any]
Model = tuple[str, ...]
# Part of a file and the name of a number there that has no reference; a dictionary for its order.
Missing = dict[tuple[str, str], None]
# A part, to how many of its models without a study are computed again, and how many there are.
LeftOut = dict[str, tuple[int, int]]

# A tau2 that shares as many digits with a maximum is that maximum.
SAME = 10


def certify(
    data: Dataset, models: Sequence[Model], measure: str, choices: Choices, pooled: Json, regression: Json
) -> dict[str, Any]:
    """Return the content of `certification.json`; the schema says what each key means.

    Parameters
    ----------
    models
        The moderators of each meta-regression.
    pooled, regression
        The results files to compare with.
    """
    missing, left_out = Missing(), LeftOut()
    found = [
        *_pooled(data, measure, choices, pooled, missing, left_out),
        *_regressions(data, models, measure, choices, regression, missing, left_out),
    ]
    shipped = [row for row in found if row.shipped_right is not None]
    stressed = list(_stress())
    worst = min(found, key=lambda row: row.digits, default=None)
    return {
        "schema_version": 1,
        "count": len(found),
        "digits": worst.digits if worst else MOST_DIGITS,
        "worst": f"{worst.part}: {worst.quantity}" if worst and worst.digits < MOST_DIGITS else "",
        "shipped_count": len(shipped),
        "shipped_right": all(row.shipped_right for row in shipped),
        "shipped_wrong": [f"{row.part}: {row.quantity}" for row in shipped if not row.shipped_right],
        "stress_count": len(stressed),
        "stress_digits": min(row["digits"] for row in stressed),
        "left_out": [{"part": part, "of": of, "certified": certified} for part, (certified, of) in left_out.items()],
        "without_reference": [{"part": part, "quantity": quantity} for part, quantity in missing],
        "proof": [_proof(data, method) for method in ("REML", "ML")] if len(data.yi) > 1 else [],
        "invariances": invariances(data, list(models), choices),
        "stress": stressed,
        "comparisons": [
            {name: value for name, value in asdict(row).items() if name != "shipped_right"} for row in found
        ],
    }


def _pooled(
    data: Dataset, measure: str, choices: Choices, shipped: Json, missing: Missing, left_out: LeftOut
) -> Iterator[Row]:
    """Return the comparisons of `pooled.json`.

    Parameters
    ----------
    missing, left_out
        Gather what there is no reference for, and how many models without a study are compared.
    """
    ours, ratio = pool_all(data, measure, choices), is_ratio(measure)
    y, v, level = data.yi.tolist(), data.vi.tolist(), choices.level
    handled = ("level", "primary", "weights", "henmi_copas", "models", "leave_one_out")
    _gather(missing, "pooled", without_reference(shipped, dict.fromkeys(handled)))
    if len(y) == 1:
        _gather(missing, "pooled", ["a single study"])
        return
    known = records.models(y, v, list(ESTIMATORS), level, ratio)
    several = {"pooled primary": [ours["primary"]], "pooled": ours["models"]}
    printed_all = {"pooled primary": [shipped["primary"]], "pooled": shipped["models"]}
    for part, records_of in several.items():
        for mine, printed in zip(records_of, printed_all[part], strict=True):
            name = mine["tau2_method"], mine["interval"]
            _gather(missing, "models", without_reference(printed, known[name]))
            yield from rows(f"{part} {', '.join(name)}", mine, known[name], printed)
    tau2 = known[choices.tau2_method, choices.interval]["tau2"].value
    yield from _each("weight of", ours["weights"], records.shares(v, tau2), shipped["weights"])
    if ours["henmi_copas"] is not None:
        interval = records.henmi_copas_record(y, v, level, ratio)
        _gather(missing, "henmi_copas", without_reference(shipped["henmi_copas"], interval))
        yield from rows("pooled, Henmi and Copas", ours["henmi_copas"], interval, shipped["henmi_copas"])
    places = chosen([one["weight"] for one in ours["weights"]])
    left_out["pooled"] = len(places), len(y)
    for place in places:
        mine, printed = ours["leave_one_out"][place], shipped["leave_one_out"][place]
        rest = y[:place] + y[place + 1 :], v[:place] + v[place + 1 :]
        if len(rest[0]) == 1:
            _gather(missing, "leave_one_out", ["a single study"])
            continue
        one = records.mean_of(*rest, choices.tau2_method, choices.interval, level, ratio)
        _gather(missing, "leave_one_out", without_reference(printed, one))
        yield from rows(f"pooled without {mine['study']}", mine, one, printed)


def _regressions(
    data: Dataset,
    models: Sequence[Model],
    measure: str,
    choices: Choices,
    shipped: Json,
    missing: Missing,
    left_out: LeftOut,
) -> Iterator[Row]:
    """Return the comparisons of `regression.json`."""
    ours = regress_all(data, list(models), measure, choices)["models"]
    by_name = {" + ".join(model): model for model in models}
    for mine, printed in zip(ours, shipped["models"], strict=True):
        yield from _regression(data, by_name[mine["name"]], measure, choices, mine, printed, missing)
        if mine["leave_one_out"]:
            yield from _slopes(data, by_name[mine["name"]], choices, mine, printed, left_out)


def _regression(
    data: Dataset,
    model: Model,
    measure: str,
    choices: Choices,
    ours: Json,
    shipped: Json,
    missing: Missing,
) -> Iterator[Row]:
    made = model_design(data, model)
    y, v, X = data.yi[made.complete].tolist(), data.vi[made.complete].tolist(), made.design.X.tolist()
    method, level, part = choices.tau2_method, choices.level, f"regression {ours['name']}"
    found = standing_fit(y, v, X, method, choices.interval, level)
    known = records.regression_record(found, y, v, X, method, level)
    handled = ("coefficients", "collinearity", "points", "leave_one_out")
    _gather(missing, "regression", without_reference(shipped, known | dict.fromkeys(handled)))
    yield from rows(part, ours, known, shipped)
    coefficients = [_coefficient(found, place, measure, one) for place, one in enumerate(ours["coefficients"])]
    for printed, one in zip(shipped["coefficients"], coefficients, strict=True):
        _gather(missing, "coefficients", without_reference(printed, {**one, "step": None}))
    yield from _each(f"{part},", ours["coefficients"], coefficients, shipped["coefficients"], "term")
    if "collinearity" in ours:
        mine, printed = ours["collinearity"], shipped["collinearity"]
        yield from rows(part, mine, records.index_record(y, v, X, method), printed)
        blocks = [_block(found, made, one["terms"]) for one in mine["moderators"]]
        yield from _each(f"{part},", mine["moderators"], blocks, printed["moderators"], "moderator")
    yield from _each(f"{part}, weight of", ours["points"], records.shares(v, found.tau2), shipped["points"])


def _slopes(
    data: Dataset, model: Model, choices: Choices, ours: Json, shipped: Json, left_out: LeftOut
) -> Iterator[Row]:
    """Return the comparisons of the slope of one moderator without a study."""
    made, part = model_design(data, model), f"regression {ours['name']}"
    y, v, X = data.yi[made.complete].tolist(), data.vi[made.complete].tolist(), made.design.X.tolist()
    mine, printed = ours["leave_one_out"], shipped["leave_one_out"]
    # Without some study there may be no slope, and no record.
    there = {one["study"]: place for place, one in enumerate(mine)}
    names = [data.studies[place] for place in made.complete]
    kept = [place for place in chosen([one["weight"] for one in ours["points"]]) if names[place] in there]
    left_out[part] = len(kept), len(mine)
    known = records.without_each(y, v, X, choices.tau2_method, choices.interval, choices.level, kept)
    at = [there[names[place]] for place in kept]
    yield from _each(f"{part} without", [mine[i] for i in at], [one or {} for one in known], [printed[i] for i in at])


def _coefficient(found: Fit, place: int, measure: str, ours: Json) -> records.Record:
    record = records.coefficient_record(found, place)
    if place == 0:
        return record
    step = records.step_record(record, ours["step"], is_ratio(measure))
    return record | step | {"vif": records.own(records.inflation(found, [place]))}


def _block(found: Fit, made: ModelDesign, terms: Sequence[str]) -> records.Record:
    inflated = records.inflation(found, [made.design.terms.index(term) for term in terms])
    with mp.workdps(50):
        return {"gvif": records.own(inflated), "gsif": records.own(inflated ** (mp.mpf(1) / (2 * len(terms))))}


def _each(
    part: str, ours: Sequence[Json], known: Sequence[records.Record], shipped: Sequence[Json], key: str = "study"
) -> Iterator[Row]:
    """Return the comparisons of several records, named by one of their keys."""
    for mine, one, printed in zip(ours, known, shipped, strict=True):
        yield from rows(f"{part} {mine[key]}", mine, one, printed)


def _gather(missing: Missing, part: str, quantities: Iterable[str]) -> None:
    missing |= dict.fromkeys((part, quantity) for quantity in quantities)


def _stress() -> Iterator[dict[str, Any]]:
    """Return how many digits the engine has on each hostile data set."""
    for name, case in stress.CASES.items():
        columns = {f"moderator {place + 1}": list(values) for place, values in enumerate(case.moderators)}
        X, yi, vi = design(columns, len(case.y)), np.array(case.y), np.array(case.v)
        for method in stress.METHODS:
            known = stress.reference(case, method)
            mine = ours_of(yi, vi, X, Choices(method, "wald", 0.95))
            numbers = {"tau2": mine.tau2, "q": float(mine.batch.q[0]), "loglik": float(mine.batch.loglik[0])}
            for place in range(X.p):
                numbers |= {f"estimate {place}": float(mine.estimate[place]), f"se {place}": float(mine.se[place])}
            for row in rows(name, numbers, known):
                yield {"name": name, "method": method, "quantity": row.quantity, "digits": row.digits}


def _proof(data: Dataset, method: str) -> dict[str, Any]:
    """Return every maximum of a likelihood of this review's mean, and whether the engine's tau2 is the highest."""
    y, v = data.yi.tolist(), data.vi.tolist()
    found = maxima(method, y, v, intercept(len(y)))
    mine = float(batch.fit(data.yi, data.vi, tau2=method).tau2[0])
    highest = max(height for _, height in found)
    places = [place for place, height in found if height == highest]
    shared = max(digits(mine, records.own(place, min(v))) for place in places)
    return {
        "method": method,
        "tau2": mine,
        "maxima": [{"tau2": float(place), "height": float(height)} for place, height in found],
        "digits": shared,
        "is_highest": shared >= SAME,
    }
