"""What the latents of each model tell of cluster and outcome, in one table."""

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.intervals import percentile_interval
from armed_study.reconstruction.separating import (
    distances,
    read_cluster,
    separation,
    standardised,
)
from armed_study.reconstruction.summarising import cells_of
from armed_study.roster import codes_of

KEYS = ("study", "model", "fold", "seed", "partition", "assignment", "sample")
BY = {
    "distance_one_source": "cluster",
    "distance_one_cluster": "source",
    "distance_ratio": "cluster",
}


def score_latents(
    latents: pd.DataFrame,
    samples: pd.DataFrame,
    sources: pd.Series,
    *,
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """Score the latents of seen test samples, standardised on these, replica by replica.

    Values, and draws of the bootstrap, are means over folds and seeds.

    Parameters
    ----------
    latents
        Table ``latents`` of all models, or of some; latents that a model does not have are empty.
    samples
        Table ``samples``.
    sources
        Where each sample is from (its PDX), by its name.
    seed, draws
        Of the bootstrap of cells, and of the halves of the classifier of the cluster.

    Returns
    -------
    DataFrame
        Table ``latent_scores``.
    """
    tested = latents[latents["partition"] == "test"]
    made = []
    for (study, model), part in tested.groupby(["study", "model"], observed=True, sort=False):
        replicas = [
            _score_replica(own, samples, sources, seed=seed, draws=draws)
            for _, own in part.groupby(["fold", "seed"], sort=True)
        ]
        for metric, by in replicas[0]:
            found = np.mean([scores[metric, by][0] for scores in replicas], axis=0)
            low, high = percentile_interval(found[1:])
            chance = float(np.mean([scores[metric, by][1] for scores in replicas]))
            made.append((study, model, metric, by, found[0], low, high, chance))
    columns = ["study", "model", "metric", "by", "value", "low", "high", "chance"]
    return pd.DataFrame(made, columns=columns)


def _score_replica(
    part: pd.DataFrame, samples: pd.DataFrame, sources: pd.Series, *, seed: int, draws: int
) -> dict[tuple[str, str], tuple[np.ndarray, float]]:
    """Value and draws, (1 + draws,), and value of a guess, by metric and what is told apart."""
    values = part.drop(columns=list(KEYS)).dropna(axis=1, how="all").to_numpy()
    place = codes_of(part["sample"], pd.Index(samples["sample"].astype(str).to_numpy(object)))
    cells = cells_of(part["sample"], samples)
    clusters = samples["cluster"].astype(str).to_numpy()[place]
    outcome = samples["outcome"].to_numpy()[place]
    if not np.isfinite(values).all():
        raise DataError(
            f"model '{part['model'].iloc[0]}': {np.sum(~np.isfinite(values))} latents are no numbers, "
            "expected numbers; look at its training history and train it again"
        )
    latents = standardised(values)
    found = {}
    for by, labels in (("cluster", clusters), ("outcome", outcome)):
        for metric, value in separation(latents, labels).items():
            found[metric, by] = np.array([value]), np.nan
    of_cells = _cells(latents, cells, clusters, _sources(part["sample"], sources))
    apart = distances(*of_cells, draws=draws, seed=seed)
    found |= {(metric, BY[metric]): (values, np.nan) for metric, values in apart.items()}
    read = read_cluster(latents, clusters, cells, draws=draws, seed=seed)
    return found | {("cluster_balanced_accuracy", "cluster"): read}


def _cells(
    latents: np.ndarray, cells: np.ndarray, clusters: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean latents, cluster and source of each cell."""
    _, first, code = np.unique(cells, return_index=True, return_inverse=True)
    means = pd.DataFrame(latents).groupby(code).mean().to_numpy()
    return means, clusters[first], sources[first]


def _sources(names: pd.Series, sources: pd.Series) -> np.ndarray:
    found = sources.reindex(names.astype(str))
    if found.isna().any():
        raise DataError(
            f"sample '{found.index[found.isna()][0]}' has latents and no source, expected every sample "
            "in the table of frames; prepare the images again"
        )
    return found.to_numpy()
