"""Variance components of a replica, and shares of the variance, as the study's table holds them."""

import re
from typing import Any

import numpy as np

from armed.data.samples import Samples
from armed.methods.base import Method
from armed.summaries.components import variance_components
from armed.summaries.fitted import FittedModel, fitted_intercepts
from armed.summaries.of_method import fitted_method
from armed.summaries.shares import shares_by_factor, variance_shares
from armed.tasks.outcomes import BinaryTask

UNNAMED = re.compile(r"(__|\.)slope\[\d")
"""Slopes on single hidden features, which have no identity from one replica to another."""


def of_network(
    method: Method,
    samples: Samples,
    *,
    class_weights: bool,
    columns: tuple[str, ...],
    classes: tuple[str, ...] = (),
    scale: float = 1.0,
) -> dict[str, list[Any]]:
    """Variance components of a method's estimated effects, see `named_components`; empty without."""
    if method.effects is None:
        return {}
    fitted = fitted_method(
        method, samples, class_weights=class_weights, columns=columns, classes=classes
    )
    return named_components(fitted, scale)


def of_intercepts(
    y: np.ndarray,
    predictor: np.ndarray,
    z: np.ndarray,
    *,
    mean: np.ndarray,
    sd: np.ndarray,
    prior_sd: float,
) -> dict[str, list[Any]]:
    """Variance components of random intercepts of a binary outcome that another library fitted.

    Parameters
    ----------
    y, predictor, z : ndarray, shape (samples,)
        Outcome, linear predictor with intercepts of 0, and cluster of the training samples.
    mean, sd : ndarray, shape (K,)
        Posterior of the intercepts.
    """  # fmt: skip
    fitted = fitted_intercepts(
        BinaryTask(), y=y, offset=predictor, index=z, mean=mean, sd=sd, prior_sd=prior_sd
    )
    return named_components(fitted)


def named_components(fitted: FittedModel, scale: float = 1.0) -> dict[str, list[Any]]:
    """Columns ``group``, ``term``, ``estimate``, ``standard_error``, ``low``, ``high``, ``singular``.

    Rows are those of `armed.summaries.components.variance_components`, but of single hidden features, and
    those of `armed.summaries.shares`, which have no group but those of one of several factors. Standard
    deviations and variances are in units of the outcome, ``scale`` times those of the model.
    """
    rows = []
    for group, term, *numbers, singular in zip(*variance_components(fitted).values(), strict=True):
        if not UNNAMED.search(term):
            unit = scale if term.startswith("sd__") else 1.0
            rows.append((group, term, *(unit * number for number in numbers), singular))
    # A latent outcome of several classes has no variance of which there are shares.
    whole = variance_shares(fitted) if fitted.model.task.predictors == 1 else {}
    shares = [("", name, value) for name, value in whole.items()]
    if len(fitted.model.terms) > 1:
        shares += [(name, "ICC_adjusted", own) for name, own in shares_by_factor(fitted).items()]
    nothing = float("nan")
    for group, name, value in shares:
        unit = scale**2 if name.startswith("var.") else 1.0
        rows.append((group, name, unit * value, nothing, nothing, nothing, False))
    names = ("group", "term", "estimate", "standard_error", "low", "high", "singular")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
