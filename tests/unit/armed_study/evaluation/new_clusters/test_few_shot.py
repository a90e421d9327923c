"""Scores on unseen clusters by the number of labelled samples."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn import metrics

from armed_study.evaluation.new_clusters import few_shot

CLUSTERS, SIZE = 12, 40
KEYS = ["model", "assignment", "shots", "metric"]


def study(seed=0, folds=2, seeds=2, draws=2):
    """Predictions that know the more of the cluster's intercept, the more samples are labelled."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(CLUSTERS), SIZE)
    effect, slope = rng.normal(0, 1.5, CLUSTERS)[cluster], rng.normal(size=len(cluster))
    names = [f"s{i:04d}" for i in range(len(cluster))]
    outcome = (rng.random(len(cluster)) < expit(effect + slope)).astype(float)
    samples = pd.DataFrame({"sample": names, "cluster": cluster.astype(str), "outcome": outcome})
    splits = pd.concat(samples[["sample"]].assign(fold=f, partition="unseen") for f in range(folds))
    # the last cluster is too small
    given = splits.merge(samples, on="sample")[["fold", "sample", "cluster"]]
    given = given[given["cluster"] != str(CLUSTERS - 1)]
    given["place"] = np.where(given["sample"].str[1:].astype(int) % SIZE < 10, 0, -1)
    scored = given[given["place"] < 0]
    parts = []
    for how, shots, known in (("zero", 0, 0.0), ("marginal", 0, 0.0), ("few_shot", 5, 0.7)):
        for one in range(seeds):
            for draw in range(draws if shots else 1):
                at = scored["sample"].str[1:].astype(int).to_numpy()
                noise = 0.1 * rng.normal(size=len(at))
                parts.append(scored[["fold", "sample"]].assign(
                    seed=one, draw=draw, assignment=how, shots=shots, model="armed",
                    mixed=expit(known * effect[at] + slope[at] + noise),
                ))  # fmt: skip
    return pd.concat(parts, ignore_index=True), samples, given, splits


def table(predictions, *known):
    parts = [predictions] if isinstance(predictions, pd.DataFrame) else predictions
    found = few_shot.few_shot_table(parts, *known, study="t", seed=1, draws=200)
    return found.astype(dict.fromkeys(("model", "assignment", "metric"), str)).set_index(KEYS)


def test_scores_are_means_over_choices_seeds_and_folds():
    predictions, samples, *known = study()
    found = table(predictions, samples, *known)
    joined = predictions.merge(samples, on="sample")
    for (how, shots), own in joined.groupby(["assignment", "shots"]):
        for metric, of in (
            ("auroc", metrics.roc_auc_score),
            ("log_loss", metrics.log_loss),
            ("brier", metrics.brier_score_loss),
        ):
            each = own.groupby(["fold", "seed", "draw"])[["outcome", "mixed"]].apply(
                lambda rows, of=of: of(rows["outcome"], rows["mixed"])
            )
            row = found.loc[("armed", how, shots, metric)]
            assert row["mean"] == pytest.approx(each.groupby("fold").mean().mean(), abs=1e-6)


def test_labelled_samples_that_tell_the_cluster_raise_the_score():
    found = table(*study())
    gain = found.loc[("armed", "few_shot", 5, "auroc")]
    zero = found.loc[("armed", "zero", 0, "auroc")]
    assert gain["difference"] == pytest.approx(gain["mean"] - zero["mean"])
    assert gain["difference_low"] > 0
    assert found.loc[("armed", "few_shot", 5, "log_loss"), "difference_high"] < 0
    assert np.isnan(zero["difference"])


def test_a_difference_of_pairs_is_narrower_than_its_two_scores():
    row = table(*study()).loc[("armed", "few_shot", 5, "auroc_within")]
    paired = row["difference_high"] - row["difference_low"]
    assert paired < 0.5 * (row["high"] - row["low"])


def test_clusters_scored_and_too_small_are_counted():
    found = table(*study())
    counts = found[["clusters", "small_clusters", "samples", "folds"]].drop_duplicates()
    assert counts.to_numpy().tolist() == [[CLUSTERS - 1, 1, (CLUSTERS - 1) * (SIZE - 10), 2]]


def test_parts_of_a_model_give_what_the_whole_gives():
    predictions, *known = study()
    whole = table(predictions, *known)
    parts = [predictions[predictions["fold"] == fold] for fold in (1, 0)]
    pd.testing.assert_frame_equal(table(parts, *known), whole)


def test_models_without_such_predictions_give_an_empty_table():
    predictions, *known = study()
    assert table(predictions[:0], *known).empty
