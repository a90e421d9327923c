import numpy as np
import pytest
import torch

from armed.errors import ConfigError, TrainingError
from armed.training.fit import FitSettings, fit
from small_models import clustered, make, with_batch_norm

QUICK = FitSettings(epochs=3, batch_size=16, learning_rate=0.01)


def accuracy(y: np.ndarray, score: np.ndarray) -> float:
    return float(np.mean((score > 0.5) == y))


def validation_loss(y: np.ndarray, score: np.ndarray) -> float:
    return float(np.mean(np.where(y == 1, np.log(score), np.log(1 - score))))


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
    method, states = make("conventional", network=with_batch_norm()), []
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
    assert method.network.first[1].num_batches_tracked == 4 * 3


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
