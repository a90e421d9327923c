"""Effects of the classes of an outcome, next to integrals and maxima that are computed directly."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from armed.inference.em import expectation
from armed.inference.estimate import estimate
from armed.inference.start import initial_state
from armed.inference.update import Updated, odds_change, updated_effects
from mixed_data import simulated_classes


def grid(size: int, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Hermite nodes (nodes, size) of standard normal numbers, and the logarithms of their weights."""
    at, mass = np.polynomial.hermite_e.hermegauss(nodes)
    points = np.array(list(product(at, repeat=size)))
    weights = np.array(list(product(np.log(mass / mass.sum()), repeat=size))).sum(1)
    return points, weights


def log_likelihoods(model, effects: np.ndarray) -> np.ndarray:
    """Log-likelihood of each cluster at effects (points, classes), (clusters, points)."""
    offset, y = model.offset.numpy(), model.y.numpy().astype(int)
    eta = offset[:, None] + effects
    each = eta[np.arange(len(y)), :, y] - np.log(np.exp(eta).sum(-1))
    clusters = model.terms[0].clusters
    return each.reshape(clusters, -1, len(effects)).sum(1)


def log_evidence(model, variances: np.ndarray) -> float:
    """Log-likelihood of variances of three classes, by a grid of the two differences that matter."""
    first, second, third = variances
    covariance = np.array([[first + third, third], [third, second + third]])
    at, log_mass = grid(2, 14)
    differences = at @ np.linalg.cholesky(covariance).T
    joint = log_likelihoods(model, np.column_stack([differences, 0 * at[:, 0]])) + log_mass
    return float(np.logaddexp.reduce(joint, axis=1).sum())


def test_posterior_is_near_the_exact_one():
    variances = (1.0, 0.3, 0.6)
    model = simulated_classes(variances, clusters=5, size=25)
    root = torch.diag(torch.tensor(variances).double().sqrt())
    found = expectation(model, replace(initial_state(model), roots=[root]), steps=20)
    at, log_mass = grid(3, 20)
    joint = log_likelihoods(model, at * np.sqrt(variances)) + log_mass
    share = np.exp(joint - joint.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True)
    mean = share @ at
    second = np.einsum("kp,pc,pd->kcd", share, at, at)
    np.testing.assert_allclose(found.means[0], mean, atol=0.05)
    covariance = second - mean[:, :, None] * mean[:, None, :]
    np.testing.assert_allclose(found.covariances[0], covariance, atol=0.03)
    bound = float(found.evidence)
    assert log_evidence(model, np.array(variances)) == pytest.approx(bound, abs=0.05)


@cache
def fitted(seed: int = 0):
    model = simulated_classes((1.0, 0.3, 0.6), clusters=150, size=12, seed=seed)
    return model, estimate(model, tolerance=1e-3)


def test_variances_are_those_of_the_largest_likelihood():
    model, found = fitted()
    variances = found.covariances[0].diagonal().numpy()

    def loss(log_variances):
        return -log_evidence(model, np.exp(log_variances))

    best = minimize(loss, np.log(variances), method="Nelder-Mead", options={"maxfev": 40})
    np.testing.assert_allclose(variances, np.exp(best.x), rtol=0.1, atol=0.03)


def test_variances_of_crossed_factors_are_those_drawn():
    model = simulated_classes((1.0, 0.3, 0.6), clusters=40, size=25, crossed=(20, 1.5))
    first, second = estimate(model, tolerance=2e-2).covariances
    # Of one class alone little is known: what samples tell are sums of two.
    assert float(first.diagonal().mean()) == pytest.approx(1.9 / 3, rel=0.2)
    assert float(second.diagonal().mean()) == pytest.approx(1.5, rel=0.2)


def test_effects_of_a_cluster_add_up_to_nothing_in_units_of_their_variances():
    _, found = fitted()
    variances = found.covariances[0].diagonal()
    total = (found.effects[0] / variances).sum(1)
    torch.testing.assert_close(total, torch.zeros_like(total), atol=1e-6, rtol=0)


def test_order_of_the_classes_changes_no_estimate():
    model, found = fitted()
    order = torch.tensor([2, 0, 1])
    y = torch.argsort(order)[model.y.long()].double()
    turned = replace(model, offset=model.offset[:, order], y=y)
    other = estimate(turned, tolerance=1e-3).covariances[0].diagonal()
    torch.testing.assert_close(other, found.covariances[0].diagonal()[order], rtol=0.02, atol=0.01)


def updated(model, sd: float, weight: torch.Tensor, offset: torch.Tensor) -> Updated:
    term = model.terms[0]
    eye = torch.eye(term.size, dtype=torch.float64)
    none = eye.new_zeros(term.clusters, term.size)
    found = Updated(none, 0 * eye.repeat(term.clusters, 1, 1), sd * eye, eye[:1, 0])
    for _ in range(6):
        (found,) = updated_effects(model.task, [term], offset, model.y, weight, before=[found])
    return found


@pytest.mark.parametrize("sd", [1e-4, 2.0])
def test_updates_come_near_the_estimate_from_anywhere(sd):
    model, expected = fitted()
    found = updated(model, sd, model.weight, model.offset)
    covariance = found.root @ found.root.T
    torch.testing.assert_close(covariance, expected.covariances[0], rtol=0.1, atol=0.03)


def test_weights_of_classes_change_no_estimate():
    model, _ = fitted()
    weight = torch.tensor([0.5, 1.0, 4.0]).double()[model.y.long()]
    # A network that was trained with these weights says the odds of the weighted samples.
    offset = model.offset + odds_change(model.task, model.y, weight)
    plain = updated(model, 0.5, model.weight, model.offset)
    torch.testing.assert_close(updated(model, 0.5, weight, offset).root, plain.root)
    torch.testing.assert_close(
        odds_change(model.task, model.y, weight).exp(), torch.tensor([0.5, 1.0, 4.0]).double()
    )
