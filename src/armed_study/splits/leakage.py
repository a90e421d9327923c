"""Checks that a split keeps apart what it must keep apart."""

import warnings

import pandas as pd

from armed.errors import ArmedWarning, DataError, LeakageError
from armed_study.messages import counted, listing


def check_sides(samples: pd.DataFrame, splits: pd.DataFrame, study: str) -> None:
    """Check that no sample or unit is on two sides and that no unseen cluster is trained on.

    Warns, with `ArmedWarning`, of seen clusters of which a fold has no training sample.

    Parameters
    ----------
    samples
        Columns `sample`, `cluster`, `unit` (what no split may cut), `outcome`.
    splits
        Table `splits`.
    study
        Name of the study, for messages.

    Raises
    ------
    LeakageError
        A sample, unit or cluster is on two sides.
    DataError
        A sample that does not exist, or a fold that trains on one outcome only.
    """
    table = splits.astype({"sample": str, "partition": str}).merge(samples, "left", on="sample")
    if table["cluster"].isna().any():
        unknown = table.loc[table["cluster"].isna(), "sample"].unique()
        raise DataError(
            f"study '{study}': the splits hold sample {listing(unknown, 3)}, which the data set "
            "lacks, expected its samples only; delete the splits and run the workflow again"
        )
    sides = table.groupby(["fold", "unit"])["partition"].transform("nunique")
    away = (table["partition"] == "unseen").groupby([table["fold"], table["cluster"]])
    for column, fault, wrong in (
        ("sample", "stands twice", table.duplicated(["fold", "sample"])),
        ("unit", "is on more than one side", sides > 1),
        ("cluster", "is both seen and unseen", away.transform("nunique") > 1),
    ):
        if wrong.any():
            first = table[wrong].iloc[0]
            subject = first[column] if column == "unit" else f"{column} {first[column]}"
            raise LeakageError(
                f"study '{study}': in fold {first['fold']} {subject} {fault}, expected one side "
                "only; remake the splits, with the group column that belongs to the data"
            )
    _check_training(table, study)


def _check_training(table: pd.DataFrame, study: str) -> None:
    train = table[table["partition"] == "train"]
    outcomes = train.groupby("fold")["outcome"].nunique()
    outcomes = outcomes.reindex(table["fold"].unique(), fill_value=0)
    if (outcomes < 2).any():
        raise DataError(
            f"study '{study}': fold {outcomes.index[outcomes < 2][0]} trains on "
            f"{counted(outcomes.min(), 'outcome')}, expected both; lower the number of folds or of "
            "unseen clusters"
        )
    in_training = (table["partition"] == "train").groupby([table["fold"], table["cluster"]])
    lost = table[~in_training.transform("any") & (table["partition"] != "unseen")]
    if len(lost):
        found = [
            f"fold {fold}: {counted(len(rows), 'sample')} of "
            f"{counted(rows['cluster'].nunique(), 'cluster')}, {listing(rows['cluster'].unique(), 3)}"
            for fold, rows in lost.groupby("fold")
        ]
        warnings.warn(
            f"study '{study}': found samples to be tested of clusters that their fold does not train "
            f"on ({'; '.join(found)}), expected training samples of each seen cluster; nothing is "
            "learned of these clusters there, and their samples are scored without a cluster; lower "
            "splits.folds or make the clusters unseen",
            ArmedWarning,
            stacklevel=3,
        )
