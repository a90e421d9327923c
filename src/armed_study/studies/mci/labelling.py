"""Who of the participants with mild cognitive impairment (MCI) progressed to dementia in 24 months.

A participant is labelled who had MCI at baseline (`EMCI` or `LMCI`) and is

- *progressive* (outcome 1): dementia at any visit up to month 24; who had it at the baseline visit
  already cannot convert, and is left out;
- *stable* (outcome 0): no dementia until then, and another diagnosis at month 24 or, without one
  there, at the next later visit that has a diagnosis.

A missing diagnosis is filled in where the nearest diagnoses before and after it agree. All others
are left out and counted by reason.

The published study's rule (`published`) also wanted, of stable participants, a visit after month 24:
its test for a visit at month 24 never found one, so that those without a later visit were dropped.
"""

from typing import Any

import pandas as pd

from armed.errors import ConfigError
from armed_study.messages import listing
from armed_study.studies.mci.columns import DEMENTIA, MCI_GROUPS, MEASURED

HORIZON = 24  # months after baseline
PROTOCOLS = ("proposed", "published")

READ, MCI, LABELLED = "participants read", "MCI at baseline", "labelled"

PROGRESSIVE, STABLE = "progressive", "stable"
DEMENTED = "dementia at the baseline visit already"
UNFOLLOWED = "no diagnosis after baseline"
LOST = "last diagnosis before month 24, without dementia"
LATE = "next diagnosis after month 24 is dementia, none at month 24"
NO_LATER = "stable at month 24, but no later visit (published rule)"
_REASONS = (DEMENTED, UNFOLLOWED, LOST, LATE, NO_LATER)


def label_subjects(
    visits: pd.DataFrame, protocol: str = "proposed"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Label participants by their diagnoses.

    Parameters
    ----------
    visits
        As `armed_study.studies.mci.reading.read_adnimerge` returns them.
    protocol
        `proposed`, or `published`: the label rule of the published study.

    Returns
    -------
    labelled : DataFrame
        One row a labelled participant, by RID: RID, SITE, outcome (1.0 progressive, 0.0 stable)
        and the columns of `columns.MEASURED`, of each the first value in time.
    flow : DataFrame
        Table `flow`: stages from the participants read to those labelled.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(
            f"protocol is '{protocol}', expected one of {listing(PROTOCOLS)}; correct it"
        )
    subjects = visits.groupby("RID")[["SITE", "DX_bl", *MEASURED]].first()
    with_mci = subjects.index[subjects["DX_bl"].isin(MCI_GROUPS)]
    fate = _fates(visits[visits["RID"].isin(with_mci)], protocol).reindex(with_mci)
    flow = _flow(subjects["DX_bl"], fate)
    fate = fate[fate.isin((PROGRESSIVE, STABLE))]
    labelled = subjects.loc[fate.index].drop(columns="DX_bl")
    labelled.insert(1, "outcome", (fate == PROGRESSIVE).astype(float))
    return labelled.reset_index(), flow


def fill_diagnoses(visits: pd.DataFrame) -> pd.Series:
    """Return DX, filled in where the nearest diagnoses of the subject on both sides agree.

    Parameters
    ----------
    visits
        Columns RID and DX; each subject's rows in the order of time.
    """
    known = visits["DX"].astype(object)
    by = known.groupby(visits["RID"])
    before, after = by.ffill(), by.bfill()
    filled = before.where(before == after, known)
    return filled.where(filled.notna(), None)


def _fates(visits: pd.DataFrame, protocol: str) -> pd.Series:
    """Return by RID what became of each subject: progressive, stable, or why left out."""
    rows = visits.assign(DX=fill_diagnoses(visits))
    subjects = rows["RID"].unique()
    rows = rows[rows["DX"].notna()]
    demented, month = rows["DX"] == DEMENTIA, rows["month"]
    from_horizon = rows[month >= HORIZON].drop_duplicates("RID").set_index("RID")["DX"]
    decided = {  # the first that applies
        DEMENTED: rows["RID"][demented & (month == 0)],
        PROGRESSIVE: rows["RID"][demented & (month <= HORIZON)],
        LATE: from_horizon.index[from_horizon == DEMENTIA],
        STABLE: from_horizon.index,
        LOST: rows["RID"][month > 0],
        UNFOLLOWED: subjects,
    }
    fate = pd.Series(index=pd.Index(subjects, name="RID"), dtype=object)
    those: Any
    for name, those in decided.items():
        fate = fate.mask(fate.isna() & fate.index.isin(those), name)
    if protocol == "published":
        later = fate.index.isin(visits["RID"][visits["month"] > HORIZON])
        fate = fate.mask((fate == STABLE) & ~later, NO_LATER)
    return fate


def _flow(group: pd.Series, fate: pd.Series) -> pd.DataFrame:
    """Return the stages up to the labels; `group` and `fate` by RID."""
    others = group[~group.isin(MCI_GROUPS)].fillna("no diagnosis").value_counts().sort_index()
    left = fate.value_counts()
    rows = [(0, READ, "", len(group)), (1, MCI, "", len(fate))]
    rows += [(1, MCI, f"{name} at baseline", count) for name, count in others.items()]
    rows += [(2, LABELLED, "", len(fate) - sum(left.get(reason, 0) for reason in _REASONS))]
    rows += [(2, LABELLED, reason, left[reason]) for reason in _REASONS if reason in left]
    return pd.DataFrame(rows, columns=["order", "stage", "reason", "count"])
