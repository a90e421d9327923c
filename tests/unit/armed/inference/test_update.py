import math
from dataclasses import replace

import pytest
import torch

from armed.errors import TrainingError
from armed.inference.estimate import estimate
from armed.inference.update import Updated, odds_change, updated_effects
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from mixed_data import simulated


def before(model, sd: float) -> Updated:
    term = model.terms[0]
    eye = torch.eye(term.size, dtype=torch.float64)
    zeros = torch.zeros(term.clusters, term.size, dtype=torch.float64)
    return Updated(zeros, eye.repeat(term.clusters, 1, 1), sd * eye, eye[:1, 0])


def updated(model, sd: float = 0.5, *, epochs: int = 12, **given) -> Updated:
    """Effects after the updates of some epochs, in which the network has not changed."""
    given = {"y": model.y, "weight": model.weight, "offset": model.offset} | given
    offset, y, weight = given["offset"], given["y"], given["weight"]
    found = [before(model, sd)]
    for _ in range(epochs):
        found = updated_effects(
            model.task, model.terms, offset, y, weight, before=found, share=given.get("share")
        )
    return found[0]


@pytest.mark.parametrize("task", [BinaryTask(), ContinuousTask(), CountTask()])
@pytest.mark.parametrize("covariance", [1.0, [[1, 0.3], [0.3, 0.5]]])
@pytest.mark.parametrize("sd", [1e-4, 0.05, 2.0])
def test_updates_of_some_epochs_come_near_the_estimate_from_anywhere(task, covariance, sd):
    model = replace(simulated(task, covariance=covariance), fixed=None)
    found, expected = updated(model, sd), estimate(model)
    root = found.root
    torch.testing.assert_close(root @ root.T, expected.covariances[0], rtol=0.06, atol=0.03)
    torch.testing.assert_close(found.mean, expected.effects[0], rtol=0.05, atol=0.05)


def test_where_nothing_has_changed_one_round_is_enough():
    evaluated = []

    class Counted(ContinuousTask):
        def derivatives(self, output, y):
            evaluated.append(len(output))
            return super().derivatives(output, y)

    model = replace(simulated(Counted()), fixed=None)
    given = model.task, model.terms, model.offset, model.y, model.weight
    settled = updated_effects(*given, before=[before(model, 0.5)], last=True)
    evaluated.clear()
    (found,) = updated_effects(*given, before=settled)
    # where it begins, and at the end of the round
    assert len(evaluated) == 2
    torch.testing.assert_close(found.mean, settled[0].mean, rtol=1e-2, atol=1e-2)


def test_class_weights_change_no_estimate():
    model = replace(simulated(BinaryTask()), fixed=None)
    # A network that was trained with these weights says the log odds of the weighted samples.
    weight = torch.where(model.y == 1, 0.6, 3.0).double()
    offset = model.offset + math.log(0.6 / 3.0)
    plain, weighted = updated(model), updated(model, weight=weight, offset=offset)
    torch.testing.assert_close(weighted.mean, plain.mean)
    torch.testing.assert_close(weighted.root, plain.root)


@pytest.mark.parametrize("task", [ContinuousTask(), CountTask()])
def test_only_classes_have_odds(task):
    y, weight = torch.tensor([0.0, 1.0, 1.0]), torch.tensor([3.0, 1.0, 1.0])
    assert odds_change(task, y, weight) == 0
    assert odds_change(BinaryTask(), y, weight).item() == pytest.approx(-math.log(3))
    assert odds_change(BinaryTask(), torch.ones(3), weight).item() == pytest.approx(math.log(5 / 3))


def test_samples_of_no_cluster_and_padding_do_not_count():
    model = replace(simulated(BinaryTask()), fixed=None)
    share, weight = torch.ones(800).double(), torch.ones(800).double()
    share[700:750], weight[750:] = 0, 0
    term = replace(
        model.terms[0], design=model.terms[0].design[:700], index=model.terms[0].index[:700]
    )
    fewer = replace(
        model, y=model.y[:700], offset=model.offset[:700], weight=weight[:700], terms=[term]
    )
    found, expected = updated(model, weight=weight, share=share), updated(fewer)
    torch.testing.assert_close(found.mean, expected.mean)
    torch.testing.assert_close(found.root, expected.root)


def test_an_effect_that_is_given_zeros_alone_leaves_the_others_as_they_are():
    model = replace(simulated(BinaryTask()), fixed=None)
    term = model.terms[0]
    inactive = torch.cat([term.design, torch.zeros_like(term.design)], 1)
    more = replace(model, terms=[replace(term, design=inactive)])
    found, expected = updated(more), updated(model)
    torch.testing.assert_close(found.mean[:, :1], expected.mean, rtol=1e-2, atol=1e-2)
    assert found.mean[:, 1].abs().max() < 1e-12


def test_effects_without_bound_are_refused_by_their_number():
    model = replace(simulated(BinaryTask(), clusters=10, samples=150), fixed=None)
    far = torch.full_like(model.y, float("nan"))
    with pytest.raises(TrainingError, match="variances of 1 random effects of 10 clusters grow"):
        updated(model, offset=far)
