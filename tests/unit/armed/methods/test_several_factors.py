"""Methods with effects of several cluster factors, nested and crossed."""

import copy

import numpy as np
import pytest
import torch

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.inference.estimate import estimate
from armed.inference.factor_terms import factor_terms
from armed.methods.base import ModelComponents
from armed.summaries.components import variance_components
from armed.summaries.of_method import fitted_method
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings, fit
from factor_models import SIZES, drawn, fitted_to, mean_of, method_of
from refusals import refused

PAIR = {"school": 3, "teacher": 4}


def small(seed: int = 0) -> Samples:
    draw = torch.Generator().manual_seed(seed)
    school, teacher = (torch.randint(0, n, (90,), generator=draw) for n in PAIR.values())
    x = torch.randn(90, 2, generator=draw)
    y = (x[:, 0] + school - teacher / 2 > 0).float()
    return Samples(x, y, {"school": school, "teacher": teacher})


def known(samples: Samples, **columns) -> dict:
    """``z`` of samples as it was given, with other columns."""
    given = dict(zip(["school", *samples.further], samples.z.T, strict=True))
    return given | columns


@pytest.mark.parametrize("task", [ContinuousTask(), BinaryTask()], ids=["continuous", "binary"])
def test_variances_of_nested_and_crossed_factors_are_those_of_a_mixed_model(task):
    samples, model = drawn(task)
    found = estimate(model, tolerance=1e-3).covariances
    expected = dict(zip(("class", "school", "teacher"), found, strict=True))
    for name in ("armed", "lmmnn"):
        method = method_of(name, task=task, slopes=True)
        fitted = fitted_method(fitted_to(method, samples, epochs=6), samples, columns=["a", "b"])
        for factor, found in zip(SIZES, fitted.covariances, strict=True):
            np.testing.assert_allclose(found, expected[factor], rtol=0.07, atol=0.02)
        table = variance_components(fitted)
        assert table["group"][:5] == ["school"] * 3 + ["class", "teacher"]
        assert table["term"][1] == "sd__linear_slope[a]"
        assert np.isfinite(table["conf.high"]).all()


def test_missing_clusters_of_a_further_factor_have_no_effect_and_train_none():
    samples = small()
    teacher = samples.z[:, 1].tolist()
    gone = Samples(samples.x, samples.y, known(samples, teacher=[None, *teacher[1:]]))
    method = fitted_to(method_of("armed", PAIR), gone)
    (_, term), _ = factor_terms(method.estimated, [torch.ones(90, 1)] * 2, gone.z)
    assert term.design[0] == 0
    assert (term.design[1:] == 1).all()
    assert term.index.tolist() == [3, *teacher[1:]]  # where there are others
    z = {"school": [1, 1], "teacher": [2, None]}
    scores = method.predict(samples.x[:1].repeat(2, 1), z)["mixed"].logit()
    assert (scores[0] - scores[1]).item() == pytest.approx(
        mean_of(method, "teacher")[2].item(), abs=1e-5
    )


def test_untrained_clusters_of_a_further_factor_have_no_effect():
    samples = small()
    method = fitted_to(method_of("armed", {"school": 3, "teacher": 6}), samples)
    assert (mean_of(method, "teacher")[4:] == 0).all()
    assert (mean_of(method, "teacher")[:4] != 0).all()


@pytest.mark.parametrize("name", ["armed", "lmmnn"])
def test_a_replica_alone_is_to_the_bit_what_it_is_in_a_stack(name):
    data, settings = [small(0), small(1)], FitSettings(epochs=2, batch_size=32, learning_rate=0.01)
    together = fit(
        [method_of(name, PAIR, seed=s) for s in (0, 1)], data, settings=settings, seeds=[0, 1]
    ).methods
    for seed, (stacked, samples) in enumerate(zip(together, data, strict=True)):
        alone = method_of(name, PAIR, seed=seed)
        fit([alone], [samples], settings=settings, seeds=[seed])
        for key, value in alone.state_dict().items():
            assert torch.equal(value, stacked.state_dict()[key]), key


def test_saved_values_predict_as_the_method_itself():
    samples = small()
    method = fitted_to(method_of("lmmnn", PAIR, slopes=True), samples)
    other = method_of("lmmnn", PAIR, slopes=True, seed=5)
    other.load_state_dict(copy.deepcopy(method.state_dict()))
    for name, score in method.predict(samples.x, known(samples)).items():
        torch.testing.assert_close(other.predict(samples.x, known(samples))[name], score)


def test_weights_over_the_first_factor_keep_the_effects_of_the_others():
    samples = small()
    method = fitted_to(method_of("armed", PAIR), samples)
    weights = torch.nn.functional.one_hot(samples.z[:, 0], 3).float()
    certain = method.predict(samples.x, known(samples, school=weights))["mixed"]
    torch.testing.assert_close(certain, method.predict(samples.x, known(samples))["mixed"])
    soft = Samples(samples.x, samples.y, known(samples, school=weights))
    trained = fitted_to(method_of("armed", PAIR), soft)
    torch.testing.assert_close(mean_of(trained, "teacher"), mean_of(method, "teacher"))


def test_cross_fitted_variances_are_those_of_a_mixed_model():
    samples, model = drawn(ContinuousTask())
    found = estimate(model, tolerance=1e-3).covariances
    expected = dict(zip(("class", "school", "teacher"), found, strict=True))
    method = method_of("armed", task=ContinuousTask(), slopes=True)
    settings = FitSettings(epochs=4, batch_size=100, learning_rate=0.03, cross_fit=True)
    fit([method], [samples], settings=settings, seeds=[0])
    for effects in method.estimated:
        root = effects.prior_root.double()
        np.testing.assert_allclose(root @ root.T, expected[effects.factor], rtol=0.07, atol=0.02)
    assert method.calibration[1] == pytest.approx(1, abs=0.1)  # a line has learned the line


def test_two_effects_of_a_factor_are_refused():
    method = method_of("armed", PAIR)
    twice = [copy.deepcopy(method.estimated[0]) for _ in range(2)]
    parts = ModelComponents(torch.nn.Linear(2, 1), BinaryTask(), (), 3, random_effects=twice)
    with refused("given 2 LinearEffects of factor 'school'", ConfigError):
        type(method)(parts, method.settings)
