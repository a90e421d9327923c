"""Is attribution where the disease is? Scores of maps against the true ones."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from tqdm import tqdm

from armed.errors import DataError
from armed_study.data.pictures import enlarge, shrink
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.maps import to_maps
from armed_study.vocabulary.terms import ORACLE

_TOGETHER = ["fold", "seed", "partition", "effect", "sample"]  # maps of one image, by model
_SCORES = ("inside", "uniform", "auroc", "agreement", "empty")
_NO_SEED = -1  # of the true map, which no model makes
_TEXT = ["model", "partition", "by", "effect", "sample"]


def inside_share(maps: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Share of the attribution of maps (maps, height, width), at least 0, inside (a mask), (maps,).

    Of all that there is on the image, in the brain or not: the energy of the pointing game. Even
    attribution, and none at all, has the share of the pixels that are inside.

    References
    ----------
    Wang et al., Score-CAM, CVPR workshops 2020.
    """
    total, part = maps.sum(axis=(1, 2)), maps[:, inside].sum(axis=1)
    return np.divide(part, total, out=np.full(len(maps), inside.mean()), where=total > 0)


def auroc(ranks: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Chance that a pixel inside (a mask) has more attribution than another one, ties half, (maps,).

    Of ranks (maps, pixels). 0.5 for even attribution and for none; NaN where no or every pixel is inside.
    """
    count = int(inside.sum())
    pairs = count * (inside.size - count)
    wins = ranks[:, inside].sum(axis=1) - count * (count + 1) / 2
    return wins / pairs if pairs else np.full(len(ranks), np.nan)


def agreement(ranks: np.ndarray) -> np.ndarray:
    """Mean rank correlation of each map, by its ranks (maps, pixels), with the others, (maps,).

    Spearman's, of the pairs in which neither map is even; NaN where there is none.
    """
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    scaled = np.divide(centred, size, out=np.full_like(centred, np.nan), where=size > 0)
    # Sums without a matrix product: its rounding may depend on the number of threads.
    together = np.einsum("ip,jp->ij", scaled, scaled)
    np.fill_diagonal(together, np.nan)
    pairs = np.isfinite(together).sum(axis=1)
    none = np.full(len(ranks), np.nan)
    return np.divide(np.nansum(together, axis=1), pairs, out=none, where=pairs > 0)


def score_attribution(
    attribution: pd.DataFrame,
    samples: pd.DataFrame,
    images: np.ndarray,
    disease_maps: np.ndarray,
    *,
    threshold: float,
) -> pd.DataFrame:
    """Make table ``attribution_scores``: maps of attribution against the true maps of the disease.

    Inside is where the true map, 0 to 1, is at least ``threshold``; the brain is where the image is
    above 0. Maps are enlarged to the size of the images first. Rows of the model ``oracle`` are of the
    true map itself in as many places as a method's maps have: no map of that size can do better.

    Parameters
    ----------
    attribution, samples
        Tables; maps under every cluster's effects are not scored.
    images, disease_maps : ndarray, shape (samples, 1, size, size)
        In the order of the samples; ``disease_maps`` NaN where it was not asked for.
    threshold
        Above 0.

    Raises
    ------
    DataError
        When images and true maps do not fit the samples, or a map has no truth.
    """
    if disease_maps.shape != images.shape or len(disease_maps) != len(samples):
        raise DataError(
            f"true maps have shape {disease_maps.shape} and images {images.shape} for {len(samples)} "
            "samples, expected one of each, of one size; delete disease_maps.npy and run the workflow again"
        )
    names = pd.Index(samples["sample"].astype(str).to_numpy(dtype=object))
    own = attribution[attribution["cluster"].astype(str) == ""]
    parts = []
    for _, table in own.groupby("by", sort=False, observed=True):
        keys, maps = _with_oracle(*to_maps(table), names, disease_maps)
        place = codes_of(keys["sample"], names)
        scores = {name: np.empty(len(keys)) for name in _SCORES}
        for rows in tqdm(keys.groupby(_TOGETHER, sort=False).indices.values(), desc="scoring"):
            image, inside = images[place[rows[0]], 0], disease_maps[place[rows[0]], 0] >= threshold
            found = _score_image(maps[rows], inside, image > 0)
            for name, values in zip(_SCORES, found, strict=True):
                scores[name][rows] = values
        about = {"outcome": samples["outcome"].to_numpy()[place], "empty": scores["empty"] == 1}
        parts.append(keys.assign(**scores | about))
    return pd.concat(parts, ignore_index=True)


def _with_oracle(
    keys: pd.DataFrame, maps: np.ndarray, names: pd.Index, disease_maps: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Add the true maps in as many places; `DataError` if there is none of a sample."""
    keys = keys.astype(dict.fromkeys(_TEXT, str))
    once = keys.drop_duplicates(["fold", "partition", "sample"])
    known = disease_maps[codes_of(once["sample"], names), 0]
    unknown = ~once["sample"].isin(names) | ~np.isfinite(known).all(axis=(1, 2))
    if unknown.any():
        raise DataError(
            f"sample '{once.loc[unknown, 'sample'].iloc[0]}' has attribution and no true map, "
            "expected both; delete disease_maps.npy and run the workflow again"
        )
    best = shrink(known, maps.shape[1]).astype(maps.dtype)
    oracle = once.assign(model=ORACLE, effect="fixed", seed=_NO_SEED)
    return pd.concat([keys, oracle], ignore_index=True), np.concatenate([maps, best])


def _score_image(
    maps: np.ndarray, inside: np.ndarray, brain: np.ndarray
) -> tuple[np.ndarray | float, ...]:
    """`_SCORES` of the models' maps (models, rows, columns) of one image."""
    large = enlarge(maps, len(inside))
    ranks = rankdata(large[:, brain], axis=1)
    return (
        inside_share(large, inside),
        float(inside.mean()),
        auroc(ranks, inside[brain]),
        agreement(ranks),
        np.logical_not(maps.any(axis=(1, 2))),
    )
