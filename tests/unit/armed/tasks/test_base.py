import pytest
import torch
from torch.distributions import Bernoulli, Categorical, Normal

from armed.errors import ConfigError
from armed.tasks.marginal import same_cluster
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask

ONE_OUTPUT = {"binary": BinaryTask(), "continuous": ContinuousTask()}
OUTPUT = torch.tensor([[-2.0], [0.3], [5.0], [0.0]], dtype=torch.float64)
Y = torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64)


def test_binary_loss_and_score_are_those_of_the_bernoulli_distribution():
    law = Bernoulli(logits=OUTPUT[:, 0])
    torch.testing.assert_close(BinaryTask().loss(OUTPUT, Y), -law.log_prob(Y))
    torch.testing.assert_close(BinaryTask().score(OUTPUT), law.probs)


def test_continuous_loss_is_that_of_the_normal_distribution_up_to_a_constant():
    difference = ContinuousTask().loss(OUTPUT, Y) + Normal(OUTPUT[:, 0], 1.0).log_prob(Y)
    torch.testing.assert_close(difference, difference[:1].expand(4))
    torch.testing.assert_close(ContinuousTask().score(OUTPUT), OUTPUT[:, 0])


def test_categorical_loss_and_score_are_those_of_the_categorical_distribution():
    logits, y = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    law = Categorical(logits=logits)
    torch.testing.assert_close(CategoricalTask(3).loss(logits, y), -law.log_prob(y))
    torch.testing.assert_close(CategoricalTask(3).score(logits), law.probs)


@pytest.mark.parametrize("task", ONE_OUTPUT.values(), ids=ONE_OUTPUT)
def test_derivatives_are_those_of_the_log_likelihood(task):
    linear = OUTPUT[:, 0].clone().requires_grad_()
    first, minus_second = task.derivatives(linear, Y)
    (slope,) = torch.autograd.grad(-task.loss(linear[:, None], Y).sum(), linear, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), linear)
    torch.testing.assert_close(first, slope)
    torch.testing.assert_close(minus_second, -bend)


@pytest.mark.parametrize("task", ONE_OUTPUT.values(), ids=ONE_OUTPUT)
def test_curvature_changes_no_faster_than_declared(task):
    linear = torch.linspace(-8, 8, 201, dtype=torch.float64).requires_grad_()
    _, bend = task.derivatives(linear, torch.zeros(201, dtype=torch.float64))
    third = torch.zeros(201, dtype=torch.float64)
    if bend.requires_grad:
        (third,) = torch.autograd.grad(bend.sum(), linear)
    assert (third.abs() <= task.curvature_change * bend + 1e-12).all()


@pytest.mark.parametrize("task", ONE_OUTPUT.values(), ids=ONE_OUTPUT)
def test_marginal_without_spread_between_clusters_is_the_sum_of_losses(task):
    z, mask = torch.tensor([0, 0, 1, 1]), torch.ones(4, dtype=torch.float64)
    nothing, one = (torch.full((1,), v, dtype=torch.float64) for v in (1e-9, 1.0))
    nll = task.marginal_nll(
        OUTPUT, Y, same=same_cluster(z, mask), weight=mask, sd=nothing, noise=one
    )
    constant = task.has_noise * 0.5 * torch.log(torch.tensor(2 * torch.pi)) * 4
    torch.testing.assert_close(nll, (task.loss(OUTPUT, Y).sum() + constant).to(nll.dtype))


@pytest.mark.parametrize("shape", [(4,), (4, 4), (4, 2), (4, 1, 1)])
@pytest.mark.parametrize("task", ONE_OUTPUT.values(), ids=ONE_OUTPUT)
def test_outputs_that_would_be_broadcast_are_refused(task, shape):
    with pytest.raises(ConfigError, match=r"expected \(batch, 1\)"):
        task.loss(torch.zeros(shape, dtype=torch.float64), Y)
