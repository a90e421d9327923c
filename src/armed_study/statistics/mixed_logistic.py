"""Logistic mixed models by the GPBoost library: settings that converge, and its errors in a sentence."""

import logging
import warnings

import gpboost
import numpy as np

from armed.errors import ArmedWarning, TrainingError

# The native library prints; as log messages they are shown only to those who ask for them.
gpboost.register_logger(logging.getLogger("gpboost"))

_OPTIMISER = {
    "trace": False,
    "maxit": 1000,
    # Its line search may stop after one step, far from the optimum, and call that converged; a
    # restart from where it stopped shows whether there is more to gain.
    "max_num_restarts_lbfgs": 5,
    "cold_restart_lbfgs": False,
}
# The finer one may be finer than the likelihood is computed: then no step gains, at the optimum.
_TOLERANCES = (1e-10, 1e-8)


def fit_mixed_logistic(
    y: np.ndarray, design: np.ndarray, z: np.ndarray, *, what: str, slope: np.ndarray | None = None
) -> gpboost.GPModel:
    """Fit ``P(y = 1) = sigmoid(design b + u_z + v_z slope)``, ``u_k ~ N(0, s^2)``, ``v_k ~ N(0, t^2)``.

    ``b``, ``s`` and ``t`` maximise the Laplace approximation of the marginal likelihood.

    Parameters
    ----------
    y : (n,) 0 and 1.
    design : (n, columns) linearly independent; the intercept is one of them.
    z : (n,) clusters.
    what
        What is fitted, for messages.
    slope : (n,)
        Variable with a random slope, independent of the random intercept; None: intercept only.

    Raises
    ------
    TrainingError
        The likelihood is not finite. Warns (`ArmedWarning`) if the optimiser did not converge.

    References
    ----------
    F. Sigrist, Gaussian Process Boosting, JMLR 23 (2022).
    """
    random_slope = {} if slope is None else {
        "group_rand_coef_data": slope[:, None], "ind_effect_group_rand_coef": [1]
    }  # fmt: skip
    for tolerance in _TOLERANCES:
        model = gpboost.GPModel(
            likelihood="bernoulli_logit", group_data=z, num_parallel_threads=1, **random_slope
        )
        try:
            model.fit(y=y, X=design, params={**_OPTIMISER, "delta_rel_conv": tolerance})
        except gpboost.basic.GPBoostError as error:
            raise TrainingError(
                f"{what}: the logistic mixed model has no finite likelihood ({error}); expected "
                "finite, standardised columns; look for extreme values"
            ) from error
        # The library tells it in its printed summary only.
        if model._get_convergence_status() == 0:
            return model
    warnings.warn(
        f"{what}: the logistic mixed model did not converge in {model._get_num_optim_iter()} "
        "iterations; its scores are those of the last one; look for columns or clusters that "
        "determine the outcome",
        ArmedWarning,
        stacklevel=2,
    )
    return model
