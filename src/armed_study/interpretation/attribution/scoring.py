"""Is attribution where the disease is? Scores of maps against the true ones."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from tqdm import tqdm

from armed.errors import DataError
from armed_study.data.pictures import enlarge, shrink
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.maps import to_maps
from armed_study.statistics.auroc import Ranking
from armed_study.vocabulary.terms import ORACLE

_TOGETHER = ["fold", "seed", "partition", "effect", "sample"]  # maps of one image, by model
_TEXT = ["model", "partition", "by", "effect", "sample"]


def inside_share(attribution: np.ndarray, inside: np.ndarray) -> float:
    """Share of attribution (height, width), at least 0, that lies inside (a mask).

    Of all that there is on the image, in the brain or not: the energy of the pointing game. Even
    attribution, and none at all, has the share of the pixels that are inside.

    References
    ----------
    Wang et al., Score-CAM, CVPR workshops 2020.
    """
    total = float(attribution.sum())
    return float(attribution[inside].sum()) / total if total > 0 else float(inside.mean())


def auroc(attribution: np.ndarray, inside: np.ndarray, brain: np.ndarray) -> float:
    """Chance that a pixel inside has more attribution than another one of the brain, ties half.

    0.5 for even attribution and for none; NaN where no or every pixel of the brain is inside.
    """
    return Ranking.of(inside[brain].astype(float), attribution[brain]).auroc()


def agreement(maps: np.ndarray) -> np.ndarray:
    """Mean rank correlation of each map (maps, pixels) with the others, (maps,).

    Spearman's, of the pairs in which neither map is even; NaN where there is none.
    """
    ranks = rankdata(maps, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=1, keepdims=True))
    ranks = np.divide(ranks, size, out=np.full_like(ranks, np.nan), where=size > 0)
    # Sums without a matrix product: its rounding may depend on the number of threads.
    together = np.einsum("ip,jp->ij", ranks, ranks)
    np.fill_diagonal(together, np.nan)
    pairs = np.isfinite(together).sum(axis=1)
    return np.divide(np.nansum(together, axis=1), pairs, out=np.full(len(maps), np.nan),
                     where=pairs > 0)  # fmt: skip


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
        keys, maps = to_maps(table)
        keys = keys.astype(dict.fromkeys(_TEXT, str))
        place = codes_of(keys["sample"], names)
        keys["outcome"] = samples["outcome"].to_numpy()[place]
        together = keys.groupby(_TOGETHER, sort=False).indices.values()
        for rows in tqdm(together, desc="scoring", unit="image"):
            row = place[rows[0]]
            known = disease_maps[row, 0]
            if row < 0 or not np.isfinite(known).all():
                raise DataError(
                    f"sample '{keys['sample'].iloc[rows[0]]}' has attribution and no true map, "
                    "expected both; delete disease_maps.npy and run the workflow again"
                )
            some = keys.iloc[rows]
            parts.append(_score_image(some, maps[rows], images[row, 0], known, threshold))
            if some["effect"].iloc[0] == "fixed" and some["seed"].iloc[0] == 0:
                one = some.head(1).assign(model=ORACLE)
                best = shrink(known[None], maps.shape[1])
                parts.append(_score_image(one, best, images[row, 0], known, threshold))
    return pd.concat(parts, ignore_index=True)


def _score_image(
    keys: pd.DataFrame, maps: np.ndarray, image: np.ndarray, known: np.ndarray, threshold: float
) -> pd.DataFrame:
    """Add scores to the keys of the models' maps (models, rows, columns) of one image."""
    large, inside, brain = enlarge(maps, len(image)), known >= threshold, image > 0
    return keys.assign(
        inside=[inside_share(one, inside) for one in large],
        uniform=float(inside.mean()),
        auroc=[auroc(one, inside, brain) for one in large],
        agreement=agreement(large[:, brain]),
        empty=~maps.any(axis=(1, 2)),
    )
