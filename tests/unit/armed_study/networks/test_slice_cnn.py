import pytest
import torch
from torch import nn

from armed.discovery import discover
from armed.errors import ConfigError
from armed.nn.activations import record_activations
from armed_study import networks
from armed_study.networks.autoencoder import AutoencoderClassifier
from armed_study.networks.inputs import Context
from armed_study.networks.mlp import MLP
from armed_study.networks.slice_cnn import SliceCNN

BOTH = Context(5, ("input", "output"))


def filters_of(network):
    return [block.conv.out_channels for block in network.blocks]


def test_published_size_has_the_published_filters():
    network = SliceCNN(192, filters=64)
    assert filters_of(network) == [64, 128, 128, 256, 256, 512]
    assert network.valid.conv.out_channels == network.dense.linear.out_features == 512
    assert [hasattr(block, "dropout") for block in network.blocks] == [False, True] * 3
    assert {block.dropout.p for block in network.blocks[1::2]} == {0.5}
    assert network.dense.linear.l1 == 0.01


@pytest.mark.parametrize("blocks", range(1, 8))
def test_smaller_sizes_and_widths_scale_the_published_ones(blocks):
    """As many blocks as halvings leave three pixels."""
    network = SliceCNN(3 * 2**blocks, filters=3)
    assert filters_of(network) == [3, 6, 6, 12, 12, 24, 24][:blocks]


def test_powers_of_two_end_in_four_pixels():
    network = SliceCNN(64, filters=2, outputs=5).eval()
    assert network.valid.conv.kernel_size == (4, 4)
    assert network(torch.rand(2, 1, 64, 64)).shape == (2, 5)


@pytest.mark.parametrize("size", [0, 3, 5, 144, 100, 192 + 3])
def test_other_sizes_are_refused(size):
    with pytest.raises(ConfigError, match=f"slices are {size} pixels wide; expected 3 times a po"):
        SliceCNN(size)


def test_only_the_kernel_of_the_dense_layer_is_penalised():
    network = SliceCNN(12, filters=2, l1=0.5)
    penalised = [name for name, m in network.named_modules() if hasattr(m, "penalty")]
    assert penalised == ["dense.linear"]
    expected = 0.5 * network.dense.linear.weight.abs().sum()
    torch.testing.assert_close(network.dense.linear.penalty(), expected)


KINDS = {
    "mlp": lambda **given: MLP(4, hidden=(6, 6), **given),
    "slice_cnn": lambda **given: SliceCNN(12, filters=2, **given),
}
WATCHED = KINDS | {
    "slice_cnn_24": lambda: SliceCNN(24, filters=2),
    "slice_cnn_48": lambda: SliceCNN(48, filters=2),
    "autoencoder_32": lambda: AutoencoderClassifier(32, filters=2, outputs=1 + 32**2),
    "autoencoder_64": lambda: AutoencoderClassifier(64, filters=2, outputs=1 + 64**2),
}


@pytest.mark.parametrize("kind", WATCHED)
def test_says_truly_what_is_watched(kind):
    network = WATCHED[kind]().eval()
    x = samples_for(network)
    _, seen = record_activations(network, network.watch, x)
    assert tuple(h.shape[1:] for h in seen) == network.watched_shapes
    name, width = network.last_hidden
    _, (features,) = record_activations(network, [name], x)
    assert features.shape == (7, width)
    torch.testing.assert_close(network.output(features), network(x)[:, :1])


def samples_for(network):
    if isinstance(network, MLP):
        return torch.randn(7, 4)
    size = network.watched_shapes[0][1] * (2 if isinstance(network, SliceCNN) else 1)
    return torch.randn(7, 1, size, size)


def made(kind, context):
    torch.manual_seed(2)
    network = KINDS[kind](context=context).eval()
    return network, samples_for(network)


@pytest.mark.parametrize("kind", KINDS)
def test_context_is_appended_where_it_is_wanted(kind):
    cluster = nn.functional.one_hot(torch.arange(7) % 5, 5).float().requires_grad_()
    slopes = {}
    for places in ((), ("input",), ("output",), ("input", "output")):
        network, x = made(kind, Context(5, places))
        if "input" not in places:  # what reaches the output by another way is none
            (last,) = [m for n, m in network.named_modules() if n == network.watch[-1]]
            last.register_forward_hook(lambda _m, _i, output: output.detach())
        output = network(x, cluster).sum()
        (slope,) = torch.autograd.grad(output, [cluster], allow_unused=True)
        slopes[places] = slope
    assert slopes[()] is None
    assert (slopes["input",].abs().sum(1) > 0).all()
    expected = made(kind, Context(5, ("output",)))[0].output.weight[0, -5:]
    torch.testing.assert_close(slopes["output",], expected.expand(7, 5).detach())
    assert not torch.allclose(slopes["input", "output"], slopes["input",])


@pytest.mark.parametrize("kind", KINDS)
def test_no_context_is_a_context_of_zeros(kind):
    network, x = made(kind, BOTH)
    features = network.output.in_features - 5
    with torch.no_grad():
        network.output.weight[:, features:] = 3.0
    assert not torch.allclose(network(x, torch.ones(7, 5)), network(x, torch.zeros(7, 5)))


def build(shape, **block):
    return networks.build(block, shape, outputs=2, context=BOTH)


def test_kinds_are_found_and_built_from_their_settings():
    found = list(discover(networks.__name__, "NETWORK"))
    assert found == ["autoencoder", "mlp", "pca_autoencoder", "slice_cnn"]
    assert isinstance(build((4,), hidden=[3]), MLP)
    network = build((1, 24, 24), kind="slice_cnn", filters=2, dropout=0.1, l1=0.0)
    assert isinstance(network, SliceCNN)
    assert network.output.out_features == 2
    assert network.blocks[1].dropout.p == 0.1


@pytest.mark.parametrize(
    ("shape", "block", "message"),
    [
        ((4,), {"kind": "cnn"}, "unknown network.kind 'cnn'; there are: autoencoder, mlp, pca_"),
        ((4,), {"hidden": [3], "filters": 2}, "'mlp' has no setting 'filters'; expected some of"),
        ((4,), {}, "'mlp' needs 'hidden'"),
        ((1, 12, 12), {"hidden": [3]}, r"shape \(1, 12, 12\); expected columns; set network.kind"),
        ((4,), {"kind": "slice_cnn"}, r"shape \(4,\); expected square images"),
        ((1, 12, 24), {"kind": "slice_cnn"}, "expected square images of one channel"),
        ((3, 12, 12), {"kind": "slice_cnn"}, "expected square images of one channel"),
        ((1, 12, 12), {"kind": "slice_cnn", "context": 2}, "has no setting 'context'"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(shape, block, message):
    with pytest.raises(ConfigError, match=message):
        build(shape, **block)


def test_a_block_halves_the_map_and_every_second_one_drops_in_training_only():
    torch.manual_seed(0)
    first, second, *_ = SliceCNN(24, filters=4, dropout=0.5).blocks
    x = torch.randn(8, 4, 6, 6)
    dropped, kept = (second.train(mode)(x) for mode in (True, False))
    assert dropped.shape == kept.shape == (8, 8, 3, 3)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.5, abs=0.1)
    assert (kept == 0).float().mean() < 0.01
    assert second.conv.bias is None
    assert [name for name, _ in first.named_children()][-1] == "pool"
