"""Which samples are attributed, and which frames are reconstructed on other dates."""

import pandas as pd
import pytest

from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import cast_table
from armed_study.splits.selection import SHOWN, select_frames, select_samples
from small_images import split
from study_tables import frames_of_cells

COUNT, TEXT = 12, {"sample": str, "partition": str}
EITHER = pytest.mark.parametrize(
    ("select", "table"), [(select_samples, "attributed"), (select_frames, "selected_frames")]
)


@pytest.fixture(scope="module")
def samples():
    return frames_of_cells().astype(dict.fromkeys(("sample", "cluster", "stratum", "group"), str))


@pytest.fixture(scope="module")
def splits(samples):
    return split(ClusteredDataset("t", samples, (), "generated", True)).astype(TEXT)


def rows_of(table):
    return set(table[["fold", "partition", "sample"]].itertuples(index=False, name=None))


@EITHER
def test_half_of_each_outcome_is_chosen_from_test_and_unseen_parts(samples, splits, select, table):
    chosen = cast_table(select(samples, splits, count=COUNT, seed=1), table).astype(TEXT)
    assert rows_of(chosen) < rows_of(splits)
    outcome = chosen["sample"].map(samples.set_index("sample")["outcome"])
    for (_, partition), part in chosen.groupby(["fold", "partition"]):
        assert partition in ("test", "unseen")
        assert len(part) == part["sample"].nunique() == COUNT
        assert outcome[part.index].sum() == COUNT / 2
    assert len(chosen) == 4 * COUNT


@EITHER
def test_shown_are_few_of_each_outcome_and_of_different_groups(samples, splits, select, table):
    chosen = select(samples, splits, count=40, seed=1)
    shown = chosen[chosen["shown"]].merge(samples, on="sample")
    assert set(shown["fold"]) == {0}
    assert (shown.groupby(["partition", "outcome"]).size() == SHOWN).all()
    assert len(shown) == 4 * SHOWN
    assert not shown.duplicated(["partition", "group"]).any()


@EITHER
def test_choice_is_that_of_the_seed_whatever_the_order_of_samples(samples, splits, select, table):
    first = select(samples, splits, count=COUNT, seed=1)
    again = select(samples[::-1], splits[::-1], count=COUNT, seed=1)
    pd.testing.assert_frame_equal(first, again)
    other = select(samples, splits, count=COUNT, seed=2)
    assert len(rows_of(first) - rows_of(other)) > COUNT


def test_a_further_sample_displaces_one_at_most(samples, splits):
    more = pd.concat([samples, samples[:1].assign(sample="new")])
    placed = pd.concat([splits, splits[:1].assign(sample="new", fold=0, partition="test")])
    old = select_samples(samples, splits, count=COUNT, seed=1)
    assert len(rows_of(old) - rows_of(select_samples(more, placed, count=COUNT, seed=1))) <= 1


def test_unseen_samples_are_the_same_in_all_folds(samples, splits):
    chosen = select_samples(samples, splits, count=COUNT, seed=1).query("partition == 'unseen'")
    assert chosen.groupby("sample")["fold"].nunique().eq(2).all()
    everyone = select_samples(samples, splits, count=10_000, seed=1)
    assert rows_of(everyone) == rows_of(splits[splits["partition"].isin(["test", "unseen"])])


def test_chosen_frames_are_of_different_cells_xenografts_and_dates(samples, splits):
    chosen = select_frames(samples, splits, count=COUNT, seed=1).merge(samples, on="sample")
    assert not chosen.duplicated(["fold", "partition", "group"]).any()
    tested = chosen[chosen["partition"] == "test"]
    # 3 dates and 4 xenografts: each pair once before any twice
    assert not tested.duplicated(["fold", "cluster", "stratum"]).any()
