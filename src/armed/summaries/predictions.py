"""What a fitted model says of samples: expected outcomes with intervals, and draws of outcomes."""

import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.summaries.crossing import normal_quantile
from armed.summaries.fitted import Columns, FittedModel
from armed.tasks.base import Task, one_predictor
from armed.tasks.outcomes import BinaryTask, CountTask


def augmented(fitted: FittedModel, *, level: float = 0.95) -> Columns:
    """Fitted values of each sample: broom's ``augment``.

    Returns
    -------
    dict of list
        Columns ``.fitted``, the expected outcome with the effects of the sample's clusters, and ``.lower``,
        ``.upper``, its interval over their posterior; ``.fixed``, that with effects of 0, the population's;
        ``.resid``, the outcome less ``.fitted``.

    Notes
    -----
    The fixed part counts as known: a network gives no interval of it, and ``.fixed`` has none.
    """
    one_predictor(fitted.model.task, "augmented")
    eta, sd = fitted.conditional, fitted.predictor_variance.clamp_min(0).sqrt()
    # The link is monotone: ends on its scale are those of the expected outcome.
    reach = normal_quantile(level) * sd
    score = {
        ".fitted": eta,
        ".lower": eta - reach,
        ".upper": eta + reach,
        ".fixed": fitted.population,
    }
    found = {name: fitted.model.task.score(value[:, None]) for name, value in score.items()}
    found[".resid"] = fitted.model.y - found[".fitted"]
    return {name: value.tolist() for name, value in found.items()}


def simulated(
    fitted: FittedModel, count: int, *, generator: torch.Generator, new_clusters: bool = False
) -> Tensor:
    """Draw outcomes of the samples: lme4's ``simulate``.

    Parameters
    ----------
    count : int
        Times that all outcomes are drawn.
    generator : torch.Generator
        Where random numbers come from.
    new_clusters : bool
        Whether clusters are new ones each time, their effects drawn from the prior, ``N(0, D)``; else they
        are those fitted, drawn from their posterior.

    Returns
    -------
    Tensor, shape (count, samples)
    """
    drawn = []
    for _ in range(count):
        eta = fitted.population
        for number, term in enumerate(fitted.model.terms):
            mean, covariance = fitted.effects[number], fitted.effect_covariances[number]
            if new_clusters:
                # clusters that nobody has seen: mean 0, covariance D
                mean, covariance = 0 * mean, fitted.covariances[number].expand_as(covariance)
            noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype)
            eta = eta + term.predictor(mean + _times_root(covariance, noise))
        drawn.append(_outcomes(fitted.model.task, eta, fitted.noise, generator))
    return torch.stack(drawn)


def _times_root(covariance: Tensor, noise: Tensor) -> Tensor:
    """Draws of ``N(0, covariance)``, (clusters, d), of a covariance that may be singular."""
    values, vectors = torch.linalg.eigh(covariance)
    scaled = values.clamp_min(0).sqrt() * noise
    drawn: Tensor = (vectors @ scaled[..., None])[..., 0]
    return drawn


def _outcomes(task: Task, eta: Tensor, noise: Tensor, generator: torch.Generator) -> Tensor:
    """Draw an outcome of each linear predictor."""
    if task.has_noise:
        return eta + noise.sqrt() * torch.randn(eta.shape, generator=generator, dtype=eta.dtype)
    expected = task.score(eta[:, None])
    if isinstance(task, BinaryTask):
        return torch.bernoulli(expected, generator=generator)
    if isinstance(task, CountTask):
        return torch.poisson(expected, generator=generator)
    raise ConfigError(
        f"the outcome is that of a {type(task).__name__}; expected a binary, continuous or count outcome; "
        "outcomes of other kinds are not drawn"
    )
