import copy

import pytest
import torch
from torch.nn import functional as F

from armed.training.ensemble import Ensemble
from armed.training.fit import FitSettings, fit
from small_models import CLUSTERS, clustered, gradients_of, make, minibatches, with_batch_norm

SETTINGS = FitSettings(epochs=4, batch_size=32, learning_rate=3e-3)
RATE, META = 0.3, 0.8


def split(batch, share=0.3):
    """Meta-train and meta-test samples: the share of clusters with the smallest draws is tested."""
    present = sorted(set(batch.z[batch.mask == 1].tolist()))
    count = min(max(1, -int(-share * len(present) // 1)), len(present) - 1)
    tested = sorted(present, key=lambda k: batch.noise[k].item())[:count]
    test = torch.tensor([k in tested for k in batch.z.tolist()]) & (batch.mask == 1)
    return ~test & (batch.mask == 1), test


def plain_loss(forward, parameters, batch, rows):
    return F.binary_cross_entropy_with_logits(
        forward(parameters, batch.x[rows])[:, 0], batch.y[rows]
    )


def forward(parameters, x):
    first = torch.tanh(x @ parameters[0].T + parameters[1])
    second = torch.relu(first @ parameters[2].T + parameters[3])
    return second @ parameters[4].T + parameters[5]


def plain_gradient(parameters, batch, *, first_order=False, forward=forward):
    """Equation of Li et al. with the graph of the inner gradient kept."""
    train, test = split(batch)
    now = plain_loss(forward, parameters, batch, train)
    inner = torch.autograd.grad(now, parameters, create_graph=not first_order)
    moved = [p - RATE * g for p, g in zip(parameters, inner, strict=True)]
    if not first_order:
        return torch.autograd.grad(now + META * plain_loss(forward, moved, batch, test), parameters)
    moved = [value.detach().requires_grad_() for value in moved]
    outer = torch.autograd.grad(plain_loss(forward, moved, batch, test), moved)
    return [a + META * b for a, b in zip(inner, outer, strict=True)]


def method_and_batch(**settings):
    method = make("mldg", inner_learning_rate=RATE, meta_weight=META, **settings)
    return method, minibatches(method, clustered(100), seed=7, settings=SETTINGS)[0][0]


def library_gradient(method, batch):
    ensemble = Ensemble([method], pad=False)
    expanded = type(batch)(*(part[None] for part in batch))
    (gradients,) = gradients_of(ensemble, [expanded], trace=False)
    return [gradient[0] if ensemble.stacked else gradient for gradient in gradients["model"]]


@pytest.mark.parametrize("first_order", [False, True])
def test_gradient_is_that_of_plain_autograd(first_order):
    method, batch = method_and_batch(first_order=first_order)
    parameters = [p.detach().clone().requires_grad_() for p in method.parameters()]
    expected = plain_gradient(parameters, batch, first_order=first_order)
    for found, own in zip(library_gradient(method, batch), expected, strict=True):
        torch.testing.assert_close(found, own, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("first_order", [False, True])
def test_batch_norm_has_the_statistics_of_one_side(first_order):
    network = with_batch_norm()
    method, batch = method_and_batch(first_order=first_order, network=network)
    twin = copy.deepcopy(network).train()
    names = [name for name, _ in twin.named_parameters()]

    def alone(parameters, x):
        return torch.func.functional_call(twin, dict(zip(names, parameters, strict=True)), (x,))

    parameters = [p.detach().clone().requires_grad_() for p in twin.parameters()]
    expected = plain_gradient(parameters, batch, first_order=first_order, forward=alone)
    for found, own in zip(library_gradient(method, batch), expected, strict=True):
        torch.testing.assert_close(found, own, rtol=1e-4, atol=1e-6)


def test_first_order_gradient_differs_from_the_second_order_one():
    (method, batch), (cheap, _) = method_and_batch(), method_and_batch(first_order=True)
    pairs = zip(library_gradient(method, batch), library_gradient(cheap, batch), strict=True)
    assert max((a - b).abs().max().item() for a, b in pairs) > 1e-3


def test_training_equals_a_plain_loop():
    data = clustered(100)
    method = make("mldg", inner_learning_rate=RATE, meta_weight=META)
    parameters = [copy.deepcopy(p) for p in method.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=3e-3)
    for epoch in minibatches(method, data, seed=7, settings=SETTINGS):
        for batch in epoch:
            for value, gradient in zip(parameters, plain_gradient(parameters, batch), strict=True):
                value.grad = gradient
            optimizer.step()
    fit([method], [data], settings=SETTINGS, seeds=[7])
    for found, expected in zip(method.parameters(), parameters, strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


def test_clusters_are_split_anew_at_every_step():
    method = make("mldg")
    epoch = minibatches(method, clustered(400), seed=7, settings=SETTINGS)[0]
    tested = {tuple(sorted(set(b.z[method._meta_test(b) == 1].tolist()))) for b in epoch}
    assert len(tested) > 2


@pytest.mark.parametrize(
    ("clusters", "share", "count"),
    [(10, 0.3, 3), (20, 0.3, 6), (50, 0.3, 15), (7, 0.5, 4), (2, 0.9, 1), (3, 0.01, 1)],
)
def test_share_of_the_clusters_is_tested(clusters, share, count):
    method = make("mldg", clusters=clusters, meta_test_share=share)
    data = clustered(clusters * 10, clusters=clusters)
    for batch in minibatches(method, data, seed=7, settings=SETTINGS)[0]:
        tested = batch.z[method._meta_test(batch) == 1].unique()
        assert len(tested) == count


def test_clusters_without_samples_are_neither_trained_nor_tested():
    data = clustered(100)
    method = make("mldg", clusters=CLUSTERS + 3)
    for batch in minibatches(method, data, seed=7, settings=SETTINGS)[0]:
        tested = batch.z[(method._meta_test(batch) * batch.mask) == 1].unique()
        assert len(tested) == 2
        assert tested.max() < CLUSTERS
