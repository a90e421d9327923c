from dataclasses import replace

import pytest
import torch

from armed.errors import ConfigError
from armed.training.fit import FitSettings, fit
from small_models import clustered, make, with_batch_norm

SETTINGS = FitSettings(
    epochs=3, batch_size=16, learning_rate=0.01, optimizer="AdamW", schedule="one_cycle"
)
EACH = [
    SETTINGS,
    replace(SETTINGS, learning_rate=0.03, weight_decay=1.0),
    replace(SETTINGS, learning_rate=0.002, weight_decay=30.0),
]
DATA = [clustered(80, seed=seed) for seed in range(3)]


def states(name, which, settings):
    """States of replicas with these numbers, each trained with its own weights of the loss, too."""
    weights = {"armed": "adversary_weight", "mldg": "inner_learning_rate"}
    own = [{weights[name]: (0.1, 1.0, 3.0)[i]} if name in weights else {} for i in which]
    members = [make(name, seed=i, **o) for i, o in zip(which, own, strict=True)]
    fit(members, [DATA[i] for i in which], settings=settings, seeds=[*which], steps=5)
    return [method.state_dict() for method in members]


@pytest.mark.parametrize("name", ["armed", "mldg"])
def test_replicas_of_own_pace_and_weights_are_those_trained_alone(name):
    together = states(name, [0, 1, 2], EACH)
    for i in range(3):
        (alone,) = states(name, [i], [EACH[i]])
        (plain,) = states(name, [i], EACH[i])
        for key, value in alone.items():
            assert torch.equal(together[i][key], value), key  # to the last bit
            torch.testing.assert_close(value, plain[key], rtol=2e-3, atol=2e-4)


def test_replicas_run_one_after_the_other_have_their_own_pace():
    several = [make("conventional", seed=i, network=with_batch_norm()) for i in range(2)]
    fit(several, DATA[:2], settings=EACH[:2], seeds=[0, 1], steps=5)
    for i in range(2):
        alone = make("conventional", seed=i, network=with_batch_norm())
        fit([alone], [DATA[i]], settings=EACH[i], seeds=[i], steps=5)
        for key, value in alone.state_dict().items():
            assert torch.equal(several[i].state_dict()[key], value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([{}], "given 1 settings for 2 replicas; expected one for all"),
        ([{}, {"epochs": 4}], "several values of epochs; expected one but for learning_rate and"),
        ([{"optimizer": "Rprop"}] * 2, "Rprop, whose steps are no multiple of the learning rate"),
        ([{}, {"learning_rate": 0.0}], "learning_rate is 0.0; expected a number above 0"),
        ([{"optimizer": "SGD", "weight_decay": 1.0}, {"optimizer": "SGD"}], "optimizer SGD"),
    ],
)
def test_settings_that_replicas_cannot_have_are_refused(changes, said):
    members = [make("conventional", seed=i) for i in range(2)]
    settings = [replace(SETTINGS, **change) for change in changes]
    with pytest.raises(ConfigError, match=said):
        fit(members, DATA[:2], settings=settings, seeds=[0, 1])
