"""People of the simulated ADNIMERGE: measures, group, categories, protocol, roster number, date."""

from typing import Any

import numpy as np
import pandas as pd

from armed_study.simulation.adni.measures import (
    LMCI_LIMITS,
    latent_draws,
    measure_table,
    recall_limit,
    to_measures,
    with_exact_moments,
)
from armed_study.simulation.adni.sites import SMC_SHARE

MCI = ("EMCI", "LMCI")
_KINDS = ("labelled", "lost", "normal", "dementia")

# Protocol under which someone was enrolled, by group; roster numbers and first and last day of it.
_PROTOCOL_SHARES = {
    "CN": (0.44, 0.0, 0.36, 0.20),
    "SMC": (0.0, 0.0, 0.35, 0.65),
    "EMCI": (0.0, 0.32, 0.44, 0.24),
    "LMCI": (0.60, 0.0, 0.26, 0.14),
    "AD": (0.50, 0.0, 0.38, 0.12),
}
PROTOCOLS = {
    "ADNI1": (2, 1436, "2005-09-07", "2007-09-28"),
    "ADNIGO": (2002, 2400, "2010-05-10", "2011-05-20"),
    "ADNI2": (4001, 5297, "2011-06-13", "2013-12-16"),
    "ADNI3": (6001, 7100, "2016-10-24", "2020-12-17"),
}

# How many of a hundred, as ADNI enrolled; a rare answer stays present among the labelled people of
# the largest sites by a quota. Nobody there is Hawaiian: that answer occurs elsewhere only.
_RACES = {"Black": 5.2, "Asian": 1.9, "More than one": 1.0, "Am Indian/Alaskan": 0.5}
_PERCENT = {"Widowed": 9.9, "Divorced": 9.6, "Never married": 3.0, "Hisp/Latino": 4.2, **_RACES}
_UNKNOWN, _QUOTA, _HAWAIIAN = 0.5, 2, 2


def draw_people(rng: np.random.Generator, sites: pd.DataFrame) -> pd.DataFrame:
    """Draw everybody enrolled, with complete baseline measures; one row each, in order of RID.

    Parameters
    ----------
    sites : DataFrame
        Of `sites.draw_sites`.

    Returns
    -------
    DataFrame
        RID, SITE, seen (one of the largest sites), kind (labelled, lost, normal, dementia), DX_bl,
        ORIGPROT, enrolled (date), the categories and the measures as in the file.
    """
    normal = rng.standard_normal((len(sites), len(measure_table())))
    shifts = pd.DataFrame(normal * measure_table()["site_sd"].to_numpy(), index=sites.index)
    parts = []
    for kind in _KINDS:
        for seen in (True, False):
            own = sites[sites["seen"] == seen]
            site = np.repeat(own.index.to_numpy(), own[kind])
            measures = _draw_measures(rng, kind, shifts.loc[site].to_numpy())
            block = measures.assign(SITE=site, seen=seen, kind=kind)
            parts.append(_with_categories(rng, block, quota=_QUOTA if kind == "labelled" else 0))
    people = pd.concat(parts, ignore_index=True)
    elsewhere = (people["kind"] == "labelled") & ~people["seen"] & (people["PTRACCAT"] == "White")
    hawaiian = rng.choice(np.flatnonzero(elsewhere), _HAWAIIAN, replace=False)
    people.loc[hawaiian, "PTRACCAT"] = "Hawaiian/Other PI"
    people["DX_bl"] = _group(rng, people)
    return _enrolled(rng, people)


def _draw_measures(rng: np.random.Generator, kind: str, shifts: np.ndarray) -> pd.DataFrame:
    """Draw one block; labelled people get the exact moments, so that seeds differ less."""
    latents = latent_draws(rng, len(shifts)) + shifts
    if kind == "labelled":
        latents = with_exact_moments(latents)
    elif kind != "lost":
        latents = latents + measure_table()[kind].to_numpy()
    return to_measures(latents, rng.standard_normal(len(shifts)), mci=kind in ("labelled", "lost"))


def _with_categories(rng: np.random.Generator, block: pd.DataFrame, quota: int) -> pd.DataFrame:
    count = len(block)
    noise = rng.gumbel(size=(count, 4))
    older = ((block["AGE"] - 73) / 7).to_numpy()
    woman = (block["PTGENDER"] == "Female").to_numpy()
    marital = {
        "Widowed": noise[:, 1] + 0.8 * older + 1.1 * woman,
        "Divorced": noise[:, 2] - 0.4 * older,
        "Never married": noise[:, 3],
    }
    answers = {
        "PTRACCAT": _assigned(dict.fromkeys(_RACES, noise[:, 0]), "White", quota),
        "PTMARRY": _assigned(marital, "Married", quota),
        "PTETHCAT": _assigned({"Hisp/Latino": rng.random(count)}, "Not Hisp/Latino", quota),
    }
    for values in answers.values():
        common = np.flatnonzero(values == pd.Series(values).mode()[0])  # a quota stays filled
        values[rng.choice(common, _number(count, _UNKNOWN, 0), replace=False)] = "Unknown"
    return block.assign(**answers)


def _assigned(scores: dict[str, np.ndarray], other: str, quota: int) -> np.ndarray:
    """Give each answer to the people who score highest on it and have none yet."""
    count = len(next(iter(scores.values())))
    answer = np.full(count, other, dtype=object)
    free = np.ones(count, dtype=bool)
    for name, score in scores.items():
        ranked = np.flatnonzero(free)[np.argsort(-score[free], kind="stable")]
        chosen = ranked[: _number(count, _PERCENT[name], quota)]
        answer[chosen], free[chosen] = name, False
    return answer


def _number(count: int, percent: float, quota: int) -> int:
    return min(count, max(quota, round(count * percent / 100)))


def _group(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """Tell late from early MCI by delayed recall for the education, as ADNI does.

    Of those of normal cognition, a share has memory concerns (SMC), the younger rather.
    """
    late = people["LDELTOTAL_BL"] <= recall_limit(people["PTEDUCAT"], LMCI_LIMITS)
    normal = (people["kind"] == "normal").to_numpy()
    leaning = rng.gumbel(size=len(people)) - 0.5 * (people["AGE"].to_numpy() - 73) / 7
    concerned = normal & (leaning > np.quantile(leaning[normal], 1 - SMC_SHARE))
    groups: list[Any] = [people["kind"] == "dementia", concerned, normal, late]
    return np.select(groups, ["AD", "SMC", "CN", "LMCI"], "EMCI")


def _enrolled(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Add protocol, roster number and date of the baseline visit; sort by roster number."""
    draws = rng.random(len(people))
    bounds = np.array([np.cumsum(_PROTOCOL_SHARES[group]) for group in people["DX_bl"]])
    people["ORIGPROT"] = np.array(list(PROTOCOLS))[(draws[:, None] >= bounds - 1e-9).sum(axis=1)]
    parts = []
    for name, (first, end, opened, closed) in PROTOCOLS.items():
        own = people[people["ORIGPROT"] == name]
        own = own.iloc[rng.permutation(len(own))]
        running = (pd.Timestamp(closed) - pd.Timestamp(opened)).days
        days = np.sort(rng.integers(running, size=len(own)))
        roster = np.sort(rng.choice(np.arange(first, end), len(own), replace=False))
        date = pd.Timestamp(opened) + pd.to_timedelta(days, unit="D")
        parts.append(own.assign(RID=roster, enrolled=date))
    return pd.concat(parts, ignore_index=True)
