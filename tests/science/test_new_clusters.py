"""What trained networks say of clusters that they have not seen, in many simulated ones."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score
from torch import Tensor, nn

from armed import Lmmnn, ModelComponents, Samples, fit
from armed.methods.base import Method
from armed.prediction.intervals import rate_intervals, sample_intervals
from armed.prediction.new_clusters import predict_new, predicted_new
from armed.tasks.outcomes import BinaryTask, ContinuousTask
from armed.training.fit import FitSettings

REPLICAS, CLUSTERS, SIZE, NEW, NEW_SIZE = 4, 300, 20, 500, 60
SD, NOISE = 1.5, 0.7
SETTINGS = FitSettings(epochs=10, batch_size=200, learning_rate=1e-2)
MOST = 20
"""Labelled samples of a new cluster, at most; all others are scored."""


class Drawn(NamedTuple):
    """Samples, and the mean of each one's outcome."""

    samples: Samples
    mean: Tensor


def drawn(task, clusters: int, size: int, seed: int) -> Drawn:
    """Clusters of a random intercept around ``sin(2 x_1) + x_2 x_3``."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(clusters * size, 3, generator=draw)
    z = torch.arange(clusters).repeat_interleave(size)
    intercept = SD * torch.randn(clusters, generator=draw)
    eta = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + intercept[z]
    if isinstance(task, ContinuousTask):
        y = eta + NOISE * torch.randn(len(eta), generator=draw)
        return Drawn(Samples(x, y, z), eta)
    y = (torch.rand(len(eta), generator=draw) < torch.sigmoid(eta)).float()
    return Drawn(Samples(x, y, z), torch.sigmoid(eta))


@cache
def trained(kind: type) -> list[tuple[Method, Drawn]]:
    """LMMNN trained on some clusters, and new ones: several times."""
    task, methods = kind(), []
    for seed in range(REPLICAS):
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1)
        )
        methods.append(Lmmnn(ModelComponents(network, task, (), CLUSTERS), Lmmnn.Settings()))
    samples = [drawn(task, CLUSTERS, SIZE, seed).samples for seed in range(REPLICAS)]
    fit(methods, samples, settings=SETTINGS, seeds=range(REPLICAS))
    new = (drawn(task, NEW, NEW_SIZE, 100 + seed) for seed in range(REPLICAS))
    return list(zip(methods, new, strict=True))


def parts(new: Drawn, shots: int) -> tuple[Samples | None, Samples, Tensor]:
    """Labelled samples, those that are scored, and their means."""
    place = torch.arange(len(new.samples)) % NEW_SIZE
    given, scored = (
        Samples(*(getattr(new.samples, name)[some] for name in "xyz")) if some.any() else None
        for some in (place < shots, place >= MOST)
    )
    return given, scored, new.mean[place >= MOST]


def covers(ends: Tensor, values: np.ndarray) -> float:
    low, high = ends.double().numpy().T
    return float(((low <= values) & (values <= high)).mean())


@pytest.mark.parametrize("shots", [0, 5, 20])
@pytest.mark.parametrize("kind", [BinaryTask, ContinuousTask])
def test_intervals_of_rates_of_new_clusters_cover_nine_in_ten(kind, shots):
    found = []
    for method, new in trained(kind):
        given, scored, mean = parts(new, shots)
        ends = rate_intervals(method, scored.x, scored.z, support=given, level=0.9)
        found.append(covers(ends, np.bincount(scored.z, mean.double()) / np.bincount(scored.z)))
    assert 0.87 <= np.mean(found) <= 0.93


@pytest.mark.parametrize("shots", [0, 5, 20])
def test_intervals_of_new_continuous_samples_cover_nine_in_ten(shots):
    found = []
    for method, new in trained(ContinuousTask):
        given, scored, _ = parts(new, shots)
        ends = sample_intervals(method, scored.x, scored.z, support=given, level=0.9)
        found.append(covers(ends, scored.y.numpy()))
    assert 0.87 <= np.mean(found) <= 0.93


def scores(shots: int | None, replica: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and score of new binary samples; without any labelled ones those of the population."""
    method, new = trained(BinaryTask)[replica]
    given, scored, _ = parts(new, shots or 0)
    if shots is None:
        nobody = torch.zeros(len(scored), CLUSTERS)
        return scored.y.numpy(), method.predict(scored.x, nobody)["fixed"].detach().numpy()
    return scored.y.numpy(), predict_new(method, scored.x, scored.z, support=given).numpy()


def test_twenty_labelled_samples_recover_four_fifths_of_what_the_cluster_is_worth():
    shares = []
    for replica, (_, new) in enumerate(trained(BinaryTask)):
        _, scored, mean = parts(new, 0)
        zero, twenty = (roc_auc_score(*scores(shots, replica)) for shots in (None, MOST))
        shares.append((twenty - zero) / (roc_auc_score(scored.y, mean) - zero))
    assert np.mean(shares) >= 0.8


@pytest.mark.parametrize("shots", [1, 5, 20])
def test_scores_integrated_over_the_posterior_beat_those_at_its_mean(shots):
    method, new = trained(BinaryTask)[0]
    given, scored, _ = parts(new, shots)
    at_mean = torch.sigmoid(predicted_new(method, scored.x, scored.z, given).eta).numpy()
    assert log_loss(*scores(shots)) < log_loss(scored.y, at_mean)


def test_the_log_loss_falls_with_every_labelled_sample():
    found = [log_loss(*scores(shots)) for shots in (None, 0, 1, 5, 20)]
    # the first step is from the population to effects that are integrated over
    assert found == sorted(found, reverse=True)
