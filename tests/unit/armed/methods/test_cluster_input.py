"""The cluster as an input, by a learned embedding."""

import torch

from armed.methods import load
from armed.methods.base import ModelComponents
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, Net, clustered


def embedded(size=2):
    kind = load("cluster_input")
    settings = kind.Settings(embedding=size)
    torch.manual_seed(0)
    network = Net(context=kind.context_width(settings, CLUSTERS))
    parts = ModelComponents(network, BinaryTask(), ("first", "second"), CLUSTERS)
    return kind(parts, settings)


def test_an_embedding_learns_the_clusters_and_starts_with_none():
    data, method = clustered(400, intercept_sd=2.0), embedded()
    with torch.no_grad():
        start = method.eval().predict(data.x, data.z)
    torch.testing.assert_close(start["mixed"], start["fixed"])
    fit(
        [method],
        [data],
        settings=FitSettings(epochs=20, batch_size=32, learning_rate=0.02),
        seeds=[0],
    )
    with torch.no_grad():
        found = method.eval().predict(data.x, data.z)
        half = method.predict(data.x[:1], torch.tensor([[0.5, 0.5, 0, 0]]))["mixed"]
        both = [method.predict(data.x[:1], torch.tensor([k]))["mixed"] for k in (0, 1)]
    loss = torch.nn.functional.binary_cross_entropy
    assert loss(found["mixed"], data.y) < loss(found["fixed"], data.y) - 0.02
    assert min(both) < half < max(both)


def test_a_cluster_without_training_samples_has_no_embedding():
    method = embedded()
    torch.nn.init.ones_(method.embedding)
    method.forget(torch.tensor([False, False, True, False]))
    assert method.context(torch.tensor([1, 2])).tolist() == [[1, 1], [0, 0]]
