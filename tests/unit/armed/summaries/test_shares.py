import numpy as np
import pytest
import torch

from armed.errors import ConfigError
from armed.summaries.predictions import augmented, simulated
from armed.summaries.shares import variance_shares
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask, CountTask
from fitted_models import fitted_model, one_way

TASKS = [ContinuousTask(), BinaryTask(), CountTask()]


def test_one_way_icc_is_between_over_whole_variance():
    rng = np.random.default_rng(3)
    fitted = one_way(rng.normal(size=(30, 8)) + rng.normal(size=30)[:, None])
    between, within = float(fitted.covariances[0]), float(fitted.noise)
    found = variance_shares(fitted)
    assert found["ICC_adjusted"] == pytest.approx(between / (between + within))
    assert found["R2_marginal"] == 0


@pytest.mark.parametrize(
    ("task", "residual"), [(TASKS[0], 1.0), (TASKS[1], np.pi**2 / 3), (TASKS[2], None)]
)
def test_shares_are_those_of_the_variances_of_the_draw(task, residual):
    fitted = fitted_model(task, covariance=0.5, clusters=300, samples=6000)
    found = variance_shares(fitted)
    if residual is None:  # lognormal mean of exp(0.3 + 0.7 x + u)
        residual = np.log1p(np.exp(-0.3 - (0.49 + 0.5) / 2))
    total = 0.49 + 0.5 + residual
    assert found["R2_marginal"] == pytest.approx(0.49 / total, abs=0.03)
    assert found["R2_conditional"] == pytest.approx(0.99 / total, abs=0.04)
    assert found["ICC_unadjusted"] == pytest.approx(0.5 / total, abs=0.04)


def test_counts_are_left_the_variance_of_their_mean_over_clusters():
    fitted = fitted_model(CountTask(), covariance=1.0, clusters=300, samples=6000)
    mean = np.exp(0.3 + (0.49 + 1.0) / 2)
    assert variance_shares(fitted)["var.residual"] == pytest.approx(np.log1p(1 / mean), rel=0.15)


def test_labels_have_no_shares_and_are_not_drawn():
    fitted = fitted_model(ContinuousTask())
    object.__setattr__(fitted.model, "task", CategoricalTask(3))
    with pytest.raises(ConfigError, match="that of a CategoricalTask; expected a binary"):
        variance_shares(fitted)


@pytest.mark.parametrize("task", TASKS)
def test_refitted_draws_have_the_moments_of_the_model(task):
    fitted = fitted_model(task, covariance=0.5, clusters=50, samples=500)
    generator = torch.Generator().manual_seed(0)
    drawn = simulated(fitted, 400, generator=generator)
    expected = torch.tensor(augmented(fitted)[".fitted"])
    assert drawn.shape == (400, 500)
    assert float((drawn.mean(0) - expected).mean()) == pytest.approx(0, abs=0.05)
    assert torch.equal(task.outcome(drawn).double(), drawn) or task.has_noise


def test_new_clusters_vary_as_the_prior_says():
    fitted = fitted_model(ContinuousTask(), covariance=2.0, clusters=50, samples=500)
    generator = torch.Generator().manual_seed(0)
    drawn = simulated(fitted, 300, generator=generator, new_clusters=True)
    variance = float(fitted.covariances[0] + fitted.noise)
    assert float(drawn.var(0).mean()) == pytest.approx(variance, rel=0.05)
    own = simulated(fitted, 300, generator=generator)
    assert float(own.var(0).mean()) < 0.7 * variance


def test_fitted_values_lie_in_intervals_that_narrow_with_samples():
    widths = []
    for samples in (400, 4000):
        found = {
            k: np.array(v)
            for k, v in augmented(fitted_model(BinaryTask(), samples=samples)).items()
        }
        assert (found[".lower"] < found[".fitted"]).all()
        assert (found[".fitted"] < found[".upper"]).all()
        assert ((found[".fixed"] > 0) & (found[".fixed"] < 1)).all()
        widths.append((found[".upper"] - found[".lower"]).mean())
    assert widths[1] < 0.5 * widths[0]
