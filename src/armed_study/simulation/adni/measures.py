"""Baseline measures of the simulated ADNIMERGE: their latent structure, units, ranges and steps.

Behind the measures stand twelve factors (age, sex, education, head size, APOE e4, amyloid, tau,
temporal atrophy, hypometabolism, impairment of memory, of executive and of daily function), each of
unit variance and linked by paths, ``f = sum(path * parent) + innovation``
(``resources/simulated_adni_factors.csv``). A measure has a latent ``z = sum(loading * factor) + unique``,
standard normal among participants with mild cognitive impairment (MCI) and in the direction of
impairment where there is one, and becomes a value by a piecewise linear map through its values at
``z = -4 ... 6``: skewed, with floors and ceilings (``resources/simulated_adni_measures.csv``; site_sd is
the spread over sites of the latent's shift by scanner, camera, assay or rater). Other diagnoses
follow the same distribution, moved along the latents by columns normal and dementia.

Some measures follow from others as they do in ADNI: ADAS13 is ADAS11 and two items; the RAVLT
forgetting score and its percentage refer to the fifth trial; an mPACC is the sum of four scores
standardised to normal cognition.

Moments of age, education, CDR-SB, ADAS13 and MMSE by diagnosis follow the enrolment tables of the
ADNIMERGE R package (``data/published_adni.csv``); those of the other measures have the order of
size known of ADNI and are taken from no document. None was chosen with a trained model in view.
"""

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

KNOTS = np.arange(-4.0, 7.0)
_KNOT_COLUMNS = [f"at{knot:+.0f}" for knot in KNOTS]
MALE_ABOVE = -0.23  # 59 % men among MCI
E4_ABOVE = (0.02, 1.23)  # one, two e4 alleles: 49, 40 and 11 % of MCI
EMCI_LIMITS, LMCI_LIMITS = (11, 9, 6), (8, 4, 2)  # of delayed recall, by education
WORDS = 15  # of the RAVLT list
_DIGITS = {1: 0, 2: 1, 3: 2, 10: 1, 100: 2, 100_000: 5}  # by the steps of a unit

# Normal cognition, to which an mPACC standardises its parts: mean, s.d.; the sign of better.
_PACC_PARTS = {
    "ADASQ4_bl": (2.9, 1.75, -1.0),
    "LDELTOTAL_BL": (13.2, 3.3, 1.0),
    "MMSE_bl": (29.06, 1.15, 1.0),
}
_PACC_LAST = {
    "mPACCdigit_bl": ("DIGITSCOR_bl", 46.0, 10.5, 1.0),
    "mPACCtrailsB_bl": ("TRABSCOR_bl", 4.37, 0.44, -1.0),  # of the logarithm
}


@cache
def read_resource(name: str) -> pd.DataFrame:
    """Return a table that the package ships; its first column is the index."""
    folder = resources.files("armed_study").joinpath("resources")
    with folder.joinpath(name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, index_col=0)


def measure_table() -> pd.DataFrame:
    """Return loadings, map, range and shifts of each measure; index: measure."""
    return read_resource("simulated_adni_measures.csv")


@cache
def latent_correlation() -> np.ndarray:
    """Return the correlation of the latents that loadings and paths imply, (measures, measures)."""
    paths = read_resource("simulated_adni_factors.csv")
    factors = np.eye(len(paths))
    for row, weights in enumerate(paths.to_numpy()):  # parents stand before their children
        covariance = np.einsum("j,jk->k", weights, factors)
        factors[row, :row] = factors[:row, row] = covariance[:row]
    loadings = measure_table()[list(paths.index)].to_numpy()
    whole = np.einsum("ij,jk,lk->il", loadings, factors, loadings)
    np.fill_diagonal(whole, 1.0)
    return whole


def latent_draws(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw latents of people with MCI, shape (count, measures)."""
    root = np.linalg.cholesky(latent_correlation())
    # einsum, not a matrix product: its rounding may depend on the number of threads.
    return np.einsum("ij,kj->ik", rng.standard_normal((count, len(root))), root)


def with_exact_moments(latents: np.ndarray) -> np.ndarray:
    """Move latents linearly so that their mean is 0 and their covariance that of the distribution."""
    centred = latents - latents.mean(axis=0)
    covariance = np.einsum("ij,ik->jk", centred, centred) / len(centred)
    own, wanted = np.linalg.cholesky(covariance), np.linalg.cholesky(latent_correlation())
    turn = np.einsum("ij,jk->ik", wanted, np.linalg.inv(own))
    return np.einsum("ij,kj->ik", centred, turn)


def to_measures(latents: np.ndarray, noise: np.ndarray, *, mci: bool) -> pd.DataFrame:
    """Turn latents (people, measures) into the measures of a baseline visit, complete.

    Parameters
    ----------
    noise : array (people,)
        Standard normal: how far the fifth trial of the RAVLT departs from what the sum and the
        learning score say.
    mci
        Whether these are people with MCI, whose delayed recall is at most `recall_limit`.
    """
    table = measure_table()
    drawn = {
        name: _rounded(np.interp(latents[:, j], KNOTS, row[_KNOT_COLUMNS].to_numpy(float)), row)
        for j, (name, row) in enumerate(table.iterrows())
    }
    frame = pd.DataFrame(drawn)
    frame["PTGENDER"] = np.where(frame["PTGENDER"] > MALE_ABOVE, "Male", "Female")
    frame["APOE4"] = sum((frame["APOE4"] > threshold).astype(int) for threshold in E4_ABOVE)
    if mci:
        limit = recall_limit(frame["PTEDUCAT"], EMCI_LIMITS)
        frame["LDELTOTAL_BL"] = np.minimum(frame["LDELTOTAL_BL"], limit)
    frame["ADAS13_bl"] = (frame["ADAS11_bl"] + frame["ADASQ4_bl"] + frame["cancellation"]).round(2)
    _add_ravlt(frame, noise)
    _add_pacc(frame)
    return frame.drop(columns=["cancellation", "percentage"])


def recall_limit(education: pd.Series, limits: tuple[int, int, int]) -> np.ndarray:
    """Return the most words that a diagnosis allows, for 16, 8 and fewer years of education."""
    return np.select([education >= 16, education >= 8], limits[:2], limits[2])


def _rounded(values: np.ndarray, row: pd.Series) -> np.ndarray:
    clipped = np.clip(values, row["low"], row["high"])
    if (per_unit := row["per_unit"]) == 0:
        return clipped
    return np.round(np.round(clipped * per_unit) / per_unit, _DIGITS[per_unit])


def _add_ravlt(frame: pd.DataFrame, noise: np.ndarray) -> None:
    """Add forgetting, number and percentage of the words of the fifth trial."""
    total, learning = frame["RAVLT_immediate_bl"], frame["RAVLT_learning_bl"]
    fifth = (total / 5 + 0.4 * learning + 0.5 * noise).round()
    fifth = fifth.clip(np.maximum(learning, 1), WORDS)
    frame["RAVLT_forgetting_bl"] = (frame["percentage"] / 100 * fifth).round()
    share = 100 * frame["RAVLT_forgetting_bl"] / fifth
    frame["RAVLT_perc_forgetting_bl"] = share.round(4)


def _add_pacc(frame: pd.DataFrame) -> None:
    parts = sum(sign * (frame[c] - m) / s for c, (m, s, sign) in _PACC_PARTS.items())
    for name, (column, mean, spread, sign) in _PACC_LAST.items():
        last = np.log(frame[column]) if column == "TRABSCOR_bl" else frame[column]
        frame[name] = (parts + sign * (last - mean) / spread).round(5)
