"""What the plot of every subset of the studies shows."""

from __future__ import annotations

import base64

import numpy as np

from reanalysis.figures.gosh import Gosh, Group, gosh
from reanalysis.formatting import count
from reanalysis.influence_narrative import NO_SUBSETS, subsets_said
from reanalysis.results import Results
from reanalysis.views.result_data import gosh_data
from reanalysis.views.shown import Shown, effect_scale, none_shown


def gosh_view(results: Results) -> Gosh:
    """Return what the plot shows."""
    content, primary = results.subsets, results.pooled["primary"]
    cloud = content["cloud"]
    # Column, row, subsets with the study and without: the schema says how they are kept.
    cells = np.frombuffer(base64.b64decode(cloud["cells"]), "<i4").reshape(-1, 4).tolist()
    groups = [[(x, y, both[place]) for x, y, *both in cells if both[place]] for place in (0, 1)]
    low, high = cloud["estimate_low"], cloud["estimate_high"]
    return Gosh(
        groups=(Group(f"with {cloud['study']}", groups[0]), Group(f"without {cloud['study']}", groups[1])),
        columns=cloud["columns"],
        rows=cloud["rows"],
        ends=(low, high),
        whole=(min(max(primary["estimate"], low), high), primary["i2"]),
        whole_label=f"all {count(primary['k'])} studies",
        scale=effect_scale(results),
    )


def show_gosh(results: Results) -> Shown:
    """Draw every subset of the studies."""
    title = "All subsets of the studies" if results.subsets["complete"] else "Subsets of the studies"
    said = subsets_said(results)
    if said == [NO_SUBSETS]:
        return none_shown(title, NO_SUBSETS)
    view = gosh_view(results)
    return Shown(
        gosh(view),
        title=title,
        caption="Each subset of two studies or more by its pooled estimate and I\N{SUPERSCRIPT TWO} (a GOSH plot), "
        "counted in the cells of a grid. Round marks and full lines: with the study that moves I\N{SUPERSCRIPT TWO} "
        "most; squares and broken lines: without it. The outlines at the sides count the subsets of each column and "
        "row.",
        description=" ".join(said),
        data=gosh_data(results, view),
    )
