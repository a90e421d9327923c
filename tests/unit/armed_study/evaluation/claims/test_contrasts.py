"""Contrasts of claims: which rows of a table are compared, and by which interval."""

import numpy as np
import pandas as pd
import pytest

from armed_study.evaluation.claims.contrasts import (
    COMBINED,
    OVER_FOLDS,
    OWN,
    Absent,
    contrast,
    select,
)  # fmt: skip
from armed_study.statistics.tests import corrected_t_test
from refusals import refused

COMPARED = pd.DataFrame({
    "partition": ["test", "unseen"], "model": "plain", "reference": "armed", "difference": [-0.04, 0.01],
    "low": [-0.07, -0.01], "high": [-0.01, 0.02], "p": [0.01, 0.3], "test": "paired bootstrap",
})  # fmt: skip


def claim(value="value", *, ratio=0.0, **more):
    return {"value": value, "ratio": ratio, **more}


def test_difference_from_the_reference_is_turned_and_its_test_kept():
    asked = claim(
        "difference", rows={"model": "armed", "partition": "test"}, less={"model": "plain"}
    )
    assert contrast(COMPARED, asked) == (0.04, 0.01, 0.07, 0.01, "paired bootstrap")
    turned = {**asked, "rows": {"model": "plain", "partition": "test"}, "less": {"model": "armed"}}
    assert contrast(COMPARED, turned) == (-0.04, -0.07, -0.01, 0.01, "paired bootstrap")


def test_models_that_are_not_the_reference_are_not_compared():
    asked = claim("difference", rows={"model": "plain"}, less={"model": "other"})
    with pytest.raises(Absent, match="'armed', which is neither"):
        contrast(COMPARED, asked)


def test_single_row_keeps_its_interval_less_a_number_or_a_column():
    table = pd.DataFrame(
        {"r": [0.6], "r_low": [0.3], "r_high": [0.8], "low": [9.0], "chance": [0.5]}
    )
    for less in (0.5, "chance"):
        found = contrast(table, claim("r", rows={"r": 0.6}, less=less))
        assert found[:3] == pytest.approx((0.1, -0.2, 0.3))
        assert np.isnan(found.p)
        assert found.interval == OWN


def test_interval_of_two_rows_is_that_of_zou_and_donner():
    table = pd.DataFrame(
        {"model": ["a", "b"], "value": [5.0, 2.0], "low": [4, 1.5], "high": [8, 6]}
    )
    found = contrast(table, claim(rows={"model": "a"}, less={"model": "b"}))
    assert found[:3] == pytest.approx((3.0, 3 - np.hypot(1, 4), 3 + np.hypot(3, 0.5)))
    assert found.interval == COMBINED


def test_folds_are_paired_and_allow_for_shared_training_samples():
    values = {"a": [3.0, 5.0, 10.0], "b": [2.0, 6.0, 5.0]}
    rows = [
        (m, fold, v + shift)
        for m in values
        for fold, v in enumerate(values[m])
        for shift in (-1, 1)
    ]
    table = pd.DataFrame(rows, columns=["model", "fold", "value"]).sample(frac=1, random_state=0)
    found = contrast(table, claim(rows={"model": "a"}, less={"model": "b"}, ratio=0.5))
    assert found[:4] == (*corrected_t_test(np.array([1.0, -1.0, 5.0]), 0.5)[:3], found.p)
    assert found.interval == OVER_FOLDS
    alone = contrast(table, claim(rows={"model": "a"}, less=2.0, ratio=0.5))
    assert alone[:3] == corrected_t_test(np.array([1.0, 3.0, 8.0]), 0.5)[:3]


def test_rows_are_selected_by_cells_as_a_reader_writes_them():
    table = pd.DataFrame({"shots": [5.0, np.nan], "probe": [False, True], "metric": ["mse", "mse"]})
    assert len(select(table, {"shots": 5, "probe": False, "metric": "mse"})) == 1
    with pytest.raises(Absent, match="no row of shots 20, metric mse"):
        select(table, {"shots": 20, "metric": "mse"})


def test_column_or_pairing_that_is_not_there_is_refused():
    table = pd.DataFrame({"model": ["a", "b", "b"], "value": 1.0})
    with refused("no column 'valeu'.*did you mean 'value'"):
        contrast(table, claim("valeu", rows={"model": "a"}))
    with refused("found 1 rows and 2"):
        contrast(table, claim(rows={"model": "a"}, less={"model": "b"}))
