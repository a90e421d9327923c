"""Maps of attribution of the samples that were chosen, by every method."""

import numpy as np
import pandas as pd
import pytest
import torch

from armed import methods
from armed.data.lazy_rows import pick, read
from armed.errors import DataError
from armed_study.interpretation.attribution.attributing import attribute_model, average_image
from armed_study.interpretation.attribution.explaining import EXPLAIN
from armed_study.interpretation.attribution.maps import to_maps
from armed_study.io.tables import cast_table, read_table, write_table
from armed_study.splits.selection import SHOWN, select_samples
from armed_study.training import batched_inference
from armed_study.training.membership import infer_membership
from armed_study.training.restore import restore
from armed_study.vocabulary.terms import EVERY
from small_images import (
    CLUSTERS,
    MEMBERSHIP,
    PIXELS,
    dataset,
    fitted,
    settings_for,
    split,
    study_folds,
)

COUNT = 8


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = dataset(tmp_path_factory.mktemp("images"))
    return data, split(data)


@pytest.fixture(scope="module")
def chosen(study):
    table = select_samples(study[0].samples, study[1], count=COUNT, seed=1)
    return cast_table(table, "attributed")


@pytest.fixture(scope="module")
def membership(study):
    found = infer_membership(study_folds(study, seeds=2), settings=MEMBERSHIP)
    return cast_table(found, "membership")


def attributed(given, chosen, about):
    found = attribute_model(given, restore(given, **about), chosen, list(EXPLAIN))
    return cast_table(found, "attribution")


def by_gradcam(table):
    return table[table["by"] == "gradcam"]


@pytest.mark.parametrize("method", methods.available())
def test_every_sample_chosen_has_a_map_of_each_output(study, chosen, membership, method):
    given = study_folds(study, membership=membership, seeds=2)
    table = attributed(given, chosen, fitted(given, method, settings_for(method)))
    found = {by: to_maps(part) for by, part in table.groupby("by", observed=True)}
    assert {by: maps.shape[1:] for by, (_, maps) in found.items()} == {
        "gradcam": (6, 6), "integrated_gradients": (PIXELS, PIXELS)
    }  # fmt: skip
    uses_z = methods.load(method).uses_clusters
    for keys, maps in found.values():
        assert (maps >= 0).all()
        assert maps.any()
        own = keys[keys["cluster"] == ""]
        # seeds, partitions of two folds, outputs; and one replica with random weights
        assert len(own) == 2 * 4 * COUNT * (1 + uses_z) + 2 * COUNT
        untrained = own[own["effect"] == "untrained"]
        assert (untrained["fold"].eq(0) & untrained["seed"].eq(0)).sum() == 2 * COUNT
    keys, maps = found["integrated_gradients"]
    assert not (keys["assignment"] == EVERY).any()
    trained = maps[(keys["effect"] == "fixed") & (keys["fold"] == 0) & (keys["seed"] == 0)]
    assert not np.isclose(trained, maps[keys["effect"] == "untrained"]).all(axis=(1, 2)).any()
    keys, _ = found["gradcam"]
    own = keys[keys["cluster"] == ""]
    known = own.groupby("partition", observed=True)["assignment"].unique().explode().to_dict()
    expected = {"test": "known", "unseen": "membership"}
    assert known == (expected if uses_z else dict.fromkeys(expected, "none"))
    every = keys[keys["assignment"] == EVERY]
    assert len(every) == uses_z * 2 * 2 * SHOWN * (CLUSTERS - 1)  # seeds, outcomes, seen clusters
    assert set(every["effect"]) <= {"mixed"}
    assert set(every["fold"]) <= {0}


def test_own_cluster_among_every_cluster_gives_the_map_of_known(study, chosen, membership):
    given = study_folds(study, membership=membership)
    # Effects that gradients move are never all 0, however little was learned.
    effects = settings_for("armed")["random_effects"] | {"estimated": False}
    settings = settings_for("armed", random_effects=effects)
    table = attributed(given, chosen, fitted(given, "armed", settings))
    keys, maps = to_maps(by_gradcam(table))
    home = study[0].samples.astype({"cluster": str}).set_index("sample")["cluster"]
    keys = keys.astype(str)
    own = keys[(keys["assignment"] == EVERY) & (keys["cluster"] == keys["sample"].map(home))]
    assert len(own) == 2 * SHOWN
    for place, key in own.iterrows():
        same = (keys["sample"] == key["sample"]) & (keys["assignment"] == "known")
        (known,) = keys.index[same & (keys["effect"] == "mixed") & (keys["fold"] == key["fold"])]
        np.testing.assert_allclose(maps[place], maps[known], rtol=1e-4, atol=1e-7)
    assert len(np.unique(maps[keys["assignment"] == EVERY], axis=0)) > 2 * SHOWN


def test_bytes_do_not_depend_on_how_folds_are_dealt_to_jobs(
    study, chosen, membership, tmp_path, monkeypatch
):
    about = fitted(study_folds(study, membership=membership), "armed", settings_for("armed"))
    paths = []
    for name, folds in (("whole", (0, 1)), ("0", (0,)), ("1", (1,))):
        given = study_folds(study, folds=folds, membership=membership)
        paths.append(tmp_path / f"{name}.parquet")
        write_table(attributed(given, chosen, about), paths[-1], "attribution")
    whole, parts = read_table(paths[:1], "attribution"), read_table(paths[1:], "attribution")
    pd.testing.assert_frame_equal(whole, parts, check_exact=True)
    given, again = study_folds(study, membership=membership), tmp_path / "again.parquet"
    write_table(attributed(given, chosen, about), again, "attribution")
    assert again.read_bytes() == paths[0].read_bytes()
    monkeypatch.setattr(batched_inference, "rows_at_a_time", lambda shape: 3)
    few = attributed(given, chosen, about)
    np.testing.assert_allclose(few["value"], whole["value"], rtol=1e-4, atol=1e-7)


def test_folds_of_which_nothing_was_chosen_are_refused(study, chosen, membership):
    given = study_folds(study, membership=membership)
    about = fitted(given, "conventional", settings_for("conventional"))
    with pytest.raises(DataError, match="no sample was chosen in any of its folds"):
        attributed(given, chosen[chosen["fold"] > 1], about)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_average_image_is_of_training_images_as_networks_get_them(tmp_path, kind):
    data = dataset(tmp_path, kind)
    fold = study_folds((data, split(data))).folds[1]
    seen = read(pick(fold.x, fold.rows("train")))
    torch.testing.assert_close(average_image(fold), seen.mean(0))
