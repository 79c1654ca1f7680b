"""Where each study stands in a radial plot: its distance from the common effect against its precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from reanalysis.dataset import Dataset
from reanalysis.design import design
from reanalysis.distributions import critical_value
from reanalysis.means import number
from reanalysis.mixed_effects import Choices, fit

# Decimals of a standardised distance: less is rounding error, which no two machines share.
DECIMALS = 12


def radial(data: Dataset, level: float) -> dict[str, Any]:
    """Return the coordinates of every study (Galbraith 1988, Stat Med 7:889), with the common effect as the level line.

    x is 1 / se and y is (effect - common effect) / se, in standard errors: on a ray from the origin the effect is the
    same. Without any spread between studies y is nearly standard normal.

    ASSUME: sampling error alone; a tau2 in the standard errors would hide the spread that the plot is made to show.

    Parameters
    ----------
    level
        Of the band round the common effect, in (0, 1).
    """
    common = float(fit(data.yi, data.vi, design({}, len(data.yi)), Choices("FE", "wald", level)).estimate[0])
    critical = critical_value(level)
    precision = 1 / np.sqrt(data.vi)
    distance = np.round((data.yi - common) * precision, DECIMALS)
    return {
        "estimate": common,
        "critical": critical,
        "studies": [
            {"study": study, "x": number(x), "y": number(y), "outside": bool(abs(y) > critical)}
            for study, x, y in zip(data.studies, precision, distance, strict=True)
        ],
    }
