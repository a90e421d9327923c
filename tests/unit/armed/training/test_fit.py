import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import ConfigError
from armed.training.fit import FitSettings, fit
from small_models import clustered, make, minibatches

QUICK = FitSettings(epochs=3, batch_size=16, learning_rate=0.01)


def accuracy(y: np.ndarray, score: np.ndarray) -> float:
    return float(np.mean((score > 0.5) == y))


def validation_loss(y: np.ndarray, score: np.ndarray) -> float:
    return float(np.mean(np.where(y == 1, np.log(score), np.log(1 - score))))


@pytest.mark.parametrize("optimizer", ["Adam", "NAdam", "SGD", "RMSprop"])
def test_training_equals_a_plain_loop_with_the_same_optimizer(optimizer):
    data = clustered(100)
    settings = FitSettings(epochs=4, batch_size=16, learning_rate=3e-3, optimizer=optimizer)
    method = make("conventional")
    plain = copy.deepcopy(method.network)
    moving = getattr(torch.optim, optimizer)(plain.parameters(), lr=3e-3)
    for epoch in minibatches(method, data, seed=7, settings=settings):
        for batch in epoch:
            real = batch.mask == 1
            moving.zero_grad()
            F.binary_cross_entropy_with_logits(plain(batch.x[real])[:, 0], batch.y[real]).backward()
            moving.step()
    fit([method], [data], settings=settings, seeds=[7], trace=False)
    for name, value in plain.named_parameters():
        torch.testing.assert_close(method.network.get_parameter(name), value, rtol=0, atol=1e-5)


def test_class_weights_enter_the_loss():
    data = clustered(100)
    data = Samples(data.x, (data.y * (torch.arange(100) % 4 == 0)).float(), data.z)
    settings = FitSettings(epochs=4, batch_size=16, learning_rate=3e-3, class_weights=True)
    method = make("conventional")
    plain = copy.deepcopy(method.network)
    moving = torch.optim.Adam(plain.parameters(), lr=3e-3)
    share = data.y.mean()
    for epoch in minibatches(method, data, seed=7, settings=settings):
        for batch in epoch:
            x, y = batch.x[batch.mask == 1], batch.y[batch.mask == 1]
            weight = torch.where(y == 1, 0.5 / share, 0.5 / (1 - share))
            moving.zero_grad()
            loss = F.binary_cross_entropy_with_logits(plain(x)[:, 0], y, reduction="none")
            (weight * loss).mean().backward()
            moving.step()
    fit([method], [data], settings=settings, seeds=[7], trace=False)
    for name, value in plain.named_parameters():
        torch.testing.assert_close(method.network.get_parameter(name), value, rtol=0, atol=1e-5)


def test_history_holds_the_mean_of_each_term_by_epoch_and_replica():
    data = [clustered(60, seed=1), clustered(50, seed=2)]
    members = [make("conventional", seed=seed) for seed in range(2)]
    settings = FitSettings(epochs=1, batch_size=16, learning_rate=0.0)
    epochs = [
        minibatches(method, samples, seed=seed, settings=settings)[0]
        for seed, (method, samples) in enumerate(zip(members, data, strict=True))
    ]
    expected = []
    for method, batches in zip(members, epochs, strict=True):
        losses = [
            F.binary_cross_entropy_with_logits(
                method.network(b.x[b.mask == 1])[:, 0], b.y[b.mask == 1]
            )
            for b in batches
        ]
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
    with pytest.raises(ConfigError, match="samples for 2 replicas and 1 methods"):
        fit([make("conventional")], [clustered(40)] * 2, settings=QUICK, seeds=[1])


def test_methods_return_ready_to_predict():
    method = make("armed")
    fit([method], [clustered(40)], settings=QUICK, seeds=[1], trace=False)
    x, z = torch.randn(5, 3), torch.tensor([0, 1, 2, 3, 0])
    assert torch.equal(method.predict(x, z)["mixed"], method.predict(x, z)["mixed"])


def test_global_random_state_neither_matters_nor_changes():
    network = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))
    results = []
    for start in (1, 2):
        torch.manual_seed(start)
        expected = torch.rand(3, generator=torch.Generator().manual_seed(start))
        method = make("conventional", network=copy.deepcopy(network))
        fit([method], [clustered(40)], settings=QUICK, seeds=[1])
        assert torch.equal(torch.rand(3), expected)
        results.append(method.network[0].weight)
    assert torch.equal(*results)
