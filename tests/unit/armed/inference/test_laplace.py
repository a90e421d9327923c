import numpy as np
import pytest
import torch
from scipy import optimize

from armed.inference.laplace import cluster_posterior
from armed.tasks.outcomes import BinaryTask, ContinuousTask

CLUSTERS, SIZE = 4, 3


def problem(seed: int = 0, *, scale: float = 1.0) -> dict:
    """Samples of clusters 0 to 2; cluster 3 has none."""
    draw = torch.Generator().manual_seed(seed)
    z = torch.randint(0, CLUSTERS - 1, (60,), generator=draw)
    features = torch.randn(60, SIZE, generator=draw, dtype=torch.float64)
    spread = torch.randn(SIZE, SIZE, generator=draw, dtype=torch.float64)
    return {
        "features": features,
        "offset": scale * torch.randn(60, generator=draw, dtype=torch.float64),
        "y": torch.randint(0, 2, (60,), generator=draw).double(),
        "z": z,
        "weight": 0.5 + torch.rand(60, generator=draw, dtype=torch.float64),
        "precision": spread @ spread.T + torch.eye(SIZE, dtype=torch.float64),
    }


def posterior(given: dict, task) -> tuple[torch.Tensor, torch.Tensor]:
    features, offset = given["features"], given["offset"]
    rest = {name: value for name, value in given.items() if name not in ("features", "offset")}
    return cluster_posterior(features, offset, clusters=CLUSTERS, task=task, **rest)


def logistic_mode(given: dict, k: int) -> np.ndarray:
    parts = {name: value.numpy() for name, value in given.items()}
    rows = parts["z"] == k

    def objective(u: np.ndarray) -> float:
        linear = parts["offset"][rows] + parts["features"][rows] @ u
        loss = np.logaddexp(0, np.where(parts["y"][rows] == 1, -linear, linear))
        return float(loss @ parts["weight"][rows] + u @ parts["precision"] @ u / 2)

    size = parts["features"].shape[1]
    return optimize.minimize(objective, np.zeros(size), method="BFGS", options={"gtol": 1e-9}).x


def test_mode_of_a_logistic_model_is_that_of_a_general_optimiser():
    given = problem()
    mean, _ = posterior(given, BinaryTask())
    for k in range(CLUSTERS):
        np.testing.assert_allclose(mean[k].numpy(), logistic_mode(given, k), atol=1e-6)


@pytest.mark.parametrize("offset", [-30.0, -6.0, 6.0, 30.0])
def test_mode_is_found_where_newtons_full_steps_would_overshoot(offset):
    given = problem()
    given |= {
        "features": torch.ones(60, 1, dtype=torch.float64),
        "offset": torch.full((60,), offset, dtype=torch.float64),
        "y": torch.full((60,), float(offset < 0), dtype=torch.float64),
        "precision": torch.ones(1, 1, dtype=torch.float64),
    }
    mean, _ = posterior(given, BinaryTask())
    for k in range(CLUSTERS):
        linear = offset + mean[k, 0]
        pull = given["weight"][given["z"] == k].sum() * (given["y"][0] - torch.sigmoid(linear))
        assert (pull - mean[k, 0]).item() == pytest.approx(0, abs=1e-4)


def test_covariance_is_the_inverse_hessian_at_the_mode():
    given = problem()
    mean, covariance = posterior(given, BinaryTask())
    for k in range(CLUSTERS):
        rows = given["z"] == k
        x, weight = given["features"][rows], given["weight"][rows]
        p = torch.sigmoid(given["offset"][rows] + x @ mean[k])
        hessian = x.T @ ((p * (1 - p) * weight)[:, None] * x) + given["precision"]
        torch.testing.assert_close(covariance[k], torch.linalg.inv(hessian))


def test_gaussian_posterior_is_the_closed_form():
    given = problem(scale=200.0)
    mean, covariance = posterior(given, ContinuousTask())
    for k in range(CLUSTERS):
        rows = given["z"] == k
        x, weight = given["features"][rows], given["weight"][rows]
        precision = x.T @ (weight[:, None] * x) + given["precision"]
        pull = x.T @ (weight * (given["y"] - given["offset"])[rows])
        torch.testing.assert_close(mean[k], torch.linalg.solve(precision, pull))
        torch.testing.assert_close(covariance[k], torch.linalg.inv(precision))


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask()])
def test_a_cluster_without_samples_keeps_the_prior(task):
    given = problem()
    mean, covariance = posterior(given, task)
    assert (mean[-1] == 0).all()
    torch.testing.assert_close(covariance[-1], torch.linalg.inv(given["precision"]))


def test_samples_of_weight_zero_do_not_count():
    given = problem()
    given["weight"][40:] = 0
    expected = posterior(
        {k: v if k == "precision" else v[:40] for k, v in given.items()}, BinaryTask()
    )
    given["offset"][40:] = 1e4
    torch.testing.assert_close(posterior(given, BinaryTask()), expected)
