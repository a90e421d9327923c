"""What the latents of each model tell of cluster and outcome, in one table."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.image_summaries import cells_of
from armed_study.interpretation.latents.separation import (
    distances,
    read_cluster,
    separation,
    standardised,
)
from armed_study.io.schemas import TABLES
from armed_study.messages import counted
from armed_study.statistics.bootstrap import percentile_interval

BY = {
    "distance_one_source": "cluster",
    "distance_one_cluster": "source",
    "distance_ratio": "cluster",
}


class Cells(NamedTuple):
    """Mean latents (cells, latents), cluster and source (cells,) of each cell."""

    latents: np.ndarray
    clusters: np.ndarray
    sources: np.ndarray


def score_latents(
    latents: pd.DataFrame,
    samples: pd.DataFrame,
    sources: pd.Series,
    *,
    seed: int,
    draws: int = 1000,
) -> pd.DataFrame:
    """Make table ``latent_scores``: latents of seen test samples, standardised on these, by replica.

    Values, and draws of the bootstrap, are means over folds and seeds.

    Parameters
    ----------
    latents
        Table ``latents`` of all models, or of some; latents that a model does not have are empty.
    sources
        Where each sample is from (its PDX), by its name.
    seed, draws
        Of the bootstrap of cells, and of the halves of the classifier of the cluster.
    """
    tested = latents[latents["partition"] == "test"]
    made = []
    models = tested.groupby(["study", "model"], observed=True, sort=False)
    for (study, model), part in tqdm(models, desc="latents", unit="model"):
        replicas = [
            _score_replica(own, samples, sources, seed=seed, draws=draws)
            for _, own in part.groupby(["fold", "seed"], sort=True)
        ]
        for metric, by in replicas[0]:
            found = np.mean([scores[metric, by][0] for scores in replicas], axis=0)
            low, high = percentile_interval(found[1:])
            chance = float(np.mean([scores[metric, by][1] for scores in replicas]))
            made.append((study, model, metric, by, found[0], low, high, chance))
    return pd.DataFrame(made, columns=TABLES["latent_scores"].names)


def values_of(part: pd.DataFrame) -> np.ndarray:
    """Return the values (samples, latents) of rows of ``latents``, or ``hidden_features``, of one model.

    Raises
    ------
    DataError
        Where some are no numbers.
    """
    keys = TABLES["latents"].names
    values = part.drop(columns=keys, errors="ignore").dropna(axis=1, how="all").to_numpy()
    if lacking := int(np.count_nonzero(~np.isfinite(values))):
        raise DataError(
            f"model '{part['model'].iloc[0]}': found {counted(lacking, 'latent')} without a value, "
            "expected numbers; look at its training history and train it again"
        )
    return values


def mean_cells(part: pd.DataFrame, samples: pd.DataFrame, sources: pd.Series) -> Cells:
    """Average the frames of each cell; latents are standardised on all frames of the part.

    Parameters
    ----------
    part
        Rows of the table ``latents``: a model's seen test samples of one fold and seed.
    samples, sources
        See `score_latents`.
    """
    own = sources.reindex(part["sample"].astype(str))
    if own.isna().any():
        raise DataError(
            f"sample '{own.index[own.isna()][0]}' has latents and no source, expected every sample "
            "in the table of frames; prepare the images again"
        )
    clusters = _known(part, samples)["cluster"].to_numpy()
    cells = cells_of(part["sample"], samples)
    _, first, code = np.unique(cells, return_index=True, return_inverse=True)
    means = pd.DataFrame(standardised(values_of(part))).groupby(code).mean().to_numpy()
    return Cells(means, clusters[first], own.to_numpy()[first])


def _score_replica(
    part: pd.DataFrame, samples: pd.DataFrame, sources: pd.Series, *, seed: int, draws: int
) -> dict[tuple[str, str], tuple[np.ndarray, float]]:
    """Value and draws, (1 + draws,), and value of a guess, by metric and what is classified."""
    latents, known = standardised(values_of(part)), _known(part, samples)
    found = {}
    for by in ("cluster", "outcome"):
        for metric, value in separation(latents, known[by].to_numpy()).items():
            found[metric, by] = np.array([value]), np.nan
    apart = distances(*mean_cells(part, samples, sources), draws=draws, seed=seed)
    found |= {(metric, BY[metric]): (values, np.nan) for metric, values in apart.items()}
    clusters, cells = known["cluster"].to_numpy(), cells_of(part["sample"], samples)
    read = read_cluster(latents, clusters, cells, draws=draws, seed=seed)
    return found | {("cluster_balanced_accuracy", "cluster"): read}


def _known(part: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Rows of the samples table of some latents, clusters as text."""
    names = pd.Index(samples["sample"].astype(str).to_numpy(object))
    return samples.iloc[codes_of(part["sample"], names)].astype({"cluster": str})
