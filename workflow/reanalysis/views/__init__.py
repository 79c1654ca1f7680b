"""What each figure shows: finished numbers and words, made from the results of a review, a module a figure."""

from collections.abc import Callable

from reanalysis.results import Results
from reanalysis.views.bias import show_bias
from reanalysis.views.bubble import show_bubble
from reanalysis.views.forest import show_forest
from reanalysis.views.funnel import show_funnel
from reanalysis.views.scenarios import show_scenarios
from reanalysis.views.shown import Shown
from reanalysis.views.specifications import show_specifications

FIGURES: dict[str, Callable[[Results], Shown]] = {
    "forest": show_forest,
    "funnel": show_funnel,
    "bubble": show_bubble,
    "scenarios": show_scenarios,
    "specifications": show_specifications,
    "bias": show_bias,
}
