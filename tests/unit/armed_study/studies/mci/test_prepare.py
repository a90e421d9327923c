import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study import studies
from armed_study.data.dataset import ClusteredDataset
from armed_study.data.encoding import encode_folds, encoded_columns
from armed_study.io.tables import cast_table
from armed_study.splits.make_splits import make_splits
from armed_study.studies.mci import RAW
from armed_study.studies.mci.columns import CATEGORIES, MEASURES
from armed_study.studies.mci.prepare import prepare, simulate
from refusals import refused
from small_adni import LOST, STABLE, participant, sites, table, write

SIZES = {2: 9, 10: 7, 11: 5, 30: 2, 941: 1}
KIND = studies.load("mci")
STUDY = {
    "data": {"source": "generated"},
    "splits": {"unseen": {"scheme": "seen_largest", "count": 3}},
}


def with_truth(frame, folder):
    """The three raw files of a generated study, by name."""
    people = frame["RID"].unique()
    truth = {"RID": people, "extra": "x", "oracle": people / 1000, "oracle_no_cluster": 0.25}
    places = {"SITE": frame["SITE"].unique(), "quantity": "intercept", "value": 0.5}
    frames = (frame, pd.DataFrame(truth), pd.DataFrame(places))
    return {name: write(raw, folder / name) for name, raw in zip(RAW, frames, strict=True)}


def made(folder, frame, *, generated=True, protocol="proposed", **changes):
    """What the study makes of a table."""
    settings = KIND.data_settings({**STUDY, "protocol": protocol}, seed=7)
    raw = with_truth(frame, folder)
    if not generated:
        raw = {"mine.csv": raw["ADNIMERGE.csv"].rename(folder / "mine.csv")}
        settings["source"] = {"path": str(raw["mine.csv"])}
    return prepare("demo", {**settings, **changes}, raw)


def test_samples_are_the_labelled_subjects_at_their_sites(tmp_path):
    frame = table(sites(SIZES), participant(90, course=LOST), participant(91, group="CN"))
    prepared = made(tmp_path, frame.iloc[::-1])
    prepared.dataset.validate()
    samples = cast_table(prepared.dataset.samples, "samples")
    assert samples["sample"].tolist() == [f"{rid:04d}" for rid in range(1, 25)]
    assert samples["cluster"].value_counts().to_dict() == {str(s): n for s, n in SIZES.items()}
    assert samples.groupby("cluster", observed=True)["outcome"].sum().tolist() == [1] * 5
    assert samples["group"].isna().all()
    assert samples.loc[samples["held_out"], "cluster"].tolist() == ["941"]  # one subject only
    assert samples["MMSE"].iloc[0] == frame.loc[frame["RID"] == 1, "MMSE_bl"].iloc[0]


def test_features_are_the_measures_then_the_categories(tmp_path):
    features = made(tmp_path, sites(SIZES)).dataset.features
    assert [f.name for f in features] == [item.name for item in (*MEASURES, *CATEGORIES)]
    assert [f.kind for f in features] == ["continuous"] * 26 + ["categorical"] * 5
    assert not any(f.probe for f in features)


def test_levels_are_those_of_seen_sites_with_the_reference_first(tmp_path):
    frame = sites(SIZES)
    frame.loc[frame["SITE"] == 30, "PTRACCAT"] = "Asian"
    frame.loc[frame["RID"].isin([3, 4]), "PTRACCAT"] = ["More than one"] * 4 + ["Unknown"] * 4
    with pytest.warns(ArmedWarning, match="'Race' has level 'Asian' in 2 subjects of unseen"):
        dataset = made(tmp_path, frame).dataset
    levels = {f.name: f.levels for f in dataset.features if f.levels}
    assert levels["Race"] == ("White", "Black", "More than one")
    assert levels["Sex"] == ("Male", "Female")
    samples = dataset.samples.set_index("sample")
    assert samples.loc[samples["cluster"] == "30", "Race"].isna().all()
    assert pd.isna(samples.loc["0004", "Race"])
    dataset.validate()


def test_a_feature_that_does_not_vary_at_seen_sites_is_left_out_and_told(tmp_path):
    frame = sites(SIZES).assign(PTETHCAT="Not Hisp/Latino", FDG_bl=None)
    frame.loc[frame["SITE"] == 30, "FDG_bl"] = [1.1, 1.1, 1.1, 1.2, 1.2, 1.2, 1.2]
    with pytest.warns(ArmedWarning, match="feature 'PET FDG', 'Ethnicity' is constant or missing"):
        dataset = made(tmp_path, frame).dataset
    assert len(dataset.features) == 29
    dataset.validate()


def test_seen_sites_are_the_largest_as_the_splits_have_them(tmp_path):
    prepared = made(tmp_path, sites({5: 6, 7: 6, 8: 6, 9: 8, 12: 1}, progressive=2))
    dataset = prepared.dataset
    splits = make_splits(dataset, folds=2, validation=0.2, unseen=STUDY["splits"]["unseen"], seed=1)
    away = set(splits.loc[splits["partition"] == "unseen", "sample"])
    unseen = set(dataset.samples.loc[dataset.samples["sample"].isin(away), "cluster"])
    assert unseen == {"5", "12"}
    counts = prepared.flow.set_index("stage")["count"]
    assert counts["unseen sites"] == len(away) == 7
    assert counts["seen sites"] == 20
    for samples, _ in encode_folds(dataset, splits, prepared.display, standardize=True):
        assert np.isfinite(samples).all()


def test_flow_goes_from_participants_to_sites(tmp_path):
    people = [participant(rid, group=group) for rid, group in ((91, "CN"), (92, "AD"))]
    frame = table(sites(SIZES), participant(90, course=LOST), *people)
    flow = cast_table(made(tmp_path, frame).flow, "flow")
    kept = flow[flow["reason"] == ""]
    assert kept["order"].tolist() == [0, 1, 2, 3, 4]
    assert kept["count"].tolist() == [27, 25, 24, 21, 3]
    left = flow[flow["reason"] != ""]
    assert left["count"].tolist() == [1, 1, 1]
    assert left["stage"].tolist() == ["MCI at baseline"] * 2 + ["labelled"]
    # All sites but those of one subject can be seen.
    assert made(tmp_path, frame, seen_sites=4).flow["count"].tolist()[-2:] == [23, 1]


def test_truth_is_that_of_the_labelled(tmp_path):
    prepared = made(tmp_path, table(sites(SIZES), participant(90, 77, group="CN")))
    truth = cast_table(prepared.truth, "truth")
    assert truth["sample"].tolist() == prepared.dataset.samples["sample"].tolist()
    assert truth["oracle"].tolist() == [rid / 1000 for rid in range(1, 25)]
    clusters = cast_table(prepared.cluster_truth, "cluster_truth")
    assert set(clusters["cluster"]) == {str(site) for site in SIZES}
    assert prepared.dataset.origin.startswith("generated")
    assert len(prepared.display) == 0


def test_the_users_table_has_no_truth_but_gives_the_same_samples(tmp_path):
    own, drawn = (made(tmp_path, sites(SIZES), generated=g) for g in (False, True))
    pd.testing.assert_frame_equal(own.dataset.samples, drawn.dataset.samples)
    assert own.truth.empty
    assert own.cluster_truth.empty
    assert drawn.dataset.generated
    assert not own.dataset.generated
    assert own.dataset.origin == "real data: the user's ADNIMERGE table mine.csv"


def test_descriptives_are_of_all_by_diagnosis_and_of_the_labelled_by_outcome(tmp_path):
    frame = table(
        sites(SIZES),
        participant(901, group="CN", PTGENDER="Female", MMSE_bl=30),
        participant(902, group="CN", PTGENDER="Male", MMSE_bl=28),
    )
    prepared = made(tmp_path, frame)
    found = prepared.descriptives.set_index(["group", "measure"])
    assert found.loc[("CN", "MMSE_bl"), "mean"] == 29
    assert found.loc[("CN", "MMSE_bl"), "sd"] == pytest.approx(2**0.5)
    assert found.loc[("CN", "PTGENDER: Female"), ["count", "mean"]].tolist() == [2, 0.5]
    outcome = prepared.dataset.samples["outcome"]
    counts = found["count"].groupby(level="group").max()
    assert counts["MCI progressive"] == outcome.sum()
    assert counts["MCI stable"] == (1 - outcome).sum()
    assert len(cast_table(prepared.descriptives, "descriptives")) == len(found)


def probes_by_fold(folder):
    """Samples of sites 2 (a quarter converts), 10 and 11 (nobody), 30 (unseen); their parts; probes."""
    frame = sites({2: 200, 10: 200, 11: 200, 30: 5}, progressive=50)
    frame.loc[(frame["SITE"] == 11) & (frame["DX"] == "Dementia"), "DX"] = "MCI"
    dataset = made(folder, frame, probes=1).dataset
    splits = make_splits(dataset, folds=3, validation=0.2, unseen=STUDY["splits"]["unseen"], seed=1)
    probe = encoded_columns(dataset.features)["probe"].to_numpy(bool)
    folds = encode_folds(dataset, splits, dataset.samples.iloc[:0], standardize=False)
    for (_, rows), (encoded, _) in zip(splits.groupby("fold"), folds, strict=True):
        part = dataset.samples["sample"].map(rows.set_index("sample")["partition"])
        yield dataset.samples, part.astype(str), encoded[:, probe]


def test_probes_follow_the_sites_rate_in_the_training_part_of_each_fold(tmp_path):
    for samples, part, probes in probes_by_fold(tmp_path):
        for site in ("2", "11"):
            at = (samples["cluster"] == site).to_numpy()
            trained = samples.loc[at & (part == "train"), "outcome"]
            c = trained.mean()
            inverse = 1 / (c or 0.5 / len(trained))  # no conversion: as if there were half a one
            expected = [c, c**2, inverse, np.cos(c), np.sin(c)]
            noise = probes[at] - expected
            np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.015)
            np.testing.assert_allclose(noise.std(axis=0), 0.05, rtol=0.2)
            assert abs(np.corrcoef(noise.T) - np.eye(5)).max() < 0.3
        assert (probes[(part == "unseen").to_numpy()] == 0).all()


def test_probes_have_the_same_noise_in_every_fold(tmp_path):
    constant = [
        probes[(samples["cluster"] == "11").to_numpy()][:, [0, 1, 3, 4]]  # of 1/c its level differs
        for samples, _, probes in probes_by_fold(tmp_path)
    ]
    for other in constant[1:]:
        np.testing.assert_array_equal(other, constant[0])


def test_probes_are_drawn_once_by_the_seed_of_the_study(tmp_path):
    frame = sites(SIZES)
    first, again, other = (
        made(tmp_path, rows, probes=1, seed=seed).dataset.samples["Probe c"].tolist()
        for rows, seed in ((frame, 7), (frame.iloc[::-1], 7), (frame, 8))
    )
    assert first == again
    assert first != other
    dataset = made(tmp_path, frame, probes=1).dataset
    probes = [f.name for f in dataset.features if f.probe]
    assert probes == ["Probe c", "Probe c^2", "Probe 1/c", "Probe cos c", "Probe sin c"]
    dataset.save(tmp_path / "samples.parquet")
    loaded = ClusteredDataset.load(tmp_path / "samples.parquet")
    assert loaded.features == dataset.features
    assert loaded.samples["Probe c"].tolist() == first


def test_protocol_and_moved_subjects_are_those_of_the_settings(tmp_path):
    frame = table(sites(SIZES), participant(90, course={0: "MCI", 24: "MCI"}))
    assert "0090" in made(tmp_path, frame).dataset.samples["sample"].tolist()
    published = made(tmp_path, frame, protocol="published").dataset.samples
    relabelled = made(tmp_path, frame, protocol="published_labels").dataset.samples
    pd.testing.assert_frame_equal(relabelled, published)
    assert "0090" not in published["sample"].tolist()
    frame.loc[frame.index[-1], "SITE"] = 30
    with refused("data.moved_subjects"):
        made(tmp_path, frame)
    samples = made(tmp_path, frame, moved_subjects="baseline").dataset.samples
    assert samples.set_index("sample").loc["0090", "cluster"] == "11"


def lonely():
    """Nine sites of one subject each, one of whom progresses."""
    frame = sites(dict.fromkeys(range(9), 1), progressive=0)
    frame.loc[(frame["RID"] == 3) & (frame["Month"] > 0), "DX"] = "Dementia"
    return frame


def unlabelled():
    people = [participant(rid, course=LOST) for rid in range(1, 5)]
    return table(*people, participant(9, group="CN", course=STABLE))


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (sites(SIZES), {"seen_sites": 20},
         "4 of 5 sites with at least 2 .*, expected at least 20 .*splits.unseen.count"),
        (lonely(), {"seen_sites": None}, "0 of 9 sites with at least 2"),
        (lonely(), {"seen_sites": 3}, "0 of 9 sites with at least 2"),
        (sites({2: 9, 10: 7, 11: 5}), {"seen_sites": 3}, "unseen.count is 3, expected 1 to 2"),
        (sites(SIZES, progressive=0), {}, "all 24 .* subjects .*are stable, expected both outcomes"),
        (sites(SIZES, progressive=9), {}, "are progressive"),
        (unlabelled(), {}, "1 CN at .*, 4 last diagnosis before month 24, without dementia"),
    ],
    ids=range(7),
)  # fmt: skip
def test_a_table_of_which_no_study_can_be_made_is_refused(tmp_path, frame, changes, message):
    with refused(message):
        made(tmp_path, frame, **changes)


def test_truth_that_does_not_fit_is_refused(tmp_path):
    raw = with_truth(sites(SIZES), tmp_path)
    settings = KIND.data_settings(STUDY, seed=7)
    whole = {name: path.read_text() for name, path in raw.items()}
    for name, content, message in (
        (RAW[1], whole[RAW[1]].replace("oracle_no", "oracle_"), "expected 'oracle_no_cluster' too"),
        (RAW[1], whole[RAW[1]].rsplit("\n", 3)[0], "lacks 2 samples of the study, '0023', '0024'"),
        (RAW[1], whole[RAW[1]].replace('"0.25"', '""', 1), "holds nothing in row 2"),
        (RAW[2], whole[RAW[2]].replace("941", "942"), "lacks 1 cluster of the study, '941'"),
    ):
        for each, text in whole.items():
            raw[each].write_text(content if each == name else text)
        with pytest.raises(DataError, match=message) as caught:
            prepare("demo", settings, raw)
        assert name in str(caught.value)


def test_the_newest_table_of_a_folder_is_found_by_the_date_in_its_name(tmp_path):
    def found(*names):
        for old in tmp_path.iterdir():
            old.unlink()
        others = ("notes.csv", "ADNIMERGE_12Jan2024.zip", "ADNIMERGE_DICT_30May2030.csv")
        for name in (*names, *others):
            (tmp_path / name).touch()
        (path,) = KIND.user_files({"source": {"path": str(tmp_path)}})
        return Path(path).name

    for newest, *others in (
        ["ADNIMERGE.csv"],
        ["adnimerge_mine.csv"],
        ["ADNIMERGE_12Jan2024.csv", "ADNIMERGE_30Sep2023.csv", "ADNIMERGE_02Dec2023.csv"],
        ["ADNIMERGE_2019-05-01.csv", "ADNIMERGE.csv"],
    ):
        assert found(newest, *others) == newest
    for names in (
        ("ADNIMERGE.csv", "ADNIMERGE_new.csv"),
        ("ADNIMERGE_12Jan2024.csv", "ADNIMERGE_12Jan2024_1.csv"),
    ):
        with pytest.raises(DataError, match=f"holds '{names[0]}', '{names[1]}', all .*name the"):
            found(*names)
    (tmp_path / "one.csv").touch()
    assert KIND.user_files({"source": {"path": f"{tmp_path}/one.csv"}}) == (f"{tmp_path}/one.csv",)


def test_a_missing_table_is_told_with_what_to_download_and_where_to_put_it(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere" / "ADNIMERGE.csv"):
        with refused(f"{path}: .*expected.*Study Data / Data & Database.*ida.loni.usc.edu"):
            KIND.user_files({"source": {"path": str(path)}})


def test_generated_tables_are_written_by_a_rule_and_a_users_are_not(tmp_path):
    assert KIND.raw_files({"source": "generated"}) == RAW == tuple(simulate({}, 7))
    assert KIND.user_files({"source": "generated"}) == ()
    assert "generated" in KIND.origin({"source": "generated"})
    assert KIND.raw_files({"source": {"path": "x"}}) == ()


def test_only_the_scheme_of_the_largest_says_how_many_sites_are_seen():
    for unseen, expected in (
        ({"scheme": "seen_largest", "count": 20}, 20),
        ({"scheme": "smallest", "count": 20}, None),
        ({"scheme": "leave_out", "folds": 5}, None),
    ):
        study = {**STUDY, "splits": {"unseen": unseen}}
        assert KIND.data_settings(study, seed=1)["seen_sites"] == expected


def test_kind_is_light_enough_to_be_read_while_parsing():
    code = "import sys, armed_study.studies.mci; print([m for m in ('pandas', 'numpy') if m in sys.modules])"
    root = Path(__file__).resolve().parents[5]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root / "src", capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_permuted_outcomes_take_their_truth_along_and_leave_that_of_sites(tmp_path):
    frame = sites(SIZES)
    kept, dealt = (made(tmp_path, frame, permute_outcome=which) for which in (False, True))
    truth = kept.truth.set_index("sample")["oracle"].astype(float)
    outcome = kept.dataset.samples.set_index("sample")["outcome"]
    owners = dealt.truth["oracle"].map(dict(zip(truth, truth.index, strict=True)))
    assert dealt.truth["sample"].tolist() == dealt.dataset.samples["sample"].tolist()
    assert dealt.dataset.samples["outcome"].tolist() == outcome.loc[owners].tolist()
    assert sorted(owners) == list(truth.index) != owners.tolist()
    pd.testing.assert_frame_equal(dealt.cluster_truth, kept.cluster_truth)
    assert dealt.dataset.origin.startswith("permuted outcomes of participants")
    said = KIND.origin({"source": "generated", "permute_outcome": True})
    assert said == "permuted outcomes of generated data in the layout of ADNIMERGE"
    assert not said.startswith("generated")
