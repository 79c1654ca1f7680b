"""What the chart of inclusion periods shows."""

from __future__ import annotations

from collections.abc import Sequence

from reanalysis.figures.periods import Bar, Group, Periods, periods
from reanalysis.formatting import DASH, plural
from reanalysis.influence_narrative import MOST_NAMES, named_or_counted
from reanalysis.periods import Period, overlaps
from reanalysis.records import Study
from reanalysis.results import Results
from reanalysis.views.shown import Shown, none_shown
from reanalysis.views.study_data import periods_data
from reanalysis.wording import period

# What stands over the studies of a cluster, whose declared name is only a key.
MAY_SHARE = "May share patients"

NO_YEARS = "The table prints no years of inclusion."


def periods_view(results: Results) -> Periods:
    """Return what the chart shows: all printed studies, those of a cluster together, the earliest first."""
    pooled = {effect.row for effect in results.included}
    member = {
        study: cluster["cluster"]
        for cluster in results.dependence["overlap"]["clusters"]
        for study in (*cluster["studies"], *cluster["not_pooled"])
    }
    together: dict[tuple[str, str], list[Study]] = {}
    for study in results.studies:
        # A study without a cluster is its own, whatever clusters are called.
        key = ("cluster", member[study.study]) if study.study in member else ("row", str(study.row))
        together.setdefault(key, []).append(study)
    groups = sorted(together.items(), key=lambda item: (min(_first(one) for one in item[1]), item[1][0].row))
    return Periods([_group(kind, studies, pooled) for (kind, _), studies in groups])


def _first(study: Study) -> tuple[int, float, int]:
    """Return what studies are in the order of: those without a year last."""
    known = next((year for year in (study.start, study.year) if year is not None), None)
    return known is None, known or 0.0, study.row


def _period(study: Study) -> Period | None:
    return None if study.start is None or study.end is None else (study.start, study.end)


def _group(kind: str, studies: Sequence[Study], pooled: set[int]) -> Group:
    known = [span for one in studies if (span := _period(one)) is not None]
    shown = overlaps(known) if kind == "cluster" else []
    return Group(
        name=f"{MAY_SHARE}: {_together(shown, len(known))}" if kind == "cluster" else "",
        bars=[
            Bar(one.study, _period(one), one.year, period(one) or "not printed", one.row in pooled)
            for one in sorted(studies, key=_first)
        ],
        overlaps=shown,
    )


def _together(spans: Sequence[Period], known: int) -> str:
    if known < 2:  # noqa: PLR2004 (one has none to overlap with)
        return "years not printed"
    if not spans:
        return "at no time together, as far as print says"
    said = [f"{start:.0f}" if start == end else f"{start:.0f}{DASH}{end:.0f}" for start, end in spans]
    return f"together in {', '.join(said)}"


def show_periods(results: Results) -> Shown:
    """Draw the chart of inclusion periods."""
    title = "When each study included patients"
    if all(_period(one) is None for one in results.studies):
        return none_shown(title, NO_YEARS)
    view = periods_view(results)
    bars = [bar for group in view.groups for bar in group.bars]
    known = [bar for bar in bars if bar.period is not None]
    clusters = [group for group in view.groups if group.name]
    undated = [bar.name for bar in bars if bar.published is None]
    no_diamond = (
        f" Without a diamond, as the year of publication is neither printed nor declared: {named_or_counted(undated)}."
        if 0 < len(undated) < len(bars)
        else ""
    )
    each = "; ".join(f"{bar.name} {bar.text}" for bar in known)
    because = {
        study: "; ".join(one["because"])
        for one in results.dependence["overlap"]["clusters"]
        for study in one["studies"] + one["not_pooled"]
    }
    shared = " ".join(
        f"{named_or_counted([bar.name for bar in group.bars])} may share patients"
        + (f": {why}." if (why := because[group.bars[0].name]) else ".")
        for group in clusters
    )
    who = f" {shared}" if 0 < len(clusters) <= MOST_NAMES else ""
    shaded = "; shaded: years in which studies that may share patients ran at once"
    shaded = shaded if any(group.overlaps for group in clusters) else ""
    return Shown(
        periods(view),
        title=title,
        caption="A bar from the first to the last year of inclusion"
        f"{shaded}. Studies are in the order of their first year{', those of a cluster together' if clusters else ''}."
        f"{who}{no_diamond}",
        description=f"Inclusion periods of {plural(len(bars), 'study', 'studies')}: {each}."
        + (f" {shared}" if shared else ""),
        of=("studies", "judgements"),
        data=periods_data(view),
    )
