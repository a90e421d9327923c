"""What methods are built around: the parts of the study's networks."""

import pytest
import torch

from armed import methods
from armed.errors import ConfigError
from armed_study.training.factory import build_method

CLUSTERS = 3
NETWORKS = {
    "mlp": ({"hidden": [6, 4]}, (5,), 4),
    "slice_cnn": ({"filters": 2}, (1, 48, 48), 16),
    "autoencoder": ({"filters": 2, "latents": 7, "classifier_units": 5}, (1, 32, 32), 5),
    "pca_autoencoder": ({"filters": 2, "latents": 7, "classifier_units": 5}, (1, 32, 32), 5),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_effects_of_menet_multiply_what_the_output_layer_does(kind):
    network, shape, width = NETWORKS[kind]
    settings = {"network": {"kind": kind, **network}}
    if kind.endswith("autoencoder"):
        settings["task"] = {"kind": "reconstruction", "outcome_weight": 0.01}
    method = build_method(
        methods.load("menet"), settings, shape=shape, clusters=CLUSTERS, seed=1
    ).eval()
    assert method.effects.mean.shape == (CLUSTERS, width)
    x, z = torch.rand(CLUSTERS, *shape), torch.arange(CLUSTERS)
    with torch.no_grad():
        # Effects that equal the weights of the output layer double what it makes of the features.
        method.effects.mean[:] = method.mixed.network.output.weight
        output = method.linear_predictor(x, z)
        logit = output["fixed"][:, :1] - method.mixed.network.output.bias
    torch.testing.assert_close((output["mixed"] - output["fixed"])[:, :1], logit)
    torch.testing.assert_close(output["mixed"][:, 1:], output["fixed"][:, 1:])


@pytest.mark.parametrize("method", ["armed", "domain_adversarial"])
def test_adversary_of_the_last_layer_is_given_that_alone(method):
    network, shape, width = NETWORKS["slice_cnn"]
    block = {"hidden": [3], "layers": "last", "learning_rate_factor": 5.0, "bounded": True}
    settings = {"network": {"kind": "slice_cnn", **network}, "adversary": block}
    settings["random_effects"] = {"intercept": 0.5, "hidden_slope": 0.5}
    needed = {"network", *methods.load(method).needs}
    own = {name: settings[name] for name in needed}
    made = build_method(methods.load(method), own, shape=shape, clusters=CLUSTERS, seed=1)
    assert (
        made.adversary.features,
        made.adversary.learning_rate_factor,
        made.adversary.bounded,
    ) == (
        width,
        5,
        True,
    )
    if method == "armed":
        assert made.effects.on_hidden
        assert made.effects.mean.shape == (CLUSTERS, 1 + width)


def test_mirrored_adversary_of_the_last_layer_is_refused():
    network, shape, _ = NETWORKS["slice_cnn"]
    block = {"kind": "mirrored", "filters": 2, "layers": "last"}
    settings = {"network": {"kind": "slice_cnn", **network}, "adversary": block}
    with pytest.raises(ConfigError, match="or kind mirrored with 'filters'"):
        build_method(
            methods.load("domain_adversarial"), settings, shape=shape, clusters=CLUSTERS, seed=1
        )
