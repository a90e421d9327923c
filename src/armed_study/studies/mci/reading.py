"""Reading ADNIMERGE, one row a visit, as real files hold it, and what its generator knows besides."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.messages import REGENERATE, counted, listing, suggestion
from armed_study.simulation.raw_files import truth_of
from armed_study.source_files import check_readable
from armed_study.studies.mci import values
from armed_study.studies.mci.columns import (
    BASELINE_GROUPS,
    CATEGORIES,
    IDENTIFIERS,
    MEASURED,
    MEASURES,
    MONTHS,
)
from armed_study.studies.mci.fields import read_fields

_NEEDED = (*IDENTIFIERS, *MEASURED)


def read_adnimerge(path: str | Path, *, moved_subjects: str = "error") -> pd.DataFrame:
    """Read the needed columns of an ADNIMERGE table, checked and typed.

    Parameters
    ----------
    path
        The CSV file: columns in any order and among any others, rows in any order, UTF-8 with or
        without byte order mark, or Latin-1.
    moved_subjects
        What to do with a subject who was at several sites: `error`, or `baseline`, which puts all
        visits at the site of the first one.

    Returns
    -------
    DataFrame
        One row a visit, by subject and month: RID (int), SITE and VISCODE (text), month (whole
        months since baseline: column `Month`, else `M`, else by the visit's code), DX_bl, DX (CN,
        MCI or Dementia; None if missing), and the columns of `columns.MEASURED`, numbers as
        float64 and categories as text. Rows that repeat another one are dropped.

    Raises
    ------
    DataError
        One sentence, naming file and, where it is one value, column, row (as a spreadsheet counts,
        the header is row 1) and value.
    """
    path = Path(path)
    visits = _typed(_read_text(path), path).drop_duplicates()
    _check_repeated(visits, path)
    visits = visits.sort_values(["RID", "month"], kind="stable")
    visits["DX_bl"] = _one_for_each(visits, "DX_bl", path)
    visits["SITE"] = _one_for_each(visits, "SITE", path, settle=moved_subjects == "baseline")
    if not visits["RID"].duplicated().any():
        raise DataError(
            f"{path}: each of {counted(len(visits), 'subject')} has one visit only, expected "
            "visits over 24 months and more, as the outcome is the diagnosis at follow-up; "
            "download the table with all visits"
        )
    return visits.reset_index(drop=True)


def _read_text(path: Path) -> pd.DataFrame:
    check_readable(path)
    if not path.is_file():
        neighbours = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{path}: no such file{suggestion(path.name, neighbours)}, expected the ADNIMERGE table; "
            "correct data.source.path"
        )
    text, names = read_fields(path, {*_NEEDED, *MONTHS})
    absent = [name for name in _NEEDED if name not in names]
    if absent:
        near = suggestion(absent[0], [name for name in names if name not in _NEEDED])
        raise DataError(
            f"{path}: lacks column {listing(absent)}{near}, expected those of ADNIMERGE; download "
            "ADNIMERGE.csv again and keep all its columns"
        )
    if text.empty:
        raise DataError(
            f"{path}: the table has 0 rows, expected one for each visit; download it again"
        )
    return text


def _typed(text: pd.DataFrame, path: Path) -> pd.DataFrame:
    given = next((text[name] for name in MONTHS if name in text), None)
    return pd.DataFrame(
        {
            "RID": values.subjects(text["RID"], path),
            "SITE": values.identifiers(text["SITE"], path),
            "VISCODE": text["VISCODE"].str.lower(),
            "month": values.months(text["VISCODE"], given, path),
            "DX_bl": values.groups(text["DX_bl"], BASELINE_GROUPS, path),
            "DX": values.diagnoses(text["DX"], path),
            **{m.column: values.numbers(text[m.column], m, path) for m in MEASURES},
            **{c.column: values.levels(text[c.column], c, path) for c in CATEGORIES},
        }
    )


def _check_repeated(visits: pd.DataFrame, path: Path) -> None:
    """Raise for a visit that has two different rows."""
    twofold = visits[visits.duplicated(["RID", "VISCODE"], keep=False)]
    if twofold.empty:
        return
    subject, visit = twofold.iloc[0][["RID", "VISCODE"]]
    rows = twofold[(twofold["RID"] == subject) & (twofold["VISCODE"] == visit)]
    differing = [name for name in rows if rows[name].nunique(dropna=False) > 1]
    raise DataError(
        f"{path}: subject {subject} (RID) has visit '{visit}' in rows {_rows(rows)}, which differ "
        f"in column {listing(differing, 4)}, expected one row for each visit; delete the wrong one"
    )


def _one_for_each(
    visits: pd.DataFrame, column: str, path: Path, *, settle: bool = False
) -> pd.Series:
    """Return each subject's value of a column; `settle` takes the first visit's of several."""
    several = visits.groupby("RID")[column].nunique()
    several = several[several > 1]
    if len(several) and not settle:
        rows = visits[visits["RID"] == several.index[0]].drop_duplicates(column)
        others = len(several) - 1
        more = f" (and {counted(others, 'subject')} more have several)" if others else ""
        remedy = "set data.moved_subjects to baseline to take the first visit's, or correct it"
        raise DataError(
            f"{path}: subject {several.index[0]} (RID) has {column} {listing(rows[column])} in "
            f"rows {_rows(rows)}{more}, expected one for each subject; "
            f"{remedy if column == 'SITE' else 'correct it in the file'}"
        )
    return visits.groupby("RID")[column].transform("first")


def _rows(visits: pd.DataFrame) -> str:
    return ", ".join(str(row) for row in sorted(visits.index)[:4])


def read_subject_truth(path: Path, samples: Collection[str]) -> pd.DataFrame:
    """Return table `truth` of these samples; raises `DataError` if one is not in the file.

    The file has columns RID, oracle and oracle_no_cluster, and perhaps others.
    """
    text = _truth_text(path, ("RID", "oracle", "oracle_no_cluster"))
    truth = pd.DataFrame(
        {
            "sample": values.subjects(text["RID"], path).map("{:04d}".format),
            "oracle": _numbers(text["oracle"], path),
            "oracle_no_cluster": _numbers(text["oracle_no_cluster"], path),
        }
    )
    return truth_of(truth, "sample", samples, path)


def read_site_truth(path: Path, clusters: Collection[str]) -> pd.DataFrame:
    """Return table `cluster_truth` of these clusters; raises `DataError` if one is not in the file.

    The file has columns SITE, quantity and value.
    """
    text = _truth_text(path, ("SITE", "quantity", "value"))
    truth = pd.DataFrame(
        {
            "cluster": values.identifiers(text["SITE"], path),
            "quantity": values.identifiers(text["quantity"], path),
            "value": _numbers(text["value"], path),
        }
    )
    return truth_of(truth, "cluster", clusters, path)


def _truth_text(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    text, names = read_fields(path, columns) if path.is_file() else (pd.DataFrame(), [])
    absent = [name for name in columns if name not in names]
    if absent:
        raise DataError(
            f"{path}: found column {listing(names)}, expected {listing(absent)} too; {REGENERATE}"
        )
    return text


def _numbers(text: pd.Series, path: Path) -> pd.Series:
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    values.check(~pd.Series(np.isfinite(numbers)), text, path, "a number in every row")
    return numbers
