"""The autoencoder starts at principal components; with clusters, at what they have in common."""

import numpy as np
import pytest
import torch

from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed_study.networks.inputs import Context
from armed_study.networks.pca_autoencoder import PCAAutoencoder

SIZE, CLUSTERS, EACH, LATENTS = 16, 4, 30, 6
PIXELS = SIZE**2


def make(**options):
    torch.manual_seed(0)
    return PCAAutoencoder(SIZE, latents=LATENTS, outputs=1 + PIXELS, **options)


def drawn(count=LATENTS, shift=0.0):
    """Images of a few patterns each in random amounts; a cluster's have one of its own besides."""
    draw = torch.Generator().manual_seed(1)
    patterns = torch.randn(count, PIXELS, generator=draw)
    clusters = shift * torch.randn(CLUSTERS, PIXELS, generator=draw)
    z = torch.arange(CLUSTERS).repeat_interleave(EACH)
    own = torch.randn(len(z), count, generator=draw) @ patterns
    noise = 0.1 * torch.randn(len(z), PIXELS, generator=draw)
    x = 0.5 + 0.05 * (own + clusters[z] + noise)
    return Samples(x.view(-1, 1, SIZE, SIZE), torch.zeros(len(z)), z), clusters


def started(**options):
    network, (samples, _) = make(**options), drawn()
    network.initialise(samples)
    return network.eval(), samples


@torch.no_grad()
def test_reconstruction_starts_as_that_of_the_principal_components():
    network, samples = started()
    flat = samples.x.flatten(1).double().numpy()
    mean = flat.mean(0)
    _, _, basis = np.linalg.svd(flat - mean, full_matrices=False)
    wanted = mean + (flat - mean) @ basis[:LATENTS].T @ basis[:LATENTS]
    assert network(samples.x)[:, 1:].numpy() == pytest.approx(wanted, abs=1e-4)
    latents = network.encoder(samples.x)
    torch.testing.assert_close(torch.cov(latents.T), torch.eye(LATENTS), atol=1e-3, rtol=0)


def test_without_filters_only_the_classifier_is_trained():
    network, _ = started(filters=0)
    trained = {
        name.split(".")[0] for name, value in network.named_parameters() if value.requires_grad
    }
    assert trained == {"classifier", "output"}
    assert all(value.requires_grad for value in make().parameters())


@torch.no_grad()
def test_what_clusters_differ_by_is_in_the_effects_and_not_in_the_latents():
    network, (samples, patterns) = make(), drawn(count=2, shift=2.0)
    effect = network.cluster_decoder(CLUSTERS + 1, prior_sd=0.5)
    network.initialise(samples)
    effect.initialise(samples)
    latents, other = network.encoder(samples.x), (samples.z + 1) % CLUSTERS
    means = torch.stack([latents[samples.z == k].mean(0) for k in range(CLUSTERS)])
    assert (means - means.mean(0)).norm() < 0.1 * latents.std(0).norm()
    output = network(samples.x)
    moved = effect.change(output, latents, other)
    wanted = samples.x.flatten(1) + 0.05 * (patterns[other] - patterns[samples.z])
    errors = [(image[:, 1:] - wanted).square().mean() for image in (moved, output)]
    assert errors[0] < 0.05 * errors[1]
    assert torch.equal(moved[:, 0], output[:, 0])
    assert not effect.mean[CLUSTERS].any()  # of which there is no sample
    nobody = effect.change(output, latents, torch.zeros(len(latents), CLUSTERS + 1))
    torch.testing.assert_close(nobody, output)


@torch.no_grad()
def test_clusters_that_do_not_differ_leave_the_principal_components():
    network, samples = started()
    before = network.encoder(samples.x)
    network.cluster_decoder(CLUSTERS, prior_sd=0.5).initialise(samples)
    torch.testing.assert_close(network.encoder(samples.x), before)


@pytest.mark.parametrize("filters", [0, 2])
@torch.no_grad()
def test_context_reaches_latents_and_output_once_it_has_weights(filters):
    network, samples = started(filters=filters, context=Context(3, ("input", "output")))
    first, second = torch.eye(3)[[0] * 2], torch.eye(3)[[1] * 2]
    images = samples.x[:2]
    assert torch.equal(network.encoder(images, first), network.encoder(images, second))
    assert not torch.equal(network(images, first)[:, 0], network(images, second)[:, 0])
    torch.nn.init.normal_(network.encoder.dense.weight)
    assert not torch.equal(network.encoder(images, first), network.encoder(images, second))


def test_fewer_images_than_latents_are_refused():
    samples, _ = drawn()
    few = Samples(samples.x[:5], samples.y[:5], samples.z[:5])
    with pytest.raises(DataError, match="found 5 training images for 6 latents; expected at least"):
        make().initialise(few)


@pytest.mark.parametrize("size", [8, 48])
def test_other_sizes_are_refused(size):
    with pytest.raises(ConfigError, match=f"images are {size} pixels wide; expected a power of 2"):
        PCAAutoencoder(size, outputs=1 + size**2)


def test_other_tasks_are_refused():
    with pytest.raises(ConfigError, match="asked for 1 outputs; expected 257"):
        PCAAutoencoder(SIZE, outputs=1)


@torch.no_grad()
def test_a_symmetric_logit_is_that_of_every_quarter_turn():
    network, samples = started(symmetric=True)
    torch.nn.init.normal_(network.encoder.dense.weight, std=0.1)
    x = samples.x[:5]
    changed = [torch.rot90(x, k, (2, 3)) for k in range(4)]
    logits = torch.stack([network(each)[:, 0] for each in changed])
    torch.testing.assert_close(logits, logits[:1].expand(4, -1))
    own = torch.stack([network.train()(each)[:, 0] for each in changed])
    torch.testing.assert_close(own.mean(0), logits[0])
    assert own.std(0).min() > 0
