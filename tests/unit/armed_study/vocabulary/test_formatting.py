"""Numbers and intervals as readers see them."""

import pytest

from armed_study.vocabulary.formatting import interval_text, number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.78804, "0.788"), (0.99999, "1.000"), (9.97e-5, "1.0e−04"), (-0.5, "−0.500"),
     (12.345, "12.3"), (1234.5, "1,234"), (3, "3"),
     (0.0, "0"), (2.13e-5, "2.1e−05"), (float("nan"), "–"), (123456, "123,456")],
)  # fmt: skip
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((1.1e-4, -0.084, 0.085), "0.000 (−0.084 to 0.085)"),
     ((-1.1e-4, -0.084, 0.085), "0.000 (−0.084 to 0.085)"),
     ((0.99, 0.97, 1.0), "0.990 (0.970 to 1.000)"), ((9.8, 9.21, 10.4), "9.80 (9.21 to 10.40)"),
     ((8e-4, -1e-5, 1.6e-3), "8.0e−04 (−0.1e−04 to 16.0e−04)"), ((0.0, 0.0, 0.0), "0 (0 to 0)"),
     ((123.4, 5.12, 240.6), "123 (5 to 241)"), ((1.0, 1.0, 1.0), "1.00 (1.00 to 1.00)")],
)  # fmt: skip
def test_numbers_of_an_interval_share_their_decimals(
    numbers: tuple[float, float, float], text: str
) -> None:
    assert interval_text(*numbers) == text


def test_precise_intervals_have_three_digits_of_small_numbers_too() -> None:
    assert interval_text(0.0102, 0.00987, 0.0106, precise=True) == "0.0102 (0.0099 to 0.0106)"
    assert interval_text(2.5e-7, 2e-7, 3e-7, precise=True) == "2.50e−07 (2.00e−07 to 3.00e−07)"


def test_interval_that_is_missing_is_not_written() -> None:
    assert interval_text(0.788, float("nan"), float("nan")) == "0.788"
