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
    assert text.loc[("test", "armed"), "proposed protocol"] == "0.800 (0.770 to 0.830)"


def test_metrics_keep_the_order_asked_for():
    found = optimism(summary(0), summary(0), metrics=["brier", "auroc"])
    assert list(found["metric"])[:4] == ["brier", "brier", "auroc", "auroc"]
    assert found["low"].to_numpy() == pytest.approx(-found["high"].to_numpy())
