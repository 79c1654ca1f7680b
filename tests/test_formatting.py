import pytest

from reanalysis import formatting


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.6327, 2, "0.63"),
        (-0.0128, 4, "−0.0128"),
        (-0.001, 2, "0.00"),
        (None, 2, "—"),
        (2.5, 0, "2"),
        (1234.5, 1, "1234.5"),
    ],
)
def test_number(value: float | None, decimals: int, text: str) -> None:
    assert formatting.number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.022375, "0.0224"), (0, "0"), (12345.6, "12346"), (-0.0160772, "−0.0161"), (1e-7, "0.000000100"), (None, "—")],
)
def test_significant(value: float | None, text: str) -> None:
    assert formatting.significant(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.00084, "< 0.001"),
        (0.001, "0.001"),
        (0.0581, "0.058"),
        (0.0999, "0.100"),
        (0.39, "0.39"),
        (1.0, "1.00"),
        (None, "—"),
    ],
)
def test_p_value(p: float | None, text: str) -> None:
    assert formatting.p_value(p) == text


def test_a_p_phrase_never_breaks() -> None:
    assert formatting.p_phrase(0.0001) == "p\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}0.001"
    assert " " not in formatting.p_phrase(0.058)


def test_the_rest() -> None:
    assert formatting.interval(-0.1, 0.25) == "−0.10 to 0.25"
    assert formatting.interval(None, 1.0) == "—"
    assert formatting.percent(84.53) == "84.5%"
    assert formatting.percent_interval(54.24, 94.84) == "54.2 to 94.8%"
    assert formatting.count(16023) == "16,023"
    assert (formatting.plural(1, "study", "studies"), formatting.plural(2, "study", "studies")) == (
        "1 study",
        "2 studies",
    )
