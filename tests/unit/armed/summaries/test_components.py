import dataclasses

import numpy as np
import pytest

from armed.errors import ConfigError
from armed.summaries.components import effects_by_cluster, singular_effects, variance_components
from armed.summaries.text import summary
from armed.tasks.outcomes import BinaryTask
from fitted_models import fitted_model
from mixed_data import tensor

SLOPES = [[1.0, 0.3], [0.3, 0.5]]


@pytest.fixture(scope="module")
def slopes():
    return fitted_model(covariance=SLOPES, clusters=60, samples=900)


def test_intervals_from_information_are_near_those_of_profiles(slopes):
    one = variance_components(slopes)
    other = variance_components(slopes, method="profile")
    assert one["term"] == ["sd__intercept", "sd__x", "cor__intercept.x", "sd__Observation"]
    for end in ("conf.low", "conf.high"):
        np.testing.assert_allclose(one[end], other[end], rtol=0.04, atol=0.03)


def test_estimates_are_roots_of_variances_and_correlations(slopes):
    covariance = slopes.covariances[0].numpy()
    sd = np.sqrt(covariance.diagonal())
    found = variance_components(slopes, method=None)
    expected = [*sd, covariance[1, 0] / sd.prod(), float(slopes.noise) ** 0.5]
    np.testing.assert_allclose(found["estimate"], expected)
    assert np.isnan(found["conf.low"]).all()


def test_wider_levels_give_wider_intervals(slopes):
    narrow, wide = (variance_components(slopes, level=level) for level in (0.5, 0.99))
    assert (np.array(wide["conf.low"]) < narrow["conf.low"]).all()
    assert (np.array(wide["conf.high"]) > narrow["conf.high"]).all()


def test_unknown_methods_are_refused(slopes):
    with pytest.raises(ConfigError, match="'wald'; expected 'information', 'profile'"):
        variance_components(slopes, method="wald")


def test_effects_have_the_names_of_clusters_and_posterior_intervals(slopes):
    named = dataclasses.replace(slopes, clusters=[tuple(f"c{k}" for k in range(60))])
    found = effects_by_cluster(named)
    assert found["level"][:2] == ["c0", "c1"]
    assert found["term"] == ["intercept"] * 60 + ["x"] * 60
    sd = slopes.effect_covariances[0][7, 1, 1].sqrt()
    assert found["estimate"][67] == pytest.approx(float(slopes.effects[0][7, 1]))
    assert found["conf.high"][67] == pytest.approx(float(slopes.effects[0][7, 1] + 1.959964 * sd))


def test_variance_of_none_is_called_singular_with_the_lower_end_0():
    fitted = fitted_model(BinaryTask(), covariance=0.0, clusters=10, samples=400, seed=1)
    assert singular_effects(fitted) == [("cluster", "sd__intercept")]
    assert variance_components(fitted)["singular"] == [True]
    assert variance_components(fitted)["conf.low"] == [0.0]
    assert 0 < variance_components(fitted)["conf.high"][0] < 1
    assert "(singular) fit: the data do not tell the variance of intercept from 0" in summary(
        fitted
    )


def test_full_correlation_is_singular_in_the_second_effect(slopes):
    full = dataclasses.replace(slopes, covariances=[tensor([[1.0, 0.5], [0.5, 0.25]])])
    assert singular_effects(full) == [("cluster", "sd__x")]
    assert singular_effects(slopes) == []


def test_summary_reads_as_a_table_of_variances(slopes):
    lines = summary(slopes).splitlines()
    assert lines[1].split()[:4] == ["Groups", "Name", "Variance", "Std.Dev."]
    assert [line.split()[0] for line in lines[2:6]] == ["cluster"] * 3 + ["Residual"]
    assert "Number of samples: 900, groups: cluster, 60" in lines
    assert not any("singular" in line for line in lines)
