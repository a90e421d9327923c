"""The outcome of a user's table, of every kind."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from armed.errors import DataError
from armed_study.data.dataset import ClusteredDataset
from armed_study.studies.table.prepare import prepare
from armed_study.vocabulary.outcomes import Outcome
from refusals import refused

SETTINGS = {"cluster": "clinic", "features": ["age"]}


def prepared(tmp_path, values: list[Any], kind: str | None, **settings: Any) -> ClusteredDataset:
    frame = pd.DataFrame({"clinic": ["north", "south"] * (len(values) // 2), "y": values})
    frame["age"] = np.random.default_rng(1).normal(size=len(frame)).round(3)
    frame.to_csv(tmp_path / "t.csv", index=False)
    outcome = {"column": "y"} | ({"kind": kind} if kind else {})
    source = {"source": {"path": str(tmp_path / "t.csv")}}
    return prepare("demo", {**SETTINGS, **source, "outcome": outcome, **settings}, {}).dataset


def test_numbers_counts_and_classes_are_read_by_their_kind(tmp_path) -> None:
    numbers = prepared(tmp_path, [1.5, -2, 3, 0.25] * 2, "continuous")
    assert numbers.samples["outcome"].tolist() == [1.5, -2, 3, 0.25] * 2
    assert numbers.outcome == Outcome("continuous")
    counts = prepared(tmp_path, [0, 3, 12, 1] * 2, "count")
    assert counts.samples["outcome"].tolist() == [0, 3, 12, 1] * 2
    classes = prepared(tmp_path, ["mild", "severe", "moderate", "mild"] * 2, "categorical")
    assert classes.outcome == Outcome("categorical", ("mild", "moderate", "severe"))
    assert classes.samples["outcome"].tolist() == [0, 2, 1, 0] * 2


def test_classes_that_are_numbers_stand_in_their_order(tmp_path) -> None:
    data = prepared(tmp_path, [10, 9, 2, 9] * 2, "categorical")
    assert data.outcome.classes == ("2", "9", "10")


def test_decimal_commas_of_an_outcome_are_read(tmp_path) -> None:
    text = ['"1,5"', '"2,5"', '"0,5"', '"3,0"'] * 2
    rows = [f"{c};{y};{a}" for c, y, a in zip(["n", "s"] * 4, text, range(8), strict=True)]
    (tmp_path / "t.csv").write_text("clinic;y;age\n" + "\n".join(rows) + "\n")
    source = {"path": str(tmp_path / "t.csv"), "separator": ";", "decimal": ","}
    outcome = {"column": "y", "kind": "continuous"}
    settings = {**SETTINGS, "features": ["age"], "source": source, "outcome": outcome}
    data = prepare("demo", settings, {}).dataset
    assert sorted(data.samples["outcome"].unique()) == [0.5, 1.5, 2.5, 3]


@pytest.mark.parametrize("kind", ["continuous", "count", "categorical", None])
def test_the_kind_is_kept_in_the_file_of_the_samples(tmp_path, kind) -> None:
    values = ["no", "yes"] * 4 if kind is None else [0, 1, 2, 3] * 2
    given = {"column": "y", "positive": "yes"} if kind is None else {"column": "y", "kind": kind}
    data = prepared(tmp_path, values, kind, outcome=given)
    data.save(tmp_path / "samples.parquet")
    assert ClusteredDataset.load(tmp_path / "samples.parquet").outcome == data.outcome


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ([1.5, -2, 3, 0.25] * 2, None,
         "4 values .*expected 2 of a binary outcome; .*kind to continuous, count or categorical"),
        ([1, 2, 1.5, -1] * 2, "count", r"holds '1.5' in row 4 \(4 such rows\), expected whole numbers"),
        ([1, 2, "many", 4] * 2, "continuous", "outcome column 'y' holds the text 'many'"),
        ([1, 2, "inf", 4] * 2, "continuous", "outcome column 'y' has 2 infinite values"),
        ([1, 2, None, 4] * 2, "count", "missing in 2 rows"),
        (["a", "b"] * 4, "categorical", "2 values .*expected at least 3, as .*categorical"),
        (["a", "b", "c", "a", "b", "a", "b", "a"], "categorical", "1 value of one sample .'c'."),
        ([2, 2] * 4, "count", "outcome is 2 in all 8 samples, expected several values"),
    ],
)  # fmt: skip
def test_an_outcome_of_another_kind_is_refused_in_a_sentence(tmp_path, values, kind, said) -> None:
    with refused(said, DataError):
        prepared(tmp_path, values, kind)


def test_numbers_that_are_equal_in_every_cluster_are_warned_of(tmp_path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        prepared(tmp_path, [1, 2] * 4, "count")
    assert any("expected clusters with several outcomes" in str(each.message) for each in caught)
