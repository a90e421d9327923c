"""Averages of scores over a linear predictor that is not known."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from armed.prediction.averages import averaged_score
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask

ETA = torch.tensor([-3.0, -0.5, 0.0, 2.0], dtype=torch.float64)


@pytest.mark.parametrize("sd", [0.0, 0.3, 1.0, 5.0])
def test_average_probability_is_the_integral_of_the_logistic_function(sd):
    found = averaged_score(BinaryTask(), ETA, torch.full_like(ETA, sd**2))
    for mean, value in zip(ETA.tolist(), found.tolist(), strict=True):
        integral, _ = quad(lambda t, m=mean: expit(m + sd * t) * norm.pdf(t), -12, 12, limit=200)
        assert value == pytest.approx(integral, abs=1e-9)


def test_average_count_is_the_mean_of_the_lognormal_distribution():
    variance = torch.tensor([0.0, 0.5, 1.0, 4.0], dtype=torch.float64)
    found = averaged_score(CountTask(), ETA, variance)
    np.testing.assert_allclose(found, (ETA + variance / 2).exp(), rtol=1e-8)


def test_average_of_a_continuous_outcome_is_its_mean():
    found = averaged_score(ContinuousTask(), ETA, torch.full_like(ETA, 3.0))
    torch.testing.assert_close(found, ETA)


def test_many_samples_are_averaged_as_few_are(monkeypatch):
    variance = torch.tensor([0.1, 1.0, 2.0, 0.5], dtype=torch.float64)
    whole = averaged_score(BinaryTask(), ETA, variance)
    monkeypatch.setattr("armed.prediction.averages.VALUES", 250)
    torch.testing.assert_close(averaged_score(BinaryTask(), ETA, variance), whole)
