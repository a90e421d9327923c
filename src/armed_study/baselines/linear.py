"""What the classical learners share: one fit per fold, without random numbers, made into tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from armed.errors import DataError
from armed_study.training.cluster_assignment import assignments
from armed_study.training.fold_data import FoldData, Problem, Trained
from armed_study.training.result_tables import (
    Effect,
    Importance,
    Scored,
    display_frame,
    history_frame,
    importance_frame,
    predictions_frame,
    random_effects_frame,
)

SEED = 0
"""The only replica of a model whose fit draws no random numbers."""

Scores = tuple[np.ndarray, np.ndarray | None]


class Fit(Protocol):
    """A model fitted to one fold."""

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and (where there is one) mixed; see `of_cluster`."""
        ...

    def importance(self, fold: FoldData) -> Importance | None:
        """Give the importance of the columns; None without test rows or without features."""
        ...

    def effect(self, fold: FoldData) -> Effect | None:
        """Random effect of the clusters, if the model has one."""
        ...

    def state(self) -> dict[str, np.ndarray]:
        """Parameters by name."""
        ...


@dataclass(frozen=True, eq=False)
class LinearFit:
    """``yF = sigmoid(x b + b_0)`` and, with random intercepts, ``yM = sigmoid(x b + b_0 + u_z)``.

    Parameters
    ----------
    intercept : float
        ``b_0``.
    coefficients : ndarray, shape (columns,)
        ``b``.
    mean, sd : ndarray, shape (K,), or None
        Posterior of ``u``: 0 and the prior s.d. for a cluster that was not in training.
    """

    intercept: float
    coefficients: np.ndarray
    mean: np.ndarray | None = None
    sd: np.ndarray | None = None

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and mixed, each of shape (n,)."""
        logit = x @ self.coefficients + self.intercept
        if self.mean is None or z is None:
            return expit(logit), None
        return expit(logit), expit(logit + of_cluster(self.mean, z))

    def gradient(self, x: np.ndarray) -> np.ndarray:
        """``d yF / d x_j = yF (1 - yF) b_j``, shape (n, columns)."""
        fixed = self.predict(x, None)[0]
        return (fixed * (1 - fixed))[:, None] * self.coefficients

    def importance(self, fold: FoldData) -> Importance | None:
        """Mean of ``|d yF / d x_j|`` over the test rows, and its value at the mean input."""
        test = fold.rows("test")
        if not len(test):
            return None
        average = np.abs(self.gradient(fold.x[test])).mean(axis=0)
        return Importance(fold.fold, SEED, average, np.abs(self.gradient(fold.mean_input))[0])

    def effect(self, fold: FoldData) -> Effect | None:
        """Random intercept."""
        return None if self.mean is None else Effect(fold, SEED, "intercept", self.mean, self.sd)

    def state(self) -> dict[str, np.ndarray]:
        """Intercept, coefficients and, where there are any, random intercepts."""
        named = {
            "intercept": np.asarray(self.intercept),
            "coefficients": self.coefficients,
            "random_intercept_mean": self.mean,
            "random_intercept_sd": self.sd,
        }
        return {name: value for name, value in named.items() if value is not None}


def of_cluster(values: np.ndarray, z: np.ndarray) -> np.ndarray:
    """``values`` (K,) at cluster ``z``: an index (n,), or weights (n, K) that mix them."""
    return values[z] if z.ndim == 1 else z @ values


def training_rows(study: str, fold: FoldData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns (float64), outcome and cluster of the training rows.

    Raises
    ------
    DataError
        When the training rows are all of one class.
    """
    rows = fold.rows("train")
    x, y, z = fold.table(rows).astype(np.float64), fold.y[rows].astype(np.float64), fold.z[rows]
    if not x.shape[1]:
        raise DataError(
            f"study '{study}': samples are images, without columns; expected columns for this kind "
            "of model; leave it out of the study's models"
        )
    if len(np.unique(y)) < 2:
        raise DataError(
            f"study '{study}', fold {fold.fold}: found {len(rows)} training rows without both "
            "outcomes; expected 0 and 1; check the outcome column or use fewer folds"
        )
    return x, y, z


def train(problem: Problem, model: str, *, fit: Callable[[FoldData], Fit], uses_z: bool) -> Trained:
    """Fit every fold and make the tables; on one thread, so that sums do not depend on the machine.

    Parameters
    ----------
    problem, model
        What to train and its name in the tables.
    fit : callable
        Fits one fold.
    uses_z : bool
        Whether scores depend on the cluster.
    """
    with threadpool_limits(limits=1):
        bar = tqdm(problem.folds, desc=f"{problem.study}, {model}", unit="fold")
        fits = [(fold, fit(fold)) for fold in bar]
        scored = [
            Scored(fold, SEED, each, *fitted.predict(fold.table(each.rows), each.z))
            for fold, fitted in fits
            for each in assignments(problem, fold, model=model, seed=SEED, uses_z=uses_z)
        ]
        shown = {
            fold.fold: _one_seed(fitted.predict(fold.display, fold.display_z))
            for fold, fitted in fits
        }
        important = [fitted.importance(fold) for fold, fitted in fits]
    effects = [fitted.effect(fold) for fold, fitted in fits]
    states = [fitted.state() for _, fitted in fits]
    return Trained(
        predictions=predictions_frame(problem, model, scored),
        display_predictions=display_frame(problem, model, shown),
        history=history_frame(problem, model, []),
        random_effects=random_effects_frame(problem, model, [e for e in effects if e is not None]),
        importance=importance_frame(problem, model, [i for i in important if i is not None]),
        state={
            "folds": np.array([fold.fold for fold in problem.folds], dtype=np.int64),
            **{name: np.stack([state[name] for state in states]) for name in states[0]},
        },
    )


def _one_seed(scores: Scores) -> Scores:
    fixed, mixed = scores
    return fixed[None], None if mixed is None else mixed[None]
