import pytest
import torch

from armed.inference.blocks.classes import ClassesTerm

SAMPLES, CLUSTERS, COLUMNS, CLASSES = 24, 5, 2, 3


def normal(*shape, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=draw, dtype=torch.float64)


@pytest.fixture(params=[1, 4])
def term(request):
    """Clusters of four samples each, one of them without any; in blocks, or one by one."""
    index = torch.tensor([0, 0, 1, 3, 4, 4]).repeat_interleave(4)
    given = {"classes": CLASSES, "block": request.param}
    return ClassesTerm(normal(SAMPLES, COLUMNS), index, CLUSTERS, **given)


def dense(term: ClassesTerm, root: torch.Tensor) -> torch.Tensor:
    """Design of all effects of all clusters, (samples, classes, clusters * effects)."""
    found = torch.zeros(SAMPLES, CLASSES, CLUSTERS, COLUMNS, CLASSES, dtype=torch.float64)
    for i in range(SAMPLES):
        for c in range(CLASSES):
            found[i, c, term.index[i], :, c] = term.design[i]
    return (found.flatten(3) @ root).flatten(2)


@pytest.mark.parametrize("standardised", [False, True])
def test_sums_are_those_of_the_dense_design(term, standardised):
    size = COLUMNS * CLASSES
    root = normal(size, size, seed=1).tril() if standardised else torch.eye(size).double()
    whole, own = dense(term, root), term.scaled(root) if standardised else term
    effects = normal(CLUSTERS, size, seed=2)
    torch.testing.assert_close(own.predictor(effects), whole @ effects.flatten())
    values = normal(SAMPLES, CLASSES, seed=3)
    expected = torch.einsum("icv,ic->v", whole, values).view(CLUSTERS, size)
    torch.testing.assert_close(own.gather(values), expected)
    root_of_weight = normal(SAMPLES, CLASSES, CLASSES, seed=4)
    weight = root_of_weight @ root_of_weight.mT
    gram = torch.einsum("icv,icd,idw->vw", whole, weight, whole)
    blocks = gram.view(CLUSTERS, size, CLUSTERS, size).diagonal(dim1=0, dim2=2).permute(2, 0, 1)
    torch.testing.assert_close(own.gram(weight), blocks)
    half = normal(CLUSTERS, size, size, seed=5)
    covariance = half @ half.mT
    expected = whole @ torch.block_diag(*covariance) @ whole.mT
    torch.testing.assert_close(own.variance(covariance), expected)
