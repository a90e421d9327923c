"""Verdicts on claims: right on simulated contrasts, where there is an effect and where there is none."""

import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation.claims.contrasts import Contrast, contrast
from armed_study.evaluation.claims.verdicts import (
    FAILS,
    HOLDS,
    OPEN,
    UNTESTED,
    judge,
    read_claims,
    read_tables,
    verdict,
)  # fmt: skip
from armed_study.report.published import published_scores
from armed_study.statistics.intervals import t_interval
from refusals import refused

REPLICATES = 40
CLAIM = {
    "claim": "better", "source": "paper", "says": "It is better.", "study": "mci", "table": "comparisons",
    "value": "difference", "rows": {"model": "armed", "partition": "test", "metric": "auroc"},
    "less": {"model": "conventional"}, "effect": "gain", "expected": "above", "smallest": 0.01,
    "data": "generated data", "ratio": 0.1, "figure": "performance", "lacks": "",
}  # fmt: skip
COMPARED = pd.DataFrame({
    "model": "conventional", "reference": "armed", "partition": "test", "metric": "auroc",
    "difference": [-0.04], "low": -0.07, "high": -0.02, "p": 0.01, "test": "paired bootstrap",
})  # fmt: skip


def over_folds(rng, effect):
    """Scores of two models in ten Monte Carlo folds, whose differences share training samples."""
    ratio = 0.4
    shared = ratio / (1 + ratio)  # correlation of two folds (Nadeau and Bengio 2003)
    noise = np.sqrt(shared) * rng.normal() + np.sqrt(1 - shared) * rng.normal(size=10)
    level = rng.normal(0, 5, 10)
    table = pd.DataFrame({
        "model": ["a"] * 10 + ["b"] * 10, "fold": [*range(10)] * 2,
        "value": np.concatenate([level + effect + noise, level]),
    })  # fmt: skip
    return contrast(
        table, {"value": "value", "rows": {"model": "a"}, "less": {"model": "b"}, "ratio": ratio}
    )


def of_two_rows(rng, effect):
    """Means of ten draws of each of two models, with t intervals."""
    draws = [rng.normal(mean, 1, 10) for mean in (effect, 0)]
    ends = np.array([t_interval(own) for own in draws])
    table = pd.DataFrame({
        "model": ["a", "b"], "value": [own.mean() for own in draws], "low": ends[:, 0], "high": ends[:, 1],
    })  # fmt: skip
    return contrast(
        table, {"value": "value", "rows": {"model": "a"}, "less": {"model": "b"}, "ratio": 0.0}
    )


@pytest.mark.parametrize("simulated", [over_folds, of_two_rows])
@pytest.mark.parametrize("expected", ["above", "below"])
def test_claim_holds_where_there_is_an_effect_and_not_where_there_is_none(simulated, expected):
    rng, sign = np.random.default_rng(1), -1 if expected == "below" else 1
    found = [
        [verdict(simulated(rng, sign * effect), expected, size) for _ in range(REPLICATES)]
        # Nothing, however small an effect would matter; and twice the smallest that matters.
        for effect, size in ((0.0, 1e-6), (4.0, 2.0))
    ]
    assert found[0].count(HOLDS) <= 0.05 * REPLICATES
    assert found[1].count(HOLDS) >= 0.8 * REPLICATES


def test_closeness_holds_where_it_is_exact_and_not_at_twice_what_matters():
    rng = np.random.default_rng(2)
    far = [verdict(over_folds(rng, 2 * 2.0), "near", 2.0) for _ in range(REPLICATES)]
    near = [verdict(over_folds(rng, 0.0), "near", 4.0) for _ in range(REPLICATES)]
    assert far.count(HOLDS) <= 0.05 * REPLICATES
    assert near.count(HOLDS) >= 0.8 * REPLICATES


@pytest.mark.parametrize(
    ("ends", "expected", "said"),
    [
        ((0.01, 0.2, 0.3), "above", HOLDS),
        ((0.01, 0.05, 0.3), "above", OPEN),  # above 0, and perhaps too small
        ((-0.01, 0.2, 0.3), "above", OPEN),
        ((-0.01, 0.02, 0.09), "above", FAILS),
        ((-0.3, -0.2, -0.01), "above", FAILS),
        ((-0.3, -0.2, -0.01), "below", HOLDS),
        ((0.01, 0.2, 0.3), "below", FAILS),
        ((-0.1, 0.0, 0.1), "near", HOLDS),
        ((-0.1, 0.0, 0.11), "near", OPEN),
        ((0.11, 0.2, 0.3), "near", FAILS),
        ((np.nan, 0.2, np.nan), "above", OPEN),
        ((-np.inf, 0.2, np.inf), "near", OPEN),
    ],
)
def test_verdict_is_by_interval_and_smallest_effect(ends, expected, said):
    low, effect, high = ends
    assert verdict(Contrast(effect, low, high, np.nan, ""), expected, 0.1) == said


def test_claims_get_their_size_published_size_and_data(tmp_path):
    path = tmp_path / "mci" / "comparisons.csv"
    path.parent.mkdir()
    COMPARED.to_csv(path, index=False)
    absent = {
        **CLAIM,
        "study": "new",
        "data": "",
        "lacks": "study 'new' is not in the configuration",
    }
    other = {
        **CLAIM,
        "rows": {**CLAIM["rows"], "metric": "recall"},
        "data": "permuted outcomes of x",
    }
    table = judge([CLAIM, absent, other], read_tables([path]), {"mci": published_scores("mci")})
    first = table.iloc[0]
    assert (first["verdict"], first["kind"], first["interval"]) == (
        HOLDS,
        "generated",
        "paired bootstrap",
    )
    assert first["value"] == pytest.approx(0.04)
    assert first["published"] == pytest.approx(0.926 - 0.884)
    assert table["verdict"].tolist()[1:] == [UNTESTED, UNTESTED]
    assert table["kind"].tolist()[1:] == ["", "permuted"]
    assert "not in the configuration" in table["reason"][1]
    assert "metric recall" in table["reason"][2]


def test_column_that_a_table_lacks_is_refused_with_the_claim():
    with refused("claims.better: .*no column 'diference'"):
        judge([{**CLAIM, "value": "diference"}], {("mci", "comparisons"): COMPARED}, {})


@pytest.mark.parametrize(
    ("expected", "relative"), [("above", (4, 2, 7)), ("below", (-4, -7, -2)), ("near", (4, 2, 7))]
)
def test_effects_are_given_in_smallest_effects_that_matter(expected, relative, tmp_path):
    table = judge([{**CLAIM, "expected": expected}], {("mci", "comparisons"): COMPARED}, {})
    columns = ["relative", "relative_low", "relative_high"]
    assert tuple(table.loc[0, columns]) == pytest.approx(relative)
    table.to_csv(tmp_path / "claims.csv", index=False)
    assert read_claims(tmp_path / "claims.csv").loc[0, "reason"] == ""
