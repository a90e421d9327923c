import dataclasses
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from armed.errors import ArmedWarning, ConfigError, DataError
from armed_study.io.schemas import TABLES as DECLARED
from armed_study.io.schemas import about
from armed_study.io.tables import write_table
from armed_study.statistics import mixed_logistic
from armed_study.training import available, trainer
from armed_study.training.result_tables import TABLES
from small_tables import COEFFICIENTS, SEEN, K, assert_same_tables, one_fold, study_of

SOURCE = Path(__file__).parents[4] / "src"


@pytest.fixture(scope="module")
def trained(study):
    return {name: fit(name, study) for name in ("prevalence", "logistic", "glmm")}


def fit(method, study):
    return trainer(method)(study, model=f"my_{method}", settings={})


def scores(trained, assignment, effect="mixed"):
    """Score by sample name."""
    table = trained.table("predictions")
    kept = table[table["assignment"] == assignment]
    return kept.set_index(kept["sample"].astype(str))[effect]


def combinations(trained):
    table = trained.table("predictions")[["partition", "assignment"]].astype(str)
    return {tuple(row) for row in table.drop_duplicates().to_numpy()}


WITH_Z = {(p, "known") for p in ("train", "validation", "test")} | {("unseen", "membership")}
WITH_Z |= {(p, a) for p in ("test", "unseen") for a in ("random", "zero", "average")}


@pytest.mark.parametrize("method", ["prevalence", "glmm"])
def test_model_that_uses_z_has_exactly_the_assignments_of_each_partition(trained, method):
    assert combinations(trained[method]) == WITH_Z | {("unseen", "marginal")}


def test_model_without_z_has_assignment_none_only_and_no_mixed_score(trained):
    expected = {(p, "none") for p in ("train", "validation", "test", "unseen")}
    assert combinations(trained["logistic"]) == expected
    assert trained["logistic"].table("predictions")["mixed"].isna().all()


def test_every_row_is_scored_once_per_assignment_and_rows_outside_the_fold_never(fold, trained):
    table = trained["glmm"].table("predictions")
    assert not table.duplicated(["assignment", "sample"]).any()
    counts = table.groupby(["partition", "assignment"], observed=True).size()
    for (partition, _), count in counts.items():
        assert count == len(fold.rows(partition))
    assert not table["sample"].isin([f"s{i}" for i in range(5)]).any()


@pytest.mark.parametrize("missing", ["test", "unseen"])
def test_fold_without_a_partition_or_memberships_yields_no_rows_for_them(fold, missing):
    keep = np.where(fold.partition == missing, "", fold.partition)
    trained = fit("glmm", study_of(dataclasses.replace(fold, partition=keep)))
    without = WITH_Z - {("unseen", "membership")} | {("unseen", "marginal")}
    expected = {c for c in without if c[0] != missing}
    assert combinations(trained) == expected
    assert trained.table("importance").empty == (missing == "test")


def test_prevalence_scores_are_the_training_shares_of_the_clusters(fold, trained, membership):
    train, unseen = fold.rows("train"), fold.rows("unseen")
    overall = fold.y[train].mean(dtype=np.float64)
    share = np.full(K, overall)
    for k in range(SEEN):
        share[k] = fold.y[train][fold.z[train] == k].mean(dtype=np.float64)
    table = trained["prevalence"].table("predictions")
    known = table[table["assignment"] == "known"]
    z = fold.z[known["sample"].cat.codes]
    np.testing.assert_allclose(known["mixed"], share[z], rtol=1e-6)
    np.testing.assert_allclose(table["fixed"], overall, rtol=1e-6)
    np.testing.assert_allclose(scores(trained["prevalence"], "zero"), overall, rtol=1e-6)
    np.testing.assert_allclose(
        scores(trained["prevalence"], "average"), share[:SEEN].mean(), rtol=1e-6
    )
    soft = scores(trained["prevalence"], "membership")
    assert list(soft.index) == [f"s{i}" for i in unseen]
    np.testing.assert_allclose(soft, membership[0, 0] @ share, rtol=1e-5)


def test_prevalence_of_a_cluster_with_one_outcome_is_that_outcome(fold, membership):
    y = np.where(fold.z < SEEN, fold.z % 2, fold.y).astype(np.float32)
    study = study_of(dataclasses.replace(fold, y=y), membership=membership)
    trained = fit("prevalence", study)
    assert set(scores(trained, "known")) == {0.0, 1.0}
    assert trained.table("predictions")["mixed"].between(0, 1).all()


def test_glmm_recovers_the_intercepts_and_coefficients_of_the_simulation():
    fold, u = one_fold(np.random.default_rng(11), size=200)
    trained = fit("glmm", study_of(fold))
    effects = trained.table("random_effects")
    assert list(effects["cluster"].astype(str)) == [f"c{k}" for k in range(SEEN)]
    assert set(effects["effect"]) == {"intercept"}
    assert np.corrcoef(effects["mean"], u[:SEEN])[0, 1] > 0.8
    assert effects["sd"].between(0.05, 1.0).all()
    np.testing.assert_allclose(trained.state["coefficients"][0], COEFFICIENTS, atol=0.25)
    np.testing.assert_allclose(trained.state["intercept"][0], 0.3 + u[:SEEN].mean(), atol=0.25)


def test_glmm_intercept_is_the_posterior_mode_given_its_own_parameters(fold, trained):
    state = trained["glmm"].state
    prior = state["random_intercept_sd"][0, -1] ** 2
    train = fold.rows("train")
    p = expit(
        fold.x[train].astype(float) @ state["coefficients"][0]
        + state["intercept"][0]
        + state["random_intercept_mean"][0][fold.z[train]]
    )
    pull = np.bincount(fold.z[train], weights=fold.y[train] - p, minlength=K)
    weight = np.bincount(fold.z[train], weights=p * (1 - p), minlength=K)
    np.testing.assert_allclose(pull, state["random_intercept_mean"][0] / prior, atol=1e-4)
    np.testing.assert_allclose(
        state["random_intercept_sd"][0], (weight + 1 / prior) ** -0.5, rtol=1e-4
    )


def test_fixed_score_is_that_of_no_cluster_whatever_the_assignment(trained):
    table = trained["glmm"].table("predictions")
    assert (table.groupby("sample", observed=True)["fixed"].nunique() == 1).all()
    zero = table[table["assignment"] == "zero"]
    assert len(zero)
    assert (zero["mixed"] == zero["fixed"]).all()


@pytest.mark.parametrize("assignment", ["known", "membership"])
def test_mixed_score_adds_the_intercept_or_the_weighted_ones(fold, trained, membership, assignment):
    state = trained["glmm"].state
    if assignment == "known":
        rows = fold.rows("train", "validation", "test")
        weights = np.eye(K)[fold.z[rows]]
    else:
        rows, weights = fold.rows("unseen"), membership[0, 0]
    logit = fold.x[rows] @ state["coefficients"][0] + state["intercept"][0]
    expected = expit(logit + weights @ state["random_intercept_mean"][0])
    np.testing.assert_allclose(scores(trained["glmm"], assignment), expected, atol=1e-6)


@pytest.mark.parametrize("method", ["logistic", "glmm"])
def test_scores_do_not_depend_on_the_order_of_rows(fold, study, trained, method):
    order = np.random.default_rng(3).permutation(len(fold.y))
    moved = dataclasses.replace(
        fold, x=fold.x[order], y=fold.y[order], z=fold.z[order], partition=fold.partition[order]
    )
    other = dataclasses.replace(
        study, folds=(moved,), samples=study.samples[order], membership=None
    )
    again = fit(method, other)
    for assignment, effect in (("none", "fixed"), ("known", "mixed"), ("zero", "mixed")):
        before = scores(trained[method], assignment, effect)
        after = scores(again, assignment, effect).reindex(before.index)
        np.testing.assert_allclose(after, before, atol=2e-4)


def test_scores_do_not_depend_on_the_numbering_of_clusters(fold, study, trained):
    new = np.random.default_rng(4).permutation(K)
    clusters = [""] * K
    for k in range(K):
        clusters[new[k]] = f"c{k}"
    moved = dataclasses.replace(fold, z=new[fold.z], display_z=new[fold.display_z])
    other = dataclasses.replace(study, folds=(moved,), clusters=tuple(clusters), membership=None)
    again = fit("glmm", other)
    np.testing.assert_allclose(scores(again, "known"), scores(trained["glmm"], "known"), atol=2e-4)
    means = [t.table("random_effects").astype({"cluster": str}).set_index("cluster")["mean"]
             for t in (trained["glmm"], again)]  # fmt: skip
    np.testing.assert_allclose(means[1].reindex(means[0].index), means[0], atol=1e-3)


@pytest.mark.parametrize("method", ["logistic", "glmm"])
def test_scores_do_not_depend_on_the_reference_level_of_a_category(fold, method):
    level = np.random.default_rng(5).integers(0, 3, len(fold.y))
    known = {}
    for reference in (0, 2):
        dummies = [level == k for k in range(3) if k != reference]
        x = np.column_stack([fold.x, *dummies]).astype(np.float32)
        coded = dataclasses.replace(fold, x=x, display=np.zeros((6, 5), np.float32))
        trained = fit(method, study_of(coded, columns=tuple("abcde")))
        known[reference] = trained.table("predictions")
    effect = "mixed" if method == "glmm" else "fixed"
    np.testing.assert_allclose(known[0][effect], known[2][effect], atol=3e-4)


def test_column_that_adds_nothing_gets_coefficient_zero_and_changes_no_score(fold, trained):
    extra = [fold.x[:, 0] + fold.x[:, 1], np.ones(len(fold.y)), np.zeros(len(fold.y))]
    x = np.column_stack([fold.x, *extra]).astype(np.float32)
    coded = dataclasses.replace(fold, x=x, display=np.zeros((6, 6), np.float32))
    again = fit("glmm", study_of(coded, columns=tuple("abcdef")))
    assert (again.state["coefficients"][0, 3:] == 0).all()
    np.testing.assert_allclose(scores(again, "known"), scores(trained["glmm"], "known"), atol=1e-5)


def test_logistic_is_maximum_likelihood_and_finite_on_separated_classes(fold, trained):
    train = fold.rows("train")
    design = np.column_stack([np.ones(len(train)), fold.x[train]]).astype(float)
    state = trained["logistic"].state
    p = expit(design @ np.r_[state["intercept"][0], state["coefficients"][0]])
    np.testing.assert_allclose(design.T @ (fold.y[train] - p), 0, atol=1e-2)
    separated = dataclasses.replace(fold, y=(fold.x[:, 0] > 0).astype(np.float32))
    parted = fit("logistic", study_of(separated))
    assert np.isfinite(parted.state["coefficients"]).all()
    assert parted.table("predictions")["fixed"].between(0, 1).all()


@pytest.mark.parametrize("method", ["prevalence", "logistic", "glmm"])
def test_only_training_rows_are_fitted(fold, study, trained, method):
    y = np.where(fold.partition == "train", fold.y, 1 - fold.y)
    x = np.where((fold.partition == "train")[:, None], fold.x, fold.x + 1)
    other = dataclasses.replace(study, folds=(dataclasses.replace(fold, x=x, y=y),))
    again = fit(method, other)
    for name, values in trained[method].state.items():
        np.testing.assert_array_equal(again.state[name], values)


@pytest.mark.parametrize("method", ["prevalence", "logistic", "glmm"])
def test_folds_do_not_depend_on_which_others_are_trained_with_them(method):
    folds = [one_fold(np.random.default_rng(s), fold=s)[0] for s in (3, 4)]
    both = fit(method, study_of(*folds))
    assert_same_tables(both, fit(method, study_of(folds[1])), fold=4)
    assert list(both.state["folds"]) == [3, 4]


@pytest.mark.parametrize("method", ["prevalence", "logistic", "glmm"])
def test_tables_are_what_the_tables_declare(trained, method, tmp_path):
    for name in TABLES:
        frame = trained[method].table(name)
        always = [field.name for field in DECLARED[name] if not about(field, "optional")]
        assert list(frame.columns) == always
        write_table(frame, tmp_path / f"{name}.parquet", name)
    names = trained[method].table("predictions")[["model", "seed"]].drop_duplicates()
    assert names.to_numpy().tolist() == [[f"my_{method}", 0]]


@pytest.mark.parametrize("method", ["logistic", "glmm"])
def test_importance_is_the_mean_absolute_slope_of_the_fixed_score(fold, trained, method):
    state, step = trained[method].state, 1e-5

    def fixed(x):
        return expit(x @ state["coefficients"][0] + state["intercept"][0])

    test = fold.x[fold.rows("test")].astype(float)
    mean = fold.x[fold.rows("train")].astype(float).mean(axis=0, keepdims=True)
    table = trained[method].table("importance").set_index(["kind", "feature"])
    for kind, x in (("average", test), ("at_mean", mean)):
        for j, name in enumerate("abc"):
            nudge = step * np.eye(3)[j]
            slope = np.abs((fixed(x + nudge) - fixed(x - nudge)) / (2 * step)).mean()
            assert table.loc[(kind, name), "importance"] == pytest.approx(slope, abs=1e-6)
            assert table.loc[(kind, name), "probe"] == (name == "c")


def test_display_points_of_unseen_clusters_get_the_fixed_score(fold, trained):
    shown = trained["glmm"].table("display_predictions")
    same = (shown["mixed"] == shown["fixed"]).to_numpy()
    np.testing.assert_array_equal(same, fold.display_z >= SEEN)
    share = trained["prevalence"].table("display_predictions")
    assert (share["mixed"] == share["fixed"])[fold.display_z >= SEEN].all()
    assert list(shown["sample"].astype(str)) == [f"p{i}" for i in range(6)]


WITH_CLUSTERS = ["prevalence", "glmm", "target_encoding", "hist_gradient_boosting", "gpboost"]


@pytest.mark.parametrize("method", WITH_CLUSTERS)
def test_a_cluster_that_the_fold_does_not_train_on_has_no_effect(fold, method):
    keep = np.where((fold.z == 2) & (fold.partition == "train"), "", fold.partition)
    shown = np.array([0, 1, 2, 3, -1, -1])  # the last two are of clusters that no fold trains on
    given = study_of(dataclasses.replace(fold, partition=keep, display_z=shown))
    table = fit(method, given).table("predictions")
    known = table[(table["assignment"] == "known") & (table["partition"] == "test")]
    np.testing.assert_array_equal(~known["trained"], fold.z[known["sample"].cat.codes] == 2)
    lost = known[~known["trained"]]
    np.testing.assert_array_equal(lost["mixed"], lost["fixed"])
    points = fit(method, given).table("display_predictions")
    same = (points["mixed"] == points["fixed"]).tolist()
    assert same == [False, False, True, False, True, True]


def test_stopping_early_is_reported_as_a_warning(study, monkeypatch):
    hurried = {"trace": False, "maxit": 1}
    monkeypatch.setattr(mixed_logistic, "_OPTIMISER", hurried)
    with pytest.warns(ArmedWarning, match=r"'made', fold 0: .* did not converge in 1 iterations"):
        fit("glmm", study)


def test_glmm_shows_progress_and_warns_of_nothing_when_all_is_well(study, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit("glmm", study)
    printed, shown = capfd.readouterr()
    assert printed == ""
    assert {line.partition(":")[0] for line in shown.split("\r") if line.strip()} == {
        "made, my_glmm"
    }
    assert "fold/s" in shown


@pytest.mark.parametrize("method", ["logistic", "glmm"])
def test_training_rows_of_one_class_are_an_error(fold, method):
    y = np.where(fold.partition == "train", 1, fold.y).astype(np.float32)
    with pytest.raises(DataError, match=r"study 'made', fold 0: .*without both outcomes"):
        fit(method, study_of(dataclasses.replace(fold, y=y)))


def test_unknown_method_lists_those_there_are():
    with pytest.raises(ConfigError, match=r"unknown method 'arned'; there are: .*glmm, .*logistic"):
        trainer("arned")


def test_methods_are_found_without_importing_torch():
    code = (
        "import sys; from armed_study import training; print(*training.available()); "
        "training.trainer('glmm'); assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(SOURCE)},
    )  # fmt: skip
    assert done.stdout.split() == available()
    found = set(available())
    assert {"armed", "conventional", "glmm", "logistic", "mldg", "prevalence"} <= found
    assert found.isdisjoint({"base", "neural", "classical", "assembling", "assigning"})
