"""Patients of small sites for tests of estimators."""

from functools import cache
from typing import NamedTuple

import numpy as np

from armed.sklearn import ARMEDClassifier, ARMEDRegressor

TINY = {"hidden": (8,), "epochs": 2, "batch_size": 50, "random_state": 0}


class Sites(NamedTuple):
    """Features, a label, a number and the site of each patient."""

    x: np.ndarray
    label: np.ndarray
    number: np.ndarray
    site: np.ndarray


def sites(samples: int = 200, clusters: int = 8, *, sd: float = 2.0, seed: int = 0) -> Sites:
    """Patients of sites whose intercepts have that standard deviation."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(samples, 3)), np.arange(samples) % clusters
    eta = x[:, 0] + sd * rng.normal(size=clusters)[z]
    label = np.where(eta + rng.logistic(size=samples) > 0, "ill", "well")
    number = 100 + 10 * (eta + rng.normal(size=samples))
    return Sites(x, label, number, np.array([f"site {k}" for k in z]))


@cache
def fitted_classifier() -> ARMEDClassifier:
    """A classifier of such patients."""
    data = sites()
    return ARMEDClassifier(**TINY).fit(data.x, data.label, clusters=data.site)


@cache
def fitted_regressor() -> ARMEDRegressor:
    """A regressor of such patients."""
    data = sites()
    return ARMEDRegressor(**TINY).fit(data.x, data.number, clusters=data.site)
