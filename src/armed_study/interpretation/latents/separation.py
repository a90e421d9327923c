"""How far latents tell clusters, sources and outcomes apart."""

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score
from sklearn.preprocessing import StandardScaler

from armed_study.interpretation.image_summaries import draw_cells


def standardised(latents: np.ndarray) -> np.ndarray:
    """Bring every latent of (samples, latents) to mean 0 and s.d. 1; a constant one to 0."""
    return StandardScaler().fit_transform(latents.astype(np.float64))


def separation(latents: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Davies-Bouldin and Calinski-Harabasz index of samples (samples, latents) by their labels.

    Davies-Bouldin is 0 for labels far apart and higher the more they overlap; Calinski-Harabasz is
    about 1 where labels mean nothing and higher the farther they are apart. Both are NaN where there
    are not at least two labels, and fewer labels than samples.
    """
    if not 1 < len(np.unique(labels)) < len(labels):
        return {"davies_bouldin": np.nan, "calinski_harabasz": np.nan}
    return {
        "davies_bouldin": float(davies_bouldin_score(latents, labels)),
        "calinski_harabasz": float(calinski_harabasz_score(latents, labels)),
    }


def distances(
    latents: np.ndarray, clusters: np.ndarray, sources: np.ndarray, *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    """Median Euclidean distance between cells, by what the two have in common.

    Parameters
    ----------
    latents : ndarray, shape (cells, latents)
        Of each cell the mean of its frames.
    clusters, sources : ndarray, shape (cells,)
        Date and PDX of each cell.
    draws, seed
        Of the bootstrap of cells; a pair counts as often as both its cells are drawn together.

    Returns
    -------
    dict
        ``distance_one_source`` (one source, two clusters), ``distance_one_cluster`` (two sources, one
        cluster) and ``distance_ratio``, the first by the second: 1 if the cluster separates cells as
        much as the source does. Each (1 + draws,): the value, then the draws; NaN without such
        pairs.
    """
    first, second = np.triu_indices(len(latents), 1)
    apart = pdist(latents)  # in the order of these indices
    one_cluster, one_source = (each[first] == each[second] for each in (clusters, sources))
    weights = np.vstack([np.ones(len(latents)), draw_cells(len(latents), draws=draws, seed=seed)])
    found = {}
    for name, pairs in (
        ("distance_one_source", one_source & ~one_cluster),
        ("distance_one_cluster", one_cluster & ~one_source),
    ):
        found[name] = _medians(apart[pairs], first[pairs], second[pairs], weights)
    found["distance_ratio"] = found["distance_one_source"] / found["distance_one_cluster"]
    return found


def _medians(
    values: np.ndarray, first: np.ndarray, second: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Weighted median of pairs by draw; of equal weights the lower of two middle ones."""
    order = np.argsort(values, kind="stable")
    values, first, second = values[order], first[order], second[order]
    medians = np.full(len(weights), np.nan)
    for number, weight in enumerate(weights):
        below = np.cumsum(weight[first] * weight[second])
        if len(below) and below[-1] > 0:
            medians[number] = values[np.searchsorted(below, below[-1] / 2)]
    return medians


def read_cluster(
    latents: np.ndarray, clusters: np.ndarray, cells: np.ndarray, *, draws: int, seed: int
) -> tuple[np.ndarray, float]:
    """Balanced accuracy of telling the cluster of a sample from its latents, and that of a guess.

    A multinomial logistic regression (balanced classes, L2) is trained on half of the cells of every
    cluster and scored on the others; clusters of a single cell are left out. Of the bootstrap, cells are
    drawn within clusters.

    Parameters
    ----------
    latents : ndarray, shape (samples, latents)
        Standardised.
    clusters, cells : ndarray, shape (samples,)
    draws, seed
        Of the bootstrap; ``seed`` also deals the cells to the halves.

    Returns
    -------
    (1 + draws,), the value and then the draws; and 1 / clusters. NaN with fewer than two clusters.
    """
    generator = np.random.default_rng(seed)
    halves = _halves(clusters, cells, generator)
    kept = np.unique(clusters[halves == 1])
    if len(kept) < 2:
        return np.full(1 + draws, np.nan), np.nan
    model = LogisticRegression(class_weight="balanced", max_iter=5000)
    model.fit(latents[halves == 0], clusters[halves == 0])
    tested = halves == 1
    correct = model.predict(latents[tested]) == clusters[tested]
    rates = [
        _rates(correct[own], cells[tested][own], draws, generator)
        for own in (clusters[tested] == name for name in kept)
    ]
    return np.mean(rates, axis=0), 1 / len(kept)


def _halves(clusters: np.ndarray, cells: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """0 to train, 1 to score, -1 to leave out, by sample; of an odd number one more to train."""
    halves = np.full(len(cells), -1)
    for cluster in np.unique(clusters):
        own = generator.permutation(np.unique(cells[clusters == cluster]))
        if len(own) > 1:
            inside = clusters == cluster
            halves[inside] = np.isin(cells[inside], own[(len(own) + 1) // 2 :])
    return halves


def _rates(
    correct: np.ndarray, cells: np.ndarray, draws: int, generator: np.random.Generator
) -> np.ndarray:
    """Share of correct samples of a cluster, (1 + draws,)."""
    code = np.unique(cells, return_inverse=True)[1]
    counts, sums = np.bincount(code), np.bincount(code, correct)
    shares = np.full(len(counts), 1 / len(counts))
    weights = np.vstack([np.ones(len(counts)), generator.multinomial(len(counts), shares, draws)])
    return (weights @ sums) / (weights @ counts)
