import pytest
import torch

from armed.errors import ConfigError, DataError
from armed.inference.blocks.layout import in_blocks
from armed.inference.blocks.terms import EffectsTerm, check_term, fixed_term

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


def blocked(counts=(5, 1, 0, 12), *, left_out=3):
    """A term whose clusters have so many samples, some of which do not count, and it in blocks."""
    draw = torch.Generator().manual_seed(0)
    index = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    index = index[torch.randperm(len(index), generator=draw)]
    design = torch.randn(len(index), 2, generator=draw, dtype=torch.float64)
    counted = torch.arange(len(index)) >= left_out
    order, real, length = in_blocks(index, counted)
    plain = EffectsTerm(design, index, len(counts))
    own = EffectsTerm(design[order], index[order], len(counts), block=length)
    return plain, counted.double(), own, order, real.double()


def test_blocks_hold_each_sample_that_counts_once_and_one_cluster():
    _, counted, own, order, real = blocked()
    assert sorted(order[real == 1].tolist()) == counted.nonzero()[:, 0].tolist()
    by_block = own.index.view(-1, own.block)
    assert (by_block == by_block[:, :1]).all()


@pytest.mark.parametrize("counts", [(5, 1, 0, 12), (4, 4, 4, 4), (18, 0, 0, 0), (1,) * 18])
def test_sums_over_blocks_are_those_over_samples(counts):
    plain, counted, own, order, real = blocked(counts)
    values = torch.randn(len(plain.design), dtype=torch.float64)
    torch.testing.assert_close(own.gather(values[order] * real), plain.gather(values * counted))
    gram = own.gram(values[order] * real)
    torch.testing.assert_close(gram, plain.gram(values * counted))
    assert own.present(real).equal(plain.present(counted))
    largest = own.largest(values.abs()[order] * real)
    torch.testing.assert_close(largest, plain.largest(values.abs() * counted))


def test_predictors_by_block_are_those_by_sample():
    plain, _, own, order, _ = blocked()
    effects = torch.randn(4, 2, dtype=torch.float64)
    expected = (plain.design * effects[plain.index]).sum(1)
    torch.testing.assert_close(own.predictor(effects), expected[order])
    root = torch.randn(4, 2, 2, dtype=torch.float64)
    covariance = root @ root.mT
    expected = torch.einsum("id,ide,ie->i", plain.design, covariance[plain.index], plain.design)
    torch.testing.assert_close(own.variance(covariance), expected[order])


@pytest.mark.parametrize("counts", [(1000,) * 10, (1,) * 1000, (1, 3, 900, 20)])
def test_filling_of_blocks_costs_little(counts):
    index = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    order, _, length = in_blocks(index, torch.ones(len(index), dtype=torch.bool))
    assert len(order) < 1.3 * len(index)
    assert len(order) // length <= len(index)
