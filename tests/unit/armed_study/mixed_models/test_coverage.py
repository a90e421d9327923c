"""Whether intervals for new clusters hold what these turn out to be."""

import numpy as np
import pytest
import torch

from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from armed_study.mixed_models.coverage import coverage
from armed_study.simulation.clustered import Part
from small_models import FEATURES, make

CLUSTERS = 3000
"""So many that an estimated variance is as good as a known one."""


def model(task, sd):
    """Method whose random intercept has this standard deviation, as if it had been estimated."""
    method = make("lmmnn", task=task, clusters=CLUSTERS).eval()
    with torch.no_grad():
        method.effects.prior_root.fill_(sd)
    return method


def drawn(method, sd, clusters=1500, size=10, seed=0, error=0.0):
    """Samples of new clusters around what the method predicts, of which it does not know a part."""
    rng = np.random.default_rng(seed)
    z, x = np.repeat(np.arange(clusters), size), rng.normal(size=(clusters * size, FEATURES))
    with torch.no_grad():
        given = torch.from_numpy(x.astype(np.float32)), torch.zeros(len(x), CLUSTERS)
        fixed = method.linear_predictor(*given)["fixed"][:, 0].double().numpy()
    eta = fixed + error * rng.normal(size=len(z)) + sd * rng.normal(size=clusters)[z]
    y = eta + rng.normal(size=len(eta))
    if isinstance(method.task, BinaryTask):
        y = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    elif isinstance(method.task, CountTask):
        y = rng.poisson(np.exp(eta)).astype(float)
    return Part(x, z + 7, eta, y)


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask()])
def test_nine_in_ten_are_covered_where_the_variance_is_right(task):
    method = model(task, 1.2)
    rates, samples, *_ = coverage(method, drawn(method, 1.2))
    assert 0.87 < rates < 0.93
    assert np.isnan(samples) if isinstance(task, BinaryTask) else 0.88 < samples < 0.92


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
def test_nine_in_ten_are_covered_where_a_part_is_unknown(task):
    method, error = model(task, 0.2), 0.8
    found = drawn(method, 0.2, clusters=1000, size=8, error=error)
    with torch.no_grad():  # calibrated to expected outcomes, as by samples it has not seen
        scale = (1 + task.attenuation * error**2) ** 0.5
        shift = error**2 / 2 if isinstance(task, CountTask) else 0.0
        method.calibration.copy_(torch.tensor([shift, 1 / scale, scale, error**2]))
        assert 0.87 < coverage(method, found).rate < 0.93
        # as of a network that is taken as it is
        method.calibration[3] = 0
        assert coverage(method, found).rate < 0.8


def test_calibration_makes_up_for_a_variance_that_is_too_small():
    method = model(ContinuousTask(), 0.6)
    found = coverage(method, drawn(method, 1.2))
    assert found.rate < 0.65
    assert found.sample < 0.85
    assert 0.86 < found.conformal_rate < 0.94
    assert 0.86 < found.conformal_sample < 0.94


def test_without_effects_there_is_nothing_to_cover():
    method = model(BinaryTask(), 1.0)
    part = drawn(method, 1.0, clusters=5)
    assert np.isnan(coverage(make("conventional"), part)).all()
    # and too few clusters to calibrate on
    assert np.isnan(coverage(method, part)[1:]).all()
