import torch

from armed.losses import LossTerms, Term, batch_mean


def test_total_is_the_weighted_sum_and_values_are_unweighted():
    terms = LossTerms(Term("a", torch.tensor(2.0)), Term("b", torch.tensor(3.0), -0.5))
    assert terms.total.item() == 0.5
    assert terms.values.tolist() == [2, 3]
    assert terms.names == ("a", "b")


def test_mean_of_a_minibatch_ignores_padding_and_keeps_weights():
    values, weight = torch.tensor([1.0, 2.0, 70.0]), torch.tensor([0.5, 1.5, 1.0])
    mean = batch_mean(values, weight, torch.tensor([1.0, 1.0, 0.0]))
    assert mean.item() == (0.5 * 1 + 1.5 * 2) / 2
