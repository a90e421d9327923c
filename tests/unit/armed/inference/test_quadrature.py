from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from armed.inference import quadrature
from armed.inference.posterior import Likelihood, gaussian_posterior
from armed.inference.quadrature import adaptive_moments
from armed.tasks.outcomes import BinaryTask, CountTask
from mixed_data import simulated


def parts(task, size, clusters=3, samples=18):
    covariance = np.eye(size).tolist()
    model = simulated(task, clusters=clusters, samples=samples, covariance=covariance, seed=1)
    # fewer samples than a Gaussian needs, and large effects
    term = replace(model.terms[0], design=3.0 * model.terms[0].design)
    likelihood = Likelihood(task, model.offset, model.y, model.weight)
    around = gaussian_posterior([term], likelihood)
    return term, likelihood, (around.means[0], around.covariances[0])


def exact(term, likelihood, k):
    """Evidence, mean and covariance of one cluster by sums over a fine grid."""
    rows = term.index == k
    axis = np.linspace(-8, 8, 1601 if term.size == 1 else 641)
    grid = np.stack(np.meshgrid(*[axis] * term.size, indexing="ij"), -1).reshape(-1, term.size)
    eta = torch.from_numpy(grid @ term.design[rows].numpy().T)
    log = likelihood.task.log_likelihood(eta, likelihood.y[rows]).sum(1).numpy()
    density = np.exp(log) * stats.norm.pdf(grid).prod(1) * (axis[1] - axis[0]) ** term.size
    mean = density @ grid / density.sum()
    centred = grid - mean
    covariance = (density[:, None] * centred).T @ centred / density.sum()
    return np.log(density.sum()), mean, covariance


@pytest.mark.parametrize("task", [BinaryTask(), CountTask()], ids=["binary", "count"])
def test_moments_of_one_effect_are_those_of_a_fine_grid(task):
    term, likelihood, around = parts(task, 1)
    for _ in range(2):
        found = adaptive_moments(term, likelihood, *around)
        around = found.mean, found.covariance
    for k in range(3):
        evidence, mean, covariance = exact(term, likelihood, k)
        assert float(found.log_evidence[k]) == pytest.approx(evidence, abs=1e-5)
        np.testing.assert_allclose(found.mean[k], mean, atol=1e-4)
        np.testing.assert_allclose(found.covariance[k], covariance, atol=1e-4)


def test_moments_of_two_effects_are_those_of_a_fine_grid():
    term, likelihood, around = parts(BinaryTask(), 2, clusters=1, samples=5)
    for _ in range(2):
        found = adaptive_moments(term, likelihood, *around)
        around = found.mean, found.covariance
    evidence, mean, covariance = exact(term, likelihood, 0)
    assert float(found.log_evidence[0]) == pytest.approx(evidence, abs=1e-3)
    np.testing.assert_allclose(found.mean[0], mean, atol=5e-3)
    np.testing.assert_allclose(found.covariance[0], covariance, atol=2e-2)


def test_gradients_are_the_derivatives_of_the_evidence():
    term, likelihood, around = parts(BinaryTask(), 1)
    offset = likelihood.offset.clone().requires_grad_()
    factor = torch.ones(1, dtype=torch.float64, requires_grad=True)
    scaled = replace(term, design=term.design * factor)
    found = adaptive_moments(scaled, replace(likelihood, offset=offset), *around)
    expected = torch.autograd.grad(found.log_evidence.sum(), [offset, factor])
    for gradient, derivative in zip(found.gradients(), expected, strict=True):
        torch.testing.assert_close(gradient.detach(), derivative, atol=1e-4, rtol=1e-4)


def test_samples_taken_in_blocks_give_the_same_moments(monkeypatch):
    term, likelihood, around = parts(BinaryTask(), 1)
    whole = adaptive_moments(term, likelihood, *around)
    monkeypatch.setattr(quadrature, "VALUES", 50)
    some = adaptive_moments(term, likelihood, *around)
    torch.testing.assert_close(some.log_evidence, whole.log_evidence)
    torch.testing.assert_close(some.mean, whole.mean)
    torch.testing.assert_close(some.gradients(), whole.gradients())


def test_clusters_taken_some_at_a_time_give_the_same_moments(monkeypatch):
    task = CountTask()
    model = simulated(task, clusters=7, samples=40, covariance=[[1, 0.3], [0.3, 0.5]], seed=1)
    model, _ = replace(model, terms=[replace(model.terms[0], clusters=9)]).in_blocks()
    term, likelihood = model.terms[0], Likelihood(task, model.offset, model.y, model.weight)
    around = gaussian_posterior([term], likelihood)
    whole = adaptive_moments(term, likelihood, around.means[0], around.covariances[0])
    monkeypatch.setattr(quadrature, "VALUES", 2 * 15**2)
    some = adaptive_moments(term, likelihood, around.means[0], around.covariances[0])
    torch.testing.assert_close(some.log_evidence, whole.log_evidence)
    torch.testing.assert_close(some.mean, whole.mean)
    torch.testing.assert_close(some.covariance, whole.covariance)
    torch.testing.assert_close(some.gradients(), whole.gradients())


def test_nodes_are_held_of_some_clusters_at_a_time(monkeypatch):
    held = []

    def watched(term, likelihood, nodes):
        held.append(len(nodes))
        return at_nodes(term, likelihood, nodes)

    at_nodes = quadrature._at_nodes
    monkeypatch.setattr(quadrature, "_at_nodes", watched)
    monkeypatch.setattr(quadrature, "VALUES", 10 * 25)
    model = simulated(BinaryTask(), clusters=300, samples=400)
    model, _ = model.in_blocks()
    likelihood = Likelihood(model.task, model.offset, model.y, model.weight)
    start = torch.zeros(300, 1).double(), torch.ones(300, 1, 1).double()
    adaptive_moments(model.terms[0], likelihood, *start).gradients()
    assert max(held) == 10


def test_a_cluster_without_samples_has_its_prior_and_no_evidence():
    model = simulated(BinaryTask(), clusters=3, samples=40)
    model, _ = replace(model, terms=[replace(model.terms[0], clusters=5)]).in_blocks()
    likelihood = Likelihood(model.task, model.offset, model.y, model.weight)
    start = torch.ones(5, 1).double(), torch.full((5, 1, 1), 0.3).double()
    found = adaptive_moments(model.terms[0], likelihood, *start)
    assert found.mean[3:].tolist() == [[0.0]] * 2
    assert found.covariance[3:].tolist() == [[[1.0]]] * 2
    assert found.log_evidence[3:].tolist() == [0.0] * 2
