"""Names in the bubble plots: all of them are written, off the periods of inclusion, and under the fitted line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from drawn import boxes, on_paper
from matplotlib.patches import Rectangle
from test_figures import results

from reanalysis.figures import style
from reanalysis.figures.bubble import PLATES, Bubble, bubble
from reanalysis.views.bubble import bubble_view, show_bubble_size
from reanalysis.views.cumulative import cumulative_view
from reanalysis.views.periods import show_periods

# Ends of letters and ends of boxes differ by less, in points.
ABOUT = 1.0


@pytest.fixture(autouse=True)
def double_width() -> None:
    style.use(183)


def periods_view() -> list[Bubble]:
    return [one for one in bubble_view(results()) if any(point.bar for point in one.points)]


def test_every_study_is_named_in_every_panel_and_no_period_runs_through_a_name() -> None:
    panels = periods_view()
    figure, _ = bubble(panels)
    total = figure.get_size_inches()[1] * 72
    texts = boxes(figure)
    for panel, axes in zip(panels, figure.axes, strict=False):
        frame = [value * 72 / figure.dpi for value in axes.get_window_extent().extents]
        inside = [one for one in texts if frame[0] <= one[1] <= frame[2] and frame[1] <= one[2] <= frame[3]]
        assert sorted(one[0] for one in inside) == sorted(point.label for point in panel.points)
        for point in panel.points:
            assert point.bar is not None
            (start, down), (end, _) = (on_paper(axes, year, point.y) for year in point.bar)
            through = [
                text
                for text, x0, y0, x1, y1 in inside
                if y0 + ABOUT < total - down < y1 - ABOUT and min(x1, end) - max(x0, start) > ABOUT
            ]
            assert through == [], (panel.title, point.label)


def test_the_fitted_line_and_the_periods_lie_over_the_plates_of_names() -> None:
    figure, _ = bubble(periods_view())
    for axes in figure.axes[:3]:
        plates = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_alpha() == style.PLATE]
        assert len(plates) == 11
        assert {one.get_zorder() for one in plates} == {PLATES}
        fitted = next(one for one in axes.lines if one.get_linewidth() == 1.4)
        assert fitted.get_zorder() > PLATES
    assert all(one.get_bbox_patch() is None for one in figure.texts)


def test_the_axis_has_room_for_names_only_where_periods_end_at_their_bubbles() -> None:
    panels = periods_view()
    figure, _ = bubble(panels)
    for panel, axes in zip(panels, figure.axes, strict=False):
        last = max(point.bar[1] for point in panel.points if point.bar)
        left, right = axes.get_xlim()
        share = (right - last) / (right - left)
        assert (share > 0.2) == all(point.bar is not None and point.bar[1] == point.x for point in panel.points)
        assert max(axes.get_xticks()) <= last + 0.06 * (right - left)


def test_one_panel_needs_no_letter() -> None:
    assert not [one.get_text() for one in show_bubble_size(results()).figure.texts if one.get_text().startswith("A  ")]


def changed(name: str, value: Callable[[str], str]) -> str:
    """Return the caption of the chart of periods after each reason of a cluster is changed."""
    clusters = [
        one | {name: [value(text) for text in one[name]]} for one in results().dependence["overlap"]["clusters"]
    ]
    overlap = results().dependence["overlap"] | {"clusters": clusters}
    return show_periods(replace(results(), dependence=results().dependence | {"overlap": overlap})).caption


def test_clusters_are_told_by_their_studies_and_never_by_a_key() -> None:
    shown = show_periods(results())
    for said in (shown.caption, shown.description, " ".join(one.get_text() for one in shown.figure.texts)):
        assert "boston" not in said
        assert "us-registries" not in said
    assert "Cady and Bafford may share patients: Brigham and Massachusetts General" in shown.caption
    assert "a <b> & ö" in changed("because", lambda _: "a <b> & ö")
    without = show_periods(results()).caption.partition("Without a diamond")[2]
    assert (
        without == ", as the year of publication is neither printed nor declared: Le Scodan, Leung, Hazard and Fields."
    )


def test_what_has_no_year_is_said_not_to_be_declared() -> None:
    (note,) = (one.notes for one in cumulative_view(results()).orders if one.title == "By year of publication")
    assert note == ["Without Fields, Hazard and Le Scodan: year of publication neither printed nor declared."]
