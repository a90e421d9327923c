import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from armed.errors import TrainingError
from armed.training.ensemble import Ensemble
from armed.training.fit import FitSettings, fit
from small_models import clustered, gradients_of, loader, make, with_batch_norm

QUICK = FitSettings(epochs=3, batch_size=16, learning_rate=0.01)


def test_a_loss_that_is_no_number_names_method_replica_and_epoch():
    good, bad = clustered(60, seed=1), clustered(60, seed=2)
    bad.x[17, 1] = float("inf")
    members = [make("domain_adversarial", seed=s) for s in range(3)]
    with pytest.raises(TrainingError) as error:
        fit(
            members,
            [good, bad, good],
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


@pytest.mark.parametrize("trace", [True, False])
def test_gradients_lie_in_memory_as_their_parameters_do(trace):
    torch.manual_seed(0)
    members = [make("armed", seed=seed) for seed in range(3)]
    ensemble = Ensemble(members)
    supply = loader([clustered(60)] * 3, members[0], seeds=[1, 2, 3], slots=ensemble.slots)
    batch = next(supply.epoch())
    gradients = gradients_of(ensemble, [batch], trace=trace)[0]
    for group, names in members[0].groups().items():
        for name, gradient in zip(names, gradients[group], strict=True):
            assert gradient.shape == ensemble.parameters[name].shape
            assert gradient.is_contiguous(), name
            assert ensemble.parameters[name].is_contiguous(), name


@pytest.mark.parametrize("name", ["armed", "domain_adversarial"])
def test_the_network_runs_once_a_minibatch(name):
    method = make(name, network=with_batch_norm())
    fit([method], [clustered(64)], settings=QUICK, seeds=[1], steps=4)
    tracked = [value for key, value in method.state_dict().items() if "batches_tracked" in key]
    assert tracked == [torch.tensor(QUICK.epochs * 4)]


def test_a_traced_step_changes_nothing_but_what_it_returns():
    ensemble = Ensemble([make("armed")])
    supply = loader([clustered(60)], ensemble.template, seeds=[1], slots=ensemble.slots)
    batches = list(supply.epoch())
    before = ensemble.snapshot()
    first, _, again = gradients_of(ensemble, [batches[0], batches[1], batches[0]])
    assert list(first) == ["adversary", "model"]
    for group, gradients in first.items():
        assert all(torch.equal(a, b) for a, b in zip(gradients, again[group], strict=True))
    assert all(torch.equal(before[name], value) for name, value in ensemble.snapshot().items())


class LargeResults(TorchDispatchMode):
    """Names of operations whose result has as many numbers as there are clusters, and memory of its own."""

    def __init__(self, clusters: int, kept: list[torch.Tensor]) -> None:
        super().__init__()
        self.clusters, self.found = clusters, []
        self.known = {value.untyped_storage().data_ptr() for value in kept}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for value in tree_leaves(result):
            large = isinstance(value, torch.Tensor) and value.numel() >= self.clusters
            if large and value.untyped_storage().data_ptr() not in self.known:
                self.found.append(str(func))
        return result


@pytest.mark.parametrize("name", ["armed", "lmmnn", "menet"])
def test_nothing_in_a_step_is_of_the_size_of_all_clusters(name):
    clusters = 50_000
    settings = {"adversary_weight": 0.0} if name == "armed" else {}
    method = make(name, clusters=clusters, estimated=True, adversary=(), **settings)
    ensemble = Ensemble([method], pad=False)
    batch = next(loader([clustered(64)], method, seeds=[0]).epoch())
    kept = [*ensemble.parameters.values(), *ensemble.buffers.values()]
    with LargeResults(clusters, kept) as large:
        gradients_of(ensemble, [batch], trace=False)
    assert large.found == []
