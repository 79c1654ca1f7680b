"""What the page says of the sign-flip test: counts and p values that agree with each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_statements import results

from reanalysis.second_opinions import robustness


def said(**flips: Any) -> str:  # noqa: ANN401 (numbers of any kind)
    pooled = results().pooled | {"sign_flip": results().pooled["sign_flip"] | flips}
    return robustness(replace(results(), pooled=pooled))[0].replace("\N{NO-BREAK SPACE}", " ")


FAR = "a pooled effect at least as far from none as this"
DRAWN = {"flips": 50_000, "exact": False}


@pytest.mark.parametrize(
    ("flips", "words"),
    [
        # 2 of 2^11 patterns, which turned over are one.
        ({}, f"2,048 combinations of signs, 2 give {FAR}, the fewest possible (p = 0.00098, exact)."),
        ({"p": 40 / 2048}, f"2,048 combinations of signs, 40 give {FAR} (p = 0.020, exact)."),
        (DRAWN | {"p": 1 / 50_001}, f"50,000 combinations of signs drawn at random, 0 give {FAR} (p = 0.000020)."),
        (DRAWN | {"p": 2 / 50_001}, f"50,000 combinations of signs drawn at random, 1 gives {FAR} (p = 0.000040)."),
    ],
)
def test_the_count_and_the_p_value_are_one(flips: dict[str, Any], words: str) -> None:
    assert said(**flips).endswith(f"Of the {words}")
