"""Variance components and shares of the variance over the replicas of a model."""

import pandas as pd

_KEYS = ["study", "model", "group", "term"]


def summarise_variances(variances: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Means over the replicas of each model, and how far replicas differ.

    Parameters
    ----------
    variances
        Tables `variance_components` of the study's models.

    Returns
    -------
    dict of DataFrame
        ``variance_components``: study, model, group, term; ``mean`` over replicas; ``low`` and ``high``, the
        means of the ends of each replica's own 95 % interval; ``sd_replicas``, the s.d. over replicas;
        ``singular``, the number of replicas whose effect has no variance of its own; ``replicas``.
        ``icc_r2``: the same of shares, which have no interval within a replica, and a group only where they
        are of one of several cluster factors.
    """
    text = variances.astype(dict.fromkeys(_KEYS, str))
    # of each model as the model has them, for effects of one kind to stand together
    grouped = text.groupby(_KEYS, sort=False)
    found = grouped.agg(
        mean=("estimate", "mean"),
        low=("low", "mean"),
        high=("high", "mean"),
        sd_replicas=("estimate", "std"),
        singular=("singular", "sum"),
        replicas=("estimate", "size"),
    ).reset_index()
    found["singular"] = found["singular"].astype(int)
    shares = ~found["term"].astype(str).str.match("sd__|cor__")
    kept = [*_KEYS, "mean", "sd_replicas", "replicas"]
    return {
        "variance_components": found[~shares].reset_index(drop=True),
        "icc_r2": found.loc[shares, kept].reset_index(drop=True),
    }
