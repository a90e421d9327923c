import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from armed import methods
from armed_study import training
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.io.tables import cast_table, empty_table
from armed_study.splits.few_shot import few_shot_samples
from armed_study.splits.make_splits import make_splits
from armed_study.training import load
from armed_study.training.cluster_assignment import assignments
from armed_study.training.membership import infer_membership
from armed_study.training.replicas import MONITORS
from armed_study.training.result_tables import TABLES
from small_tables import assert_same_tables, encoded_inputs

SETTINGS = {
    "network": {"hidden": [6]},
    "training": {"epochs": 4, "batch_size": 16, "learning_rate": 0.02, "optimizer": "Adam"},
    "adversary": {"hidden": [5]},
    "random_effects": {"intercept": 0.5, "input_slope": 0.1},
}


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(3)
    cluster, x = np.repeat(np.arange(6), 40), rng.normal(size=(240, 2))
    logit = 2 * x[:, 0] + 1.5 * (cluster - 2.5) / 2
    samples = pd.DataFrame(
        {
            "sample": [f"s{i:03d}" for i in range(240)],
            "cluster": [f"c{k}" for k in cluster],
            "group": None,
            "outcome": (rng.random(240) < 1 / (1 + np.exp(-logit))).astype(float),
            "held_out": cluster == 5,
            "x1": x[:, 0],
            "x2": x[:, 1],
        }
    )
    features = (Feature("x1", "continuous"), Feature("x2", "continuous", probe=True))
    dataset = ClusteredDataset("t", cast_table(samples, "samples"), features, "generated", True)
    splits = make_splits(
        dataset,
        folds=2,
        validation=0.2,
        unseen={"scheme": "held_out"},
        seed=1,
        small_strata="merge",
    )
    return dataset, splits


def study_folds(study, folds=(0, 1), membership=None, **given):
    dataset, splits = study
    display = dataset.samples.head(3).drop(columns=["group", "outcome", "held_out"])
    return load.make_study(
        dataset,
        splits,
        display,
        encoded_inputs(dataset, splits, display),
        folds=folds,
        seeds=2,
        config_seed=7,
        membership=membership,
        **given,
    )


def settings_for(method):
    needed = {"network", "training", *methods.load(method).needs}
    return {key: value for key, value in SETTINGS.items() if key in needed}


def train(given, method, **own):
    return training.trainer(method)(given, model=method, settings=settings_for(method) | own)


@pytest.fixture(scope="module")
def membership(study):
    return cast_table(infer_membership(study_folds(study), settings=SETTINGS), "membership")


def test_membership_covers_unseen_samples_only_and_sums_to_one(study, membership):
    dataset, _ = study
    held = set(dataset.samples.loc[dataset.samples["held_out"], "sample"].astype(str))
    assert set(membership["sample"].astype(str)) == held
    assert set(membership["cluster"].astype(str)) == {f"c{k}" for k in range(5)}
    total = membership.groupby(["fold", "seed", "sample"], observed=True)["probability"].sum()
    assert len(total) == 2 * 2 * len(held)
    np.testing.assert_allclose(total, 1, atol=1e-5)


@pytest.mark.parametrize("method", methods.available())
def test_a_part_of_the_folds_gives_the_same_bits_as_all_of_them(study, membership, method):
    whole = train(study_folds(study, membership=membership), method)
    part = train(study_folds(study, folds=(1,), membership=membership), method)
    assert_same_tables(whole, part, fold=1)


@pytest.mark.parametrize("method", ["conventional", "armed"])
def test_tables_hold_every_sample_under_every_assignment(study, membership, method):
    trained = train(study_folds(study, membership=membership), method)
    table, effects = trained.table("predictions"), trained.table("random_effects")
    for key, rows in table.groupby(["fold", "seed", "assignment"], observed=True):
        assert not rows["sample"].duplicated().any(), key
    found = set(zip(table["partition"].astype(str), table["assignment"].astype(str), strict=True))
    parts = ("train", "validation", "test", "unseen")
    if method == "conventional":
        assert found == {(part, "none") for part in parts}
        assert table["mixed"].isna().all()
        assert effects.empty
    else:
        both = {(p, a) for p in ("test", "unseen") for a in ("zero", "average", "random")}
        both |= {("unseen", name) for name in ("membership", "marginal")}
        assert found == {(p, "known") for p in parts[:3]} | both
        assert set(effects["effect"]) == {"intercept", "linear_slope[x1]", "linear_slope[x2]"}
        assert set(effects["cluster"].astype(str)) == {f"c{k}" for k in range(5)}
    importance = trained.table("importance")
    assert set(importance.loc[importance["probe"], "feature"]) == {"x2"}


def test_zero_random_effects_leave_the_fixed_score(study, membership):
    table = train(study_folds(study, membership=membership), "armed").table("predictions")
    rows = table[table["assignment"] == "zero"]
    np.testing.assert_array_equal(rows["mixed"], rows["fixed"])


METHODS_WITH_EFFECTS = {
    "armed": {"random_effects": {"intercept": 0.5, "estimated": True}},
    "lmmnn": {},
    "menet": {},
    "glmm": {},
}


def with_few_shot(study, shots=(1, 5)):
    dataset, splits = study
    table = few_shot_samples(dataset.samples, splits, shots=shots, seed=3)
    return study_folds(study, few_shot=table, shots=shots), table


@pytest.mark.parametrize("method", METHODS_WITH_EFFECTS)
def test_labelled_samples_change_scores_of_their_clusters_and_nothing_else(study, method):
    given, table = with_few_shot(study)
    settings = METHODS_WITH_EFFECTS[method]
    if method != "glmm":
        settings = settings_for(method) | settings
    found = training.trainer(method)(given, model=method, settings=settings)
    plain = training.trainer(method)(study_folds(study), model=method, settings=settings)
    scored = found.table("few_shot_predictions")
    assert plain.table("few_shot_predictions").empty
    for name in TABLES:
        if name != "few_shot_predictions":
            pd.testing.assert_frame_equal(found.table(name), plain.table(name))
    for name, value in plain.state.items():
        np.testing.assert_array_equal(found.state[name], value)
    how = scored[["assignment", "shots", "draw"]].drop_duplicates()
    assert sorted(map(tuple, how.to_numpy().tolist())) == [
        *[("few_shot", 1, draw) for draw in range(4)], ("few_shot", 5, 0), ("marginal", 0, 0),
        ("zero", 0, 0),
    ]  # fmt: skip
    expected = table[table["place"] < 0]
    for (fold, *_), own in scored.groupby(["fold", "seed", "assignment", "shots", "draw"]):
        names = expected.loc[expected["fold"] == fold, "sample"].astype(str)
        assert set(own["sample"].astype(str)) == set(names)
    wide = scored.pivot_table(
        values="mixed", index=["fold", "seed", "sample"], columns=["assignment", "shots"],
        aggfunc="mean", observed=True,
    )  # fmt: skip
    # cluster c5 has the most positive intercept
    assert wide["few_shot", 5].mean() > wide["zero", 0].mean()


def test_marginal_scores_of_unseen_samples_are_nearer_to_a_half(study):
    table = training.trainer("glmm")(study_folds(study), model="glmm", settings={}).table(
        "predictions"
    )
    rows = {
        how: table[(table["assignment"] == how) & (table["partition"] == "unseen")]
        for how in ("zero", "marginal")
    }
    zero, marginal = (rows[how].set_index("sample")["mixed"] for how in rows)
    assert (marginal[zero > 0.5] < zero[zero > 0.5]).all()
    assert (marginal[zero < 0.5] > zero[zero < 0.5]).all()


@pytest.fixture(scope="module")
def lost(study):
    """The study without training samples of clusters 0 and 3 in its first fold."""
    dataset, splits = study
    named = splits.merge(dataset.samples[["sample", "cluster"]].astype(str), on="sample")
    lost = (named["fold"] == 0) & named["cluster"].isin(["c0", "c3"])
    return dataset, splits[~(lost & (named["partition"] == "train"))]


@pytest.mark.parametrize(
    "method", [name for name in methods.available() if methods.load(name).uses_clusters]
)
def test_a_cluster_without_training_samples_has_no_effect_in_its_fold(lost, method):
    table = train(study_folds(lost), method).table("predictions")
    known = table[(table["assignment"] == "known") & (table["partition"] != "train")]
    without = known[~known["trained"]]
    assert set(without["fold"]) == {0}
    cluster = lost[0].samples.set_index("sample")["cluster"]
    assert set(without["sample"].astype(str).map(cluster)) == {"c0", "c3"}
    np.testing.assert_array_equal(without["mixed"], without["fixed"])
    y = without["sample"].astype(str).map(lost[0].samples.set_index("sample")["outcome"])
    auroc = metrics.roc_auc_score
    assert auroc(y, without["mixed"]) == auroc(y, without["fixed"])
    own = known[known["trained"]]
    assert (own["mixed"] != own["fixed"]).groupby(own["fold"]).any().all()


def test_the_average_is_over_clusters_with_training_samples(lost):
    given = study_folds(lost)
    for replica in given.replicas("armed"):
        made = {each.name: each for each in assignments(given, replica, uses_z=True)}
        expected = {0: ["c1", "c2", "c4"], 1: [f"c{k}" for k in range(5)]}[replica.fold.fold]
        weighted = made["average"].z[0] > 0
        assert np.array(given.clusters)[weighted].tolist() == expected
        assert set(np.array(given.clusters)[made["random"].z]) <= set(expected)


def test_scores_of_other_folds_do_not_depend_on_a_lost_cluster(study, lost):
    of_cluster = train(study_folds(study, folds=(1,)), "armed")
    given = dataclasses.replace(study_folds(lost), train_sizes=study_folds(study).train_sizes)
    assert_same_tables(train(given, "armed"), of_cluster, fold=1)


def test_importance_is_the_slope_of_the_fixed_score(study):
    given = study_folds(study)
    trained = train(given, "conventional")
    state, fold = trained.state, given.folds[0]
    x = fold.x[fold.rows("test")].astype(np.float64)

    def score(x):
        hidden = np.maximum(
            x @ state["network.layers.0.0.weight"][0].T + state["network.layers.0.0.bias"][0], 0
        )
        logit = hidden @ state["network.output.weight"][0].T + state["network.output.bias"][0]
        return 1 / (1 + np.exp(-logit[:, 0]))

    step = 1e-5
    for j, name in enumerate(("x1", "x2")):
        moved = x.copy()
        moved[:, j] += step
        slope = np.abs((score(moved) - score(x)) / step).mean()
        frame = trained.table("importance")
        found = frame[(frame["fold"] == 0) & (frame["seed"] == 0) & (frame["kind"] == "average")]
        found = found.loc[found["feature"] == name, "importance"].item()
        assert found == pytest.approx(slope, rel=1e-3)


def test_folds_are_dealt_to_parts_whole_and_once():
    splits = pd.DataFrame({"fold": np.repeat(np.arange(7), 2)})
    parts = [load.part_of_folds(splits, f"{i}-of-3") for i in (1, 2, 3)]
    assert sorted(sum(parts, ())) == list(range(7))


def test_empty_membership_is_written_where_nothing_is_unseen(study):
    dataset, _ = study
    seen = dataset.samples[~dataset.samples["held_out"]].reset_index(drop=True)
    smaller = ClusteredDataset("t", seen, dataset.features, "generated", True)
    splits = make_splits(
        smaller, folds=2, validation=0.2, unseen={"scheme": "none"}, seed=1, small_strata="merge"
    )
    found = infer_membership(study_folds((smaller, splits)), settings=SETTINGS)
    assert list(found.columns) == list(empty_table("membership").columns)
    assert found.empty


def test_monitors_are_the_metrics_of_an_independent_library():
    draw = np.random.default_rng(0)
    y, score = draw.integers(0, 2, 60), draw.random(60).astype(np.float32).round(1)
    assert MONITORS["auroc"](y, score) == pytest.approx(metrics.roc_auc_score(y, score))
    assert MONITORS["auprc"](y, score) == pytest.approx(metrics.average_precision_score(y, score))
    kept = np.clip(score, 1e-7, 1 - 1e-7)
    assert MONITORS["log_loss"](y, kept) == pytest.approx(-metrics.log_loss(y, kept), rel=1e-6)
    assert np.isfinite(MONITORS["log_loss"](y, score))


@pytest.mark.parametrize("watched", ["validation", "test"])
def test_the_part_that_training_stops_by_is_the_one_that_is_named(study, watched):
    stopping = {"patience": 2, "monitor": "auroc", "early_stopping_partition": watched}
    block = SETTINGS["training"] | stopping
    trained = train(study_folds(study), "conventional", training=block)
    scored = trained.table("predictions")[trained.table("predictions")["partition"] == watched]
    outcome = study[0].samples.set_index("sample")["outcome"]
    history = trained.table("history")[trained.table("history")["term"] == "monitor"]
    for (fold, seed), rows in scored.groupby(["fold", "seed"], observed=True):
        y = outcome.loc[rows["sample"].astype(str)]
        seen = history[(history["fold"] == fold) & (history["seed"] == seed)]["value"]
        assert seen.max() == pytest.approx(metrics.roc_auc_score(y, rows["fixed"]))
