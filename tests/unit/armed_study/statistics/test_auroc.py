import numpy as np
import pytest

from armed_study.statistics.auroc import delong


def test_delong_equals_the_closed_form_for_one_negative_less_than_complete_separation():
    # V10 = 1, 1, 1/2 and V01 = 1, 2/3, counted by hand: + at 4, 3, 1.5; - at 1, 2.
    auroc, error = delong(np.array([1, 1, 1, 0, 0]), np.array([4, 3, 1.5, 1, 2]))
    assert auroc == pytest.approx(5 / 6)
    assert error**2 == pytest.approx((1 / 12) / 3 + (1 / 18) / 2)


def test_delong_equals_the_mean_square_error_over_new_samples():
    generator = np.random.default_rng(1)
    y = np.repeat([0, 1], [60, 40])
    found = [delong(y, np.round(generator.normal(y, 1), 1)) for _ in range(3000)]
    values, errors = np.array(found).T
    assert np.mean(errors) == pytest.approx(values.std(), rel=0.04)
