import numpy as np
import pytest
import torch
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, assert_trains_plainly, clustered, make, minibatches, unpadded

QUICK = FitSettings(epochs=3, batch_size=16, learning_rate=0.01)


def entropy(network, batch, weight=None):
    return F.binary_cross_entropy_with_logits(network(batch.x)[:, 0], batch.y, weight=weight)


OPTIMIZERS = {
    "Adam": {}, "NAdam": {"schedule": "one_cycle"}, "SGD": {}, "RMSprop": {"schedule": "one_cycle"},
    "AdamW": {"weight_decay": 3.0, "schedule": "one_cycle"},
}  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_equals_a_plain_loop_with_the_same_optimizer(optimizer):
    settings = FitSettings(
        epochs=4, batch_size=16, learning_rate=3e-3, optimizer=optimizer, **OPTIMIZERS[optimizer]
    )
    assert_trains_plainly(make("conventional"), clustered(100), entropy, settings)


def test_class_weights_enter_the_loss():
    data = clustered(100)
    data = Samples(data.x, (data.y * (torch.arange(100) % 4 == 0)).float(), data.z)
    settings = FitSettings(epochs=4, batch_size=16, learning_rate=3e-3, class_weights=True)
    share = data.y.mean()

    def loss(network, batch):
        return entropy(network, batch, torch.where(batch.y == 1, 0.5 / share, 0.5 / (1 - share)))

    assert_trains_plainly(make("conventional"), data, loss, settings)


def test_cluster_input_is_the_network_on_features_and_one_hot_clusters():
    def loss(network, batch):
        joined = torch.cat([batch.x, F.one_hot(batch.z, CLUSTERS).float()], dim=1)
        return entropy(network, batch._replace(x=joined))

    assert_trains_plainly(make("cluster_input"), clustered(100), loss, QUICK)


def test_history_holds_the_mean_of_each_term_by_epoch_and_replica():
    data = [clustered(60, seed=1), clustered(50, seed=2)]
    members = [make("conventional", seed=seed) for seed in range(2)]
    settings = FitSettings(epochs=1, batch_size=16, learning_rate=1e-9)
    expected = []
    for seed, (method, samples) in enumerate(zip(members, data, strict=True)):
        (epoch,) = minibatches(method, samples, seed=seed, settings=settings)
        losses = [entropy(method.network, unpadded(batch)) for batch in epoch]
        expected.append(torch.stack(losses).mean().item())
    fitted = fit(members, data, settings=settings, seeds=range(2), trace=False)
    assert list(fitted.history) == ["outcome"]
    np.testing.assert_allclose(fitted.history["outcome"], [expected], rtol=1e-5)


def test_history_of_armed_names_its_terms_and_progress_hears_of_them():
    heard = []
    fitted = fit(
        [make("armed")],
        [clustered(40)],
        settings=QUICK,
        seeds=[1],
        trace=False,
        on_epoch=lambda epoch, terms: heard.append((epoch, terms)),
    )
    assert set(fitted.history) == {"adversary", "mixed", "fixed", "kl", "cluster"}
    assert [epoch for epoch, _ in heard] == [1, 2, 3]
    for epoch, terms in heard:
        for name, value in terms.items():
            assert value == pytest.approx(fitted.history[name][epoch - 1, 0])
    assert fitted.stopped.tolist() == [3]


def test_methods_and_samples_must_be_as_many():
    with pytest.raises(ConfigError, match="2 samples for 1 replicas"):
        fit([make("conventional")], [clustered(40)] * 2, settings=QUICK, seeds=[1])
