"""How far the cells of each source lie apart across clusters, and from other sources within them."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from armed_study.interpretation.latents.latents import Cells, mean_cells
from armed_study.io.tables import empty_table

_DISTANCES = ("one_source", "one_cluster")
_COUNTS = {"one_source": "cluster_pairs", "one_cluster": "source_pairs"}


def space_sources(latents: pd.DataFrame, samples: pd.DataFrame, sources: pd.Series) -> pd.DataFrame:
    """Measure two distances of each source (PDX) among seen test samples, by model.

    ``one_source``: median distance between its cells on two clusters (dates), averaged over its pairs
    of clusters; ``one_cluster``: between its cells and those of another source on the same cluster,
    averaged over such pairs. So no date counts for more because more cells were imaged on it. Latents are
    standardised and averaged over the frames of a cell; distances are means over folds and seeds.

    Parameters
    ----------
    latents, samples, sources
        See `armed_study.interpretation.latents.latents.score_latents`.

    Returns
    -------
    DataFrame
        Table ``latent_distances``; a distance of which a source has no pair is empty. `ratio` is the
        first distance by the second.
    """
    tested = latents[latents["partition"] == "test"]
    made = []
    for (study, model), part in tested.groupby(["study", "model"], observed=True, sort=False):
        replicas = [
            space_cells(mean_cells(own, samples, sources))
            for _, own in part.groupby(["fold", "seed"], sort=True)
        ]
        found = pd.concat(replicas).groupby("source", as_index=False).agg(
            {**dict.fromkeys(_DISTANCES, "mean"), **dict.fromkeys(_COUNTS.values(), "max")}
        )  # fmt: skip
        found["ratio"] = found["one_source"] / found["one_cluster"]
        made.append(found.assign(study=str(study), model=str(model)))
    return pd.concat(made, ignore_index=True) if made else empty_table("latent_distances")


def space_cells(cells: Cells) -> pd.DataFrame:
    """Measure the distances of each source of one replica, with the number of pairs they are of."""
    latents, clusters, names = cells
    strata = sorted({*zip(names, clusters, strict=True)})
    places = {
        (source, cluster): latents[(names == source) & (clusters == cluster)]
        for source, cluster in strata
    }
    apart: dict[str, dict[str, list[float]]] = {
        name: {source: [] for source, _ in strata} for name in _DISTANCES
    }
    for one, other in combinations(strata, 2):
        if (one[0] == other[0]) != (one[1] == other[1]):
            which = "one_source" if one[0] == other[0] else "one_cluster"
            distance = float(np.median(cdist(places[one], places[other])))
            for source in {one[0], other[0]}:
                apart[which][source].append(distance)
    rows = [
        {"source": source}
        | {name: np.mean(own) if (own := apart[name][source]) else np.nan for name in _DISTANCES}
        | {count: len(apart[name][source]) for name, count in _COUNTS.items()}
        for source in apart["one_source"]
    ]
    return pd.DataFrame(rows)
