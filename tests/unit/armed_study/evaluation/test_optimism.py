"""Two protocols of one study, side by side."""

import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation.optimism import optimism, readable


def summary(shift, models=("armed", "conventional")):
    given = (("test", "known"), ("unseen", "zero"), ("unseen", "membership"))
    rows = [
        ("s", model, partition, assignment, effect, metric,
         0.7 + shift + 0.1 * (effect == "mixed") + 0.01 * (assignment == "zero"))
        for model in models
        for partition, assignment in given
        for metric in ("brier", "auroc")
        for effect in ("fixed", "mixed")
    ]  # fmt: skip
    names = ["study", "model", "partition", "assignment", "effect", "metric", "mean"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(low=table["mean"] - 0.03, high=table["mean"] + 0.03)


def test_optimism_is_published_minus_proposed_of_the_rows_that_tables_show():
    found = optimism(summary(0.0), summary(0.05), metrics=["auroc"])
    assert list(found["partition"]) == ["test", "test", "unseen", "unseen"]
    assert set(found["metric"]) == {"auroc"}
    np.testing.assert_allclose(found["mean_proposed"], 0.8)  # mixed; unseen by membership
    np.testing.assert_allclose(found["optimism"], 0.05)


def test_half_widths_add_as_squares():
    found = optimism(summary(0.0), summary(0.0), metrics=["auroc", "brier"])
    np.testing.assert_allclose(found["high"] - found["low"], 2 * 0.03 * 2**0.5)


def test_a_model_that_one_protocol_lacks_is_shown_without_difference():
    found = optimism(summary(0), summary(0, models=["armed"]), metrics=["auroc"])
    alone = found[found["model"] == "conventional"]
    assert len(alone) == 2
    assert alone["optimism"].isna().all()
    text = readable(found).set_index(["partition", "model"])
    assert text.loc[("test", "conventional"), "optimism"] == "–"
    assert text.loc[("test", "armed"), "compared protocol"] == "0.800 (0.770 to 0.830)"


def test_stopping_is_validation_less_test_part_of_the_proposed_protocol():
    ours = summary(0.0)
    watched = ours[ours["partition"] == "test"].assign(partition="validation")
    watched[["mean", "low", "high"]] += 0.02
    found = optimism(pd.concat([ours, watched]), summary(0.05), metrics=["auroc"])
    tested = found[found["partition"] == "test"]
    np.testing.assert_allclose(tested["stopping"], 0.02)
    np.testing.assert_allclose(tested["high_stopping"] - tested["stopping"], 0.03 * 2**0.5)
    np.testing.assert_allclose(found["optimism"], 0.05)
    assert found.loc[found["partition"] == "unseen", "stopping"].isna().all()
    assert optimism(ours, ours, metrics=["auroc"])["stopping"].isna().all()


def test_rows_say_by_what_the_protocols_differ():
    ours = summary(0.0, models=("armed", "glmm", "oracle"))
    differs = {"stopped": ["armed"], "more_rows": True, "relabelled": True}
    found = optimism(ours, ours, metrics=["auroc"], **differs).set_index(["partition", "model"])
    said = found["differs_by"].to_dict()
    assert said["test", "armed"] == "stopping by the reported fold, more training rows, label rule"
    assert said["unseen", "armed"] == "stopping by a test fold, more training rows, label rule"
    assert said["test", "glmm"] == "more training rows, label rule"
    assert said["test", "oracle"] == "label rule"
    assert (readable(found.reset_index())["differs by"] == found["differs_by"].to_numpy()).all()
    assert set(optimism(ours, ours, metrics=["auroc"])["differs_by"]) == {"nothing"}


def test_metrics_keep_the_order_asked_for():
    found = optimism(summary(0), summary(0), metrics=["brier", "auroc"])
    assert list(found["metric"])[:4] == ["brier", "brier", "auroc", "auroc"]
    assert found["low"].to_numpy() == pytest.approx(-found["high"].to_numpy())
