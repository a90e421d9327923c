import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from armed.errors import ConfigError, DataError, LeakageError
from armed_study.evaluation.scores import KEY, Scored, score_predictions
from armed_study.statistics.auroc import Ranking, concordant_pairs, concordant_within
from armed_study.statistics.layout import Layout
from armed_study.vocabulary.outcomes import BINARY
from invented_predictions import Invented, invent

METRICS = BINARY.about.metrics


@pytest.fixture(scope="module")
def study() -> Invented:
    return invent(models={"a": 0.5, "b": 2.0})


def score(study: Invented, rows: dict | None = None, **changed: pd.DataFrame) -> Scored:
    """Score a study of which some tables are others."""
    known = replace(study, **changed)
    return score_predictions(
        known.predictions, known.samples, known.truth, rows=rows or {}, study="invented"
    )


def value(scored: Scored, metric: str, **where: object) -> float:
    known = [scored.table[name] == own for name, own in {"metric": metric, **where}.items()]
    return scored.table.loc[np.logical_and.reduce(known), "value"].item()


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
    again = score(study, predictions=pd.concat([study.predictions, other]))
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


def test_the_prevalence_as_score_has_a_within_auroc_of_one_half(study):
    prevalence = study.samples.groupby("cluster")["outcome"].transform("mean")
    by_sample = pd.Series(prevalence.to_numpy(), index=study.samples["sample"])
    predictions = study.predictions.copy()
    predictions["fixed"] = by_sample[predictions["sample"]].to_numpy()
    scored = score(study, predictions=predictions)
    within = scored.table.query("metric == 'auroc_within' and effect == 'fixed'")
    assert (within.loc[within["model"].isin(["a", "b"]), "value"] == 0.5).all()
    assert value(scored, "auroc", effect="fixed", **BLOCK) > 0.6


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


def test_scores_depend_neither_on_row_order_nor_on_types_nor_parts(study):
    first = score(study).table
    text = ("study", "model", "partition", "assignment", "sample")
    other = replace(study.shuffled(), truth=study.truth.sample(frac=1, random_state=3))
    shuffled = other.predictions.astype(dict.fromkeys(text, "category"))
    parts = [shuffled[shuffled["model"] == model] for model in ("b", "a")]
    for predictions in (shuffled, iter(parts)):
        again = score(other, predictions=predictions).table
        pd.testing.assert_frame_equal(first, again, check_exact=True)


def test_all_partitions_but_train_are_scored_for_both_effects_and_all_assignments(study):
    table = score(study).table
    of_model, of_oracle = (table[table["model"] == name] for name in ("a", "oracle"))
    given = (("test", "known"), ("test", "random"), ("unseen", "random"), ("unseen", "membership"))
    keys = ["partition", "assignment", "effect"]
    assert set(of_model[keys].itertuples(index=False, name=None)) == {
        (*each, effect) for each in given for effect in ("fixed", "mixed")
    }
    assert set(of_oracle[keys].itertuples(index=False, name=None)) == {
        ("test", "none", "fixed"), ("unseen", "none", "fixed"),
    }  # fmt: skip
    assert not table.duplicated([*KEY, "metric"]).any()


def test_a_model_without_mixed_output_has_fixed_scores_only(study):
    mixed = study.predictions["mixed"].where(study.predictions["model"] != "b")
    predictions = study.predictions.assign(mixed=mixed)
    table = score(study, predictions=predictions).table
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
    without = score(study, truth=study.truth[:0]).table
    assert set(without["model"]) == {"a", "b"}
    assert "bayes_agreement" not in set(without["metric"])


def test_an_alias_has_a_models_scores_under_one_assignment(study):
    scored = score(study, {"a_random": {"alias_of": "a", "assignment": "random"}})
    table = scored.table
    shown = table[table["model"] == "a_random"].drop(columns="model").reset_index(drop=True)
    source = table[(table["model"] == "a") & (table["assignment"] == "random")]
    pd.testing.assert_frame_equal(shown, source.drop(columns="model").reset_index(drop=True))
    assert set(shown["partition"]) == {"test", "unseen"}
    assert ("unseen", "a_random", "random", "mixed") in scored.unseen


def test_validation_samples_are_scored_but_shown_in_no_row(study):
    predictions = study.predictions.copy()
    moved = (predictions["partition"] == "test") & (predictions["fold"] == 2)
    predictions.loc[moved, "partition"] = "validation"
    rows = {"a_random": {"alias_of": "a", "assignment": "random"}}
    table = score(study, rows, predictions=predictions).table
    shown = table[table["partition"] == "validation"]
    assert (set(shown["model"]), set(shown["fold"])) == ({"a", "b"}, {2})


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
        scored = score(study, samples=samples)
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
    scored = score(study, samples=samples)
    found = {m: value(scored, m, effect="mixed", **BLOCK) for m in METRICS}
    assert np.isnan(found["threshold"])
    assert np.isnan(found["f1"])
    assert not np.isnan(found["auroc"])


def changed(study: Invented, **columns: object) -> pd.DataFrame:
    """Predictions of which one, of a test sample, has other values."""
    predictions = study.predictions.copy()
    where = "model == 'b' and fold == 2 and seed == 1 and partition == 'test'"
    place = predictions.query(where).index[5]
    for column, new in columns.items():
        predictions.loc[place, column] = new
    return predictions


@pytest.mark.parametrize("effect", ["fixed", "mixed"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.1, 1.5])
def test_predictions_that_are_no_probability_are_refused_by_model_and_fold(study, effect, wrong):
    with pytest.raises(DataError, match="model 'b', fold 2, seed 1: 1 of .* " + effect):
        score(study, predictions=changed(study, **{effect: wrong}))


def without_mixed(study: Invented) -> pd.DataFrame:
    own = (study.predictions["fold"] == 2) & (study.predictions["model"] == "b")
    return study.predictions.assign(mixed=study.predictions["mixed"].where(~own))


def without_last(study: Invented) -> pd.DataFrame:
    own = study.predictions.query("model == 'b' and partition == 'test'")
    return study.predictions.drop(index=own.index[-1])


def trained_too(study: Invented) -> pd.DataFrame:
    test = study.predictions.query(
        "model == 'a' and fold == 0 and seed == 0 and partition == 'test' and assignment == 'known'"
    )
    return pd.concat([study.predictions, test.iloc[[0]].assign(partition="train")])


def without_outcome(study: Invented) -> pd.DataFrame:
    first = study.splits.query("fold == 0 and partition == 'test'")["sample"].iloc[0]
    outcome = study.samples["outcome"].where(study.samples["sample"] != first)
    return study.samples.assign(outcome=outcome)


def in_unseen_cluster(study: Invented) -> pd.DataFrame:
    return study.samples.assign(
        cluster=study.samples["cluster"].where(study.samples.index != 1, "c9")
    )


@pytest.mark.parametrize(
    ("table", "broken", "error", "message"),
    [
        ("predictions", without_mixed, DataError, r"model 'b', fold 2.*all NaN"),
        ("samples", without_outcome, DataError, r"sample 's0' \(test\) has no known outcome"),
        ("predictions", lambda study: changed(study, sample="nobody"), DataError,
         "'nobody' is not in the samples table"),
        ("predictions", lambda study: pd.concat([study.predictions, study.predictions[-1:]]),
         DataError, "is predicted twice"),
        ("predictions", without_last, DataError, r"model 'b'.* are not the "),
        ("predictions", lambda study: study.predictions.query("partition != 'train'"), DataError,
         "predict the training samples too"),
        ("predictions", lambda study: [study.predictions.query(f"partition {sign} 'test'")
                                       for sign in ("!=", "==")],
         DataError, "come in two tables"),
        ("truth", lambda study: study.truth[1:], DataError,
         "truth table: 'oracle' of sample 's0'"),
        ("predictions", trained_too, LeakageError,
         r"model 'a', fold 0, seed 0: sample .* two partitions"),
        ("samples", in_unseen_cluster, LeakageError,
         "model 'a', fold 0, seed 0: the cluster of unseen"),
    ],
    ids=["mixed predictions all NaN in one fold only", "test row without known outcome",
         "foreign sample", "sample predicted twice", "models given different samples",
         "no training rows", "replica in two parts", "truth without a sample",
         "sample in training and test", "unseen cluster in training"],
)  # fmt: skip
def test_tables_that_contradict_each_other_are_refused(study, table, broken, error, message):
    with pytest.raises(error, match=message):
        score(study, **{table: broken(study)})
