"""What methods are built around: the parts of the study's networks."""

import pytest
import torch

from armed import methods
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
