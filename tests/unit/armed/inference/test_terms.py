import pytest
import torch

from armed.errors import ConfigError, DataError
from armed.inference.terms import EffectsTerm, check_term, fixed_term

DESIGN = torch.tensor([[1.0, 2.0], [1.0, -1.0], [1.0, 0.5]])
INDEX = torch.tensor([2, 0, 2])


def test_predictor_multiplies_design_and_the_effects_of_the_samples_cluster():
    effects = torch.tensor([[1.0, 1.0], [9.0, 9.0], [0.5, 2.0]])
    found = EffectsTerm(DESIGN, INDEX, 3).predictor(effects)
    torch.testing.assert_close(found, torch.tensor([4.5, 0.0, 1.5]))


def test_gather_sums_by_cluster_and_leaves_empty_ones_at_zero():
    found = EffectsTerm(DESIGN, INDEX, 3).gather(torch.tensor([1.0, 2.0, 10.0]))
    torch.testing.assert_close(found, torch.tensor([[2.0, -2.0], [0.0, 0.0], [11.0, 7.0]]))


def test_a_cluster_is_present_if_a_sample_of_it_counts():
    present = EffectsTerm(DESIGN, INDEX, 3).present(torch.tensor([0.0, 1.0, 0.0]))
    assert present.tolist() == [True, False, False]


def test_a_term_of_scaled_effects_has_the_same_predictor():
    root, effects = torch.tensor([[2.0, 0.0], [0.5, 3.0]]), torch.randn(3, 2)
    term = EffectsTerm(DESIGN, INDEX, 3)
    torch.testing.assert_close(
        term.scaled(root).predictor(effects), term.predictor(effects @ root.T)
    )


@pytest.mark.parametrize(
    ("term", "error", "found"),
    [
        (EffectsTerm(DESIGN, torch.tensor([0, 1, 3]), 3), DataError, "holds 3 at row 2"),
        (EffectsTerm(DESIGN, torch.tensor([0, -1, 2]), 3), DataError, "holds -1 at row 1"),
        (EffectsTerm(DESIGN[:2], INDEX, 3), ConfigError, r"shape \(2, 2\)"),
        (EffectsTerm(DESIGN[:, 0], INDEX, 3), ConfigError, r"shape \(3,\)"),
        (fixed_term(DESIGN[:, :0]), ConfigError, "has 0 effects"),
    ],
)
def test_a_term_that_does_not_fit_is_refused(term, error, found):
    with pytest.raises(error, match=found):
        check_term(term, 3)
