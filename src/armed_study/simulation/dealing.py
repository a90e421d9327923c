"""What the generators of images have in common: what is dealt, and the truth in its long form."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import logit, ndtri


def deal_quantiles(
    rng: np.random.Generator, table: pd.DataFrame, strata: list[str], cluster: str
) -> np.ndarray:
    """Deal the normal quantiles of each stratum so that its clusters all get low and high ones."""
    dealt = np.zeros(len(table))
    for _, block in table.groupby(strata):
        sizes = block.groupby(cluster)[cluster].transform("size").to_numpy()
        place = np.concatenate([rng.permutation(n) for n in block.groupby(cluster).size()])
        order = np.argsort((place + rng.random(len(block))) / sizes, kind="stable")
        dealt[block.index[order]] = ndtri((np.arange(len(block)) + 0.5) / len(block))
    return dealt


def cluster_truth(
    share: pd.Series, overall: float, name: str, effects: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return cluster, quantity and value, rounded to 6 decimals.

    Quantities are, of clusters with a known share of cases, prevalence and intercept (its logit
    less that of all samples), and ``name[<parameter>]`` for the parameters in `effects`.
    """
    wide = pd.DataFrame({"prevalence": share, "intercept": logit(share) - logit(overall)})
    known = wide.rename_axis("cluster").reset_index().melt("cluster", var_name="quantity")
    rows = [
        (cluster, f"{name}[{parameter}]", round(value, 6))
        for cluster, parameters in effects.items()
        for parameter, value in parameters.items()
    ]
    known["value"] = known["value"].round(6)
    return pd.concat([known, pd.DataFrame(rows, columns=list(known))], ignore_index=True)
