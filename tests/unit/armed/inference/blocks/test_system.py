from dataclasses import replace

import pytest
import torch

from armed.inference.blocks import products
from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.system import ArrowSystem, pair_gram
from armed.inference.blocks.terms import EffectsTerm, fixed_term

SAMPLES = 50


def terms(seed: int = 0) -> tuple[list[EffectsTerm], EffectsTerm, torch.Generator]:
    """Two crossed factors of 6 clusters (one empty) and 4, of 2 and 1 effects; 3 fixed effects."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    def clusters(count):
        return torch.randint(0, count, (SAMPLES,), generator=draw)

    random = [
        EffectsTerm(normal(SAMPLES, 2), clusters(5), 6),
        EffectsTerm(normal(SAMPLES, 1), clusters(4), 4),
    ]
    return random, fixed_term(normal(SAMPLES, 3)), draw


def dense(term: EffectsTerm) -> torch.Tensor:
    """Design of all effects of a term, (samples, clusters * d)."""
    design = torch.zeros(SAMPLES, term.clusters, term.size, dtype=torch.float64)
    design[torch.arange(SAMPLES), term.index] = term.design
    return design.flatten(1)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("integrated", [None, False, True])
def test_arrow_solves_what_the_dense_system_does(count, integrated):
    random, fixed, draw = terms()
    fixed = replace(fixed, precision=torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64))
    random, fixed = random[:count], None if integrated is None else fixed
    system = ArrowSystem(random, fixed, integrate_fixed=bool(integrated))
    first = torch.randn(SAMPLES, generator=draw, dtype=torch.float64)
    second = torch.rand(SAMPLES, generator=draw, dtype=torch.float64)
    means = [
        torch.randn(t.clusters, t.size, generator=draw, dtype=torch.float64) for t in system.terms
    ]
    designs = [dense(term) for term in system.terms]
    whole, at = torch.cat(designs, 1), torch.cat([m.flatten() for m in means])
    prior = torch.ones(whole.shape[1], dtype=torch.float64)
    if fixed is not None:
        prior[-3:] = fixed.precision
    precision = whole.T @ (second[:, None] * whole) + torch.diag(prior)
    step = torch.linalg.solve(precision, whole.T @ first - prior * at)
    solved = system.solve(means, first, second)
    torch.testing.assert_close(torch.cat([s.flatten() for s in solved.step]), step)

    held = 3 if integrated is False else 0
    kept = slice(0, whole.shape[1] - held)
    covariance = torch.linalg.inv(precision[kept, kept])
    variance = ((whole[:, kept] @ covariance) * whole[:, kept]).sum(1)
    torch.testing.assert_close(solved.variance(), variance)
    torch.testing.assert_close(solved.log_determinant(), torch.logdet(precision[kept, kept]))
    start = 0
    for term, found in zip(random, solved.covariances(), strict=False):
        for k in range(term.clusters):
            own = slice(start + k * term.size, start + (k + 1) * term.size)
            torch.testing.assert_close(found[k], covariance[own, own])
        start += term.clusters * term.size
    if fixed is not None:
        expected = torch.linalg.inv(precision)[-3:, -3:]
        torch.testing.assert_close(solved.fixed_covariance(), expected)


def test_arrow_of_classes_solves_what_the_dense_system_does():
    classes, draw = 3, torch.Generator().manual_seed(1)

    def normal(*shape):
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    made, whole = [], []
    for plain in terms()[0]:
        own = ClassesTerm(plain.design, plain.index, plain.clusters, classes=classes)
        root = torch.tril(normal(own.size, own.size))
        made.append(own.scaled(root))
        # (samples, classes) rows of (clusters, columns, classes) effects
        each = torch.einsum("im,cd->icmd", dense(plain), torch.eye(classes).double()).flatten(2)
        each = each.flatten(0, 1).view(-1, own.clusters, own.size)
        whole.append((each @ root).flatten(1))
    design, half = torch.cat(whole, 1), normal(SAMPLES, classes, classes)
    first, second = normal(SAMPLES, classes), half @ half.mT
    system = ArrowSystem(made, None, integrate_fixed=False)
    means = [normal(term.clusters, term.size) for term in made]
    eye = torch.eye(design.shape[1], dtype=torch.float64)
    precision = design.T @ torch.block_diag(*second) @ design + eye
    at = torch.cat([mean.flatten() for mean in means])
    step = torch.linalg.solve(precision, design.T @ first.flatten() - at)
    solved = system.solve(means, first, second)
    torch.testing.assert_close(torch.cat([s.flatten() for s in solved.step]), step)
    covariance = design @ torch.linalg.inv(precision) @ design.T
    blocks = covariance.view(SAMPLES, classes, SAMPLES, classes).diagonal(dim1=0, dim2=2)
    torch.testing.assert_close(solved.variance(), blocks.permute(2, 0, 1))
    # sum_i of the weights' products with each effect's part of a predictor
    for term, each, own in zip(made, solved.with_predictor(), whole, strict=True):
        between = torch.linalg.inv(precision) @ design.T @ torch.block_diag(*second)
        start = 0 if term is made[0] else whole[0].shape[1]
        rows = between[start : start + own.shape[1]]
        expected = (rows * own.T).sum(1).view(term.clusters, term.size).sum(0)
        torch.testing.assert_close(term.curved(second, each), expected)


def test_step_and_covariances_do_not_depend_on_which_term_is_eliminated():
    random, fixed, draw = terms()
    first = torch.randn(SAMPLES, generator=draw, dtype=torch.float64)
    second = torch.rand(SAMPLES, generator=draw, dtype=torch.float64)
    solved = []
    for order in ([0, 1], [1, 0]):
        system = ArrowSystem([random[i] for i in order], fixed, integrate_fixed=True)
        solved.append(system.solve(system.zeros(first), first, second))
    torch.testing.assert_close(solved[0].step[:2], solved[1].step[1::-1])
    torch.testing.assert_close(solved[0].covariances()[:2], solved[1].covariances()[1::-1])
    torch.testing.assert_close(solved[0].with_predictor()[:2], solved[1].with_predictor()[1::-1])


@pytest.mark.parametrize("values", [1, 9 * 7, products.GRAM_VALUES])
def test_gram_sums_outer_products_some_samples_at_a_time(values, monkeypatch):
    monkeypatch.setattr(products, "GRAM_VALUES", values)
    (first, second), _, draw = terms()
    weight = torch.rand(SAMPLES, generator=draw, dtype=torch.float64)
    pairs = dense(first).T @ (weight[:, None] * dense(second))
    place = first.index * second.clusters + second.index
    found = pair_gram(first, second, weight, place, 24).view(6, 4, 2, 1)
    torch.testing.assert_close(found.transpose(1, 2).flatten(2).flatten(0, 1), pairs)
    own = first.gram(weight)
    blocks = (dense(first).T @ (weight[:, None] * dense(first))).view(6, 2, 6, 2)
    torch.testing.assert_close(own, blocks.diagonal(dim1=0, dim2=2).permute(2, 0, 1))
