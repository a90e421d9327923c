import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import ConfigError, TrainingError
from armed.training.fit import FitSettings, fit
from armed.training.optimizers import ELEMENTWISE, make_optimizer
from small_models import Net, clustered, make, minibatches

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


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_optimizers_treat_each_replica_as_if_it_were_alone(name):
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 3, 2), torch.randn(6, 4, 3, 2)
    stacked = start.clone().requires_grad_()
    alone = [row.clone().requires_grad_() for row in start]
    together = make_optimizer(name, [stacked], learning_rate=0.05)
    apart = [make_optimizer(name, [row], learning_rate=0.05, fused=False) for row in alone]
    for gradient in gradients:
        stacked.grad = gradient.clone()
        together.step()
        for row, own, optimizer in zip(alone, gradient, apart, strict=True):
            row.grad = own.clone()
            optimizer.step()
    assert not torch.equal(stacked, start)
    torch.testing.assert_close(stacked, torch.stack(alone))


@pytest.mark.parametrize("name", ["Adams", "Optimizer", "Adafactor", "LBFGS", "lr_scheduler"])
def test_unknown_optimizer_lists_those_there_are(name):
    settings = FitSettings(optimizer=name)
    with pytest.raises(
        ConfigError, match=f"unknown optimizer '{name}'; expected one of ASGD, .*SGD"
    ):
        fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1])


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


def stop_early(numbers, *, epochs=25, patience=3, monitor=validation_loss):
    members = [make("armed", seed=n) for n in numbers]
    fitted = fit(
        members,
        [clustered(40, seed=n) for n in numbers],
        settings=FitSettings(epochs=epochs, batch_size=16, learning_rate=0.05, patience=patience),
        seeds=numbers,
        steps=3,
        validation=[clustered(30 + n, seed=50 + n) for n in numbers],
        monitor=monitor,
        trace=False,
    )
    return members, fitted


def test_early_stopping_keeps_the_best_state_of_each_replica():
    members, fitted = stop_early([0, 1, 2, 3])
    values = fitted.history["monitor"]
    assert len(set(fitted.stopped)) > 1
    for n, method in enumerate(members):
        best, best_epoch, waited = -np.inf, 0, 0
        for epoch, value in enumerate(values[:, n], start=1):
            best_epoch = epoch if value > best else best_epoch
            best, waited = max(best, value), 0 if value > best else waited + 1
            if waited == 3:
                break
        assert fitted.stopped[n] == best_epoch
        data = clustered(30 + n, seed=50 + n)
        with torch.no_grad():
            score = method.predict(data.x, data.z)["mixed"].numpy()
        assert validation_loss(data.y.numpy(), score) == pytest.approx(best, rel=1e-5)


def test_an_early_stopped_replica_is_the_same_alone():
    members, fitted = stop_early([0, 1, 2, 3])
    for n in range(4):
        (alone,), single = stop_early([n])
        assert single.stopped[0] == fitted.stopped[n]
        for name, value in alone.state_dict().items():
            assert torch.equal(value, members[n].state_dict()[name]), name


def test_what_a_replica_reaches_after_its_patience_does_not_count():
    values = {30: iter([1, 0, 0, 0, 9, 9, 9, 9]), 31: iter([1, 2, 3, 4, 5, 5, 5, 5])}
    _, fitted = stop_early([0, 1], monitor=lambda y, score: next(values[len(y)]))
    assert fitted.stopped.tolist() == [1, 5]
    assert len(fitted.history["monitor"]) == 8


def test_training_ends_when_every_replica_has_stopped():
    _, fitted = stop_early([0, 1], epochs=1000, patience=2)
    assert len(fitted.history["monitor"]) == max(fitted.stopped) + 2


def test_scores_are_monitored_without_padding():
    seen = []

    def monitor(y, score):
        seen.append((len(y), len(score)))
        return 0.0

    stop_early([0, 7], epochs=1, monitor=monitor)
    assert seen == [(30, 30), (37, 37)]


def test_a_network_that_cannot_be_stacked_stops_early_too():
    network = Net()
    network.first = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6))
    method, states = make("conventional", network=network), []
    fitted = fit(
        [method],
        [clustered(40)],
        settings=FitSettings(epochs=6, batch_size=16, learning_rate=0.05, patience=9),
        seeds=[1],
        validation=[clustered(30, seed=1)],
        monitor=lambda y, score: -abs(len(states) - 3.0),
        on_epoch=lambda *_: states.append(1),
    )
    assert fitted.stopped.tolist() == [4]
    assert network.first[1].num_batches_tracked == 4 * 3


def test_a_monitor_that_is_no_number_is_an_error():
    with pytest.raises(
        TrainingError, match=r"replica 0, epoch 1: the monitored value .* every class"
    ):
        stop_early([0], monitor=lambda y, score: float("nan"))


@pytest.mark.parametrize("given", [{}, {"monitor": accuracy}, {"validation": [clustered(20)]}])
def test_patience_without_something_to_watch_is_refused(given):
    settings = FitSettings(patience=2)
    with pytest.raises(ConfigError, match="patience is 2 without validation samples"):
        fit([make("conventional")], [clustered(40)], settings=settings, seeds=[1], **given)


def test_a_loss_that_is_no_number_names_method_replica_and_epoch():
    good, bad = clustered(60, seed=1), clustered(60, seed=2)
    x = bad.x.clone()
    x[17, 1] = float("inf")
    members = [make("domain_adversarial", seed=s) for s in range(3)]
    with pytest.raises(TrainingError) as error:
        fit(
            members,
            [good, Samples(x, bad.y, bad.z), good],
            settings=QUICK,
            seeds=[1, 2, 3],
            labels=["fold 0, seed 0", "fold 1, seed 0", "fold 2, seed 0"],
            trace=False,
        )
    message = str(error.value)
    assert "method 'domain_adversarial', fold 1, seed 0, epoch 1: loss term" in message
    assert "lower training.learning_rate" in message


def test_a_diverging_run_is_an_error_in_the_epoch_that_ends_it():
    method = make("conventional", network=nn.Sequential(nn.Linear(3, 1)))
    settings = FitSettings(epochs=1, batch_size=60, learning_rate=1e39, optimizer="SGD")
    with pytest.raises(
        TrainingError, match=r"'conventional', replica 0, epoch 1: parameter 'network.0"
    ):
        fit([method], [clustered(60)], settings=settings, seeds=[1], trace=False)


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
