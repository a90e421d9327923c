"""ARMED with random effects that are estimated in closed form."""

import copy

import pytest
import torch
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.methods.armed import Armed, ArmedSettings
from armed.methods.base import ModelComponents
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask, CountTask
from armed.training.fit import FitSettings, fit
from mixed_data import simulated, simulated_classes
from small_models import CLUSTERS, Net, clustered, make

SETTINGS = FitSettings(epochs=8, batch_size=32, learning_rate=3e-3)
INTERCEPT = {"intercept": 0.5}


def effects_of(method):
    return method.mixed.random_effects[0]


def trained(
    samples, *, settings=SETTINGS, seed=0, clusters=40, task=None, effects=INTERCEPT, net=None,
    **given,
):  # fmt: skip
    method = make(
        "armed", seed=seed, clusters=clusters, task=task, effects=effects, estimated=True,
        adversary_weight=0.0, net=net or {},
    )  # fmt: skip
    fit([method], [samples], settings=settings, seeds=[seed], **given)
    return method


def variance(method) -> float:
    return float(effects_of(method).prior_root[0, 0] ** 2)


def even(variance: float) -> Samples:
    """40 clusters of about 100 samples each, which differ in nothing but a random intercept."""
    model = simulated(BinaryTask(), clusters=40, samples=4000, covariance=variance)
    noise = torch.randn(4000, 2, generator=torch.Generator().manual_seed(0))
    x = torch.cat([model.fixed.design[:, 1:].float(), noise], 1)
    return Samples(x, model.y.float(), model.terms[0].index)


MANY, NONE = even(1.0), even(0.0)


@pytest.mark.parametrize(("cross_fit", "near"), [(False, 0.04), (True, 0.02)])
def test_variance_is_near_that_of_the_draw_at_any_start_and_learning_rate(cross_fit, near):
    found = []
    for start, rate in ((0.05, 1e-3), (2.0, 1e-2)):
        settings = FitSettings(epochs=8, batch_size=32, learning_rate=rate, cross_fit=cross_fit)
        method = trained(MANY, effects={"intercept": start}, seed=1, settings=settings)
        found.append(variance(method))
    # 40 clusters of a standard normal effect
    assert all(0.6 < each < 1.5 for each in found)
    assert max(found) / min(found) < 1 + near


def test_variance_is_the_same_from_a_small_and_a_large_start():
    settings = FitSettings(epochs=2, batch_size=32, learning_rate=3e-3)
    small, large = (
        variance(trained(MANY, effects={"intercept": start}, settings=settings))
        for start in (0.05, 2.0)
    )
    assert small == pytest.approx(large, rel=1e-3)


def test_variance_is_in_the_end_that_of_the_final_network():
    method = trained(MANY, settings=FitSettings(epochs=1, batch_size=32, learning_rate=3e-3))
    with torch.no_grad():
        statistics = method.statistics(MANY.x)
        again = method.update(statistics, MANY.y, MANY.z, torch.ones(4000), last=True)
    (root,) = (value for name, value in again.items() if name.endswith("prior_root"))
    assert float(root) == pytest.approx(variance(method) ** 0.5, rel=1e-3)


def test_variance_is_near_none_where_clusters_do_not_differ():
    assert variance(trained(NONE)) < 0.02


def test_permuted_clusters_leave_no_effect():
    order = torch.randperm(4000, generator=torch.Generator().manual_seed(0))
    method = trained(Samples(MANY.x, MANY.y, MANY.z[order]))
    assert variance(method) < 0.03
    assert effects_of(method).mean.abs().max() < 0.3


def test_class_weights_move_the_variance_little():
    rare = Samples(MANY.x, MANY.y * (torch.arange(4000) % 4 == 0), MANY.z)
    plain = variance(trained(rare))
    weighted = variance(
        trained(rare, settings=FitSettings(**vars(SETTINGS) | {"class_weights": True}))
    )
    assert weighted == pytest.approx(plain, rel=0.02)


def test_effects_are_centred_and_their_mean_is_in_the_fixed_part():
    method = trained(MANY)
    effects = effects_of(method)
    # But for what the prior of fixed effects, N(0, 5^2), leaves of 40 draws of variance D.
    left = effects.center.item() * variance(method) / (40 * 25)
    assert effects.mean.mean().item() == pytest.approx(left, abs=1e-5)
    assert abs(left) < 1e-3
    with torch.no_grad():
        found = method.linear_predictor(MANY.x[:5], torch.zeros(5, 40))
    torch.testing.assert_close(found["mixed"], found["fixed"])


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask(), CategoricalTask(2)])
def test_slopes_and_intercepts_are_estimated_for_every_outcome(task):
    samples = clustered(1500, clusters=10, continuous=isinstance(task, ContinuousTask))
    effects = {"intercept": 0.5, "input": 0.2, "hidden": 0.2}
    method = trained(samples, task=task, clusters=10, effects=effects)
    root = effects_of(method).prior_root
    assert torch.isfinite(root).all()
    assert (root.diagonal() > 0).all()
    shapes = {name: tuple(mean.shape) for name, (mean, _) in method.random_effects().items()}
    classes = task.predictors
    assert shapes == {
        "intercept": (10, classes),
        "linear_slope": (10, 3 * classes),
        "slope": (10, 5 * classes),
    }


def test_variances_of_classes_are_the_same_wherever_they_start():
    model = simulated_classes((1.0, 0.2, 0.6), clusters=100, size=25)
    # The network learns the offsets, which are what it is given.
    samples = Samples(model.offset.float(), model.y, model.terms[0].index)
    settings = FitSettings(epochs=6, batch_size=128, learning_rate=0.01)
    given = {"task": CategoricalTask(3), "clusters": 100, "settings": settings}
    found = []
    for start in (0.1, 2.0):
        method = trained(samples, effects={"intercept": start}, **given)
        found.append(effects_of(method).prior_root.diagonal().square())
    torch.testing.assert_close(found[0], found[1], rtol=0.05, atol=0.01)
    # Centred over clusters, but for what the prior of fixed effects leaves.
    assert effects_of(method).mean.mean(0).abs().max() < 1e-3
    assert found[0].max() > 0.5


def test_cross_fitting_of_classes_is_refused():
    samples = clustered(60)
    settings = FitSettings(epochs=1, cross_fit=True)
    with pytest.raises(ConfigError, match="cross_fit was given a CategoricalTask of 2"):
        trained(samples, task=CategoricalTask(2), clusters=CLUSTERS, settings=settings)


def test_residual_variance_is_found():
    samples = clustered(3000, clusters=10, continuous=True)
    settings = FitSettings(epochs=25, batch_size=32, learning_rate=3e-3)
    method = trained(samples, task=ContinuousTask(), clusters=10, settings=settings)
    assert effects_of(method).noise.item() == pytest.approx(0.25, rel=0.15)


def test_a_cluster_without_training_samples_has_no_effect():
    some = MANY.z != 3
    method = trained(Samples(MANY.x[some], MANY.y[some], MANY.z[some]))
    effects = effects_of(method)
    assert (effects.mean[3] == 0).all()
    torch.testing.assert_close(effects.covariance[3], effects.prior_root @ effects.prior_root.T)


def test_certain_weights_train_as_the_clusters_themselves():
    data = clustered(300)
    weights = F.one_hot(data.z, CLUSTERS).float()
    pair = [trained(Samples(data.x, data.y, z), clusters=CLUSTERS) for z in (data.z, weights)]
    torch.testing.assert_close(effects_of(pair[0]).mean, effects_of(pair[1]).mean)
    torch.testing.assert_close(effects_of(pair[0]).prior_root, effects_of(pair[1]).prior_root)


def test_a_replica_alone_is_to_the_bit_what_it_is_in_a_stack():
    data = [clustered(300, seed=seed) for seed in (0, 1)]
    effects = {"intercept": 0.5, "hidden": 0.2}

    def methods():
        return [make("armed", seed=seed, estimated=True, effects=effects) for seed in (0, 1)]

    together = fit(methods(), data, settings=SETTINGS, seeds=[0, 1]).methods
    alone = [
        fit([method], [samples], settings=SETTINGS, seeds=[seed]).methods[0]
        for seed, (method, samples) in enumerate(zip(methods(), data, strict=True))
    ]
    for one, other in zip(together, alone, strict=True):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name


def test_early_stopping_brings_the_effects_of_its_epoch_back():
    data, seen = clustered(300), []

    def worse(y, score):
        return -float(len(seen))

    method = make("armed", estimated=True, effects=INTERCEPT, adversary_weight=0.0)
    settings = FitSettings(epochs=6, batch_size=32, learning_rate=3e-3, patience=5)
    fit(
        [method], [data], settings=settings, seeds=[0], validation=[data], monitor=worse,
        on_epoch=lambda epoch, means: seen.append(epoch),
    )  # fmt: skip
    first = trained(
        data, clusters=CLUSTERS, settings=FitSettings(epochs=1, batch_size=32, learning_rate=3e-3)
    )
    torch.testing.assert_close(effects_of(method).mean, effects_of(first).mean)


def test_estimated_effects_in_two_parts_are_refused():
    parts = [LinearEffects(CLUSTERS, initial_sd={"intercept": 0.5}) for _ in range(2)]
    components = ModelComponents(
        Net(), BinaryTask(), ("first", "second"), CLUSTERS, random_effects=parts
    )
    with pytest.raises(ConfigError, match="given 2 LinearEffects"):
        Armed(components, ArmedSettings(adversary_weight=0.0))


def test_saved_values_predict_as_the_method_itself():
    method = trained(clustered(300), clusters=CLUSTERS)
    other = make("armed", seed=5, estimated=True, effects=INTERCEPT, adversary_weight=0.0)
    other.load_state_dict(copy.deepcopy(method.state_dict()))
    x, z = clustered(10, seed=9).x, torch.arange(10) % CLUSTERS
    for name, score in method.predict(x, z).items():
        torch.testing.assert_close(other.predict(x, z)[name], score)


FEW, COLUMNS = 12, 20
SLOPES, NET = {"intercept": 0.5, "input": 0.1}, {"features": COLUMNS}


def wide() -> Samples:
    """12 clusters of 40 samples, which differ in an intercept of variance 1 and in no slope of 20 columns."""
    draw = torch.Generator().manual_seed(4)
    z, x = torch.arange(FEW * 40) % FEW, torch.randn(FEW * 40, COLUMNS, generator=draw)
    odds = x[:, 0] + torch.randn(FEW, generator=draw)[z]
    return Samples(x, (torch.rand(z.shape, generator=draw) < odds.sigmoid()).float(), z)


def test_slopes_of_many_columns_that_do_not_vary_have_no_variance():
    method = trained(wide(), clusters=FEW, effects=SLOPES, net=NET)
    sd = effects_of(method).prior_root.diagonal()
    assert sd[1:].square().sum() < 0.05  # twenty variances of their own add up to more
    assert sd[0] > 0.3


def test_unit_of_a_column_whose_slopes_share_a_variance_changes_nothing():
    samples, found = wide(), []
    for unit in (1.0, 100.0):
        method = make("armed", clusters=FEW, effects=SLOPES, estimated=True, net=NET)
        units = torch.ones(COLUMNS)
        units[3] = unit
        x = samples.x * units
        method.measure(x[:2])
        with torch.no_grad():
            *designs, _ = method.statistics(x)
            values = method.update(
                (*designs, samples.x[:, 0]), samples.y, samples.z, torch.ones(len(x)), last=True
            )
        effects = effects_of(method)
        for name, value in values.items():
            if hasattr(effects, name.rpartition(".")[2]):
                getattr(effects, name.rpartition(".")[2]).data.copy_(value)
        found.append(effects.posterior())
    (mean, sd), (other, other_sd) = (each["linear_slope"] for each in found)
    torch.testing.assert_close(other[:, 3] * 100, mean[:, 3], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(other_sd[:, 3] * 100, sd[:, 3], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(other[:, :3], mean[:, :3], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(found[0]["intercept"], found[1]["intercept"], rtol=1e-3, atol=1e-6)
