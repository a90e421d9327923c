"""Visits of the simulated ADNIMERGE: attended or not, and the diagnosis given, or none recorded.

What decides the label of someone with MCI (dementia seen within 24 months; not seen at month 24 or,
without such a visit, at the next later one) is always recorded, or its neighbours on both sides
agree with it; of the lost it never is. Whatever else happens leaves the label alone: visits
missed, diagnoses not recorded (never two in a row), return to normal cognition, dementia after
month 24.
"""

from typing import Any

import numpy as np
import pandas as pd

HORIZON = 24  # months within which dementia counts as conversion
_MONTHS = (0, 6, 12, 18, 24, 36)
_MONTHS_ADNI3 = (0, 12, 24, 36)
_CONVERSION_WEIGHT = {6: 0.13, 12: 0.34, 18: 0.18, 24: 0.35}
_MISSED, _UNRECORDED = 0.07, 0.05
_NO_MONTH_24, _LAST_IS_24, _RETURN = 0.06, 0.15, 0.06
_LATE_SHARE = 0.55  # of the probability to convert within 24 months: to convert after it
_FIRST_DIAGNOSIS = {"CN": "CN", "SMC": "CN", "EMCI": "MCI", "LMCI": "MCI", "AD": "Dementia"}

Visits = list[tuple[int, str | None]]  # month and diagnosis of one person's visits, in order


def draw_visits(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Return the visits of all people: RID, Month and DX (empty where not recorded), in order.

    Parameters
    ----------
    people : DataFrame
        RID, kind, DX_bl, ORIGPROT, outcome (0 or 1) and oracle of those with MCI.
    """
    risk = _LATE_SHARE * people["oracle"].fillna(0.0).to_numpy()
    rows = []
    row: Any
    for row in people.assign(late=rng.random(len(people)) < risk).itertuples(index=False):
        months = _MONTHS_ADNI3 if row.ORIGPROT == "ADNI3" else _MONTHS
        if row.kind == "labelled" and row.outcome == 1:
            visits = _converter(rng, months)
        elif row.kind == "labelled":
            visits = _stable(rng, months, row.late)
        elif row.kind == "lost":
            visits = _lost(rng, months, row.late)
        else:
            visits = _other(rng, months, row.DX_bl)
        rows += [(row.RID, month, dx) for month, dx in visits]
    return pd.DataFrame(rows, columns=["RID", "Month", "DX"])


def _converter(rng: np.random.Generator, months: tuple[int, ...]) -> Visits:
    possible = [month for month in months if 0 < month <= HORIZON]
    weight = np.array([_CONVERSION_WEIGHT[month] for month in possible])
    onset = int(rng.choice(possible, p=weight / weight.sum()))
    attended = _attended(rng, months, needed={onset})
    after = [month for month in attended if month > onset]
    last = after[: int(rng.integers(len(after) + 1))] if rng.random() < 0.4 else after
    diagnoses = {month: "MCI" for month in attended if month < onset}
    diagnoses |= dict.fromkeys([onset, *last], "Dementia")
    return _unrecorded(rng, diagnoses, fixed={0, onset})


def _stable(rng: np.random.Generator, months: tuple[int, ...], late: bool) -> Visits:
    without = rng.random() < _NO_MONTH_24
    deciding = 36 if without else HORIZON
    attended = _attended(rng, months, needed={deciding})
    if without:
        attended = [month for month in attended if month != HORIZON]
    elif rng.random() < _LAST_IS_24:
        attended = [month for month in attended if month <= HORIZON]
    back = int(rng.choice(attended[1:])) if rng.random() < _RETURN else 99
    diagnoses = {month: "CN" if month >= back else "MCI" for month in attended}
    if late and not without and 36 in diagnoses and back == 99:
        diagnoses[36] = "Dementia"
    around = {month: dx for month, dx in diagnoses.items() if month >= 18}
    free = set(around) == {18, 24, 36} and len(set(around.values())) == 1
    if free and rng.random() < _UNRECORDED:
        return [(m, None if m == HORIZON else dx) for m, dx in diagnoses.items()]
    return _unrecorded(rng, diagnoses, fixed={0, deciding})


def _lost(rng: np.random.Generator, months: tuple[int, ...], late: bool) -> Visits:
    before = [month for month in _attended(rng, months, needed=set()) if month < HORIZON]
    way = rng.random()
    if way < 0.75:
        kept = before[: int(rng.integers(1, len(before) + 1))]
        return _unrecorded(rng, dict.fromkeys(kept, "MCI"), fixed={0})
    seen: dict[int, str] = dict.fromkeys(before, "MCI")
    if way < 0.88 or not late:
        return [*seen.items(), (HORIZON, None)]
    return [*seen.items(), (36, "Dementia")]


def _other(rng: np.random.Generator, months: tuple[int, ...], group: str) -> Visits:
    if group == "AD":
        months = tuple(month for month in months if month <= HORIZON and month != 18)
    attended = [m for m in _attended(rng, months, needed=set()) if m != 18]
    stay = attended[: int(rng.integers(1, len(attended) + 1))] if rng.random() < 0.25 else attended
    first = _FIRST_DIAGNOSIS[group]
    change = int(rng.choice(attended)) if group != "AD" and rng.random() < 0.07 else 99
    diagnoses = {month: "MCI" if 0 < month >= change else first for month in stay}
    return _unrecorded(rng, diagnoses, fixed={0})


def _attended(rng: np.random.Generator, months: tuple[int, ...], needed: set[int]) -> list[int]:
    missed = rng.random(len(months)) < _MISSED
    return [m for m, gone in zip(months, missed, strict=True) if m in needed | {0} or not gone]


def _unrecorded(rng: np.random.Generator, diagnoses: dict[int, str], fixed: set[int]) -> Visits:
    """Empty some diagnoses, never one of `fixed` and never two in a row."""
    visits: Visits = []
    for month, dx in diagnoses.items():
        gone = rng.random() < _UNRECORDED and month not in fixed
        empty_before = bool(visits) and visits[-1][1] is None
        visits.append((month, None if gone and not empty_before else dx))
    return visits
