"""Effects in clusters, for tests: schools in districts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reanalysis.design import FloatArray

# Konstantopoulos 2011, Res Synth Methods 2:61: districts with the year, effects and variances of their schools, as
# metadat 1.2.0 gives them (dat.konstantopoulos2011).
DISTRICTS: dict[int, tuple[list[int], list[float], list[float]]] = {
    11: ([1976] * 4, [-0.18, -0.22, 0.23, -0.3], [0.118, 0.118, 0.144, 0.144]),
    12: ([1989] * 4, [0.13, -0.26, 0.19, 0.32], [0.014, 0.014, 0.015, 0.024]),
    18: ([1994] * 3, [0.45, 0.38, 0.29], [0.023, 0.043, 0.012]),
    27: ([1976] * 4, [0.16, 0.65, 0.36, 0.6], [0.02, 0.004, 0.004, 0.007]),
    56: ([1997] * 4, [0.08, 0.04, 0.19, -0.06], [0.019, 0.007, 0.005, 0.004]),
    58: (
        [1976] * 11,
        [-0.18, 0, 0, -0.28, -0.04, -0.3, 0.07, 0, 0.05, -0.08, -0.09],
        [0.02, 0.018, 0.019, 0.022, 0.02, 0.021, 0.006, 0.007, 0.007, 0.007, 0.007],
    ),
    71: ([1997] * 3, [0.3, 0.98, 1.19], [0.015, 0.011, 0.01]),
    86: ([1997] * 8, [-0.07, -0.05, -0.01, 0.02, -0.03, 0, 0.01, -0.1], [0.001] * 8),
    91: ([2000] * 6, [0.5, 0.66, 0.2, 0, 0.05, 0.07], [0.01, 0.011, 0.01, 0.009, 0.013, 0.013]),
    108: ([2000] * 5, [-0.52, 0.7, -0.03, 0.27, -0.34], [0.031, 0.031, 0.03, 0.03, 0.03]),
    644: ([1995, 1995, 1994, 1994], [0.12, 0.61, 0.04, -0.05], [0.087, 0.082, 0.067, 0.067]),
}
DISTRICT = [district for district, (years, _, _) in DISTRICTS.items() for _ in years]
YEAR = np.array([year for years, _, _ in DISTRICTS.values() for year in years], float)
YI = np.array([effect for _, effects, _ in DISTRICTS.values() for effect in effects])
VI = np.array([variance for _, _, variances in DISTRICTS.values() for variance in variances])
MEAN = np.ones((56, 1))
SINCE_1990 = np.column_stack([np.ones(56), YEAR - 1990])


def block(vi: FloatArray, groups: Sequence[object], correlation: float) -> FloatArray:
    """Return covariances of estimates that correlate within a group."""
    same = np.array([[one == other for other in groups] for one in groups])
    return np.where(same, np.where(np.eye(len(vi)) > 0, 1.0, correlation), 0.0) * np.sqrt(np.outer(vi, vi))
