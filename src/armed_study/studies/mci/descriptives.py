"""What participants are like at baseline, by diagnosis and by outcome, as cohorts are described."""

import pandas as pd

from armed_study.studies.mci.columns import CATEGORIES, MEASURED, MEASURES

OUTCOMES = {0.0: "MCI stable", 1.0: "MCI progressive"}


def describe(visits: pd.DataFrame, labelled: pd.DataFrame) -> pd.DataFrame:
    """Mean and s.d. of every measure, and share of every level, at baseline.

    Parameters
    ----------
    visits
        As `armed_study.studies.mci.reading.read_adnimerge` returns them.
    labelled
        As `armed_study.studies.mci.labelling.label_subjects` returns them.

    Returns
    -------
    DataFrame
        Table `descriptives`: group (`DX_bl` of all participants, then the outcomes of `OUTCOMES` of
        those labelled); measure, a column of the file, or ``column: level``; count of known values.
        The s.d. of a level is that of being it or not.
    """
    subjects = visits.groupby("RID")[["DX_bl", *MEASURED]].first()
    people = (subjects, subjects["DX_bl"]), (labelled, labelled["outcome"].map(OUTCOMES))
    long = pd.concat([_long(*these) for these in people], ignore_index=True)
    found = long.groupby(["group", "measure"], sort=False)["value"]
    return found.agg(count="count", mean="mean", sd="std").reset_index()


def _long(people: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """One row for each known value: group, measure, value; levels as 0 and 1."""
    columns = {m.column: people[m.column] for m in MEASURES}
    for item in CATEGORIES:
        own = people[item.column]
        for level in item.levels:
            columns[f"{item.column}: {level}"] = (own == level).astype(float).where(own.notna())
    return pd.DataFrame(columns).assign(group=group).melt("group", var_name="measure").dropna()
