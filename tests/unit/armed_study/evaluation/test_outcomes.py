"""Predictions of outcomes that are not binary, from the table of a baseline to scores and intervals."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.evaluation.calibration import calibration_table
from armed_study.evaluation.models.study import evaluate
from armed_study.evaluation.scores import Scored, score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap, summarise
from armed_study.io.tables import empty_table
from armed_study.statistics.layout import Layout
from armed_study.statistics.measures.unit_counts import Laid
from armed_study.statistics.measures.unit_counts import evaluate as evaluate_scores
from armed_study.training import trainer
from armed_study.vocabulary.outcomes import KINDS, METRICS
from small_outcomes import OUTCOMES, dataset, folds, split

KINDS_OF = pytest.mark.parametrize("kind", OUTCOMES)


@cache
def study(kind: str) -> tuple[ClusteredDataset, pd.DataFrame]:
    """A study with several unseen clusters, and the predictions of `prevalence` in it."""
    data = dataset(kind)
    away = data.samples["cluster"].isin(["c4", "c5", "c6", "c7"])
    data = ClusteredDataset(
        "t", data.samples.assign(held_out=away), data.features, "generated", True,
        outcome=data.outcome,
    )  # fmt: skip
    table = trainer("prevalence")(folds(data), model="prevalence", settings={})
    known = table.table("predictions")
    # Something that differs between samples of a cluster.
    noise = 1 + 0.2 * np.random.default_rng(1).random(len(known)).astype(np.float32)
    fixed = known["fixed"] * (noise if kind != "categorical" else 1)
    return data, known.assign(fixed=fixed)


def scored(kind: str, predictions: pd.DataFrame | None = None) -> Scored:
    data, known = study(kind)
    return score_predictions(
        known if predictions is None else predictions, data.samples, pd.DataFrame(), rows={},
        study="t", outcome=data.outcome,
    )  # fmt: skip


@KINDS_OF
def test_scores_hold_the_metrics_of_the_kind_in_their_order(kind: str) -> None:
    table = scored(kind).table
    assert tuple(table["metric"].drop_duplicates()) == KINDS[kind].metrics
    assert set(table["partition"]) == {"validation", "test", "unseen"}


@KINDS_OF
def test_a_cluster_draw_equals_the_metrics_of_the_drawn_samples(kind: str) -> None:
    found = scored(kind)
    (own,) = {key for key in found.unseen if key[2] == "zero" and key[3] == "fixed"}
    counts = found.unseen[own][0]
    weights = np.array([[2.0, 0.0, 1.0, 1.0]])
    drawn = {name: value[0] for name, value in counts.of_draws(weights).items()}
    data, predictions = study(kind)
    rows = predictions[(predictions["assignment"] == "zero") & (predictions["fold"] == 0)]
    rows = rows[rows["partition"] == "unseen"].astype({"sample": str})
    score = rows.pivot_table(
        index="sample", columns="class" if kind == "categorical" else "fold", values="fixed",
        observed=True,
    )  # fmt: skip
    samples = data.samples.astype({"sample": str, "cluster": str}).set_index("sample")
    samples = samples.loc[score.index]
    take = np.concatenate([
        np.flatnonzero(samples["cluster"] == f"c{4 + k}")
        for k, times in enumerate(weights[0]) for _ in range(int(times))
    ])  # fmt: skip
    # Drawn twice a cluster counts as two.
    cluster = np.repeat(np.arange(4), 40)
    y = samples["outcome"].to_numpy(float)[take]
    values = score.to_numpy()[take]
    layout = Layout.of(y, cluster, about=data.outcome)
    expected = evaluate_scores(
        Laid(take, layout, None), values if kind == "categorical" else values[:, 0], np.nan, "test"
    ).values
    assert drawn == pytest.approx(expected, rel=1e-5)


@KINDS_OF
def test_means_lie_in_their_intervals_and_these_in_the_range_of_the_metric(kind: str) -> None:
    table = summarise(scored(kind), seed=0, draws=200)
    table = table[table["low"].notna()]
    assert set(table[table["partition"] == "unseen"]["interval"]) == {"cluster bootstrap"}
    for row in table.itertuples():
        assert METRICS[row.metric].least <= row.low <= row.high <= METRICS[row.metric].most
        # A drawn set of clusters explains less than all of them, where clusters differ.
        if row.metric in {"rmse", "mae", "poisson_deviance", "accuracy", "brier", "log_loss"}:
            assert row.low - 1e-9 <= row.mean <= row.high + 1e-9


@KINDS_OF
def test_every_table_of_the_evaluation_is_made(kind: str) -> None:
    data, predictions = study(kind)
    other = predictions.assign(model="other", fixed=predictions["fixed"] * 0.999)
    other = other if kind != "categorical" else predictions.assign(model="other")
    tables = evaluate(
        [predictions, other], data, {"truth": empty_table("truth"), "splits": split(data)},
        pd.DataFrame({"study": [], "metric": [], "partition": []}), study="t", rows={},
        reference="prevalence", networks=(), ablations=[], metrics=KINDS[kind].shown, seed=1,
    )  # fmt: skip
    assert set(tables["comparisons"]["metric"]) == set(KINDS[kind].compared)
    assert set(tables["performance"]["metric"]) == set(KINDS[kind].shown[:2])
    assert tables["roc"].empty
    assert tables["limit"].empty
    assert len(tables["calibration"])


def test_calibration_of_classes_is_over_all_of_them() -> None:
    data, predictions = study("categorical")
    table = calibration_table(predictions, data.samples, study="t", seed=1, outcome=data.outcome)
    part = table[table["partition"] == "test"]
    tested = (predictions["partition"] == "test") & (predictions["assignment"] == "known")
    assert part["count"].sum() == tested.sum()
    mean = np.average(part["observed"], weights=part["count"])
    assert mean == pytest.approx(1 / 3)  # of three classes every sample has one


def test_calibration_of_numbers_is_in_their_units() -> None:
    data, predictions = study("continuous")
    table = calibration_table(predictions, data.samples, study="t", seed=1, outcome=data.outcome)
    assert table[["observed", "left", "right"]].stack().between(20, 80).all()
    assert (table["left"] <= table["right"]).all()


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("categorical", lambda t: t.drop(columns="class"), "column 'class'"),
        ("categorical", lambda t: t[t["class"] != "low"], "one prediction of each of the 3 classes"),
        ("categorical", lambda t: pd.concat([t, t.tail(1)]), "one prediction of each of the 3 classes"),
        ("count", lambda t: t.assign(fixed=-1.0), "fixed predictions .* are no mean count"),
        ("continuous", lambda t: t.assign(fixed=np.inf), "fixed predictions .* are no finite number"),
        ("categorical", lambda t: t.assign(fixed=1.5), "fixed predictions .* are no probability"),
    ],
)  # fmt: skip
def test_predictions_that_are_none_of_the_kind_are_refused(kind, change, said) -> None:
    with pytest.raises(DataError, match=said):
        scored(kind, change(study(kind)[1]))


def test_an_outcome_of_another_kind_is_refused() -> None:
    data, predictions = study("continuous")
    with pytest.raises(DataError, match="scores are for outcomes 0 and 1"):
        score_predictions(predictions, data.samples, pd.DataFrame(), rows={}, study="t")


def test_bootstrap_of_numbers_has_every_metric() -> None:
    found = scored("continuous")
    drawn = cluster_bootstrap(next(iter(found.unseen.values())), draws=5, seed=0)
    assert set(drawn) == set(KINDS["continuous"].metrics)
