"""What `armed check` says of clusters: of tables where the answer is known."""

import numpy as np
import pandas as pd
import pytest

from armed_study.command.main import main

CLUSTERS, EACH = 12, 40
OPTIONS = ("--outcome", "y", "--cluster", "site")


def table(*, effect=0.0, seed=0, **changes):
    """Sites whose outcome differs by as much as ``effect`` on the log-odds scale."""
    rng = np.random.default_rng(seed)
    site = np.repeat(np.arange(CLUSTERS), EACH)
    level = effect * rng.normal(size=CLUSTERS)
    x = rng.normal(size=site.size)
    y = (rng.random(site.size) < 1 / (1 + np.exp(-x - level[site]))).astype(int)
    frame = pd.DataFrame({"site": [f"s{k:02d}" for k in site], "y": y, "x": x.round(4)})
    return frame.assign(**{name: make(site, rng) for name, make in changes.items()})


def checked(frame, tmp_path, monkeypatch, capsys, *options):
    monkeypatch.chdir(tmp_path)
    frame.to_csv("trial.csv", index=False)
    assert main(["check", "trial.csv", *OPTIONS, *options]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_clusters_without_effect_are_said_to_tell_nothing(tmp_path, monkeypatch, capsys):
    said = checked(table(), tmp_path, monkeypatch, capsys)
    assert "12 clusters of 40 to 40 samples" in said
    assert "The cluster alone tells little or nothing" in said
    assert "the features hardly tell the cluster" in said
    assert "can learn clusters" not in said


def test_clusters_that_differ_and_features_that_tell_them_are_a_warning(
    tmp_path, monkeypatch, capsys
):
    frame = table(effect=2.0, scanner=lambda site, rng: site + 0.3 * rng.normal(size=site.size))
    said = checked(frame, tmp_path, monkeypatch, capsys)
    assert "The cluster alone tells much" in said
    assert "can learn clusters instead of the outcome" in said
    assert "Tells the cluster by itself, from guessing (0%) to certainty (100%): scanner" in said


def test_property_of_clusters_and_the_outcome_again_are_named(tmp_path, monkeypatch, capsys):
    frame = table(beds=lambda site, rng: site // 2 + 0.5)
    frame["again"] = frame["y"] + 0.01 * np.arange(len(frame)) / len(frame)
    said = checked(frame, tmp_path, monkeypatch, capsys)
    assert "The same in all samples of each cluster: beds" in said
    assert "Predicts the outcome by itself (AUROC on left-out samples): again (1.00)" in said


def test_values_missing_in_some_clusters_only_are_named(tmp_path, monkeypatch, capsys):
    frame = table(lab=lambda site, rng: np.where(site < 3, np.nan, rng.normal(size=site.size)))
    said = checked(frame, tmp_path, monkeypatch, capsys)
    assert "Missing in some clusters and not in others: lab (0% to 100%)" in said


def test_clusters_of_a_few_samples_each_are_reported(tmp_path, monkeypatch, capsys):
    frame = table().groupby("site").head(3)
    frame["site"] += frame.groupby("site").cumcount().astype(str)
    frame = pd.concat([frame] * 3, ignore_index=True).assign(x=np.arange(3 * len(frame)) / 7)
    said = checked(frame, tmp_path, monkeypatch, capsys)
    assert "36 clusters of 3 to 3 samples" in said
    assert "Too few samples in each cluster to see how far features tell it" in said


@pytest.mark.parametrize("kind", ["continuous", "count", "categorical"])
def test_outcomes_of_other_kinds_are_reported(tmp_path, monkeypatch, capsys, kind):
    frame = table()
    values = {"continuous": frame["x"] + 1.5, "count": (frame["x"].abs() * 3).round().astype(int)}
    frame["y"] = values.get(kind, pd.cut(frame["x"], 3, labels=["low", "mid", "top"]))
    frame["z"] = np.random.default_rng(1).normal(size=len(frame))
    said = checked(frame, tmp_path, monkeypatch, capsys, "--kind", kind)
    assert "intraclass correlation" in said
    assert ("R2" in said) == (kind != "categorical")


def test_cluster_of_two_rarer_classes_has_more_than_one_outcome(tmp_path, monkeypatch, capsys):
    frame = table()
    frame["y"] = "often"
    frame.loc[frame["site"] == "s00", "y"] = np.resize(["seldom", "never"], EACH)
    frame.loc[frame["site"] == "s01", "y"] = np.resize(["often", "never"], EACH)
    said = checked(frame, tmp_path, monkeypatch, capsys)
    assert "In 10 clusters every sample has the same outcome" in said


def test_configuration_is_checked_as_its_table_is(tmp_path, monkeypatch, capsys):
    said = checked(table(), tmp_path, monkeypatch, capsys)
    assert main(["init", "trial.csv", *OPTIONS]) == 0
    capsys.readouterr()
    assert main(["check", "trial.yaml"]) == 0
    assert " ".join(capsys.readouterr().out.split()) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "no such file"),
        ("studies: [", "cannot be read as YAML"),
        ("seed: 1", "names no studies"),
        (
            "seed: 1\nreference_model: armed\nstudies: {a: {kind: spirals}}",
            "no study of a table in a file",
        ),
    ],
)
def test_bad_configurations_are_one_sentence(tmp_path, monkeypatch, capsys, written, said):
    monkeypatch.chdir(tmp_path)
    if written is not None:
        (tmp_path / "mine.yaml").write_text(written)
    assert main(["check", "mine.yaml"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_table_needs_outcome_and_cluster(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table().to_csv("trial.csv", index=False)
    assert main(["check", "trial.csv", "--outcome", "y"]) == 1
    assert "without --outcome and --cluster" in capsys.readouterr().err
