"""Shares of the variance: intraclass correlation, and R2 without and with random effects."""

import math

from armed.errors import ConfigError
from armed.summaries.fitted import FittedModel
from armed.tasks.outcomes import BinaryTask, CountTask


def variance_shares(fitted: FittedModel) -> dict[str, float]:
    r"""Shares of the variance of the latent outcome, by name.

    With ``f`` the variance over samples of the linear predictor without random effects, ``r`` the mean over
    samples of ``phi' D phi`` (Johnson 2014), summed over terms, and ``e`` the variance of an outcome that
    is left:

    - ``ICC_adjusted``: ``r / (r + e)``; ``ICC_unadjusted``: ``r / (f + r + e)``
    - ``R2_marginal``: ``f / (f + r + e)``; ``R2_conditional``: ``(f + r) / (f + r + e)``
    - ``var.fixed``, ``var.random``, ``var.residual``: ``f``, ``r``, ``e``

    ``e`` is the residual variance of a continuous outcome, ``pi^2 / 3`` of a binary one (of the latent
    logistic variable), and ``log(1 + 1 / m)`` of a count, ``m`` the mean expected count over samples and
    clusters (the lognormal approximation). These are the names and definitions of R's `performance`.

    Raises
    ------
    ConfigError
        If the outcome is of another kind.

    References
    ----------
    Nakagawa and Schielzeth, Methods in Ecology and Evolution 4:133-142, 2013; Johnson, ibid. 5:944-946,
    2014; Nakagawa, Johnson and Schielzeth, J R Soc Interface 14:20170213, 2017.
    """
    residual = _residual(fitted)
    weight = fitted.model.weight / fitted.model.weight.sum()
    # Padding and samples without a cluster count by their weight.
    eta = fitted.population
    fixed = float((weight * (eta - (weight * eta).sum()).square()).sum())
    # An intercept alone adds its variance; a slope its variance times a mean square.
    random = float((weight * fitted.prior_variance).sum())
    total = fixed + random + residual
    return {
        "ICC_adjusted": random / (random + residual),
        "ICC_unadjusted": random / total,
        "R2_marginal": fixed / total,
        "R2_conditional": (fixed + random) / total,
        "var.fixed": fixed,
        "var.random": random,
        "var.residual": residual,
    }


def shares_by_factor(fitted: FittedModel) -> dict[str, float]:
    """``ICC_adjusted`` of each cluster factor alone, by name: R's ``performance::icc(by_group = TRUE)``."""
    residual, weight = _residual(fitted), fitted.model.weight / fitted.model.weight.sum()
    random = {}
    for term, covariance in zip(fitted.model.terms, fitted.covariances, strict=True):
        # phi' D phi of each sample, over which Johnson (2014) takes the mean
        variance = ((term.design @ covariance) * term.design).sum(-1)
        random[term.name] = float((weight * variance).sum())
    return {name: own / (sum(random.values()) + residual) for name, own in random.items()}


def _residual(fitted: FittedModel) -> float:
    """Variance of the latent outcome that neither fixed nor random effects explain."""
    task, weight = fitted.model.task, fitted.model.weight
    if task.has_noise:
        return float(fitted.noise)
    if isinstance(task, BinaryTask):
        # y = 1 where eta plus a standard logistic variable is above 0
        return math.pi**2 / 3
    if isinstance(task, CountTask):
        # E[exp(eta)] over clusters, of normal effects
        counts = (fitted.population + fitted.prior_variance / 2).exp()
        return math.log1p(float(weight.sum() / (weight * counts).sum()))
    raise ConfigError(
        f"the outcome is that of a {type(task).__name__}; expected a binary, continuous or count outcome, of "
        "which the residual variance is known; leave its shares out"
    )
