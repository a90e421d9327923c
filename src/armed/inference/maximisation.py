"""The M step: variances from the moments of effects, in closed form."""

import torch
from torch import Tensor, nn

from armed.inference.blocks.terms import EffectsTerm
from armed.inference.mixed_model import Expectation, MixedModel, State

LEAST_NOISE = 1e-8
"""Residual variance, as a share of the outcome's variance, at least."""


def maximisation(model: MixedModel, found: Expectation) -> State:
    r"""M step, closed form: ``D = R A mean_k(E[v_k v_k']) A R'`` and the residual variance.

    The mean is over clusters that have samples. ``A`` is diagonal, the factors of the effects that fit the
    outcome best (parameter expansion): without them a variance goes to 0 ever slower. With ``u = R v`` no
    covariance has to be inverted, and a variance of 0 stays one.

    References
    ----------
    Liu, Rubin and Wu, Biometrika 85:755-770, 1998; Foulley and van Dyk, Genetics Selection
    Evolution 32:143-163, 2000.
    """
    state, factors, roots, means = found.state, found.factors, [], []
    for number, (term, root) in enumerate(zip(model.terms, state.roots, strict=True)):
        mean, covariance = found.means[number], found.covariances[number]
        # A cluster without samples has its prior, and would only hold D where it is.
        present = term.present(model.weight).to(mean.dtype)
        second = mean[:, :, None] * mean[:, None, :] + covariance
        average = (second * present[:, None, None]).sum(0) / present.sum()
        scaled = root * _factors(term, factors.gradients[number], factors.curvatures[number])
        if term.correlated:
            best = scaled @ torch.linalg.cholesky(average)
        else:
            best = scaled * term.shared(average.diagonal()).sqrt()
        if model.sd_scale is not None:
            scale = term.shared(model.scales[number].square()).sqrt()
            units = torch.where(scale > 0, scale, 1) / model.sd_scale
            best = best * units[:, None]
            if term.correlated:
                best = _under_prior(best, present.sum()) / units[:, None]
            else:
                best = torch.diag(_sd_under_prior(best.diagonal(), present.sum()) / units)
        roots.append(best)
        means.append(mean @ root.T)
    noise = state.noise
    if model.task.has_noise:
        noise = (found.residual * model.weight).sum() / model.weight.sum()
        # A few samples may be fitted to the last bit: no likelihood then has a maximum.
        noise = noise.clamp_min(LEAST_NOISE * model.outcome_variance)
    # The linear predictors stay where they are, and with them the averages over them; of exact moments
    # the fixed effects move.
    same = model.fixed is None or not model.uses_quadrature
    averages = factors.averages if same else None
    return State(roots, state.fixed, noise, means, state.variance, averages)


def _under_prior(root: Tensor, clusters: Tensor) -> Tensor:
    """Root of ``D`` that maximises ``-K log|D| - K tr(inv(D) M) - tr(D)``, of ``M = root root'``.

    ``K D + D^2 = K M``: the eigenvectors are those of ``M``.
    """
    vectors, singular, _ = torch.linalg.svd(root)
    upper = torch.linalg.qr((vectors * _sd_under_prior(singular, clusters)).T)[1]
    # of any root the signs of its columns are free
    signs = torch.where(upper.diagonal() < 0, -1, 1)
    return torch.mul(upper.T, signs)


def _sd_under_prior(sd: Tensor, clusters: Tensor) -> Tensor:
    """The same of one effect: ``root`` and ``D`` are numbers."""
    return sd * (2 / (1 + (1 + 4 * sd.square() / clusters).sqrt())).sqrt()


def _factors(term: EffectsTerm, gradient: Tensor, curvature: Tensor) -> Tensor:
    """Newton's step from factors of 1, (d,), not further than is safe where it is a guess."""
    if term.variance_of is not None:
        # One factor of all that share a variance: gradient and curvature add up.
        groups = nn.functional.one_hot(term.variance_of).to(gradient.dtype)
        own = _newton(groups.T @ gradient, groups.T @ curvature @ groups)
        return own[term.variance_of]
    return _newton(gradient, curvature)


def _newton(gradient: Tensor, curvature: Tensor) -> Tensor:
    own = curvature.diagonal()
    # what multiplies zeros alone has no factor
    ridge = torch.where(own > 0, 1e-9 * own, 1)
    step: Tensor = torch.linalg.solve(curvature + torch.diag(ridge), gradient)
    return (1 + step).clamp(0.5, 2.0)
