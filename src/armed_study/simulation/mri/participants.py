"""Sites and subjects of the simulated MRI, how ill each is, and the true scores.

Severity of subject ``i`` with diagnosis ``d`` is ``s ~ N(+-D/2, 1)``, + for AD, the same at all sites
and ages, so that at a site with share ``p`` of AD::

    logit P(AD | s, site) = logit(p) + D s,    AUROC of s = Phi(D / sqrt 2) = 0.862 for D = 1.54

which with the shares below makes an AUROC of that probability of about 0.91 over the seen sites and of
0.875 to 0.905 over the others, depending on the seed.

What is dealt, so that it holds for every seed: the shares of AD by site and manufacturer; the
severities of a diagnosis among seen and among unseen sites, which are the quantiles of their distribution,
each site having low and high ones; that those scanned twice are like the others.
What is drawn: who gets which, age and sex, which tell nothing of diagnosis.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from armed_study.simulation.dealing import deal_quantiles
from armed_study.simulation.mri.names import (
    MriSettings,
    participant_names,
    scan_names,
    site_names,
)

SEPARATION = 1.54
SHARES_GE, SHARES_OTHER, SHARES_UNSEEN = (0.72, 0.80), (0.20, 0.28), (0.22, 0.78)
MANUFACTURERS = ("GE", "Philips", "Siemens")
AGE_MEAN, AGE_SD, AGE_RANGE = 75.0, 7.0, (55.0, 91.0)

# First entry of every spawn key: keeps these streams apart from others made of the same seed.
STREAM = 4004
_PART = 0


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the random stream of one thing: a site, a subject, a scan."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(STREAM, *key)))


@lru_cache(maxsize=8)
def _drawn(settings: MriSettings, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = stream(seed, _PART)
    own = _draw_sites(rng, settings)
    return own, _draw_people(rng, settings, own)


def sites(settings: MriSettings, seed: int) -> pd.DataFrame:
    """Return the sites: site (index), seen, manufacturer, subjects, cases (of AD)."""
    return _drawn(settings, seed)[0].copy()


def people(settings: MriSettings, seed: int) -> pd.DataFrame:
    """Return the subjects with what is hidden: participant_id (index), ..., seen, severity."""
    return _drawn(settings, seed)[1].copy()


def participants(settings: MriSettings, seed: int) -> pd.DataFrame:
    """Return ``participants.tsv``: participant_id, site, diagnosis, age at ses-01 (years), sex."""
    table = people(settings, seed).reset_index()
    return table[["participant_id", "site", "diagnosis", "age", "sex"]]


def scan_truth(settings: MriSettings, seed: int) -> pd.DataFrame:
    """Return sample, participant_id, session, site, outcome, severity, oracle, oracle_no_cluster.

    `oracle` is the probability of AD given severity and the site's share of AD, `oracle_no_cluster`
    that given severity and the share of AD among all subjects.
    """
    scans = pd.DataFrame({"sample": scan_names(settings)})
    parts = scans["sample"].str.partition("_")
    scans["participant_id"], scans["session"] = parts[0], parts[2]
    own = people(settings, seed).loc[scans["participant_id"]].reset_index(drop=True)
    shares, overall = shares_of_cases(settings, seed)
    evidence = SEPARATION * own["severity"].to_numpy()
    scans["site"] = own["site"]
    scans["outcome"] = (own["diagnosis"] == "AD").astype(int)
    scans["severity"] = own["severity"]
    scans["oracle"] = expit(logit(own["site"].map(shares).to_numpy()) + evidence).round(6)
    scans["oracle_no_cluster"] = expit(logit(overall) + evidence).round(6)
    return scans


def shares_of_cases(settings: MriSettings, seed: int) -> tuple[pd.Series, float]:
    """Return the share of AD at each site, and among all subjects."""
    table = sites(settings, seed)
    return table["cases"] / table["subjects"], table["cases"].sum() / table["subjects"].sum()


def _draw_sites(rng: np.random.Generator, settings: MriSettings) -> pd.DataFrame:
    seen_size, size = settings.subjects_seen_per_site, settings.subjects_unseen_per_site
    fewest = settings.fewest_per_diagnosis
    cases = np.concatenate(
        [
            rng.permutation(_seen_cases(SHARES_GE, settings.sites_ge, seen_size, fewest)),
            rng.permutation(_seen_cases(SHARES_OTHER, settings.sites_other, seen_size, fewest)),
        ]
    )
    other = np.resize(["Philips", "Siemens"], settings.sites_other)
    further = np.resize(MANUFACTURERS, settings.sites_unseen)
    unseen_cases = np.zeros(settings.sites_unseen, dtype=int)
    for number, manufacturer in enumerate(MANUFACTURERS):
        own = np.flatnonzero(further == manufacturer)
        dealt = _mirrored_cases(len(own), size, up=number % 2 == 1)
        unseen_cases[own] = rng.permutation(dealt)
    table = pd.DataFrame(index=pd.Index(site_names(settings), name="site"))
    table["seen"] = np.arange(len(table)) < settings.sites_seen
    table["manufacturer"] = ["GE"] * settings.sites_ge + other.tolist() + further.tolist()
    table["subjects"] = np.where(table["seen"], seen_size, size)
    table["cases"] = np.concatenate([cases, unseen_cases])
    return table


def _seen_cases(shares: tuple[float, float], sites: int, subjects: int, fewest: int) -> np.ndarray:
    """Share out the cases of a group of sites, whose total is no nearer to one half than meant."""
    mean = np.mean(shares)
    wanted = np.linspace(*shares, sites) * subjects if sites > 1 else np.array([mean * subjects])
    total = (np.ceil if mean > 0.5 else np.floor)(np.round(mean * subjects * sites, 6))
    cases = np.floor(wanted)
    largest = np.argsort(cases - wanted, kind="stable")[: int(total - cases.sum())]
    cases[largest] += 1
    return np.clip(cases, fewest, subjects - fewest).astype(int)


def _mirrored_cases(sites: int, subjects: int, *, up: bool) -> np.ndarray:
    """Share out cases so that a manufacturer has one half of AD (`up`: the odd subject is one)."""
    low = np.rint(np.linspace(*SHARES_UNSEEN, sites)[: sites // 2] * subjects).astype(int)
    low = np.clip(low, 1, subjects // 2)
    middle = [(subjects + up) // 2] if sites % 2 else []
    return np.concatenate([low, middle, subjects - low]).astype(int)


def _draw_people(
    rng: np.random.Generator, settings: MriSettings, own: pd.DataFrame
) -> pd.DataFrame:
    cases = np.concatenate([np.arange(n) < c for n, c in own[["subjects", "cases"]].to_numpy()])
    table = pd.DataFrame({"site": np.repeat(own.index.to_numpy(), own["subjects"])})
    table["diagnosis"] = np.where(cases, "AD", "CN")
    table["seen"] = own["seen"].loc[table["site"]].to_numpy()
    table["manufacturer"] = own["manufacturer"].loc[table["site"]].to_numpy()
    table["age"] = np.clip(rng.normal(AGE_MEAN, AGE_SD, len(table)), *AGE_RANGE).round(1)
    table["sex"] = np.where(rng.random(len(table)) < 0.5, "F", "M")
    shift = np.where(cases, SEPARATION / 2, -SEPARATION / 2)
    table["severity"] = (deal_quantiles(rng, table, ["seen", "diagnosis"], "site") + shift).round(6)
    table = _numbered(rng, table, settings.second_session_every)
    table.index = pd.Index(participant_names(settings), name="participant_id")
    return table


def _numbered(rng: np.random.Generator, table: pd.DataFrame, every: int) -> pd.DataFrame:
    """Put the subjects in order of their numbers; those seen twice are like the others."""
    strata = ["seen", "diagnosis", "manufacturer", "severity"]
    table = table.sort_values(strata, kind="stable").reset_index(drop=True)
    number = np.arange(1, len(table) + 1)
    twice = number % every == 0 if every else np.zeros(len(table), dtype=bool)
    order = np.empty(len(table), dtype=int)
    order[twice], order[~twice] = (
        rng.permutation(np.flatnonzero(group)) for group in (twice, ~twice)
    )
    return table.iloc[order].reset_index(drop=True)
