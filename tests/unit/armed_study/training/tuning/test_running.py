import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from armed_study import training
from armed_study.baselines.tuned import ridge
from armed_study.io.tables import write_table
from armed_study.training.fold_data import Replica
from armed_study.training.tuning.inner_folds import inner_folds
from armed_study.training.tuning.running import run_trials
from armed_study.training.tuning.selection import read_changes, selected, tabulate
from small_tables import one_fold, study_of

SETTINGS = {
    "network": {"hidden": [4]},
    "training": {"epochs": 3, "batch_size": 64, "learning_rate": 0.01, "optimizer": "AdamW"},
    "adversary": {"hidden": [3]},
    "random_effects": {"intercept": 0.5},
}
SPACE = {
    "training.learning_rate": {"low": 1e-5, "high": 0.05, "log": True},
    "training.weight_decay": {"low": 0.01, "high": 10.0, "log": True},
    "network.hidden": {"choices": [[4], [6]]},
    "adversary_weight": {"low": 0.01, "high": 1.0, "log": True},
}
TUNING = {"trials": 4, "select_by": "left_out_clusters", "left_out": 0.3, "repeats": 1}


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(0)
    return study_of(one_fold(rng, fold=0, size=20)[0], one_fold(rng, fold=1, size=20)[0])


@pytest.fixture(scope="module")
def trials(study):
    given = {"model": "armed", "method": "armed", "settings": SETTINGS}
    return run_trials(study, tuning={**TUNING, "space": SPACE}, part="1-of-1", **given)


def test_parts_of_the_trials_and_folds_give_the_same_losses(study, trials):
    given = {"model": "armed", "method": "armed", "settings": SETTINGS}
    given["tuning"] = {**TUNING, "space": SPACE}
    part = run_trials(study, part="2-of-3", **given)
    whole = trials[trials["trial"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, whole, check_exact=True)
    assert sorted(trials["trial"].unique()) == [0, 1, 2, 3]


def test_each_trial_of_a_baseline_is_scored_by_the_log_loss_of_its_own_settings(study):
    space = {"inverse_penalty": {"low": 1e-4, "high": 1.0, "log": True}}
    given = {"model": "ridge", "method": "ridge", "settings": {"inverse_penalty": 0.01}}
    found = run_trials(study, part="1-of-1", tuning={**TUNING, "space": space}, **given)
    (inner,) = inner_folds(study, left_out=0.3, repeats=1)[1]
    for _, trial in found[found["fold"] == 1].iterrows():
        fit = ridge.fit(study, inner, **json.loads(trial["settings"]))
        for name, partition in (("left_out_clusters", "unseen"), ("random_split", "validation")):
            rows = inner.rows(partition)
            expected = log_loss(inner.y[rows], fit.predict(inner.x[rows], None)[0])
            assert trial[name] == pytest.approx(expected)


def test_each_fold_has_the_trial_of_its_smallest_loss(study, trials, tmp_path):
    for by in ("left_out_clusters", "random_split"):
        chosen = selected(trials, by)
        for fold, own in trials.groupby("fold"):
            best = own.loc[own[by].idxmin(), "settings"]
            assert chosen[fold] == json.loads(best)
    write_table(trials, tmp_path / "trials.parquet", "trials")
    changes = read_changes([tmp_path / "trials.parquet"], "random_split")
    assert (
        changes(Replica("made", "armed", study.folds[1], 2, 7))
        == selected(trials, "random_split")[1]
    )
    assert read_changes([], "random_split") is None


def test_a_model_is_trained_by_the_settings_of_each_fold(study):
    own = {
        0: {"training.learning_rate": 0.03, "network.hidden": [4]},
        1: {"adversary_weight": 0.2, "network.hidden": [6]},
    }
    train = training.trainer("armed")
    tuned = train(study, model="armed", settings=SETTINGS, changes=lambda r: own[r.fold.fold])
    one = {**SETTINGS, "adversary_weight": 0.2, "network": {"hidden": [6]}}
    plain = train(study, model="armed", settings=one, changes=lambda r: {})
    assert tuned.state["0/mixed.network.layers.0.0.weight"].shape == (4, 3)
    columns = ["fold", "seed", "partition", "assignment", "sample", "mixed"]
    found, expected = (
        each.table("predictions").query("fold == 1")[columns].reset_index(drop=True)
        for each in (tuned, plain)
    )
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_the_table_has_space_and_winner_of_each_setting(trials):
    configured = dict.fromkeys(SPACE) | {"training.learning_rate": 0.01}
    search = {**TUNING, "space": SPACE, "configured": configured}
    made = tabulate(trials, {"armed": search})
    rows = made["tuned_settings"].set_index("setting")
    assert rows.loc["training.learning_rate", "space"] == "1e-05 to 0.05, log"
    assert rows.loc["training.learning_rate", "configured"] == "0.010"
    assert rows.loc["network.hidden", "space"] == "[4] or [6]"
    assert rows.loc["network.hidden", "left_out_clusters"].endswith("of 2 folds)")
    losses = made["tuning_trials"]
    assert losses["best_left_out"].sum() == losses["best_random"].sum() == 2
