import copy

import pytest
import torch
from torch.func import functional_call

from armed.effects.intercept_slope import RandomIntercept
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError
from armed_study.networks.autoencoder import AutoencoderClassifier
from armed_study.networks.inputs import Context
from armed_study.networks.tied_decoder import transposed

SIZE, CLUSTERS = 32, 3
IMAGES = torch.rand(4, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


def make(**options):
    torch.manual_seed(0)
    return AutoencoderClassifier(SIZE, filters=2, outputs=1 + SIZE**2, **options)


def mixed_effects(network):
    decoder = network.cluster_decoder(CLUSTERS, prior_sd=0.25)
    effects = [decoder, RandomIntercept(CLUSTERS, prior_sd=0.5)]
    return MixedEffects(network, random_effects=effects, watch=network.watch).eval()


def test_published_size_has_the_published_layers():
    with torch.device("meta"):
        network = AutoencoderClassifier(256, outputs=1 + 256**2)
    convs = [block.conv for block in network.encoder.blocks]
    assert [conv.out_channels for conv in convs] == [64, 64, 64, 128, 256, 512]
    assert [conv.stride[0] for conv in convs] == [1, 1, 1, 2, 2, 2]
    assert {conv.kernel_size for conv in convs} == {(4, 4)}
    assert (network.encoder.dense.out_features, network.classifier.linear.out_features) == (56, 32)


@pytest.mark.parametrize("number", [1, 4])
def test_decoder_applies_the_adjoint_of_each_convolution(number):
    block = make().encoder.blocks[number]
    maps = torch.randn(2, block.conv.in_channels, 8, 8)
    image = block.conv(block.pad(maps))
    other = torch.randn_like(image)
    left, right = (image * other).sum(), (maps * transposed(other, block.conv)).sum()
    torch.testing.assert_close(left, right, rtol=1e-4, atol=1e-4)


def test_decoder_has_no_kernels_of_its_own():
    network = make()
    before = network.eval()(IMAGES)
    with torch.no_grad():
        network.encoder.blocks[0].conv.weight.zero_()
    after = network(IMAGES)
    assert (after[:, 1:] == network.decoder.bias).all()
    assert not torch.equal(before, after)
    names = [name for name, _ in network.decoder.named_parameters() if "activations" not in name]
    assert not any("conv" in name or "weight" in name.split("norms")[0] for name in names)


def test_functional_call_swaps_the_kernels_of_both_decoders():
    model = mixed_effects(make())
    z = torch.tensor([0, 1, 2, 0])
    parameters = dict(model.named_parameters())
    key = "network.encoder.blocks.0.conv.weight"
    moved = {**parameters, key: torch.zeros_like(parameters[key])}
    output = functional_call(model, moved, (IMAGES, z))
    for predicted in (output.fixed, output.mixed):
        assert predicted[:, 1:].std() == 0


def test_copy_decodes_with_the_copied_kernels():
    model = mixed_effects(make())
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.network.encoder.blocks[0].conv.weight.zero_()
    z = torch.tensor([0, 1, 2, 0])
    assert other(IMAGES, z).mixed[:, 1:].std() == 0
    assert model(IMAGES, z).mixed[:, 1:].std() > 0


def test_cluster_changes_the_reconstruction_and_its_slope_the_logit():
    model = mixed_effects(make())
    first, second = (model(IMAGES, torch.full((4,), k)) for k in (0, 1))
    torch.testing.assert_close(first.fixed, second.fixed)
    assert (first.mixed[:, 1:] - second.mixed[:, 1:]).abs().mean() > 1e-3
    shift = model.random_effects[1].mean
    torch.testing.assert_close(first.mixed[:, :1] - first.fixed[:, :1], shift[0].expand(4, 1))


def test_divergence_and_posterior_are_those_of_every_layer():
    network = make()
    decoder = network.cluster_decoder(CLUSTERS, prior_sd=0.25)
    z = torch.tensor([0, 2])
    torch.testing.assert_close(decoder.kl(z), sum(effect.kl(z) for effect in decoder.scale_shifts))
    assert len(decoder.posterior()) == 6
    assert sum(mean.shape[1] for mean, _ in decoder.posterior().values()) == decoder.size


def test_noise_is_dealt_to_the_layers_in_their_order():
    decoder = make().cluster_decoder(CLUSTERS, prior_sd=0.25)
    output, latents, z = torch.zeros(2, 1 + SIZE**2), torch.randn(2, 56), torch.tensor([0, 1])
    calm = decoder.change(output, latents, z, torch.zeros(2, decoder.size))
    torch.testing.assert_close(calm, decoder.change(output, latents, z))
    for start in (0, decoder.size - 1):
        noise = torch.zeros(2, decoder.size)
        noise[:, start] = 3.0
        assert not torch.allclose(decoder.change(output, latents, z, noise), calm)


def test_context_reaches_latents_and_output_and_leaves_kernels_tied():
    network = make(context=Context(CLUSTERS, ("input", "output"))).eval()
    first, second = (network(IMAGES, torch.eye(CLUSTERS)[[k] * 4]) for k in (0, 1))
    assert not torch.allclose(first[:, :1], second[:, :1])
    assert not torch.allclose(first[:, 1:], second[:, 1:])


@pytest.mark.parametrize("size", [16, 48, 100])
def test_other_sizes_are_refused(size):
    with pytest.raises(ConfigError, match=f"images are {size} pixels wide; expected a power of 2"):
        AutoencoderClassifier(size, outputs=1 + size**2)


def test_other_tasks_are_refused():
    with pytest.raises(ConfigError, match="asked for 1 outputs; expected 1025"):
        AutoencoderClassifier(SIZE, outputs=1)
