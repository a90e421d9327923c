"""Gradient boosting of trees with a random intercept per cluster: a mixed model whose fixed part is trees."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import gpboost
import numpy as np

from armed_study.baselines.linear import Baseline, Fit, of_cluster, training_rows
from armed_study.baselines.tuned.selection import validation_rows
from armed_study.statistics.links import LOGIT
from armed_study.training.few_shot.intercepts import intercept_score
from armed_study.training.few_shot.scores import Score
from armed_study.training.fold_data import NO_CLUSTER, FoldData, StudyFolds
from armed_study.training.result_tables import Scores

OUTCOMES = ("binary",)
MOST_TREES, PATIENCE = 300, 10
_TREES = {
    "min_data_in_leaf": 20,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class GpboostSettings:
    """Size of the trees, and of their steps.

    Parameters
    ----------
    shrinkage : float, above 0, at most 1
        By what each tree is multiplied.
    leaves : int, at least 2
        Leaves of a tree, at most.
    """

    shrinkage: float = 0.1
    leaves: int = 31


@dataclass(frozen=True, eq=False)
class BoostedMixedFit(Fit):
    """``yF = sigmoid(F(x))``, ``yM = sigmoid(F(x) + u_z)``, ``F`` a sum of trees.

    ``mean`` and ``sd`` (K,) of ``u`` as in `armed_study.baselines.linear.LinearFit`.
    """

    booster: gpboost.Booster
    mean: np.ndarray
    sd: np.ndarray
    prior_sd: float
    components: dict[str, list[Any]] | None = None

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns), fixed and mixed, each of shape (n,)."""
        predictor = _sum_of_trees(self.booster, x)
        mixed = None if z is None else LOGIT.mean(predictor + of_cluster(self.mean, z))
        return LOGIT.mean(predictor), mixed

    def random_effects(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Random intercept."""
        return {"intercept": (self.mean, self.sd)}

    def new_cluster_score(self, x: np.ndarray, y: np.ndarray) -> Score:
        """Scores with the intercept integrated over what labelled rows tell of it."""
        return intercept_score(_sum_of_trees(self.booster, x), y, self.prior_sd)

    def parameters(self) -> dict[str, np.ndarray]:
        """Number of trees, and random intercepts."""
        return {
            "trees": np.asarray(self.booster.current_iteration()),
            "random_intercept_mean": self.mean,
            "random_intercept_sd": self.sd,
        }


def fit(
    study: StudyFolds, fold: FoldData, *, shrinkage: float = 0.1, leaves: int = 31
) -> BoostedMixedFit:
    """Boost the Laplace approximation of the marginal likelihood, ``u_k ~ N(0, s^2)``.

    The number of trees is that of the largest likelihood on the validation part, own clusters known; with it
    trees, ``s`` and ``u`` are fitted again. `DataError` when that part has no rows.

    References
    ----------
    F. Sigrist, Latent Gaussian Model Boosting, IEEE TPAMI 45 (2023); the GPBoost library.
    """
    x, y, z = training_rows(study, fold)
    trees = {**_TREES, "learning_rate": shrinkage, "num_leaves": leaves}
    rows = validation_rows(study, fold)
    stopping = _model(z)
    stopping.set_prediction_data(group_data_pred=fold.known_z(rows))
    data = gpboost.Dataset(x, y, free_raw_data=False)
    stopped = gpboost.train(
        trees, data, MOST_TREES, gp_model=stopping, verbose_eval=False,
        valid_sets=gpboost.Dataset(fold.table(rows), fold.y[rows], reference=data),
        early_stopping_rounds=PATIENCE, use_gp_model_for_validation=True,
    )  # fmt: skip
    model, again = _model(z), gpboost.Dataset(x, y)
    booster = gpboost.train(trees, again, max(1, stopped.best_iteration), gp_model=model)
    known = _latent(booster, x[:1].repeat(len(study.clusters), 0), np.arange(len(study.clusters)))
    mean, sd = known["random_effect_mean"], np.sqrt(known["random_effect_cov"])
    prior_sd = float(np.sqrt(model.get_cov_pars(format_pandas=False)[0]))
    # By name: methods are found without PyTorch.
    variances = import_module("armed_study.training.fitted.variances")
    predictor = _sum_of_trees(booster, x)
    components = variances.of_intercepts(y, predictor, z, mean=mean, sd=sd, prior_sd=prior_sd)
    return BoostedMixedFit(booster, mean, sd, prior_sd, components)


def _model(z: np.ndarray) -> gpboost.GPModel:
    return gpboost.GPModel(likelihood="bernoulli_logit", group_data=z, num_parallel_threads=1)


def _latent(booster: gpboost.Booster, x: np.ndarray, z: np.ndarray) -> dict[str, np.ndarray]:
    """Sums of trees and intercepts, with variances, of rows ``x`` in clusters ``z``."""
    found: dict[str, np.ndarray] = booster.predict(
        data=x, group_data_pred=z, pred_latent=True, predict_var=True
    )
    return found


def _sum_of_trees(booster: gpboost.Booster, x: np.ndarray) -> np.ndarray:
    """``F`` of rows ``x`` (n, columns), (n,)."""
    return _latent(booster, x, np.full(len(x), NO_CLUSTER))["fixed_effect"]


BASELINE = Baseline(fit, uses_clusters=True)
