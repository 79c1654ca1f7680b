"""The results of a review, read back for the figures and the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reanalysis.files import read_result, read_yaml
from reanalysis.formatting import shares
from reanalysis.grammar.lexer import ADJUSTMENT
from reanalysis.records import Effect, Estimate, Finding, Specification, Study
from reanalysis.review import COUNT_ROLES, Review, parse
from reanalysis.tables import read


@dataclass(frozen=True)
class Results:
    """What the models made of a review; the schemas say what each key means.

    From `multiverse` on, what `read_models` leaves empty.
    """

    review: Review
    studies: list[Study]
    estimates: list[Estimate]
    effects: list[Effect]
    pooled: dict[str, Any]
    regression: dict[str, Any]
    rounding: dict[str, Any]
    multiverse: dict[str, Any] = field(default_factory=dict)
    specifications: list[Specification] = field(default_factory=list)
    influence: dict[str, Any] = field(default_factory=dict)
    subsets: dict[str, Any] = field(default_factory=dict)
    dependence: dict[str, Any] = field(default_factory=dict)
    confounding: dict[str, Any] = field(default_factory=dict)
    elsewhere: dict[str, Any] = field(default_factory=dict)
    subgroups: dict[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def included(self) -> list[Effect]:
        """Return the effects in the analysis, in the order of print."""
        return [effect for effect in self.effects if effect.included]

    @property
    def weights(self) -> dict[int, float]:
        """Return the percent weight in the primary analysis of each included row."""
        shares = [one["weight"] for one in self.pooled["weights"]]
        return {effect.row: share for effect, share in zip(self.included, shares, strict=True)}

    @property
    def weights_printed(self) -> dict[int, str]:
        """Return the weights as texts in percent whose numbers add up to 100."""
        weights = self.weights
        return dict(zip(weights, shares(list(weights.values())), strict=True))

    @property
    def impossible(self) -> set[int]:
        """Return the printed rows that break a check at the level of an error."""
        return {one.row for one in self.findings if one.severity == "error"}

    @property
    def one_of_several(self) -> set[int]:
        """Return the rows that print results of several groups, one of them pooled, beside counts of all patients.

        A result that is named by its adjustment is of the same groups as the study's others.
        """
        printed: dict[int, set[str]] = {}
        for one in self.estimates:
            if one.contrast and not ADJUSTMENT.fullmatch(one.contrast):
                printed.setdefault(one.row, set()).add(one.contrast)
        return {
            one.row
            for one in self.included
            if len(printed.get(one.row, ())) > 1 and any(vars(self.study(one.row))[name] for name in COUNT_ROLES)
        }

    def study(self, row: int) -> Study:
        """Return the study of a printed row."""
        return self.studies[row - 1]

    def estimate(self, effect: Effect) -> Estimate:
        """Return the printed estimate that an effect was made of."""
        return next(one for one in self.estimates if (one.row, one.item) == (effect.row, effect.item))

    def region(self, effect: Effect) -> list[tuple[float, float]]:
        """Return the corners of the pairs (yi, sei) that print as an included effect does; none where no pair does."""
        studies = self.rounding["studies"]
        one = next(one for one in studies if (one["row"], one["item"]) == (effect.row, effect.item))
        return [(y, s) for y, s in one["corners"]]


def read_named(folder: Path, name: str) -> Any:  # noqa: ANN401 (its schema types it)
    """Return the content of a JSON file of the results, held against the schema of the same name."""
    return read_result(folder / f"{name}.json", f"{name}.schema.yaml")


def read_models(raw: Path, folder: Path) -> Results:
    """Read the effects and the models of a review, and nothing that is made beside or after them.

    Parameters
    ----------
    raw, folder
        Its raw folder, and the folder of its results.

    Raises
    ------
    ReanalysisError
        Where a file is missing or damaged.
    """
    review = raw / "review.yaml"
    return Results(
        review=parse(read_yaml(review), str(review)),
        studies=read(folder / "studies.csv", Study),
        estimates=read(folder / "estimates.csv", Estimate),
        effects=read(folder / "effects.csv", Effect),
        pooled=read_named(folder, "pooled"),
        regression=read_named(folder, "regression"),
        rounding=read_named(folder, "rounding"),
    )


def read_results(raw: Path, folder: Path) -> Results:
    """Read the results of a review that figures show.

    Parameters
    ----------
    raw, folder
        Its raw folder, and the folder of its results.

    Raises
    ------
    ReanalysisError
        Where a file is missing or damaged.
    """
    return replace(
        read_models(raw, folder),
        multiverse=read_named(folder, "multiverse"),
        specifications=read(folder / "specifications.csv", Specification),
        influence=read_named(folder, "influence"),
        subsets=read_named(folder, "subsets"),
        dependence=read_named(folder, "dependence"),
        confounding=read_named(folder, "confounding"),
        elsewhere=read_named(folder, "elsewhere"),
        subgroups=read_named(folder, "subgroups"),
        findings=read(folder / "findings.csv", Finding),
        changes=read_named(folder, "changes"),
    )
