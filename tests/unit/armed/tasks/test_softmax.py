import pytest
import torch

from armed.nn.gaussians import root_of
from armed.tasks.softmax import (
    averaged_log_softmax,
    averaged_softmax,
    averaged_softmax_derivatives,
)


def given(classes: int, variance: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(classes)
    eta = torch.randn(4, classes, generator=draw, dtype=torch.float64)
    root = torch.randn(4, classes, classes, generator=draw, dtype=torch.float64)
    return eta, variance / classes * root @ root.mT, torch.arange(4) % classes


@pytest.mark.parametrize(("classes", "variance"), [(2, 2.0), (3, 0.5), (3, 2.0), (7, 0.5)])
def test_averages_are_those_of_many_draws(classes, variance):
    eta, covariance, y = given(classes, variance)
    draws = torch.randn(100_000, classes, generator=torch.Generator().manual_seed(0)).double()
    e = eta[:, None] + draws @ root_of(covariance).mT
    p, log_p = torch.softmax(e, -1), torch.log_softmax(e, -1)
    torch.testing.assert_close(averaged_softmax(eta, covariance), p.mean(1), atol=0.005, rtol=0)
    first, second = averaged_softmax_derivatives(eta, covariance, y)
    own = torch.eye(classes)[y]
    torch.testing.assert_close(first, own - p.mean(1), atol=0.008, rtol=0)
    expected = torch.diag_embed(p.mean(1)) - p.mT @ p / len(draws)
    torch.testing.assert_close(second, expected, atol=0.008, rtol=0)
    found = averaged_log_softmax(eta, covariance, y)
    torch.testing.assert_close(found, (log_p.mean(1) * own).sum(1), atol=0.02, rtol=0)


def test_what_all_classes_have_in_common_changes_nothing():
    eta, covariance, y = given(3, 1.0)
    shifted = averaged_softmax_derivatives(eta + 5, covariance + 9, y)
    for found, expected in zip(
        shifted, averaged_softmax_derivatives(eta, covariance, y), strict=True
    ):
        torch.testing.assert_close(found, expected)
