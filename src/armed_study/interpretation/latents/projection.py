"""Latents of each model in two dimensions: principal components and UMAP."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from tqdm import tqdm

from armed_study.interpretation.latents.latents import values_of
from armed_study.interpretation.latents.separation import standardised
from armed_study.io.tables import empty_table

PCA_MAP, UMAP_MAP = "pca", "umap"
MOST = 2000
NEIGHBOURS, LEAST_DISTANCE = 15, 0.1  # of UMAP, its own defaults
_FEWEST = 4  # samples of a map


def project_latents(latents: pd.DataFrame, *, seed: int, most: int = MOST) -> pd.DataFrame:
    """Make table ``latent_maps``: latents of seen test samples in the plane, of the first fold and seed.

    Latents are standardised on all these samples. The maps show the same ones of them for all models,
    at most ``most``, drawn at random and in the order drawn: those of one date do not cover the others.
    Principal components are those of all samples; UMAP starts from the components of the samples
    shown. A model of fewer than four samples, or whose latents are constant, has no map.

    Parameters
    ----------
    latents
        Table ``latents`` of all models.
    seed
        Of the lot and of UMAP.

    References
    ----------
    McInnes, Healy and Melville 2018, arXiv:1802.03426 (UMAP).
    """
    tested = latents[latents["partition"] == "test"]
    made = []
    models = tested.groupby(["study", "model"], observed=True, sort=False)
    for (study, model), part in tqdm(models, desc="projecting", unit="model"):
        first = part[part["fold"] == part["fold"].min()]
        first = first[first["seed"] == first["seed"].min()].sort_values("sample")
        values = standardised(values_of(first))
        for projection, shown, places, shares in _maps(values, np.random.default_rng(seed), most):
            about = {"study": study, "model": model, "projection": projection}
            names = first["sample"].astype(str).to_numpy()[shown]
            rows = {**about, "sample": names, "x": places[:, 0], "y": places[:, 1]}
            made.append(pd.DataFrame({**rows, "x_explained": shares[0], "y_explained": shares[1]}))
    return pd.concat(made, ignore_index=True) if made else empty_table("latent_maps")


def _maps(
    values: np.ndarray, generator: np.random.Generator, most: int
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield the name of each map, samples shown, their places (shown, 2) and shares of variance (2,)."""
    if len(values) < _FEWEST or not values.any():
        return
    values = np.pad(values, ((0, 0), (0, max(2 - values.shape[1], 0))))  # a plane of one latent too
    shown = generator.permutation(len(values))[:most]
    pca = PCA(n_components=2, svd_solver="full").fit(values)
    yield PCA_MAP, shown, pca.transform(values[shown]), pca.explained_variance_ratio_
    places = _umap(values[shown], int(generator.integers(2**32)))
    yield UMAP_MAP, shown, places, np.full(2, np.nan)


def _umap(values: np.ndarray, seed: int) -> np.ndarray:
    """Places (samples, 2); the same on any number of cores."""
    from umap import UMAP  # compiles for a while when it is imported

    size = {"n_neighbors": min(NEIGHBOURS, len(values) - 1), "min_dist": LEAST_DISTANCE}
    return UMAP(**size, init="pca", random_state=seed, n_jobs=1).fit_transform(values)
