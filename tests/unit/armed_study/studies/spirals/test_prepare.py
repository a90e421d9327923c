"""The study kind `spirals`: raw tables in, data set and truth out."""

import numpy as np
import pandas as pd
import pytest

from armed.errors import ConfigError, DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import read_table, write_csv, write_table
from armed_study.studies.spirals import RAW
from armed_study.studies.spirals.prepare import prepare, simulate
from refusals import refused

SETTINGS = {
    "scenario": "confounded", "clusters": 3, "samples_per_cluster": 40, "unseen_clusters": 2,
    "unseen_samples_per_cluster": 10, "probes": 2, "class_ratio_sd": 0.3, "display_points": 5,
}  # fmt: skip


def written(settings, folder):
    """Raw files by name."""
    for name, frame in simulate(settings, 7).items():
        write_csv(frame, folder / name, digits=None)
    return {name: folder / name for name in RAW}


@pytest.fixture
def raw(tmp_path):
    return written(SETTINGS, tmp_path)


@pytest.fixture
def prepared(raw):
    return prepare("mine", SETTINGS, raw)


def test_dataset_holds_all_samples_and_marks_the_probes(prepared):
    dataset = prepared.dataset
    dataset.validate()
    assert dataset.name == "mine"
    assert dataset.generated
    assert dataset.origin.startswith("generated")
    assert [f.name for f in dataset.features] == ["x1", "x2", "probe1", "probe2"]
    assert [f.probe for f in dataset.features] == [False, False, True, True]
    samples = dataset.samples
    assert samples.groupby("held_out")["sample"].size().to_dict() == {False: 120, True: 20}
    assert set(samples["outcome"]) == {0, 1}
    assert samples["group"].isna().all()


def test_values_survive_the_raw_files(prepared):
    drawn, samples = simulate(SETTINGS, 7)["samples.csv"], prepared.dataset.samples
    for column in ("sample", "cluster", "outcome", "x1", "x2", "probe1", "probe2"):
        assert (samples[column].astype(object) == drawn[column]).all()


def test_all_tables_are_as_declared_and_the_data_set_survives_its_file(prepared, tmp_path):
    for name in ("truth", "cluster_truth", "display"):
        frame = getattr(prepared, name)
        write_table(frame, tmp_path / name, name)
        assert len(read_table(tmp_path / name, name)) == len(frame) > 0
    prepared.dataset.save(tmp_path / "samples")
    loaded = ClusteredDataset.load(tmp_path / "samples")
    assert loaded.features == prepared.dataset.features
    assert (loaded.samples["x1"] == prepared.dataset.samples["x1"]).all()


def test_truth_covers_samples_and_display_points_once_and_agrees_with_outcomes(prepared):
    truth = prepared.truth
    expected = [*prepared.dataset.samples["sample"], *prepared.display["sample"]]
    assert sorted(truth["sample"]) == sorted(expected)
    assert truth["sample"].is_unique
    assert truth[["oracle", "oracle_no_cluster"]].stack().between(0, 1).all()
    both = prepared.dataset.samples.merge(prepared.truth, on="sample")
    assert ((both["oracle"] > 0.5) == (both["outcome"] == 1)).mean() > 0.85


def test_display_grid_covers_every_seen_cluster_at_its_class_ratio(prepared):
    display = prepared.display
    sizes = display.groupby("cluster")["sample"].size().to_dict()
    assert sizes == {"c01": 25, "c02": 25, "c03": 25}
    assert {"grid:c01:0001", "grid:c03:0025"} <= set(display["sample"])
    assert sorted(display["x1"].unique()) == pytest.approx([-1.6, -0.8, 0, 0.8, 1.6])
    truth = prepared.cluster_truth.pivot(index="cluster", columns="quantity", values="value")
    ratio = truth.loc[display["cluster"].astype(str), "class_ratio"].to_numpy()
    assert (display[["probe1", "probe2"]].to_numpy() == ratio[:, None]).all()


def test_knowing_the_cluster_makes_probes_irrelevant(raw, prepared):
    samples = pd.read_csv(raw["samples.csv"])
    samples["probe1"] += 1
    samples.to_csv(raw["samples.csv"], index=False)
    moved = prepare("mine", SETTINGS, raw).truth
    assert (moved["oracle"] == prepared.truth["oracle"]).all()
    assert np.abs(moved["oracle_no_cluster"] - prepared.truth["oracle_no_cluster"]).max() > 0.1


def test_cluster_truth_is_the_drawn_one(prepared):
    drawn = simulate(SETTINGS, 7)["clusters.csv"].set_index("cluster")
    truth = prepared.cluster_truth.pivot(index="cluster", columns="quantity", values="value")
    assert (truth == drawn[truth.columns]).all(axis=None)


def test_a_study_without_display_points_or_unseen_clusters_is_prepared(tmp_path):
    settings = SETTINGS | {"display_points": 0, "unseen_clusters": 0}
    prepared = prepare("mine", settings, written(settings, tmp_path))
    assert list(prepared.display) == ["sample", "cluster", "x1", "x2", "probe1", "probe2"]
    assert prepared.display.empty
    write_table(prepared.display, tmp_path / "display", "display")
    assert len(prepared.truth) == 120


def test_bad_settings_name_the_study(raw):
    with pytest.raises(ConfigError, match=r"^studies\.mine\.data: clusters is -1"):
        prepare("mine", SETTINGS | {"clusters": -1}, raw)
    with pytest.raises(ConfigError, match="unknown key 'noise'"):
        simulate(SETTINGS | {"noise": 1}, 7)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "".join(text.splitlines(keepends=True)[:50]),
        lambda text: text[:-9],
        lambda text: text.replace(",x2,", ",y2,"),
        lambda text: text.replace("c01:0003,c01,False,", "c01:0003,c01,False,x"),
        lambda text: text.replace(",c02,", ",c99,"),
        None,
    ],
    ids=["empty", "truncated", "torn", "no column", "text", "foreign cluster", "missing"],
)
def test_damaged_raw_table_is_named_in_one_sentence(raw, damage):
    path = raw["samples.csv"]
    if damage is None:
        path.unlink()
    else:
        path.write_text(damage(path.read_text()))
    with refused(r"samples\.csv.*expected.*run ", DataError):
        prepare("mine", SETTINGS, raw)
