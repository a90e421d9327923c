"""Intervals of rates of new clusters where a part of the linear predictor is not known."""

import pytest
import torch

from armed.prediction.intervals import rate_intervals
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from small_models import FEATURES, make

CLUSTERS, SD, ERROR = 3000, 0.5, 1.5
"""So many clusters that their variance is as good as known; s.d. of effects and of what is not known."""


def ends_of(task, samples):
    """Ends of the interval, and the true predictor that is expected, of one sample again and again."""
    method = make("lmmnn", task=task, clusters=CLUSTERS).eval()
    x = torch.full((1, FEATURES), 0.7)
    scale = (1 + task.attenuation * ERROR**2) ** 0.5
    shift = ERROR**2 / 2 if isinstance(task, CountTask) else 0.0
    with torch.no_grad():
        # As of a network whose errors are averaged over in its calibrated predictor.
        method.calibration.copy_(torch.tensor([shift, 1 / scale, scale, ERROR**2]))
        method.effects.prior_root.fill_(SD)
        eta = method.linear_predictor(x, torch.zeros(1, CLUSTERS))["fixed"][0, 0]
    return rate_intervals(method, x.expand(samples, -1))[0], eta, scale, shift


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_rate_of_one_sample_has_its_whole_error(task):
    ends, eta, *_ = ends_of(task, 1)
    reach = 1.645 * (SD**2 + ERROR**2) ** 0.5
    expected = task.score(torch.stack([eta - reach, eta + reach])[:, None])
    torch.testing.assert_close(ends, expected, rtol=0.06, atol=0)


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_rate_of_many_samples_has_the_effect_alone(task):
    ends, eta, scale, shift = ends_of(task, 10_000)
    reach = 1.645 * SD
    expected = torch.stack([eta - reach, eta + reach]) / scale + shift
    torch.testing.assert_close(ends, task.score(expected[:, None]), rtol=0.02, atol=0)
