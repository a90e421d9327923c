"""Who the scans are of: tables of participants read and checked, and scans joined to them."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from armed.errors import DataError
from armed_study.io.csv_files import MISSING_WORDS, TextForm, read_rows
from armed_study.messages import counted, listing, suggestion
from armed_study.studies.ad_mri.scans.bids import Scan
from armed_study.studies.ad_mri.scans.person_tables import (
    COLUMNS,
    find_lower_tables,
    find_participants,
)

OUTCOMES = {"CN": 0, "AD": 1}

NOT_LISTED = "not in participants.tsv"
NO_SITE = "no site"
NO_DIAGNOSIS = "no diagnosis"
OTHER_DIAGNOSIS = "diagnosis neither AD nor CN"
CHANGED = "diagnosis changes"
NO_IMAGE = "no T1-weighted image"

_COLUMNS = ("participant_id", *COLUMNS)
_SEX = {"m": "M", "male": "M", "f": "F", "female": "F"}


def read_participants(root: str | Path) -> pd.DataFrame:
    """Read the participants of a BIDS tree, one row each, by participant.

    A participant may have several rows, for example one for each session. Tables of sessions and of
    scans add rows to those that are listed.

    Returns
    -------
    DataFrame
        Columns participant, site, diagnosis (text, None if missing), age (years, float64; that of
        the first row), sex (M, F or None), reason (empty, or why the participant is left out).

    Raises
    ------
    DataError
        No such file, a column or an identifier that is missing, an age that is no number, rows of
        one participant that differ in site or sex, or nobody with AD or nobody with CN.
    """
    path = find_participants(root)
    rows = _read(path)
    lower = [_read(below, whose) for below, whose in find_lower_tables(path).items()]
    lower = [table[table["participant"].isin(rows["participant"])] for table in lower]
    rows = pd.concat([rows, *(table for table in lower if len(table))], ignore_index=True)
    for column in ("site", "sex"):
        _check_contradictions(rows, column)
    grouped = rows.groupby("participant", sort=True)
    people = grouped[["site", "diagnosis", "age", "sex"]].first()
    people["reason"] = [_reason(group) for _, group in grouped]
    _check_outcomes(people, path)
    return people.reset_index()


def join_scans(scans: Sequence[Scan], people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join scans to their participants.

    Parameters
    ----------
    scans
        Those found in the tree.
    people
        As `read_participants` gives them.

    Returns
    -------
    kept
        One row a scan that can be used, in the order given: sample, participant, session, site,
        diagnosis, outcome (1: AD), age, sex.
    left_out
        One row for each scan that cannot, and for each participant without any: sample (empty for
        the latter), participant, reason.
    """
    found = pd.DataFrame(
        [(scan.sample, scan.participant, scan.session) for scan in scans],
        columns=["sample", "participant", "session"],
    )
    joined = found.merge(people, on="participant", how="left", validate="many_to_one")
    joined["reason"] = joined["reason"].astype(object).where(joined["reason"].notna(), NOT_LISTED)
    without = people[~people["participant"].isin(found["participant"])]
    without = without.assign(sample="", reason=NO_IMAGE)
    kept = joined[joined["reason"] == ""].drop(columns="reason")
    kept.insert(5, "outcome", kept["diagnosis"].map(OUTCOMES).astype("float32"))
    columns = ["sample", "participant", "reason"]
    left_out = pd.concat([joined.loc[joined["reason"] != "", columns], without[columns]])
    return kept.reset_index(drop=True), left_out.reset_index(drop=True)


def _read(path: Path, whose: str | None = None) -> pd.DataFrame:
    """Read a table of participants, or of one, in which columns may be absent."""
    table, _ = read_rows(path, TextForm("\t"))
    if whose:
        table = table.assign(participant_id=whose).reindex(columns=[*_COLUMNS])
    absent = [name for name in _COLUMNS if name not in table.columns]
    if absent:
        others = [name for name in table.columns if name not in _COLUMNS]
        raise DataError(
            f"{path}: lacks column {listing(absent)}{suggestion(absent[0], others)}, expected "
            f"{listing(_COLUMNS)}; add it, with n/a where a value is not known"
        )
    table = table[list(_COLUMNS)].astype(object)
    table = table.apply(lambda column: column.map(lambda v: v.strip() or None, na_action="ignore"))
    table = table.where(table.notna() & ~table.isin(MISSING_WORDS), None)
    unnamed = table.index[table["participant_id"].isna()]
    if len(unnamed):
        raise DataError(
            f"{path}: row {unnamed[0]} has no participant_id, expected one like sub-0001; add it"
        )
    name = table.pop("participant_id").str.removeprefix("sub-")
    table.insert(0, "participant", "sub-" + name)
    table["age"] = _ages(table["age"], path)
    table["sex"] = table["sex"].map(lambda v: _SEX.get(v.lower()), na_action="ignore")
    table["diagnosis"] = table["diagnosis"].map(str.upper, na_action="ignore")
    return table.assign(file=str(path))


def _ages(column: pd.Series, path: Path) -> pd.Series:
    """Return years; `89+`, as data for sharing may say, is 89."""
    plain = column.map(lambda value: value.removesuffix("+"), na_action="ignore")
    years = pd.to_numeric(plain, errors="coerce")
    wrong = column.index[column.notna() & ~years.between(0, 130)]
    if len(wrong):
        raise DataError(
            f"{path}: row {wrong[0]} has age '{column[wrong[0]]}', expected years from 0 to "
            "130; correct it, or write n/a"
        )
    return years.astype("float64")


def _check_contradictions(rows: pd.DataFrame, column: str) -> None:
    known = rows[rows[column].notna()]
    differing = known[known[column] != known.groupby("participant")[column].transform("first")]
    if len(differing):
        of, file = differing.iloc[0][["participant", "file"]]
        values = known.loc[known["participant"] == of, column].unique()
        count = differing["participant"].nunique()
        raise DataError(
            f"{file}: {of} has {column} {listing(values)}, expected one (so for "
            f"{counted(count, 'participant')}); correct the rows"
        )


def _reason(rows: pd.DataFrame) -> str:
    """Say why a participant, of whom these are all rows, is left out; empty: is not."""
    diagnoses = set(rows["diagnosis"].dropna())
    if rows["site"].isna().all():
        return NO_SITE
    if not diagnoses:
        return NO_DIAGNOSIS
    if len(diagnoses) > 1:
        return CHANGED
    return "" if diagnoses <= set(OUTCOMES) else OTHER_DIAGNOSIS


def _check_outcomes(people: pd.DataFrame, path: Path) -> None:
    usable = people[people["reason"] == ""]
    absent = [name for name in OUTCOMES if name not in set(usable["diagnosis"])]
    if absent:
        found = people["diagnosis"].dropna().unique()
        raise DataError(
            f"{path}: nobody who can be used has diagnosis {listing(absent)} (found: "
            f"{listing(sorted(found))}), expected AD and CN; correct column diagnosis"
        )
