"""Attribution is what its equation says, for every method, and leaves the network as it was."""

import numpy as np
import pytest
import torch
from torch import nn

from armed import methods
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.methods.conventional import Conventional, ConventionalSettings
from armed.tasks.outcomes import BinaryTask
from armed_study.interpretation.attribution.explaining import (
    EXPLAIN,
    STEPS,
    attributed_layer,
    explain,
)
from armed_study.studies.ad_mri.settings import Interpretation
from armed_study.training.factory import build_method
from armed_study.vocabulary.measures import ATTRIBUTIONS
from small_images import CLUSTERS, PIXELS, settings_for

CASES = [(name, {}) for name in methods.available()] + [("cluster_input", {"output_layer": True})]


def built(method, own):
    """A method around a small network, its random effects (zero before training) drawn."""
    about = {"shape": (1, PIXELS, PIXELS), "clusters": CLUSTERS, "seed": 3}
    made = build_method(methods.load(method), settings_for(method, **own), **about)
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in made.named_buffers():
            if name == "effects":
                value.copy_(torch.randn(value.shape, generator=draw))
    return made.eval()


def grad_cam(method, x, z):
    return explain("gradcam", method, x, z, torch.zeros(x.shape[1:]))


def inputs(soft=False):
    draw = torch.Generator().manual_seed(2)
    x = torch.rand(4, 1, PIXELS, PIXELS, generator=draw)
    weights = torch.softmax(torch.randn(4, CLUSTERS, generator=draw), dim=1)
    return x, weights if soft else weights.argmax(1)


def by_hand(method, effect, x, z):
    """The equation, with activations and their gradients taken one sample at a time."""
    maps = []
    for image, cluster in zip(x, z, strict=True):
        seen = []
        hook = attributed_layer(method).register_forward_hook(lambda *a, s=seen: s.append(a[2]))
        output = method.linear_predictor(image[None], cluster[None])[effect].sum()
        hook.remove()
        slopes = torch.autograd.grad(output, seen, allow_unused=True)
        used = [(a, s) for a, s in zip(seen, slopes, strict=True) if s is not None]
        ((maps_of_channels, slope),) = used  # a run of the network for each output
        maps.append((slope.mean((2, 3), keepdim=True) * maps_of_channels).sum(1).clamp_min(0)[0])
    return torch.stack(maps).detach()


@pytest.mark.parametrize("soft", [False, True], ids=["index", "weights"])
@pytest.mark.parametrize(("method", "own"), CASES)
def test_maps_are_those_of_the_equation(method, own, soft):
    model, (x, z) = built(method, own), inputs(soft)
    found = grad_cam(model, x, z)
    assert list(found) == list(model.linear_predictor(x, z))
    for effect, maps in found.items():
        assert maps.shape == (4, 6, 6)
        assert maps.max() > 0
        torch.testing.assert_close(maps, by_hand(model, effect, x, z), rtol=1e-4, atol=1e-7)


class Tiny(nn.Module):
    """Two maps, x and -2x; the output is 3 times the mean of the first less that of the second."""

    attributed = "maps"

    def __init__(self):
        super().__init__()
        self.maps = nn.Conv2d(1, 2, 1, bias=False)
        self.maps.weight.data = torch.tensor([1.0, -2.0]).view(2, 1, 1, 1)

    def forward(self, x, context=None):
        first, second = self.maps(x).mean((2, 3)).unbind(1)
        return (3 * first - second)[:, None]


def tiny(network=None):
    parts = ModelComponents(network or Tiny(), BinaryTask(), watch=(), clusters=2)
    return Conventional(parts, ConventionalSettings()).eval()


def test_map_of_a_network_that_can_be_worked_out_on_paper():
    x = torch.tensor([[[[0.0, 1.0], [2.0, -4.0]]]])
    # By a place of a map the output's slope is 3/4 and -1/4, so the map is (3/4 + 2/4) x, cut at 0.
    maps = grad_cam(tiny(), x, torch.zeros(1, dtype=torch.int64))["fixed"]
    torch.testing.assert_close(maps, torch.tensor([[[0.0, 1.25], [2.5, 0.0]]]))


def test_sample_of_which_a_network_is_sure_keeps_its_map():
    x, z = 1e3 * torch.ones(1, 1, 2, 2), torch.zeros(1, dtype=torch.int64)
    assert tiny().predict(x, z)["fixed"] == 1  # saturated: its slope is 0
    torch.testing.assert_close(grad_cam(tiny(), x, z)["fixed"], torch.full((1, 2, 2), 1250.0))


def test_intercept_changes_nothing_and_slope_does():
    x, z = inputs()
    intercepts, slopes = built("lmmnn", {}), built("armed", {})
    for model in (intercepts, slopes):
        model.effects.mean.normal_(generator=torch.Generator().manual_seed(0))
    assert not torch.equal(*intercepts.linear_predictor(x, z).values())
    assert torch.equal(*grad_cam(intercepts, x, z).values())
    assert not torch.allclose(*grad_cam(slopes, x, z).values())


@pytest.mark.parametrize("soft", [False, True], ids=["index", "weights"])
@pytest.mark.parametrize(("method", "own"), CASES)
def test_integrated_gradients_are_those_of_the_path_from_the_reference(method, own, soft):
    model, (x, z) = built(method, own), inputs(soft)
    reference = x.mean(0)
    found = explain("integrated_gradients", model, x, z, reference)
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    none = torch.zeros(len(x), CLUSTERS)
    for effect, given in {"fixed": none, "mixed": z}.items():
        if effect in found:
            total = torch.zeros_like(x)
            for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
                at = (reference + float(node) * (x - reference)).requires_grad_()
                output = model.linear_predictor(at, given)[max(found)].sum()
                total += float(weight) * torch.autograd.grad(output, at)[0]
            expected = ((x - reference) * total).abs().squeeze(1)
            torch.testing.assert_close(found[effect], expected, rtol=1e-3, atol=1e-6)
            assert expected.max() > 0


@pytest.mark.parametrize("by", EXPLAIN)
@pytest.mark.parametrize("method", ["armed", "menet", "cluster_input", "domain_adversarial"])
def test_attribution_leaves_no_hook_no_gradient_and_no_change(method, by):
    model, (x, z) = built(method, {}), inputs()

    def grad_cam(*given):
        return explain(by, *given, torch.zeros(x.shape[1:]))

    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = grad_cam(model, x, z), grad_cam(model, x, z)
    assert all(torch.equal(first[effect], second[effect]) for effect in first)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(value.grad is None for value in model.parameters())
    for module in model.modules():
        assert not module._forward_hooks | module._forward_pre_hooks | module._backward_hooks
    assert not x.requires_grad


def test_methods_of_attribution_are_those_that_settings_and_labels_know():
    assert set(EXPLAIN) == set(ATTRIBUTIONS)
    assert Interpretation(samples=2, threshold=0.5).methods == list(ATTRIBUTIONS)
    with pytest.raises(ValueError, match="expected gradcam among them; add it"):
        Interpretation(samples=2, threshold=0.5, methods=["integrated_gradients"])


def test_network_that_names_no_layer_is_refused():
    with pytest.raises(ConfigError, match="names no layer to be attributed; expected one with"):
        grad_cam(tiny(nn.Linear(2, 1)), torch.rand(1, 2), torch.zeros(1, dtype=torch.int64))
