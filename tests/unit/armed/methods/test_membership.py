import pytest
import torch
from torch.nn import functional as F

from armed.data.samples import Samples
from armed.errors import DataError
from armed.methods.base import ModelComponents
from armed.methods.membership import Membership, restrict
from armed.tasks.outcomes import BinaryTask, CategoricalTask
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, Net, assert_trains_plainly, clustered


def membership(task=None):
    task = task or CategoricalTask(CLUSTERS)
    torch.manual_seed(0)
    network, watch = Net(outputs=task.outputs), ("first", "second")
    parts = ModelComponents(network, task, watch, CLUSTERS)
    return Membership(parts, Membership.Settings())


def test_training_equals_a_plain_loop_of_cross_entropy():
    data = clustered(100)
    assert_trains_plainly(
        membership(),
        Samples(data.x, data.z, data.z),
        lambda network, batch: F.cross_entropy(network(batch.x), batch.z),
        FitSettings(epochs=6, learning_rate=3e-3),
    )


def test_clusters_far_apart_are_told_apart():
    z = torch.arange(200) % CLUSTERS
    x = F.one_hot(z, CLUSTERS)[:, :3] * 4.0 + 0.1 * torch.randn(200, 3)
    data = Samples(x, z, z)
    model = membership()
    fit([model], [data], settings=FitSettings(epochs=60, learning_rate=0.02), seeds=[0])
    probability = model.predict(x, z)["fixed"]
    assert probability.shape == (200, CLUSTERS)
    torch.testing.assert_close(probability.sum(1), torch.ones(200))
    assert (probability.argmax(1) == z).float().mean() > 0.95


def test_clusters_without_training_samples_get_nothing():
    probability = torch.softmax(torch.randn(5, 4), dim=1)
    kept = restrict(probability, torch.tensor([1.0, 0.0, 1.0, 1.0]))
    assert (kept[:, 1] == 0).all()
    torch.testing.assert_close(kept.sum(1), torch.ones(5))
    torch.testing.assert_close(kept[:, 0] / kept[:, 2], probability[:, 0] / probability[:, 2])


def test_no_probability_on_seen_clusters_means_no_cluster():
    kept = restrict(torch.tensor([[0.0, 1.0]]), torch.tensor([1.0, 0.0]))
    assert kept.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("task", [BinaryTask(), CategoricalTask(CLUSTERS + 1)])
def test_a_network_of_another_width_is_refused(task):
    with pytest.raises(DataError, match=r"4 clusters has .* expected one output a cluster"):
        membership(task)
