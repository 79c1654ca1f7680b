"""Cells built from values in every style that journals print, read back to the letter."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis import grammar

BRACKETS = [("(", ")"), ("[", "]"), ("{", "}"), ("（", "）")]
BETWEEN = ["-", "–", "—", "‐", "‑", "−", " - ", " – ", " to ", "~", "; ", ", "]
LEVELS = {
    None: [""],
    0.95: ["95%CI ", "95% CI: ", "95 % CI, ", "95CI: ", "CI95% ", "95% C.I. = ", "95% confidence interval, "],
    0.9: ["90% CI ", "90%CI: "],
    0.99: ["99% CI ", "99%CI = "],
    0.975: ["97.5% CI "],
}
LABELS = {
    "HR": ["HR ", "HR = ", "aHR: ", "adjusted HR, ", "Hazard ratio ", "hazards ratio (HR) = ", "adj. HR "],
    "OR": ["OR ", "OR=", "aOR ", "odds ratio: "],
    "RR": ["RR ", "risk ratio ", "relative risk = "],
    "MD": ["MD ", "mean difference: ", "WMD = "],
    "SMD": ["SMD ", "standardised mean difference ", "Hedges' g = "],
}
OUTCOMES = ["", "OS ", "PFS ", "TTFP "]
P_STYLES = ["p {o} {p}", "P{o}{p}", "p-value {o} {p}", "p {o}{p}"]
SIGNS = {"=": ["="], "<": ["<"], "<=": ["≤", "<="], ">": [">"], ">=": ["≥", ">="]}


@dataclass(frozen=True)
class Cell:
    text: str
    declared: str  # what review.yaml would have to say of the decimal mark
    expected: dict[str, object]


def printed(number: str, decimal: str, leading: bool) -> str:
    """Return a number in a style: its decimal mark, with or without a zero before it."""
    if not leading and number.lstrip("-").startswith("0."):
        number = number.replace("0.", ".", 1)
    return number.replace(".", decimal)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    measure = draw(st.sampled_from(sorted(LABELS)))
    ratio = measure in ("HR", "OR", "RR")
    places = draw(st.integers(1, 3))
    least = 1 if ratio else -5000
    estimate = draw(st.integers(least, 5000))
    lower = draw(st.integers(least, estimate))
    upper = draw(st.integers(estimate, 6000))
    numbers = [str(Decimal(value).scaleb(-places)) for value in (estimate, lower, upper)]
    decimal = draw(st.sampled_from([".", "·", ","]))
    leading = draw(st.booleans())
    level = draw(st.sampled_from(list(LEVELS)))
    words = draw(st.sampled_from(LEVELS[level])).replace("97.5", f"97{decimal}5")
    between = draw(st.sampled_from(BETWEEN))
    if between == ", " and decimal == ",":
        between = "; "
    if lower < 0 and between in ("-", "–", "—", "‐", "‑", "−", " - ", " – "):
        between = " to "
    left, right = draw(st.sampled_from(BRACKETS))
    shown = [printed(number, decimal, leading) for number in numbers]
    text = draw(st.sampled_from(LABELS[measure]))
    outcome = draw(st.sampled_from(OUTCOMES))
    text = text.rstrip(" =:,") + " " + outcome + draw(st.sampled_from(["", "= "]))
    text += f"{shown[0]} {left}{words}{shown[1]}{between}{shown[2]}"
    expected: dict[str, object] = {"measure": measure, "outcome": outcome.strip(), "level": level}
    expected |= dict(zip(("estimate", "lower", "upper"), (_plain(one, leading) for one in numbers), strict=True))
    operator = draw(st.sampled_from(["", *SIGNS]))
    if operator:
        p = str(Decimal(draw(st.integers(1, 999))).scaleb(-draw(st.sampled_from([3, 4]))))
        inside = draw(st.booleans())
        sign = draw(st.sampled_from(SIGNS[operator]))
        said = draw(st.sampled_from(P_STYLES)).format(o=sign, p=printed(p, decimal, leading))
        text += f"; {said}{right}" if inside else f"{right}, {said}"
        expected |= {"p": _plain(p, leading), "p_operator": operator}
    else:
        text += right
        expected |= {"p": None, "p_operator": ""}
    # Three digits behind a comma may be thousands.
    declared = draw(st.sampled_from(["comma"] if places == 3 else ["comma", ""])) if decimal == "," else ""
    return Cell(text + draw(st.sampled_from(["", "*", "†", " ‡", "\n"])), declared, expected)


def _plain(number: str, leading: bool) -> str:
    return printed(number, ".", leading)


@given(cells())
@settings(max_examples=1500)
def test_what_is_built_from_values_reads_as_those_values(cell: Cell) -> None:
    found = grammar.read_result(cell.text, cell.declared)
    assert len(found) == 1, [one.reason for one in found]
    numbers = {name: None if value is None else str(value) for name, value in vars(found[0]).items()}
    read = {name: numbers[name] for name in ("estimate", "lower", "upper", "p")}
    read |= {name: getattr(found[0], name) for name in ("measure", "outcome", "level", "p_operator")}
    assert read == cell.expected
