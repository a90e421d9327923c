"""Measures of a data set beside published descriptives of the same groups."""

import pandas as pd

_COLUMNS = (
    "group", "measure", "mean", "sd", "n", "published_mean", "published_sd", "published_n",
    "source", "difference", "sd_ratio",
)  # fmt: skip


def compare_descriptives(measures: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Set mean and s.d. of each measure in each group beside the published ones.

    Parameters
    ----------
    measures
        The study's table `descriptives`: group, measure, count, mean, sd.
    published
        group, measure, mean, sd, n, source.

    Returns
    -------
    pd.DataFrame
        One row for each published one, in its order. `difference` is mean less published mean, in
        published s.d.; `sd_ratio` s.d. by published s.d. Both, like mean and sd, are missing where
        the data do not hold the measure. No rows where the source has no descriptives.
    """
    keys = ["group", "measure"]
    found = measures.astype({"group": str, "measure": str}).rename(columns={"count": "n"})
    theirs = published.astype({"group": str, "measure": str})
    theirs = theirs.rename(columns={name: f"published_{name}" for name in ("mean", "sd", "n")})
    result = theirs.merge(found, on=keys, how="left", validate="one_to_one")
    scale = result["published_sd"].where(result["published_sd"] > 0)
    result["difference"] = (result["mean"] - result["published_mean"]) / scale
    result["sd_ratio"] = result["sd"] / scale
    result["n"] = result["n"].fillna(0).astype(int)
    return result[list(_COLUMNS)] if len(measures) else result[list(_COLUMNS)].iloc[:0]
