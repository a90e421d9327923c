import pytest
import torch
from torch.nn import functional as F

from armed import methods
from armed.adversaries.dense import Adversary
from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.methods.base import ModelComponents
from armed.tasks.reconstruction import ReconstructionTask
from small_reconstructions import CLUSTERS, PIXELS, SHAPE, Net, batch, named

TASK = ReconstructionTask(SHAPE, outcome_weight=0.01)


def test_loss_is_the_outcomes_entropy_and_the_images_squared_error():
    given, output = batch(), torch.randn(5, 1 + PIXELS)
    terms = named(TASK.terms(output, given))
    entropy = F.binary_cross_entropy_with_logits(output[:, 0], given.y, weight=given.weight)
    error = F.mse_loss(TASK.image(output), given.x)
    torch.testing.assert_close(terms["outcome"].value, entropy)
    torch.testing.assert_close(terms["reconstruction"].value, error)
    assert (terms["outcome"].weight, terms["reconstruction"].weight) == (0.01, 1.0)


def test_padding_counts_in_neither_part():
    output = torch.randn(5, 1 + PIXELS)
    whole, padded = batch(), batch(padded=2)
    first = Batch(*(part[:3] for part in whole))
    for mine, other in zip(TASK.terms(output, padded), TASK.terms(output[:3], first), strict=True):
        torch.testing.assert_close(mine.value, other.value)


def test_changed_images_are_not_reconstructed_where_the_task_says_so():
    output, given = torch.randn(5, 1 + PIXELS), batch()._replace(changed=torch.ones(5))
    task = ReconstructionTask(SHAPE, outcome_weight=0.01, changed_images=False)
    assert named(task.terms(output, given))["reconstruction"].value == 0
    some = given._replace(changed=torch.tensor([1.0, 0, 0, 1, 1]))
    terms, whole = named(task.terms(output, some)), named(TASK.terms(output, some))
    error = F.mse_loss(TASK.image(output)[1:3], given.x[1:3])
    torch.testing.assert_close(terms["reconstruction"].value, error)
    torch.testing.assert_close(terms["outcome"].value, whole["outcome"].value)


def test_image_is_the_output_behind_the_logit():
    x = torch.rand(2, *SHAPE)
    output = torch.cat([torch.zeros(2, 1), x.flatten(1)], dim=1)
    assert torch.equal(TASK.image(output), x)
    assert torch.equal(TASK.score(output), torch.full((2,), 0.5))


def test_negative_weight_is_refused():
    with pytest.raises(ConfigError, match="outcome_weight is -1"):
        ReconstructionTask(SHAPE, outcome_weight=-1)


@pytest.mark.parametrize("name", ["conventional", "domain_adversarial", "lmmnn", "menet"])
def test_every_method_reconstructs_beside_the_outcome(name):
    kind = methods.load(name)
    components = ModelComponents(
        Net(), TASK, ("hidden",), CLUSTERS, adversary=Adversary(4, CLUSTERS, hidden=[3])
    )
    method, given = kind(components, kind.Settings()), batch()
    method.measure(given.x)
    terms = named(method.losses("model", given, method.outputs(given)))
    assert terms["reconstruction"].weight == 1.0
    outcome = terms.get("outcome", terms.get("marginal"))
    assert outcome.weight == 0.01
    scores = method.eval().predict(given.x, given.z)
    assert all(score.shape == (5,) for score in scores.values())
