"""Logistic mixed models on clusters that they were not fitted on."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from armed_study.training.few_shot.intercepts import intercept_score

LOGIT = np.array([-1.0, 0.5, 2.0, 0.0, 0.3, -0.4])
Y = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
SCORED = np.array([4, 5, 4])


def exact(row, labelled, sd):
    def weight(u):
        p = expit(LOGIT[labelled] + u)
        return norm.pdf(u, scale=sd) * np.prod(np.where(Y[labelled] == 1, p, 1 - p))

    ends = (-10 * sd, 10 * sd)
    total = quad(weight, *ends)[0]
    return quad(lambda u: weight(u) * expit(LOGIT[row] + u), *ends)[0] / total


@pytest.mark.parametrize("sd", [0.3, 1.0, 3.0])
def test_scores_are_integrals_over_the_posterior_of_their_cluster(sd):
    score = intercept_score(LOGIT, Y, sd)
    found = score(SCORED, np.array([0, 0, 1]), np.array([0, 1, 2]), np.array([0, 0, 1]))
    expected = [exact(4, [0, 1], sd), exact(5, [0, 1], sd), exact(4, [2], sd)]
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_without_labelled_rows_scores_are_integrals_over_the_prior():
    none = np.empty(0, dtype=np.int64)
    found = intercept_score(LOGIT, Y, 1.5)(SCORED, np.zeros(3, dtype=np.int64), none, none)
    np.testing.assert_allclose(found, [exact(row, [], 1.5) for row in SCORED], atol=1e-8)
