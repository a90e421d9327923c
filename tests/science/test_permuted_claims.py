"""Claims on a study whose outcomes are permuted: nothing is there, and nothing is said to hold."""

import dataclasses
import gc

import numpy as np
import pytest

from armed_study.evaluation.claims.verdicts import HOLDS, judge
from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import score_predictions
from invented_predictions import invent

STUDY = invent(
    models={"armed": 0.3, "conventional": 3.0}, folds=5, seeds=1, seen=8, unseen=16, size=30
)
CLAIMS = [
    {
        "claim": f"{partition}_{metric}", "source": "ours", "says": "It is better.", "study": "s",
        "table": "comparisons", "value": "difference", "less": {"model": "conventional"},
        "rows": {"model": "armed", "partition": partition, "metric": metric}, "effect": "gain",
        "expected": "above", "smallest": 0.01, "data": "x", "ratio": 0.25, "figure": "", "lacks": "",
    }
    for partition in ("test", "unseen")
    for metric in ("auroc", "accuracy")
]  # fmt: skip
PERMUTATIONS = 8


@pytest.fixture(scope="module", autouse=True)
def quick_garbage_collection():
    """Of new objects only: statsmodels collects garbage in every Holm adjustment."""
    gc.freeze()
    yield
    gc.unfreeze()


def verdicts(samples):
    study = dataclasses.replace(STUDY, samples=samples)
    scored = score_predictions(study.predictions, samples, study.truth, rows={}, study="s")
    tested = compare(Pairs(scored, study.splits, seed=0, draws=99), reference="armed")
    table = judge(CLAIMS, {("s", "comparisons"): tested}, {})
    return dict(zip(table["claim"], table["verdict"], strict=True))


def test_claims_hold_by_the_outcomes_and_not_by_permuted_ones():
    assert set(verdicts(STUDY.samples).values()) == {HOLDS}
    for number in range(PERMUTATIONS):
        dealt = np.random.default_rng(number).permutation(STUDY.samples["outcome"])
        assert HOLDS not in verdicts(STUDY.samples.assign(outcome=dealt)).values()
