"""The PRISMA 2020 items, with where the page reports each and what it cannot (Page et al. 2021, BMJ 372:n71).

Topics are in our own words. ASSUME: an item counts as reported where the page has what it asks for of the part that was
done here; what only the source's authors can know is theirs to report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reanalysis.formatting import DASH
from reanalysis.report.regressions import regression_sections
from reanalysis.results import Results

HERE, PART, NOT = "here", "in part", "not here"

NO_SEARCH = "no search was run for this re-analysis"
OF_SOURCE = "the page re-analyses the table of another publication and is no review of its own"
UNDECLARED = "the raw folder has no place to declare it"


@dataclass(frozen=True)
class Item:
    """An item, or neighbours that share an answer.

    Parameters
    ----------
    numbers
        As PRISMA numbers them: "13a", or "6–8".
    status
        `HERE`, `PART` or `NOT`.
    sections
        Anchors of the page.
    note
        What is missing and why; of an item that is here, what stands there.
    """

    numbers: str
    topic: str
    status: str
    sections: tuple[str, ...]
    note: str


def items(results: Results) -> list[Item]:
    """Return every item in PRISMA's order."""
    return [*_before(results), *_methods(results), *_found(results), *_after()]


def _before(results: Results) -> list[Item]:
    question = bool(results.review.question)
    return [
        Item("1–3", "Title, abstract, rationale", NOT, (), OF_SOURCE),
        Item(
            "4",
            "Objectives",
            PART if question else NOT,
            ("answer",) if question else (),
            "the question as declared, not why it is asked" if question else "no question is declared",
        ),
        Item("5", "Eligibility criteria", NOT, (), "the rows are those that the source prints"),
        Item("6–8", "Sources, search, selection", NOT, (), NO_SEARCH),
        Item(
            "9",
            "How data were collected",
            PART,
            ("table", "provenance"),
            "how each value was read from its cell; how the source read the studies is not known",
        ),
    ]


def _methods(results: Results) -> list[Item]:
    moderators, alone = bool(results.regression["models"]), results.pooled["primary"]["k"] == 1
    return [
        Item("10a", "Outcomes sought", HERE, ("methods", "effects"), "the outcome pooled, and every other one printed"),
        Item(
            "10b", "Other variables", HERE, ("table", "effects"), "every printed column, and what was assumed of gaps"
        ),
        Item("11", "Assessment of risk of bias", NOT, (), f"none was made, and {UNDECLARED}"),
        Item("12", "Effect measures", HERE, ("methods",), "the measure and its scale"),
        Item("13a", "Which studies enter a synthesis", HERE, ("effects",), "every result, in or out, with the reason"),
        Item("13b", "Preparing the data", HERE, ("effects", "findings"), "each standard error, how it was had"),
        Item("13c", "Showing results", HERE, ("synthesis", "effects"), "figures and tables"),
        Item(
            "13d",
            "Methods of synthesis",
            PART if alone else HERE,
            ("methods", "synthesis"),
            "one study, so nothing is pooled" if alone else "model, estimators, intervals, software",
        ),
        Item(
            "13e",
            "Exploring heterogeneity",
            HERE if moderators else PART,
            (*regression_sections(results), "influence") if moderators else ("influence",),
            "meta-regressions, and the pool without each study" if moderators else "no meta-regression could be made",
        ),
        Item(
            "13f", "Sensitivity analyses", HERE, ("influence", "scenarios", "specifications"), "declared and systematic"
        ),
        Item("14", "Assessing missing results", HERE, ("small-study",), "tests with their power, and adjusted pools"),
        Item(
            "15", "Assessing certainty", PART, ("answer",), "grounds for direction, size and cause; no graded certainty"
        ),
    ]


def _found(results: Results) -> list[Item]:
    moderators, alone = bool(results.regression["models"]), results.pooled["primary"]["k"] == 1
    return [
        Item("16a", "Flow of records", NOT, (), NO_SEARCH),
        Item("16b", "Studies that were left out", PART, ("effects",), "printed results that are not pooled, and why"),
        Item("17", "Characteristics of studies", HERE, ("table",), "as far as the source prints them"),
        Item("18", "Risk of bias in studies", NOT, (), f"none was assessed, and {UNDECLARED}"),
        Item(
            "19",
            "Results of each study",
            HERE,
            ("effects", "synthesis"),
            "estimate and interval, as printed and as used",
        ),
        Item("20a", "Studies of each synthesis", PART, ("table", "effects"), "characteristics, not risk of bias"),
        Item(
            "20b",
            "Results of syntheses",
            PART if alone else HERE,
            ("synthesis",),
            "one study, so nothing is pooled" if alone else "estimate, intervals and heterogeneity",
        ),
        Item(
            "20c",
            "Causes of heterogeneity",
            HERE if moderators else PART,
            (*regression_sections(results), "influence") if moderators else ("influence",),
            "slopes, and the pool without each study" if moderators else "the pool without each study",
        ),
        Item(
            "20d",
            "Results of sensitivity analyses",
            HERE,
            ("influence", "scenarios", "specifications"),
            "what each choice changes",
        ),
        Item("21", "Missing results", HERE, ("small-study",), "tests and adjusted pools, of the one synthesis"),
        Item("22", "Certainty of evidence", PART, ("answer", "confounding"), "grounds, not grades"),
    ]


def _after() -> list[Item]:
    return [
        Item(
            "23",
            "Discussion",
            NOT,
            (),
            "each section says what it cannot show; what follows is for the reader to judge",
        ),
        Item("24–26", "Registration, support, interests", NOT, (), UNDECLARED),
        Item("27", "Data, code, materials", HERE, ("take-away", "provenance"), "all files, and how to make them again"),
    ]


def cannot(found: Sequence[Item]) -> str:
    """Return the plain statement of what is not here, and why."""
    missing = [one.numbers for one in found if one.status == NOT]
    return (
        f"Items {', '.join(missing[:-1])} and {missing[-1]} cannot be filled: no search was run, no risk of bias was "
        "assessed, and what only the authors of a review can say is theirs to say."
    ).replace("-", DASH)
