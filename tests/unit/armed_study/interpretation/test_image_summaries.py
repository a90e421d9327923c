"""AUROC of frames: the interval over cells allows for what frames of one cell share."""

import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import summarise
from armed_study.interpretation.image_summaries import summarise_auroc
from armed_study.io.tables import cast_table
from armed_study.statistics.auroc import delong

CELLS, FRAMES = 120, 9
PARTITIONS = ("train", "test", "unseen")


def invent(*, frames=FRAMES, alike=1.0):
    """Samples and predictions: a third of the cells in each partition; frames alike or on their own."""
    rng = np.random.default_rng(2)
    cell = np.repeat(np.arange(CELLS), frames)
    outcome = (np.arange(CELLS) // 3 % 2)[cell]
    own = alike * rng.normal(size=CELLS)[cell] + (1 - alike) * rng.normal(size=len(cell))
    score = 1 / (1 + np.exp(-outcome - own))
    names = [f"s{i:05d}" for i in range(len(cell))]
    partition = np.array(PARTITIONS)[cell % 3]
    cluster = np.where(partition == "unseen", "d9", [f"d{k // 3 % 4}" for k in cell])
    samples = pd.DataFrame(
        {"sample": names, "cluster": cluster, "group": [f"c{k}" for k in cell], "outcome": outcome}
    ).assign(held_out=partition == "unseen")
    predictions = pd.DataFrame({"sample": names, "partition": partition, "fixed": score}).assign(
        study="t",
        model="aec",
        fold=0,
        seed=0,
        assignment="none",
        mixed=np.nan,
        trained=partition != "unseen",
    )
    return cast_table(samples, "samples"), cast_table(predictions, "predictions")


def found_in(samples, predictions, rows=None):
    return summarise_auroc(predictions, samples, rows=rows or {}, seed=1)


def width(table, low, high):
    return (table[high] - table[low]).to_numpy()


@pytest.mark.parametrize(("alike", "ratio", "rel"), [(1.0, np.sqrt(FRAMES), 0.12), (0.0, 1, 0.3)])
def test_interval_over_cells_is_wider_the_more_alike_their_frames_are(alike, ratio, rel):
    found = found_in(*invent(alike=alike))
    cells, frames = width(found, "low", "high"), width(found, "frame_low", "frame_high")
    assert cells / frames == pytest.approx(ratio, rel=rel)


def test_frames_that_tell_nothing_new_do_not_narrow_the_interval_over_cells():
    found, once = found_in(*invent()), found_in(*invent(frames=1))
    assert found["mean"].tolist() == pytest.approx(once["mean"].tolist())
    cells = width(found, "low", "high")
    assert cells == pytest.approx(width(once, "frame_low", "frame_high"), rel=0.12)
    assert set(found["cells"]) == {CELLS / 3}
    assert set(found["frames"]) == {CELLS / 3 * FRAMES}


def test_cells_of_one_frame_have_delong_s_interval():
    samples, predictions = invent(frames=1)
    found = found_in(samples, predictions).set_index("partition")
    assert found["low"].tolist() == found["frame_low"].tolist()
    own = predictions.merge(samples, on="sample").query("partition == 'test'")
    auroc, error = delong(own["outcome"].to_numpy(), own["fixed"].to_numpy())
    assert found.loc["test", "mean"] == pytest.approx(auroc)
    assert found.loc["test", "frame_high"] == pytest.approx(auroc + 1.96 * error, rel=1e-4)


def test_an_alias_is_the_model_and_left_out_without_latents():
    aliases = {"again": "aec", "other": "prevalence"}
    rows = {name: {"alias_of": of, "assignment": "none"} for name, of in aliases.items()}
    found = found_in(*invent(), rows=rows).set_index(["model", "partition"])
    assert set(found.index.get_level_values("model")) == {"aec", "again"}
    values = ["mean", "low", "high", "frame_low", "frame_high"]
    assert found.loc["again", values].equals(found.loc["aec", values])


def test_summary_of_a_single_fold_draws_groups_that_have_several_samples():
    samples, predictions = invent()
    truth = pd.DataFrame()
    scored = score_predictions(predictions, samples, truth, rows={}, study="t")
    table = summarise(scored, seed=1)
    table = table[table["partition"] == "test"].set_index("metric")
    over_cells = found_in(samples, predictions).set_index("partition").loc["test"]
    assert table.loc["auroc", "interval"] == "group bootstrap"
    assert table.loc["auroc", ["low", "high"]].tolist() == over_cells[["low", "high"]].tolist()
    assert table.loc["balanced_accuracy", "interval"] == "group bootstrap"
    assert table.loc["auroc_within", "interval"] == "none"


def test_summary_of_several_folds_does_not_ask_for_groups():
    samples, predictions = invent()
    both = pd.concat([predictions, predictions.assign(fold=1, fixed=predictions["fixed"] ** 2)])
    tables = [
        summarise(score_predictions(both, each, pd.DataFrame(), rows={}, study="t"), seed=1)
        for each in (samples, samples.assign(group=None))
    ]
    pd.testing.assert_frame_equal(*tables)
    assert "group bootstrap" not in set(tables[0]["interval"])
