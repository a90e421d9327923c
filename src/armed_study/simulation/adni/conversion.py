"""Probability of conversion to dementia within 24 months in the simulated ADNIMERGE: the true scores.

With ``x`` the complete baseline measures as the file gives them (rounded, at their detection limits,
before any goes missing), standardised by fixed constants, subject ``i`` of site ``s`` converts with::

    P = sigmoid(f(x_i) + u_s0 + sum_j u_sj x_ij),   u_s0 ~ N(0, 0.5^2),   u_sj ~ N(0, tau_j^2)
    f(x) = b + w . x + a tanh(memory) tanh(atrophy) + c sigmoid(-3 (abeta + 0.2)) tanh(tau)

so impaired memory and atrophy aggravate each other, and tau counts where amyloid-beta is low.
``memory`` and ``atrophy`` are sums of three measures each. `tau_j` are the random-slope s.d. of the
published univariate mixed models as they stand (``data/published_mci_univariate.csv``); ``a`` and ``c``
were chosen, and ``w`` and ``b`` (``resources/simulated_adni_conversion.csv``) then solved for once, so that
27 % convert and every univariate coefficient comes out near the published one, with a ridge that
keeps ``w`` small. Given how strong the published single measures are, this needs measures that go
together somewhat more than they do in ADNI (FDG with cognition about 0.6).

Without knowledge of the site, the random terms sum to ``N(0, 0.5^2 + sum_j tau_j^2 x_j^2)`` given
``x``, over which the second score integrates.
"""

import numpy as np
import pandas as pd

from armed_study.simulation.adni.measures import read_resource

INTERCEPT = -2.315
INTERCEPT_SD = 0.5
_MEMORY = {"ADAS Word Recognition": 1, "RAVLT immediate recall": -1, "mPACC with Trails B": -1}
_ATROPHY = {"Hippocampal volume": -1, "Entorhinal volume": -1, "Mid temporal volume": -1}
_COMPOSITE_SCALE = (2.61, 2.4)  # of the sums over memory and atrophy: to about unit variance
_AGGRAVATION, _TAU_GATED = 1.44, 1.8
_STRATUM = 40  # people of like probability among whom outcomes are dealt
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


def conversion_table() -> pd.DataFrame:
    """Return column, centre, scale, weight and slope_sd of each continuous feature, by its name."""
    return read_resource("simulated_adni_conversion.csv")


def standardised(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the features of `conversion_table`, by the fixed constants, from complete measures."""
    table = conversion_table()
    values = measures[list(table["column"])].to_numpy(float)
    scaled = (values - table["centre"].to_numpy()) / table["scale"].to_numpy()
    return pd.DataFrame(scaled, index=measures.index, columns=table.index)


def fixed_logit(features: pd.DataFrame) -> np.ndarray:
    """Return ``f(x)``, what all sites share, shape (people,)."""
    memory, atrophy = (
        sum(sign * features[name] for name, sign in parts.items()) / scale
        for parts, scale in zip((_MEMORY, _ATROPHY), _COMPOSITE_SCALE, strict=True)
    )
    gate = _sigmoid(np.asarray(-3 * (features["CSF beta-amyloid"] + 0.2)))
    linear = _dot(features, conversion_table()["weight"])
    together = _AGGRAVATION * np.tanh(memory) * np.tanh(atrophy)
    gated = _TAU_GATED * gate * np.tanh(features["CSF tau"])
    return np.asarray(INTERCEPT + linear + together + gated)


def draw_site_effects(rng: np.random.Generator, sites: pd.DataFrame) -> pd.DataFrame:
    """Draw the random intercept and slopes of each site; columns intercept and the features.

    Those of the seen sites are brought to mean 0 over their labelled people and to the
    distribution's standard deviation, so that the study's sites have the
    distribution of the published ones rather than an accident of twenty draws.

    Parameters
    ----------
    sites : DataFrame
        Of `sites.draw_sites`: seen and labelled, by SITE.
    """
    spreads = np.r_[INTERCEPT_SD, conversion_table()["slope_sd"].to_numpy()]
    standard = rng.standard_normal((len(sites), len(spreads)))
    seen = sites["seen"].to_numpy()
    weight = (sites["labelled"] / sites.loc[seen, "labelled"].sum()).to_numpy()[seen, None]
    centred = standard[seen] - (weight * standard[seen]).sum(axis=0)
    standard[seen] = centred / np.sqrt((weight * centred**2).sum(axis=0))
    columns = ["intercept", *conversion_table().index]
    return pd.DataFrame((standard * spreads).round(6), sites.index, columns)


def draw_subjects(
    rng: np.random.Generator, people: pd.DataFrame, effects: pd.DataFrame
) -> pd.DataFrame:
    """Draw who of the people with MCI converts; one row each, with the logit and its parts."""
    features = standardised(people)
    fixed = fixed_logit(features).round(6)
    site = _site_logit(features, people["SITE"], effects).round(6)
    oracle = pd.Series(_sigmoid(fixed + site), index=people.index)
    outcome = pd.Series(0, index=people.index)
    for _, block in people.groupby(["kind", "seen"]):
        outcome[block.index] = draw_outcomes(rng, oracle[block.index].to_numpy())
    truth = {
        "RID": people["RID"],
        "labelled": people["kind"] == "labelled",
        "outcome": outcome,
        "fixed_logit": fixed,
        "site_logit": site,
        "oracle": oracle,
        "oracle_no_cluster": expected_over_sites(fixed, features),
    }
    return pd.DataFrame(truth).reset_index(drop=True)


def _site_logit(features: pd.DataFrame, sites: pd.Series, effects: pd.DataFrame) -> np.ndarray:
    """Return what the own site adds to the logit, shape (people,)."""
    own = effects.loc[sites]
    slopes = own[list(features.columns)].to_numpy()
    return own["intercept"].to_numpy() + np.einsum("ij,ij->i", features.to_numpy(), slopes)


def expected_over_sites(fixed: np.ndarray, features: pd.DataFrame) -> np.ndarray:
    """Return ``P`` for a site drawn at random, by Gauss-Hermite quadrature, shape (people,)."""
    slopes = conversion_table()["slope_sd"] ** 2
    spread = np.sqrt(INTERCEPT_SD**2 + _dot(features**2, slopes))
    nodes = _sigmoid(fixed[:, None] + spread[:, None] * _NODES)
    return (nodes * (_WEIGHTS / _WEIGHTS.sum())).sum(axis=1)


def draw_outcomes(rng: np.random.Generator, probability: np.ndarray) -> np.ndarray:
    """Draw 0 or 1 for each, with exactly its own probability; their sum is as expected within 1.

    Systematic sampling over the people in order of strata of like probability, in random order
    within a stratum: also the number of converters of a stratum is as expected within 1.
    """
    rank = np.argsort(np.argsort(probability, kind="stable"), kind="stable")
    order = np.lexsort((rng.random(len(probability)), rank // _STRATUM))
    reached = np.floor(np.cumsum(probability[order]) + rng.random())
    outcome = np.empty(len(probability), dtype=int)
    outcome[order] = np.diff(reached, prepend=0.0).astype(int)
    return outcome


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -np.asarray(logit)))


def _dot(features: pd.DataFrame, weights: pd.Series) -> np.ndarray:
    # einsum, not a matrix product: its rounding may depend on the number of threads.
    return np.einsum("ij,j->i", features.to_numpy(), weights.to_numpy())
