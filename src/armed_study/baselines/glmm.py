"""Logistic mixed model: linear fixed effects and a random intercept per cluster."""

from importlib import import_module

import numpy as np

from armed_study.baselines.linear import ALIASED, Baseline, LinearFit, training_rows
from armed_study.statistics.mixed_logistic import fit_mixed_logistic
from armed_study.statistics.rank import independent_columns
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``P(y = 1) = sigmoid(x b + b_0 + u_z)``, ``u_k ~ N(0, s^2)``; ``yF`` has ``u = 0``.

    ``b`` and ``s`` maximise the Laplace approximation of the marginal likelihood; ``u_k`` is the
    posterior mode given them, with the s.d. of the Laplace approximation. A column that is constant
    in a fold's training rows, or a sum of earlier ones, gets the coefficient 0. Warns
    (`ArmedWarning`) when the optimiser did not converge.

    References
    ----------
    F. Sigrist, Gaussian Process Boosting, JMLR 23 (2022); the GPBoost library.
    """
    return fit_columns(study, fold, *training_rows(study, fold))


def fit_columns(
    study: StudyFolds, fold: FoldData, x: np.ndarray, y: np.ndarray, z: np.ndarray
) -> LinearFit:
    """Fit columns ``x`` (n, columns), outcome and cluster (n,) of the training rows; see `fit`."""
    design = np.column_stack([np.ones(len(x)), x])
    kept = independent_columns(design, tolerance=ALIASED)
    what = f"study '{study.name}', fold {fold.fold}"
    mixed_model = fit_mixed_logistic(y, design[:, kept], z, what=what)
    effects = mixed_model.predict_training_data_random_effects(predict_var=True).to_numpy()
    seen, first = np.unique(z, return_index=True)
    coefficients = np.zeros(design.shape[1])
    coefficients[kept] = mixed_model.get_coef(format_pandas=False)
    mean = np.zeros(len(study.clusters))
    prior_sd = float(np.sqrt(mixed_model.get_cov_pars(format_pandas=False)[0]))
    sd = np.full(len(mean), prior_sd)
    mean[seen], sd[seen] = effects[first, 0], np.sqrt(effects[first, 1])
    # By name: methods are found without PyTorch.
    variances = import_module("armed_study.training.fitted.variances")
    predictor = design @ coefficients
    components = variances.of_intercepts(y, predictor, z, mean=mean, sd=sd, prior_sd=prior_sd)
    return LinearFit(
        float(coefficients[0]), coefficients[1:], mean, sd, components=components, prior_sd=prior_sd
    )


BASELINE = Baseline(fit, uses_clusters=True)
