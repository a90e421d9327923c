import numpy as np
import pytest
import torch
from scipy import integrate, stats

from armed.inference.posterior import averaged_derivatives, averaged_log_likelihood
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask

TASKS = [BinaryTask(), ContinuousTask(), CountTask()]
ETA, VARIANCE, Y = (
    [-2.0, 0.0, 0.7, 1.0, -1.5],
    [0.0, 0.5, 2.0, 0.1, 0.05],
    [1.0, 0.0, 1.0, 0.0, 1.0],
)


def integral(function, mean: float, variance: float) -> float:
    if not variance:
        return function(mean)
    sd = variance**0.5
    return integrate.quad(
        lambda e: function(e) * stats.norm.pdf(e, mean, sd), mean - 12 * sd, mean + 12 * sd
    )[0]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: type(task).__name__)
def test_averages_over_a_gaussian_predictor_are_their_integrals(task):
    eta, variance, y = (torch.tensor(v, dtype=torch.float64) for v in (ETA, VARIANCE, Y))

    def at(place: int, value: float) -> list[float]:
        e, outcome = torch.tensor([value], dtype=torch.float64), y[place : place + 1]
        return [*map(float, task.derivatives(e, outcome)), float(task.log_likelihood(e, outcome))]

    expected = [
        [integral(lambda e, i=i, p=p: at(i, e)[p], ETA[i], VARIANCE[i]) for i in range(5)]
        for p in range(3)
    ]
    given = eta, variance, y
    found = [*averaged_derivatives(task, *given), averaged_log_likelihood(task, *given)]
    np.testing.assert_allclose(torch.stack(found), expected, rtol=1e-6, atol=1e-7)


def test_one_uncertain_predictor_takes_its_many_nodes_alone():
    taken = []

    class Counted(BinaryTask):
        def derivatives(self, output, y):
            taken.append(output.numel())
            return super().derivatives(output, y)

    variance = torch.full((1000,), 0.01, dtype=torch.float64)
    variance[7] = 4.0
    averaged_derivatives(Counted(), torch.zeros_like(variance), variance, torch.ones(1000).double())
    assert sum(taken) < 6000
