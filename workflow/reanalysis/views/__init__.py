"""What each figure shows: finished numbers and words, made from the results of a review, a module a figure."""

from collections.abc import Callable

from reanalysis.results import Results
from reanalysis.views.baujat import show_baujat
from reanalysis.views.bias import show_bias
from reanalysis.views.bubble import show_bubble, show_bubble_others, show_bubble_size
from reanalysis.views.cumulative import show_cumulative
from reanalysis.views.forest import show_forest
from reanalysis.views.funnel import show_funnel
from reanalysis.views.galbraith import show_galbraith
from reanalysis.views.gosh import show_gosh
from reanalysis.views.leave_one_out import show_leave_one_out
from reanalysis.views.periods import show_periods
from reanalysis.views.scenarios import show_scenarios
from reanalysis.views.shown import Shown
from reanalysis.views.specifications import show_specifications
from reanalysis.views.waterfall import show_waterfall

FIGURES: dict[str, Callable[[Results], Shown]] = {
    "forest": show_forest,
    "funnel": show_funnel,
    "bubble": show_bubble,
    "bubble_size": show_bubble_size,
    "bubble_others": show_bubble_others,
    "periods": show_periods,
    "leave_one_out": show_leave_one_out,
    "baujat": show_baujat,
    "galbraith": show_galbraith,
    "gosh": show_gosh,
    "cumulative": show_cumulative,
    "scenarios": show_scenarios,
    "specifications": show_specifications,
    "bias": show_bias,
    "waterfall": show_waterfall,
}
