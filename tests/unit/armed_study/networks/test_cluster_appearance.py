import torch
from torch import nn
from torch.nn import functional as F

from armed.effects.intercept_slope import RandomIntercept
from armed.methods.armed import Armed, ArmedSettings
from armed.methods.base import ModelComponents
from armed_study.networks.cluster_appearance import ClusterAppearanceTask
from small_reconstructions import CLUSTERS, PIXELS, SHAPE, Net, batch, named


def armed(*, fixed_weight=1.0, **settings):
    torch.manual_seed(0)
    task = ClusterAppearanceTask(SHAPE, outcome_weight=0.01, **settings)
    if task.appearance_weight:
        task.appearance = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, CLUSTERS))
    effects = [RandomIntercept(CLUSTERS, prior_sd=1.0)]
    components = ModelComponents(Net(), task, ("hidden",), CLUSTERS, 4, random_effects=effects)
    return Armed(components, ArmedSettings(fixed_weight, adversary_weight=0.0, kl_weight=1e-5))


def test_objective_of_armed_is_that_of_the_paper():
    given, method = batch(), armed(appearance_weight=0.02, fixed_outcome=False, fixed_weight=0.5)
    terms = named(method.losses("model", given, method.outputs(given)))
    assert {name: term.weight for name, term in terms.items()} == {
        "mixed": 0.01, "mixed_reconstruction": 1.0, "mixed_appearance": 0.02,
        "fixed_reconstruction": 0.5, "kl": 1e-5,
    }  # fmt: skip
    mixed = method.mixed(given.x, given.z, given.noise).mixed
    seen = F.cross_entropy(method.task.appearance(method.task.image(mixed)), given.z)
    torch.testing.assert_close(terms["mixed_appearance"].value, seen)


def test_classifier_learns_from_the_images_themselves():
    given, method = batch(), armed(appearance_weight=0.01)
    groups = method.groups()
    assert list(groups) == ["task", "model"]
    assert groups["task"] == ["task.appearance.1.weight", "task.appearance.1.bias"]
    total, _ = method.total_loss("task", (), given, ())
    torch.testing.assert_close(total, F.cross_entropy(method.task.appearance(given.x), given.z))


def test_without_a_weight_there_is_no_classifier_and_the_fixed_effects_learn_the_outcome():
    method = armed()
    assert list(method.groups()) == ["model"]
    assert "fixed" in named(method.losses("model", batch(), method.outputs(batch())))
