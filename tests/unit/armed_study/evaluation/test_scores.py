import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from armed.errors import ConfigError, DataError, LeakageError
from armed_study.evaluation.scores import METRICS, Scored, score_predictions
from armed_study.statistics.auroc import Ranking, concordant_pairs, concordant_within
from armed_study.statistics.cluster_counts import Layout
from invented_predictions import Invented, invent


@pytest.fixture(scope="module")
def study() -> Invented:
    return invent(models={"a": 0.5, "b": 2.0})


def score(study: Invented, rows: dict | None = None, *, truth: bool = True) -> Scored:
    known = study.truth if truth else study.truth.iloc[:0]
    return score_predictions(
        study.predictions, study.samples, known, rows=rows or {}, study="invented"
    )


def value(scored: Scored, metric: str, **where: object) -> float:
    table = scored.table[scored.table["metric"] == metric]
    for column, wanted in where.items():
        table = table[table[column] == wanted]
    assert len(table) == 1
    return table["value"].item()


BLOCK = {"model": "b", "fold": 1, "seed": 1, "partition": "unseen", "assignment": "membership"}


def brute_force_within(y: np.ndarray, score: np.ndarray, cluster: np.ndarray) -> float:
    wins = pairs = 0.0
    for i in np.flatnonzero(y == 1):
        for j in np.flatnonzero((y == 0) & (cluster == cluster[i])):
            wins += (score[i] > score[j]) + 0.5 * (score[i] == score[j])
            pairs += 1
    return wins / pairs


@pytest.mark.parametrize("assignment", ["membership", "random"])
def test_metrics_of_order_equal_those_of_scikit_learn_with_ties(study, assignment):
    block = BLOCK | {"assignment": assignment}
    scored, rows = score(study), study.rows(**block)
    y, p = rows["outcome"].to_numpy(), rows["mixed"].to_numpy(dtype=np.float64)
    assert len(np.unique(p)) < len(p)
    found = {m: value(scored, m, effect="mixed", **block) for m in METRICS}
    assert found["auroc"] == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)
    assert found["auprc"] == pytest.approx(metrics.average_precision_score(y, p), abs=1e-12)
    cluster = rows["cluster"].to_numpy()
    assert found["auroc_within"] == pytest.approx(brute_force_within(y, p, cluster), abs=1e-12)


def test_decisions_are_taken_at_the_youden_point_of_the_training_samples(study):
    scored, rows = score(study), study.rows(**BLOCK)
    train = study.rows(**(BLOCK | {"partition": "train", "assignment": "known"}))
    fpr, tpr, thresholds = metrics.roc_curve(
        train["outcome"], train["mixed"].astype(float), drop_intermediate=False
    )
    threshold = thresholds[np.argmax(np.round(tpr - fpr, 12))]
    y, called = rows["outcome"], rows["mixed"].astype(float) >= threshold
    found = {m: value(scored, m, effect="mixed", **BLOCK) for m in METRICS}
    assert found["threshold"] == threshold
    assert found["sensitivity"] == pytest.approx(metrics.recall_score(y, called))
    assert found["specificity"] == pytest.approx(metrics.recall_score(y, called, pos_label=0))
    assert found["ppv"] == pytest.approx(metrics.precision_score(y, called))
    assert found["npv"] == pytest.approx(metrics.precision_score(y, called, pos_label=0))
    assert found["f1"] == pytest.approx(metrics.f1_score(y, called))
    assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, called))
    at_half = rows["mixed"] >= 0.5
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, at_half))
    oracle = study.truth.set_index("sample")["oracle"][rows["sample"]].to_numpy() >= 0.5
    assert found["bayes_agreement"] == pytest.approx(np.mean(at_half.to_numpy() == oracle))


def test_training_predictions_with_another_z_do_not_move_the_threshold(study):
    known = study.predictions["partition"] == "train"
    other = study.predictions[known].assign(assignment="random", fixed=0.5, mixed=0.5)
    predictions = pd.concat([study.predictions, other])
    again = score(Invented(study.samples, study.truth, study.splits, predictions))
    pd.testing.assert_frame_equal(again.table, score(study).table)


def test_probability_metrics_equal_their_definitions(study):
    scored, rows = score(study), study.rows(**BLOCK)
    y, p = rows["outcome"].to_numpy(dtype=float), rows["fixed"].to_numpy(dtype=np.float64)
    found = {m: value(scored, m, effect="fixed", **BLOCK) for m in METRICS}
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(y, p))
    kept = np.clip(p, 2.0**-23, 1 - 2.0**-23)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(y, kept))
    bins = np.minimum(np.floor(p * 15), 14)
    gaps = [abs(y[bins == b].mean() - p[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
    assert found["ece"] == pytest.approx(sum(gaps))


def test_the_cluster_prevalence_as_score_has_a_within_auroc_of_exactly_one_half(study):
    prevalence = study.samples.groupby("cluster")["outcome"].transform("mean")
    by_sample = pd.Series(prevalence.to_numpy(), index=study.samples["sample"])
    predictions = study.predictions.copy()
    predictions["fixed"] = by_sample[predictions["sample"]].to_numpy()
    scored = score(Invented(study.samples, study.truth, study.splits, predictions))
    within = scored.table[
        (scored.table["metric"] == "auroc_within")
        & (scored.table["effect"] == "fixed")
        & scored.table["model"].isin(["a", "b"])
    ]["value"]
    assert (within == 0.5).all()
    assert value(scored, "auroc", effect="fixed", **BLOCK) > 0.6


def test_the_quadratic_form_is_the_auroc_of_the_resampled_samples():
    generator = np.random.default_rng(3)
    cluster = generator.integers(0, 7, 300)
    y = generator.random(300) < 0.2 + 0.1 * cluster
    p = np.round(generator.random(300) * 0.5 + 0.3 * y, 2)
    layout, ranking = Layout.of(y, cluster, None), Ranking.of(y, p)
    pairs = concordant_pairs(layout, ranking)
    assert np.array_equal(np.diag(pairs), concordant_within(layout, ranking))
    for _ in range(5):
        weights = generator.multinomial(7, np.full(7, 1 / 7))
        drawn = np.repeat(np.arange(300), weights[cluster])
        form = weights @ pairs @ weights
        form /= (weights @ layout.positives) * (weights @ layout.negatives)
        assert form == pytest.approx(metrics.roc_auc_score(y[drawn], p[drawn]), abs=1e-12)


def test_very_many_clusters_are_counted_in_units_without_losing_a_pair():
    generator = np.random.default_rng(4)
    cluster = generator.integers(0, 450, 3000)
    y = generator.random(3000) < 0.4
    p = np.round(generator.random(3000) * 0.5 + 0.2 * y, 1)
    layout, ranking = Layout.of(y, cluster, None), Ranking.of(y, p)
    assert len(layout.labels) == 200
    within = concordant_within(layout, ranking).sum() / layout.pairs_within.sum()
    assert within == pytest.approx(brute_force_within(y, p, cluster), abs=1e-12)
    total = concordant_pairs(layout, ranking).sum() / (y.sum() * (~y).sum())
    assert total == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)


def test_scores_depend_neither_on_row_order_nor_on_how_text_is_stored_nor_on_parts(study):
    first = score(study).table
    shuffled = study.predictions.sample(frac=1, random_state=1)
    for column in ("study", "model", "partition", "assignment", "sample"):
        shuffled[column] = shuffled[column].astype("category")
    samples = study.samples.sample(frac=1, random_state=2)
    truth = study.truth.sample(frac=1, random_state=3)
    parts = [shuffled[shuffled["model"] == model] for model in ("b", "a")]
    for predictions in (shuffled, iter(parts)):
        again = score_predictions(predictions, samples, truth, rows={}, study="invented").table
        pd.testing.assert_frame_equal(first, again, check_exact=True)


def test_all_partitions_but_train_are_scored_for_both_effects_and_all_assignments(study):
    table = score(study).table
    found = set(zip(table["partition"], table["assignment"], table["effect"], strict=True))
    expected = {("test", "known"), ("test", "random"), ("unseen", "random")}
    expected |= {("unseen", "membership")}
    models = table[table["model"] == "a"]
    assert set(zip(models["partition"], models["assignment"], strict=True)) == expected
    assert found == {(*e, f) for e in expected for f in ("fixed", "mixed")} | {
        ("test", "none", "fixed"),
        ("unseen", "none", "fixed"),
    }
    assert not table.duplicated(
        ["model", "fold", "seed", "partition", "assignment", "effect", "metric"]
    ).any()


def test_a_model_without_mixed_output_has_fixed_scores_only(study):
    predictions = study.predictions.copy()
    predictions.loc[predictions["model"] == "b", "mixed"] = np.nan
    table = score(Invented(study.samples, study.truth, study.splits, predictions)).table
    assert set(table[table["model"] == "b"]["effect"]) == {"fixed"}
    assert set(table[table["model"] == "a"]["effect"]) == {"fixed", "mixed"}


def test_oracle_rows_come_from_the_truth_and_only_with_it(study):
    scored, rows = score(study), study.rows(**BLOCK)
    truth = study.truth.set_index("sample").loc[rows["sample"]]
    where = {"fold": 1, "partition": "unseen", "assignment": "none", "effect": "fixed"}
    for name in ("oracle", "oracle_no_cluster"):
        found = value(scored, "auroc", model=name, **where)
        assert found == pytest.approx(metrics.roc_auc_score(rows["outcome"], truth[name]))
        assert value(scored, "threshold", model=name, **where) == 0.5
    assert value(scored, "bayes_agreement", model="oracle", **where) == 1
    without = score(study, truth=False).table
    assert set(without["model"]) == {"a", "b"}
    assert "bayes_agreement" not in set(without["metric"])


def test_a_row_shows_a_models_scores_under_one_assignment_under_its_own_name(study):
    scored = score(study, {"a_random": {"alias_of": "a", "assignment": "random"}})
    table = scored.table
    shown = table[table["model"] == "a_random"].drop(columns="model").reset_index(drop=True)
    source = table[(table["model"] == "a") & (table["assignment"] == "random")]
    pd.testing.assert_frame_equal(shown, source.drop(columns="model").reset_index(drop=True))
    assert set(shown["partition"]) == {"test", "unseen"}
    assert ("a_random", "random", "mixed") in scored.unseen


def test_validation_samples_are_scored_but_shown_in_no_row(study):
    predictions = study.predictions.copy()
    moved = (predictions["partition"] == "test") & (predictions["fold"] == 2)
    predictions.loc[moved, "partition"] = "validation"
    rows = {"a_random": {"alias_of": "a", "assignment": "random"}}
    table = score(Invented(study.samples, study.truth, study.splits, predictions), rows).table
    validation = table[table["partition"] == "validation"]
    assert set(validation["model"]) == {"a", "b"}
    assert set(validation["fold"]) == {2}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"alias_of": "armd", "assignment": "random"}, "'armd'.*'a', 'b'"),
        ({"alias_of": "a", "assignment": "zero"}, "z zero"),
    ],
)
def test_a_row_that_evaluates_nothing_is_refused(study, row, message):
    with pytest.raises(ConfigError, match=message):
        score(study, {"shown": row})


def test_metrics_that_need_two_classes_are_nan_without_error_or_warning(study):
    samples = study.samples.copy()
    samples.loc[samples["cluster"].isin([f"c{c}" for c in range(4, 10)]), "outcome"] = 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scored = score(Invented(samples, study.truth, study.splits, study.predictions))
    found = {m: value(scored, m, effect="mixed", **BLOCK) for m in METRICS}
    undefined = {m for m, v in found.items() if np.isnan(v)}
    assert undefined == {
        "auroc", "auroc_within", "auprc", "balanced_accuracy", "specificity", "ppv", "npv", "f1",
    }  # fmt: skip
    assert not np.isnan(value(scored, "auroc", effect="mixed", **(BLOCK | {
        "partition": "test", "assignment": "known"})))  # fmt: skip


def test_training_samples_of_one_class_leave_no_threshold(study):
    samples = study.samples.copy()
    train = study.splits[(study.splits["fold"] == 1) & (study.splits["partition"] == "train")]
    samples.loc[samples["sample"].isin(train["sample"]), "outcome"] = 0
    scored = score(Invented(samples, study.truth, study.splits, study.predictions))
    found = {m: value(scored, m, effect="mixed", **BLOCK) for m in METRICS}
    assert np.isnan(found["threshold"])
    assert np.isnan(found["f1"])
    assert not np.isnan(found["auroc"])


def changed(study: Invented, **columns: object) -> Invented:
    predictions = study.predictions.copy()
    place = predictions.index[
        (predictions["model"] == "b") & (predictions["fold"] == 2) & (predictions["seed"] == 1)
        & (predictions["partition"] == "test")
    ][5]  # fmt: skip
    for column, new in columns.items():
        predictions.loc[place, column] = new
    return Invented(study.samples, study.truth, study.splits, predictions)


@pytest.mark.parametrize("effect", ["fixed", "mixed"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.1, 1.5])
def test_predictions_that_are_no_probability_are_refused_by_model_and_fold(study, effect, wrong):
    with pytest.raises(DataError, match="model 'b', fold 2, seed 1: 1 of .* " + effect):
        score(changed(study, **{effect: wrong}))


def test_mixed_predictions_that_are_all_nan_in_one_fold_only_are_refused(study):
    predictions = study.predictions.copy()
    predictions.loc[(predictions["fold"] == 2) & (predictions["model"] == "b"), "mixed"] = np.nan
    with pytest.raises(DataError, match=r"model 'b', fold 2.*all NaN"):
        score(Invented(study.samples, study.truth, study.splits, predictions))


def test_a_test_row_without_known_outcome_is_refused(study):
    samples = study.samples.copy()
    test = study.splits[(study.splits["fold"] == 0) & (study.splits["partition"] == "test")]
    samples.loc[samples["sample"] == test["sample"].iloc[0], "outcome"] = np.nan
    with pytest.raises(DataError, match=r"sample 's0' \(test\) has no known outcome"):
        score(Invented(samples, study.truth, study.splits, study.predictions))


def test_a_prediction_for_a_foreign_sample_is_refused(study):
    with pytest.raises(DataError, match="'nobody' is not in the samples table"):
        score(changed(study, sample="nobody"))


def test_a_sample_predicted_twice_is_refused(study):
    predictions = pd.concat([study.predictions, study.predictions.iloc[[-1]]])
    with pytest.raises(DataError, match="is predicted twice"):
        score(Invented(study.samples, study.truth, study.splits, predictions))


def test_models_that_were_given_different_samples_are_refused(study):
    p = study.predictions
    last = p.index[(p["model"] == "b") & (p["partition"] == "test")][-1]
    with pytest.raises(DataError, match=r"model 'b'.* are not the "):
        score(Invented(study.samples, study.truth, study.splits, p.drop(index=last)))


def test_predictions_without_training_rows_are_refused(study):
    predictions = study.predictions[study.predictions["partition"] != "train"]
    with pytest.raises(DataError, match="predict the training samples too"):
        score(Invented(study.samples, study.truth, study.splits, predictions))


def test_a_replica_in_two_parts_is_refused(study):
    half = study.predictions["partition"] == "test"
    parts = [study.predictions[~half], study.predictions[half]]
    with pytest.raises(DataError, match="come in two tables"):
        score_predictions(parts, study.samples, study.truth, rows={}, study="invented")


def test_a_truth_table_with_a_sample_missing_is_refused(study):
    with pytest.raises(DataError, match="truth table: 'oracle' of sample 's0'"):
        score(Invented(study.samples, study.truth.iloc[1:], study.splits, study.predictions))


def test_a_sample_in_training_and_test_is_leakage(study):
    predictions = study.predictions
    test = study.rows(model="a", fold=0, seed=0, partition="test", assignment="known")
    row = test[predictions.columns].iloc[[0]].assign(partition="train")
    leaky = Invented(study.samples, study.truth, study.splits, pd.concat([predictions, row]))
    with pytest.raises(LeakageError, match=r"model 'a', fold 0, seed 0: sample .* two partitions"):
        score(leaky)


def test_an_unseen_cluster_in_training_is_leakage(study):
    samples = study.samples.copy()
    samples.loc[samples.index[1], "cluster"] = "c9"
    with pytest.raises(LeakageError, match="model 'a', fold 0, seed 0: the cluster of unseen"):
        score(Invented(samples, study.truth, study.splits, study.predictions))
