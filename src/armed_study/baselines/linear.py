"""What baselines share: one fit a fold, without random numbers, made into the tables of every model."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from armed.errors import DataError
from armed_study.statistics.links import LOGIT, Link
from armed_study.training.cluster_assignment import assignments
from armed_study.training.few_shot.intercepts import intercept_score
from armed_study.training.few_shot.scores import Score
from armed_study.training.fold_data import NO_CLUSTER, FoldData, StudyFolds
from armed_study.training.result_tables import ModelResults, Scores

Inputs = Callable[[FoldData, np.ndarray], np.ndarray]

ALIASED = 1e-5
"""A column of a mixed model is fitted if those before it leave more of its norm unexplained than this."""


class Fit(ABC):
    """A baseline fitted to one fold; one without features or random effects need not say so."""

    components: Mapping[str, list[Any]] | None = None

    @abstractmethod
    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and (where there is one) mixed; see `of_cluster`."""

    @abstractmethod
    def parameters(self) -> dict[str, np.ndarray]:
        """Parameters by name."""

    def importance(self, x: np.ndarray) -> np.ndarray | None:
        """Mean over rows ``x`` (and classes) of ``|d yF / d x_j|``, (columns,); None without features."""
        return None

    def random_effects(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Mean and s.d., each (K,), of the random effects of the clusters, by name."""
        return {}

    def new_cluster_score(self, x: np.ndarray, y: np.ndarray) -> Score | None:
        """How it scores new rows, some labelled, of all rows and outcomes; None without random effects."""
        return None


@dataclass(frozen=True)
class Baseline:
    """A model without a network, which says how to fit one fold.

    Parameters
    ----------
    fit : callable
        From the study, one of its folds and settings to a `Fit`.
    uses_clusters : bool
        Whether scores depend on the cluster.
    inputs : callable
        From a fold and row numbers to what a `Fit` gets of these, (rows, columns).
    """

    fit: Callable[..., Fit]
    uses_clusters: bool
    inputs: Inputs = FoldData.table

    def train(
        self, study: StudyFolds, *, model: str, settings: Mapping[str, Any], changes: Any = None
    ) -> ModelResults:
        """Fit every fold, one seed for all; on one thread, so that sums do not depend on the machine."""
        results = ModelResults(study, model)
        replicas = study.replicas(model, seeds=1)
        with threadpool_limits(limits=1):
            for replica in tqdm(replicas, desc=f"{study.name}, {model}", unit="fold"):
                fold = replica.fold
                own = {**settings, **(changes(replica) if changes else {})}
                fitted = self.fit(study, fold, **own)
                for each in assignments(study, replica, uses_z=self.uses_clusters):
                    scores = fitted.predict(self.inputs(fold, each.rows), each.z)
                    results.add_predictions(replica, each, scores)
                every, unseen = self.inputs(fold, np.arange(len(fold.y))), fold.rows("unseen")
                if len(unseen) and (score := fitted.new_cluster_score(every, fold.y)):
                    population, _ = fitted.predict(every[unseen], None)
                    results.add_new_clusters(replica, population, score)
                points = fold.display.reshape(len(fold.display), prod(study.shape))
                if len(points):  # trees score no empty table
                    results.add_display(replica, fitted.predict(points, fold.known_display_z))
                results.add_random_effects(replica, fitted.random_effects())
                results.add_variances(replica, fitted.components)
                results.add_parameters(replica, fitted.parameters())
                test = fold.rows("test")
                features = len(test) and study.columns
                average = fitted.importance(fold.table(test)) if features else None
                at_mean = fitted.importance(fold.mean_input) if average is not None else None
                if average is not None and at_mean is not None:
                    results.add_importance(replica, average, at_mean)
        return results


@dataclass(frozen=True, eq=False)
class LinearFit(Fit):
    """``yF = link(x b + b_0)`` and, with random intercepts, ``yM = link(x b + b_0 + u_z)``.

    Parameters
    ----------
    intercept : float
        ``b_0``.
    coefficients : ndarray, shape (columns,)
        ``b``.
    mean, sd : ndarray, shape (K,), or None
        Posterior of ``u``: 0 and the prior s.d. for a cluster that was not in training.
    link : Link
        The logistic one if it is left out.
    components : dict
        Variances, see `armed_study.training.fitted.variances`.
    prior_sd : float, or None
        S.d. of ``u`` over clusters.
    """

    intercept: float
    coefficients: np.ndarray
    mean: np.ndarray | None = None
    sd: np.ndarray | None = None
    link: Link = LOGIT
    components: Mapping[str, list[Any]] | None = None
    prior_sd: float | None = None

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and mixed, each of shape (n,)."""
        predictor = x @ self.coefficients + self.intercept
        fixed = self.link.mean(predictor)
        if self.mean is None or z is None:
            return fixed, None
        return fixed, self.link.mean(predictor + of_cluster(self.mean, z))

    def importance(self, x: np.ndarray) -> np.ndarray:
        """Mean of ``|d yF / d x_j| = link' |b_j|``, for the logistic link ``yF (1 - yF) |b_j|``."""
        fixed = self.predict(x, None)[0]
        return np.abs(self.link.derivative(fixed)[:, None] * self.coefficients).mean(axis=0)

    def random_effects(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Random intercept."""
        if self.mean is None or self.sd is None:
            return {}
        return {"intercept": (self.mean, self.sd)}

    def new_cluster_score(self, x: np.ndarray, y: np.ndarray) -> Score | None:
        """Scores with the intercept integrated over what labelled rows tell of it."""
        if self.prior_sd is None:
            return None
        return intercept_score(x @ self.coefficients + self.intercept, y, self.prior_sd)

    def parameters(self) -> dict[str, np.ndarray]:
        """Intercept, coefficients and, where there are any, random intercepts."""
        named = {
            "intercept": np.asarray(self.intercept),
            "coefficients": self.coefficients,
            "random_intercept_mean": self.mean,
            "random_intercept_sd": self.sd,
        }
        return {name: value for name, value in named.items() if value is not None}


def of_cluster(values: np.ndarray, z: np.ndarray) -> np.ndarray:
    """``values`` (K, ...) at cluster ``z``: an index (n,), 0 for none, or weights (n, K) that mix them."""
    if z.ndim > 1:
        return z @ values
    known = (z != NO_CLUSTER).reshape(-1, *[1] * (values.ndim - 1))
    return np.where(known, values[z], 0.0)


def training_rows(
    study: StudyFolds, fold: FoldData, inputs: Inputs = FoldData.table
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns (float64), outcome and cluster of the training rows; ``inputs`` as in `Baseline`.

    Raises
    ------
    DataError
        When the training rows all have one outcome.
    """
    rows = fold.rows("train")
    x, y, z = inputs(fold, rows).astype(np.float64), fold.y[rows].astype(np.float64), fold.z[rows]
    if not x.shape[1]:
        raise DataError(
            f"study '{study.name}': samples are images, without columns; expected columns for this kind "
            "of model; leave it out of the study's models"
        )
    if len(np.unique(y)) < 2:
        binary = study.outcome.kind == "binary"
        found = "without both outcomes" if binary else "with one outcome"
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found {len(rows)} training rows {found}; expected "
            f"{'0 and 1' if binary else 'several'}; check the outcome column or use fewer folds"
        )
    return x, y, z
