import pandas as pd
import pytest

from armed_study.interpretation.effects.variances import summarise_variances
from armed_study.io.tables import empty_table


def test_intervals_are_means_within_replicas_and_spread_is_over_them():
    known = {"study": "s", "model": "armed", "fold": 0, "standard_error": 0.1}
    sd = {"group": "cluster", "term": "sd__intercept"}
    icc = {"term": "ICC_adjusted", "singular": False}
    rows = [
        {**known, **sd, "seed": 0, "estimate": 1.0, "low": 0.5, "high": 1.5, "singular": False},
        {**known, **sd, "seed": 1, "estimate": 0.0, "low": 0.0, "high": 0.7, "singular": True},
        {**known, **icc, "group": "", "seed": 0, "estimate": 0.2},
        {**known, **icc, "group": "", "seed": 1, "estimate": 0.4},
        {**known, **icc, "group": "teacher", "seed": 0, "estimate": 0.1},
    ]
    found = summarise_variances(pd.DataFrame(rows))
    (row,) = found["variance_components"].to_dict("records")
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((0.5, 0.25, 1.1))
    assert row["sd_replicas"] == pytest.approx(0.5**0.5)
    assert (row["singular"], row["replicas"]) == (1, 2)
    share, own = found["icc_r2"].to_dict("records")
    assert (share["group"], share["mean"]) == ("", pytest.approx(0.3))
    assert (own["group"], own["mean"]) == ("teacher", 0.1)
    assert "low" not in share


def test_study_without_estimated_effects_has_empty_tables():
    found = summarise_variances(empty_table("variance_components"))
    assert [len(table) for table in found.values()] == [0, 0]
