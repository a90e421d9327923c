"""The simulated ADNIMERGE as a file: gaps, codes and text as the real one has them, its columns.

Gaps come at random given the protocol: PET and CSF mostly in ADNI1, as in the real file; that of a labelled
person with MCI is missing in about 25 % (FDG) and 28 % (CSF), a volume in 2 to 10 %.
"""

import numpy as np
import pandas as pd

from armed_study.simulation.adni.measures import measure_table
from armed_study.simulation.adni.subjects import PROTOCOLS

# Columns that go missing together, and how often.
_GAPS = (
    (("Hippocampus_bl", "Entorhinal_bl", "Fusiform_bl", "MidTemp_bl"), 0.075),
    (("Entorhinal_bl", "Fusiform_bl", "MidTemp_bl"), 0.025),
    (("Ventricles_bl",), 0.04),
    (("WholeBrain_bl",), 0.03),
    (("ICV_bl",), 0.02),
    (("RAVLT_immediate_bl", "RAVLT_learning_bl", "RAVLT_forgetting_bl",
      "RAVLT_perc_forgetting_bl"), 0.004),
    (("mPACCdigit_bl", "mPACCtrailsB_bl"), 0.005),
    (("TRABSCOR_bl",), 0.012),
    (("FAQ_bl",), 0.008),
    (("ADAS13_bl",), 0.008),
    (("ADAS11_bl", "ADASQ4_bl", "ADAS13_bl"), 0.004),
    (("APOE4",), 0.015),
    (("AGE",), 0.002),
)  # fmt: skip
_FDG, _CSF = ("FDG_bl",), ("ABETA_bl", "TAU_bl", "PTAU_bl")
_GAPS_ADNI1, _GAPS_LATER = ((_FDG, 0.54), (_CSF, 0.54)), ((_FDG, 0.08), (_CSF, 0.13))
_CODED = {"FAQ_bl": -4, "TRABSCOR_bl": -1, "ADASQ4_bl": -4}  # instead of half of the gaps
_ALSO_WHOLE = ("APOE4", "RAVLT_forgetting_bl")  # numbers besides those with a step of 1
COLUMNS = (
    "RID", "COLPROT", "ORIGPROT", "PTID", "SITE", "VISCODE", "EXAMDATE", "DX_bl", "AGE", "PTGENDER",
    "PTEDUCAT", "PTETHCAT", "PTRACCAT", "PTMARRY", "APOE4", "DX", "EXAMDATE_bl", "CDRSB_bl",
    "ADAS11_bl", "ADAS13_bl", "ADASQ4_bl", "MMSE_bl", "RAVLT_immediate_bl", "RAVLT_learning_bl",
    "RAVLT_forgetting_bl", "RAVLT_perc_forgetting_bl", "LDELTOTAL_BL", "DIGITSCOR_bl",
    "TRABSCOR_bl", "FAQ_bl", "mPACCdigit_bl", "mPACCtrailsB_bl", "Ventricles_bl", "Hippocampus_bl",
    "WholeBrain_bl", "Entorhinal_bl", "Fusiform_bl", "MidTemp_bl", "ICV_bl", "ABETA_bl", "TAU_bl",
    "PTAU_bl", "FDG_bl", "Years_bl", "Month_bl", "Month", "M", "update_stamp",
)  # fmt: skip
_STAMP = "2023-07-14 21:10:48.0"
_DAYS_PER_MONTH = 30.4375
_SHUFFLED_SHARE, _DUPLICATES = 0.08, 8


def to_file(rng: np.random.Generator, people: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the file, one a visit, with `COLUMNS`.

    Parameters
    ----------
    people : DataFrame
        Of `subjects.draw_people`: complete measures.
    visits : DataFrame
        Of `visits.draw_visits`.
    """
    file = visits.merge(_as_recorded(rng, people), on="RID")
    day = (file["Month"] * _DAYS_PER_MONTH + rng.normal(0, 9, len(file))).round()
    day = day.where(file["Month"] > 0, 0.0)
    date = file["enrolled"] + pd.to_timedelta(day, unit="D")
    opened = pd.to_datetime([opened for _, _, opened, _ in PROTOCOLS.values()]).to_numpy()
    running = np.searchsorted(opened, date.to_numpy(), side="right") - 1
    file["COLPROT"] = np.array(list(PROTOCOLS))[running]
    file["VISCODE"] = ["bl" if month == 0 else f"m{month:02d}" for month in file["Month"]]
    file["EXAMDATE"] = date.dt.strftime("%Y-%m-%d")
    file["EXAMDATE_bl"] = file["enrolled"].dt.strftime("%Y-%m-%d")
    file["Years_bl"] = (day / 365.25).round(5)
    file["Month_bl"] = (day / _DAYS_PER_MONTH).round(5)
    file["M"] = file["Month"]
    file["update_stamp"] = _STAMP
    return _disordered(rng, file[list(COLUMNS)])


def _as_recorded(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    frame = people.copy()
    frame["PTID"] = [f"{s:03d}_S_{r:04d}" for s, r in zip(frame["SITE"], frame["RID"], strict=True)]
    early = (frame["ORIGPROT"] == "ADNI1").to_numpy()
    gone = pd.DataFrame(False, frame.index, frame.columns)
    for gaps, among in (
        (_GAPS, np.full_like(early, True)),
        (_GAPS_ADNI1, early),
        (_GAPS_LATER, ~early),
    ):
        for columns, share in gaps:
            gone.loc[(rng.random(len(frame)) < share) & among, list(columns)] = True
    gone.loc[~early, "DIGITSCOR_bl"] = True  # the test was given in ADNI1 only
    for column in _CSF:
        frame[column] = _at_limits(frame[column], column)
    coded = rng.random(len(frame)) < 0.5
    steps = measure_table()["per_unit"].reindex(frame.columns)
    frame = frame.astype(dict.fromkeys([*steps.index[steps == 1], *_ALSO_WHOLE], "Int64"))
    for column in gone.columns[gone.any()]:
        frame[column] = frame[column].mask(gone[column])
    for column, code in _CODED.items():
        frame.loc[gone[column] & coded, column] = code
    return frame


def _at_limits(values: pd.Series, column: str) -> pd.Series:
    """Write a value at a detection limit as text such as `>1700`, others as plain numbers."""
    low, high = measure_table().loc[column, ["low", "high"]]
    text = values.map(lambda value: f"{value:g}").astype(object)
    return text.mask(values >= high, f">{high:g}").mask(values <= low, f"<{low:g}")


def _disordered(rng: np.random.Generator, file: pd.DataFrame) -> pd.DataFrame:
    """Put the visits of some people out of order, and repeat a few rows."""
    position = np.arange(len(file), dtype=float)
    chosen = np.unique(file["RID"])
    chosen = chosen[rng.random(len(chosen)) < _SHUFFLED_SHARE]
    for rid in chosen:
        own = np.flatnonzero(file["RID"].to_numpy() == rid)
        position[own] = position[rng.permutation(own)]
    repeated = rng.choice(len(file), _DUPLICATES, replace=False)
    order = np.concatenate([position, position[repeated] + 0.5])
    whole = pd.concat([file, file.iloc[repeated]], ignore_index=True)
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
