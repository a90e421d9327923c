"""ARMED as `fit` trains it is what an ordinary PyTorch loop trains on the same minibatches."""

import torch
from benchmarks.plain_armed import train_plainly

from armed.training.fit import FitSettings, fit
from armed.training.sample_order import steps_per_epoch
from small_models import clustered, make

SETTINGS = FitSettings(epochs=2, batch_size=32, learning_rate=0.01, optimizer="Adam")


def test_an_ordinary_loop_on_the_same_minibatches_ends_at_the_same_parameters():
    weights = {"adversary_weight": 0.5, "fixed_weight": 0.3, "kl_weight": 0.01}
    data, steps = clustered(), steps_per_epoch(120, SETTINGS.batch_size)
    (fitted,) = fit([make("armed", **weights)], [data], settings=SETTINGS, seeds=[3]).methods
    plain = train_plainly(make("armed", **weights), data, settings=SETTINGS, seed=3, steps=steps)
    start = dict(make("armed", **weights).named_parameters())
    for name, value in plain.named_parameters():
        torch.testing.assert_close(fitted.get_parameter(name), value, rtol=1e-4, atol=1e-5)
        assert not torch.equal(value, start[name]), name
