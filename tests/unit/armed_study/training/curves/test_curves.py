"""Learning curves: what is kept of a fold, and that models are trained on that alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from armed.errors import ConfigError
from armed_study.evaluation.learning_curves import learning_curves
from armed_study.io.tables import cast_table, empty_table
from armed_study.training.curves.points import Point, points_of, smaller_folds
from armed_study.training.curves.training import train_curves
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.vocabulary.terms import CLUSTERS, SAMPLES, WHOLE

SETTINGS = {SAMPLES: [3, 6], CLUSTERS: [2], "folds": 2, "seeds": 1}
NETWORK = {
    "network": {"hidden": [2]},
    "training": {"epochs": 1, "batch_size": 16, "learning_rate": 0.01, "optimizer": "Adam"},
}
MODELS = {
    "conventional": {"method": "conventional", "settings": NETWORK},
    "glmm": {"method": "glmm", "settings": {}},
}


def study(folds: int = 3, clusters: int = 4, size: int = 15, unseen: int = 3) -> StudyFolds:
    """Clusters of equal size, a third of each for validation and a third for tests; others unseen."""
    rng = np.random.default_rng(5)
    z = np.repeat(np.arange(clusters + unseen), size)
    y = (rng.random(len(z)) < 0.2 + 0.1 * z).astype(np.float32)
    x = rng.normal(size=(len(z), 2)).astype(np.float32) + y[:, None]
    made = []
    for fold in range(folds):
        part = np.array(["train", "validation", "test"])[(np.arange(len(z)) + fold) % 3]
        part = np.where(z < clusters, part, "unseen")
        known = np.where(z < clusters, z, -1)
        made.append(FoldData(fold, x, y, known, part, x[:2], known[:2]))
    names = np.array([f"s{i}" for i in range(len(z))])
    return StudyFolds(
        "s", tuple(f"c{k}" for k in range(clusters)), ("a", "b"), (False, False), names,
        names[:2], tuple(made), seeds=3, config_seed=1,
    )  # fmt: skip


def counts(fold: FoldData, partition: str) -> list[int]:
    return np.bincount(fold.z[fold.rows(partition)], minlength=4).tolist()


def kept(fold: FoldData) -> set[int]:
    return set(fold.rows("train", "validation").tolist())


@pytest.fixture(scope="module")
def smaller() -> tuple[StudyFolds, pd.DataFrame]:
    return smaller_folds(study(), points_of({SAMPLES: [4, 2], CLUSTERS: [3, 2]}), folds=2, seeds=1)


def test_each_cluster_keeps_so_many_samples_and_its_share_of_validation(smaller) -> None:
    folds, table = smaller
    assert counts(folds.folds[0], "train") == counts(folds.folds[0], "validation") == [2] * 4
    assert counts(folds.folds[3], "train") == [4] * 4
    assert table["samples_per_cluster"].tolist() == [2, 2, 4, 4, 5, 5, 5, 5, 5, 5]
    assert table["clusters"].tolist() == [4] * 4 + [2, 2, 3, 3] + [4, 4]


def test_smaller_parts_lie_within_larger_ones(smaller) -> None:
    folds = smaller[0].folds
    for few, many in ((0, 2), (2, 8), (4, 6), (6, 8)):
        assert kept(folds[few]) < kept(folds[many])
    assert kept(folds[0]) != kept(folds[1])


def test_test_and_unseen_samples_are_the_same_at_every_point(smaller) -> None:
    folds, table = smaller
    originals = study().folds
    assert table["fold"].tolist() == [fold.fold for fold in folds.folds] == list(range(10))
    for fold, original in zip(folds.folds, table["of_fold"], strict=True):
        for partition in ("test", "unseen"):
            assert (fold.rows(partition) == originals[original].rows(partition)).all()
    whole = folds.folds[8:]
    assert all((a.partition == b.partition).all() for a, b in zip(whole, originals, strict=False))


def test_a_number_that_leaves_all_samples_in_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"samples_per_cluster is 5, which leaves all 20 training"
    ):
        smaller_folds(study(), [Point(SAMPLES, 5), Point(WHOLE, 0)], folds=1, seeds=1)


def test_fewer_samples_than_minibatches_are_refused() -> None:
    few = {**NETWORK, "training": {**NETWORK["training"], "batch_size": 1}}
    models = {"conventional": {"method": "conventional", "settings": few}}
    with pytest.raises(
        ConfigError, match=r"leave 8 training samples.* 20 minibatches .*conventional"
    ):
        train_curves(
            study(), settings={**SETTINGS, SAMPLES: [2]}, membership=NETWORK, models=models
        )


def test_models_are_scored_at_every_point_on_the_same_samples() -> None:
    given = study()
    settings = {**SETTINGS, SAMPLES: [2, 4]}
    predictions, points = train_curves(given, settings=settings, membership=NETWORK, models=MODELS)
    names = pd.Series(given.samples)
    cluster = np.repeat([f"c{k}" for k in range(7)], 15)
    samples = cast_table(
        pd.DataFrame(
            {"sample": names, "cluster": cluster, "group": names, "outcome": given.folds[0].y,
             "held_out": False, "stratum": ""}
        ), "samples",
    )  # fmt: skip
    table = learning_curves(
        cast_table(predictions, "predictions"), cast_table(points, "curve_points"), samples,
        empty_table("truth"), study="s", metrics=["auroc"], seed=1, draws=9,
    )  # fmt: skip
    rows = table.astype({"varied": str, "partition": str, "model": str})
    found = rows[["varied", "kept", "partition", "model"]].to_numpy().tolist()
    both = [[SAMPLES, 2], [SAMPLES, 4], [CLUSTERS, 2], [WHOLE, 0]]
    assert sorted(found) == sorted(
        [*point, part, model]
        for point in both for part in ("test", "unseen") for model in MODELS
        if (point[0], part) != (CLUSTERS, "test")
    )  # fmt: skip
    assert set(rows["folds"]) == {2}
    glmm = rows[(rows["model"] == "glmm") & (rows["partition"] == "unseen")]
    assert glmm["mean"].nunique() > 1


def test_whole_training_part_trains_the_model_of_the_study() -> None:
    given = study()
    found, points = train_curves(given, settings=SETTINGS | {SAMPLES: []}, membership=NETWORK,
                                 models={"glmm": MODELS["glmm"]})  # fmt: skip
    from armed_study.training import trainer

    whole = points.loc[points["varied"] == WHOLE, "fold"]
    own = found[found["fold"].isin(whole) & (found["partition"] == "test")]
    alone = trainer("glmm")(replace(given, folds=given.folds[:2]), model="glmm", settings={})
    table = alone.table("predictions").query("partition == 'test' and assignment == 'known'")
    assert own["mixed"].tolist() == pytest.approx(table["mixed"].tolist(), abs=1e-6)
