"""Expectation-maximisation of a mixed model: no learning rate, and no initial value that matters."""

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from armed.inference.blocks.system import ArrowSystem
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.maximisation import maximisation
from armed.inference.mixed_model import Expectation, Factors, MixedModel, State
from armed.inference.posterior import (
    Likelihood,
    Posterior,
    averaged_log_likelihood,
    gaussian_posterior,
)
from armed.inference.quadrature import adaptive_moments

EXACT_PASSES = 2
"""Times that quadrature nodes are put around the moments of the time before."""


def expectation(model: MixedModel, state: State, *, steps: int) -> Expectation:
    """E step at ``state``, by ``steps`` of Newton from its effects."""
    # In v, u = R v, the prior is N(0, I) whatever D = R R' is, and a variance of 0 needs no inverse.
    terms = [term.scaled(root) for term, root in zip(model.terms, state.roots, strict=True)]
    # Tasks give derivatives of a unit residual variance.
    weight = model.weight / state.noise
    start = [_standardised(r, m) for r, m in zip(state.roots, state.means, strict=True)]
    if model.uses_quadrature:
        return _exact(model, state, terms[0], weight, start[0], steps)
    likelihood = Likelihood(model.task, model.offset, model.y, weight)
    begin = [*start, *([state.fixed[None]] if model.fixed is not None else [])]
    found = gaussian_posterior(
        terms,
        likelihood,
        fixed=model.fixed,
        integrate_fixed=model.restricted,
        start=begin,
        variance=state.variance,
        averages=state.averages,
        slots=model.slots,
        steps=steps,
    )
    count = len(terms)
    fixed = state.fixed if model.fixed is None else found.means[count][0]
    new = replace(state, fixed=fixed, variance=found.variance, averages=None)
    prior = model.log_prior(replace(state, fixed=fixed))
    return Expectation(
        new,
        found.means[:count],
        found.covariances[:count],
        # E[(y - eta)^2] = (y - E[eta])^2 + Var[eta]
        lambda: (model.y - found.eta).square() + found.variance,
        lambda: _in_factors(terms, likelihood, found),
        lambda: _bound(model, found, weight) + _constant(model, state) + prior,
    )


def _standardised(root: Tensor, mean: Tensor) -> Tensor:
    """``v`` (clusters, d) of effects ``u = root v``; anything where a variance is 0, and with it ``u``."""
    safe = root + torch.diag((root.diagonal() == 0).to(root.dtype))
    found: Tensor = torch.linalg.solve_triangular(safe, mean.T, upper=False).T
    # Variances are means over clusters, so that none has effects further out: it is rounding, of a
    # root that is nearly singular.
    furthest = mean.numel() ** 0.5
    return found.clamp(-furthest, furthest)


def _bound(model: MixedModel, found: Posterior, weight: Tensor) -> Tensor:
    """``E_q[log p(y | v)] - KL(q(v) || N(0, I))``, with the fixed effects integrated out where they are."""
    expected = averaged_log_likelihood(model.task, found.eta, found.variance, model.y)
    # KL = (|m|^2 + tr S - log|S| - d) / 2, and log|S| is minus that of the precision of all effects
    bound = (weight * expected).sum() - 0.5 * found.solved.log_determinant()
    for mean, covariance, _ in zip(found.means, found.covariances, model.terms, strict=False):
        trace = covariance.diagonal(dim1=-2, dim2=-1).sum()
        bound = bound - 0.5 * (mean.square().sum() + trace - mean.numel())
    if model.restricted and model.fixed is not None:
        # Under a flat prior the entropy of p fixed effects is left, p (1 + log 2 pi) / 2 and log|S|.
        bound = bound + 0.5 * model.fixed.size * (1 + math.log(2 * math.pi))
    return bound


def _in_factors(terms: Sequence[EffectsTerm], likelihood: Likelihood, found: Posterior) -> Factors:
    """Derivatives of the bound in factors of the effects."""
    averages = likelihood.averages(found.eta, found.variance)
    first, second = likelihood.weighted(averages)
    together = None if len(found.means) == 1 else found.solved.with_predictor()
    gradients, curvatures = [], []
    for number, term in enumerate(terms):
        mean, covariance = found.means[number], found.covariances[number]
        gram = term.gram(second)
        # E[l' phi_j v_j] = E[l'] phi_j m_j + E[l''] phi_j Cov(v_j, eta), by Stein's lemma; of one term
        # Cov(v_j, eta) = (S phi)_j, and the sum over samples that of (S G)_jj over clusters.
        if together is None:
            spread = (covariance * gram).sum((0, 1))
        else:
            spread = term.curved(second, together[number])
        gradients.append((term.gather(first) * mean).sum(0) - spread)
        curvatures.append(_curvature(gram, mean, covariance))
    return Factors(gradients, curvatures, averages)


def _curvature(gram: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """``sum_i w_i phi_ij phi_il E[v_j v_l]``, (d, d)."""
    return (gram * (mean[:, :, None] * mean[:, None, :] + covariance)).sum(0)


def _exact(
    model: MixedModel, state: State, term: EffectsTerm, weight: Tensor, start: Tensor, steps: int
) -> Expectation:
    """E step by quadrature, with the fixed effects where they were, and a Newton step of those."""
    offset = model.offset
    if model.fixed is not None:
        offset = offset + model.fixed.design @ state.fixed
    likelihood = Likelihood(model.task, offset, model.y, weight)
    around = gaussian_posterior(
        [term], likelihood, start=[start], variance=state.variance, steps=steps
    )
    mean, covariance = around.means[0], around.covariances[0]
    for _ in range(EXACT_PASSES):
        moments = adaptive_moments(term, likelihood, mean, covariance)
        # the nodes of a cluster without samples are symmetric but for rounding
        mean = moments.mean * term.present(weight)[:, None]
        covariance = moments.covariance
    averages = likelihood.averages(offset + term.predictor(mean), around.variance)
    _, second = likelihood.weighted(averages)
    fixed = state.fixed
    if model.fixed is not None:
        # Newton's step along the gradient sum_i x_i E[l'_i] of the log-evidence
        score, _ = moments.gradients()
        system = ArrowSystem([term], model.fixed, integrate_fixed=True)
        solved = system.solve([mean, fixed[None]], score, second)
        slope = model.fixed.design.T @ score - model.fixed.precision * fixed
        fixed = fixed + solved.fixed_covariance() @ slope

    def factors() -> Factors:
        curvature = _curvature(term.gram(second), mean, covariance)
        return Factors([moments.gradients()[1]], [curvature], averages)

    new = replace(state, fixed=fixed, variance=around.variance, averages=None)
    nothing = torch.zeros_like(model.y)
    evidence = moments.log_evidence.sum() + model.log_prior(state)
    return Expectation(new, [mean], [covariance], lambda: nothing, factors, lambda: evidence)


def _constant(model: MixedModel, state: State) -> Tensor:
    """What the log-likelihood of a task with a residual variance leaves out."""
    if not model.task.has_noise:
        return torch.zeros_like(state.noise)
    return -0.5 * model.weight.sum() * (2 * math.pi * state.noise).log()


def em_round(model: MixedModel, state: State, *, steps: int) -> tuple[State, Expectation]:
    """One E and one M step: the new state, and the E step at the old one."""
    found = expectation(model, state, steps=steps)
    return maximisation(model, found), found
