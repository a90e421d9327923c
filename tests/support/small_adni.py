"""A few invented participants in the layout of ADNIMERGE, for tests."""

import numpy as np
import pandas as pd

from armed_study.studies.mci.columns import CATEGORIES, MEASURES

STABLE = {0: "MCI", 12: "MCI", 24: "MCI", 36: "MCI"}
PROGRESSIVE = {0: "MCI", 12: "MCI", 24: "Dementia"}
LOST = {0: "MCI", 12: "MCI"}


def participant(rid, site=11, group="LMCI", course=None, **values):
    """Rows of one participant: `course` is the diagnosis by month, None where it is missing."""
    course = STABLE if course is None else course
    measured = {m.column: _invented(m, rid) for m in MEASURES}
    measured |= {c.column: c.levels[rid % 2] for c in CATEGORIES}
    rows = [
        {"RID": rid, "SITE": site, "VISCODE": f"m{month:02d}" if month else "bl", "Month": month}
        | {"DX_bl": group, "DX": diagnosis, **measured, **values}
        for month, diagnosis in course.items()
    ]
    return pd.DataFrame(rows).astype(object)


def table(*participants, **values):
    """One table of several participants; further columns by name."""
    return pd.concat(participants, ignore_index=True).assign(**values)


def sites(sizes, progressive=1):
    """Stable participants at sites of these sizes, of which the first ones progress."""
    people, rid = [], 0
    for site, size in sizes.items():
        for number in range(size):
            rid += 1
            course = PROGRESSIVE if number < progressive else STABLE
            people.append(participant(rid, site, course=course))
    return table(*people)


def write(frame, path, **settings):
    """Write a table as ADNI does, every field quoted; returns the path."""
    frame.to_csv(path, index=False, quoting=1, na_rep="", **settings)
    return path


def _invented(measure, rid):
    low = max(measure.low, 0)
    high = min(measure.high, low + 100)
    return round(low + (high - low) * (0.2 + 0.6 * np.modf(rid * 0.618)[0]), 3)
