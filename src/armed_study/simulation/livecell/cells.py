"""What is hidden in the simulated cells, and the true scores.

Two traits, in standard deviations within a PDX: ``e``, how far pseudopodia extend, and ``s``, how
strongly the cell scatters light, which Zaritsky et al. (2021) found to be the marks of efficient
metastasis. With ``u = (0.8, 0.6)``, for a cell of PDX ``p`` of kind ``c = +-1/2`` (+: high)::

    (e, s) = (c D + b_p) u + noise,  noise ~ N(0, I),  b_p ~ N(0, B^2),  D = 1.9, B = 0.35
    logit P(high | e, s) = logit P(high) + D q / (1 + B^2),  q = u . (e, s)

so AUROC = Phi(D / sqrt(2 (1 + B^2))) = 0.898 from the traits alone, and about 0.91 where the share
of highly metastatic cells on the date is known too.

What is dealt, so that it holds for every seed: the ``b_p``; the ``q`` of a PDX on seen, and on unseen
dates, which are the quantiles of their distribution, each date having low and high ones. What is drawn: the
part of the traits that tells nothing, and all else about a cell (`body`).

References
----------
Zaritsky et al. 2021, Interpretable deep learning uncovers cellular properties in label-free live cell
images that are predictive of highly metastatic melanoma, Cell Systems 12:733.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from armed_study.simulation.dealing import deal_quantiles
from armed_study.simulation.livecell.names import HIGH, LivecellSettings, cells, phenotype, roles

SEPARATION, BETWEEN = 1.9, 0.35
DIRECTION = np.array([0.8, 0.6])  # of extension and scatter
SHIFTS_HIGH = np.array([-1, 0, 1]) * BETWEEN * np.sqrt(3 / 2)
SHIFTS_LOW = np.array([-1, -1 / 3, 1 / 3, 1]) * BETWEEN * np.sqrt(9 / 5)

# First entry of every spawn key: keeps these streams apart from others made of the same seed.
STREAM = 4005
TRAITS, APPEARANCE, BODY, FIELD, NOISE = range(5)


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the random stream of one thing: the traits, a cell, a frame."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(STREAM, *key)))


@lru_cache(maxsize=8)
def traits(settings: LivecellSettings, seed: int) -> pd.DataFrame:
    """Return one row a cell: number, pdx, date, name, seen, cell, outcome, shift, extension, scatter.

    The table is kept: change a copy.
    """
    table = pd.DataFrame(cells(settings, seed))
    table["cell"] = table["pdx"] + "/" + table["name"]
    table["outcome"] = [int(phenotype(seed, pdx) == HIGH) for pdx in table["pdx"]]
    shift = dict(zip(roles(seed), [*SHIFTS_HIGH, *SHIFTS_LOW], strict=True))
    table["shift"] = table["pdx"].map(shift)
    rng = stream(seed, TRAITS)
    mean = (table["outcome"] - 0.5) * SEPARATION + table["shift"]
    score = (mean + deal_quantiles(rng, table, ["seen", "pdx"], "date")).to_numpy()
    aside = rng.standard_normal(len(table))
    table["extension"] = (score * DIRECTION[0] - aside * DIRECTION[1]).round(6)
    table["scatter"] = (score * DIRECTION[1] + aside * DIRECTION[0]).round(6)
    return table


def cell_truth(settings: LivecellSettings, seed: int) -> pd.DataFrame:
    """Return what is true of each cell.

    Returns
    -------
    DataFrame
        cell (``P105/c0001``), pdx, date, outcome (1 for high), shift (that of the PDX), extension,
        scatter, oracle, oracle_no_cluster. The latter is the probability of high given the traits,
        the former that given the traits and the share of high cells on the date. A date of one
        PDX is one of which nobody knows the share: there both are the same.
    """
    table = traits(settings, seed)
    evidence = table[["extension", "scatter"]].to_numpy() @ DIRECTION
    evidence *= SEPARATION / (1 + BETWEEN**2)
    overall = table["outcome"].mean()
    share = table.groupby("date")["outcome"].transform("mean").where(table["seen"], overall)
    return table[["cell", "pdx", "date", "outcome", "shift", "extension", "scatter"]].assign(
        oracle=expit(logit(share) + evidence).round(6),
        oracle_no_cluster=expit(logit(overall) + evidence).round(6),
    )
