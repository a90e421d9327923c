"""Draws of the simulated ADNIMERGE, kept for all tests that read them."""

from functools import cache

import numpy as np
import pandas as pd

from armed_study.simulation.adni import draw_adni
from armed_study.simulation.adni.conversion import conversion_table

PROJECT_SEED = 2023
SEEDS = (PROJECT_SEED, 1, 2, 3)
CODED = ("FAQ_bl", "TRABSCOR_bl", "ADASQ4_bl")
CATEGORIES = ("APOE4", "PTGENDER", "PTETHCAT", "PTRACCAT", "PTMARRY")


@cache
def drawn(seed: int) -> dict[str, pd.DataFrame]:
    return draw_adni(seed)


def numbers(column: pd.Series) -> pd.Series:
    values = pd.to_numeric(column.astype(str).str.strip("<>"), errors="coerce")
    return values.mask(values < 0) if column.name in CODED else values


@cache
def people(seed: int) -> pd.DataFrame:
    """One row for everybody, measures as numbers, with the truth of those with MCI."""
    first = drawn(seed)["ADNIMERGE.csv"].query("VISCODE == 'bl'").drop_duplicates().copy()
    for column in conversion_table()["column"]:
        first[column] = numbers(first[column])
    return first.merge(drawn(seed)["truth_subjects.csv"], on="RID", how="left")


@cache
def labelled(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Labelled people of the 20 largest sites, and of the others."""
    found = people(seed).query("labelled == True")
    sizes = found["SITE"].value_counts()
    largest = sizes.index[:20]
    assert sizes.iloc[19] > sizes.iloc[20]  # no tie decides which sites are seen
    seen = found["SITE"].isin(largest)
    return found[seen], found[~seen]


def rule_label(visits: pd.DataFrame) -> float:
    """The study's label from one person's Month and DX, computed independently: 1, 0, or missing."""
    visits = visits.sort_values("Month")
    dx = [found if isinstance(found, str) else None for found in visits["DX"]]
    for i in range(1, len(dx) - 1):
        if dx[i] is None and dx[i - 1] == dx[i + 1]:
            dx[i] = dx[i - 1]
    known = [(m, d) for m, d in zip(visits["Month"], dx, strict=True) if d is not None]
    if any(d == "Dementia" for m, d in known if m <= 24):
        return 1.0
    later = [d for m, d in known if m >= 24]
    return 0.0 if later and later[0] != "Dementia" else np.nan
