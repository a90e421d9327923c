"""Prepared scans are joined to a data set of images, and whoever is left out is counted."""

import numpy as np
import pandas as pd
import pytest

from armed.errors import ConfigError, DataError
from armed_study import studies
from armed_study.data.batches import Batches
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.image_arrays import save_images
from armed_study.io.schemas import TABLES
from armed_study.io.tables import cast_table, write_table
from armed_study.splits.make_splits import make_splits
from armed_study.studies.ad_mri.prepare import prepare

SIZE = 6
SETTINGS = {"seen_sites": ["A", "B"], "space": "subject"}


def people(sites=("A", "B", "C"), of_each=3):
    """Participants of each site and diagnosis."""
    rows = [(site, diagnosis) for site in sites for diagnosis in ("AD", "CN")] * of_each
    table = pd.DataFrame(sorted(rows), columns=["site", "diagnosis"])
    table.insert(0, "participant_id", [f"sub-{i:04d}" for i in range(1, len(table) + 1)])
    return table.assign(age=70, sex="F")


def scans_of(table, sessions=1):
    names = [f"ses-{number:02d}" for number in range(1, sessions + 1)]
    return [(who, name) for who in table["participant_id"] for name in names]


def write_parts(folder, scans, bad, batches):
    """Batches as `prepare_batch` writes them; the image of scan i is filled with i."""
    qc = pd.DataFrame(scans, columns=["participant", "session"])
    qc["sample"] = qc["participant"] + "_" + qc["session"]
    qc["reason"] = [bad.get(sample, "") for sample in qc["sample"]]
    qc["usable"] = qc["reason"] == ""
    qc["status"] = np.where(qc["usable"], "ok", "failed")
    qc = qc.assign(space="mni", brain="given", manufacturer="GE", scanner="X")
    qc = qc.reindex(columns=TABLES["qc"].names)
    images = np.full((SIZE, SIZE, 1, len(qc)), np.arange(len(qc)), dtype=np.float32).T
    parts = [
        (folder / f"{n}" / "images.npy", folder / f"{n}" / "qc.parquet") for n in range(batches)
    ]
    for number, (array, table) in enumerate(parts):
        save_images(array, images[number::batches])
        write_table(qc[number::batches], table, "qc")
    return parts


def made(folder, table, *, scans=None, bad=None, batches=2, **settings):
    tree = folder / "tree"
    tree.mkdir(exist_ok=True)
    table.to_csv(tree / "participants.tsv", sep="\t", index=False)
    parts = write_parts(folder / f"n{batches}", scans or scans_of(table), bad or {}, batches)
    images = folder / f"images{batches}.npy"
    return prepare(Batches("demo", SETTINGS | settings, tree, "qc", parts, [], images))


def flow_of(prepared):
    return prepared.flow.set_index(["stage", "reason"])["count"].to_dict()


def test_samples_are_scans_with_site_participant_and_image(tmp_path):
    table = people()
    prepared, qc = made(tmp_path, table, scans=scans_of(table, sessions=2))
    dataset, samples = prepared.dataset, prepared.dataset.samples
    dataset.validate()
    assert len(samples) == len(qc) == 36
    assert samples["group"].nunique() == 18
    assert set(samples.loc[samples["held_out"], "cluster"]) == {"C"}
    number = {f"{who}_{s}": i for i, (who, s) in enumerate(scans_of(table, sessions=2))}
    expected = [number[name] for name in samples["sample"]]
    assert dataset.images[:, 0, 0, 0].tolist() == expected
    ill = table.set_index("participant_id")["diagnosis"] == "AD"
    assert (samples["outcome"] == samples["group"].map(ill)).all()
    dataset.save(tmp_path / "samples.parquet")
    again = ClusteredDataset.load(tmp_path / "samples.parquet")
    np.testing.assert_array_equal(again.images, dataset.images)
    assert len(cast_table(prepared.flow, "flow")) == len(prepared.flow)


def test_batches_change_nothing(tmp_path):
    table = people(of_each=4)
    table.loc[3, "diagnosis"], table.loc[8, "site"] = "MCI", "n/a"
    bad = {"sub-0002_ses-01": "truncated", "sub-0007_ses-01": "image is empty"}
    (one, qc), (three, same) = (made(tmp_path, table, bad=bad, batches=n) for n in (1, 3))
    pd.testing.assert_frame_equal(one.dataset.samples, three.dataset.samples)
    np.testing.assert_array_equal(one.dataset.images, three.dataset.images)
    pd.testing.assert_frame_equal(one.flow, three.flow)
    pd.testing.assert_frame_equal(cast_table(qc, "qc"), cast_table(same, "qc"))


def test_who_is_left_out_is_counted_by_reason(tmp_path):
    table = people(of_each=3)
    table.loc[0, "diagnosis"] = "MCI"
    scans = [*scans_of(table), ("sub-9999", "ses-01")]
    bad = {"sub-0002_ses-01": "image is empty", "sub-0018_ses-01": "truncated; and more"}
    prepared, _ = made(tmp_path, table, scans=scans, bad=bad)
    flow = flow_of(prepared)
    assert flow["scans found", ""] == 19
    assert flow["of known participants", ""] == 17
    assert flow["of known participants", "diagnosis neither AD nor CN"] == 1
    assert flow["of known participants", "not in participants.tsv"] == 1
    assert flow["with a usable image", "image is empty"] == 1
    assert flow["with a usable image", "truncated"] == 1
    # At site A one subject with AD is left, who cannot be trained and tested on.
    assert flow["in strata of several subjects", ""] == 14
    assert flow["seen sites", ""] + flow["unseen sites", ""] == 14


def test_images_that_bidsignore_leaves_out_are_counted(tmp_path):
    image = tmp_path / "tree" / "sub-0001" / "anat" / "sub-0001_T1w.nii.gz"
    image.parent.mkdir(parents=True)
    image.touch()
    (tmp_path / "tree" / ".bidsignore").write_text("sub-0001/")
    assert (
        flow_of(made(tmp_path, people())[0])["scans found", "images that .bidsignore leaves out"]
        == 1
    )


def test_a_site_with_one_diagnosis_only_is_kept_and_split(tmp_path):
    table = people(of_each=6)
    table = table[(table["site"] != "B") | (table["diagnosis"] == "AD")].reset_index(drop=True)
    prepared, _ = made(tmp_path, table)
    samples = prepared.dataset.samples
    assert samples.loc[samples["cluster"] == "B", "outcome"].tolist() == [1] * 6
    splits = make_splits(
        prepared.dataset, folds=3, test=0.2, validation=0.125, unseen={"scheme": "held_out"},
        small_strata="merge", seed=1,
    )  # fmt: skip
    joined = splits.astype({"sample": str}).merge(samples, on="sample")
    trained = joined[joined["partition"] == "train"].groupby(["fold", "cluster"]).size()
    assert trained.unstack()[["A", "B"]].min().min() > 0


def test_a_diagnosis_that_changes_between_sessions_leaves_all_scans_of_the_subject_out(tmp_path):
    table = people()
    changed = table.iloc[[0]].assign(diagnosis="CN")
    table = pd.concat([table, changed], ignore_index=True)
    scans = scans_of(table.drop_duplicates("participant_id"), sessions=2)
    prepared, _ = made(tmp_path, table, scans=scans)
    assert "sub-0001" not in set(prepared.dataset.samples["group"])
    assert flow_of(prepared)["of known participants", "diagnosis changes"] == 2


def test_a_seen_site_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="seen_sites names 'Z', which no scan is of"):
        made(tmp_path, people(), seen_sites=["A", "Z"])


def test_no_usable_scan_is_refused(tmp_path):
    table = people()
    bad = {f"{who}_{session}": "empty" for who, session in scans_of(table)}
    with pytest.raises(DataError, match="none of 18 scans can be used"):
        made(tmp_path, table, bad=bad)


def test_kind_lists_the_users_scans_by_batch(tmp_path):
    table = people()
    for who, session in scans_of(table):
        folder = tmp_path / who / session / "anat"
        folder.mkdir(parents=True)
        (folder / f"{who}_{session}_T1w.nii.gz").touch()
        (folder / f"{who}_{session}_T1w.json").touch()
    kind = studies.load("ad_mri")
    data = {"source": {"path": str(tmp_path)}, "space": "subject"}
    parts = [set(kind.part_files(data, f"{i}-of-3")) for i in (1, 2, 3)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 2 * len(table)
    new = tmp_path / "sub-0999" / "anat"
    new.mkdir(parents=True)
    (new / "sub-0999_T1w.nii.gz").touch()
    again = [set(kind.part_files(data, f"{i}-of-3")) for i in (1, 2, 3)]
    assert sum(before != after for before, after in zip(parts, again, strict=True)) == 1
