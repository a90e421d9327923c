"""Is attribution where the disease is? Two scores of a map against the true one."""

from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.data.pictures import enlarge
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.maps import KEYS, to_maps
from armed_study.statistics.auroc import Ranking


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


def score_attribution(
    attribution: pd.DataFrame,
    samples: pd.DataFrame,
    images: np.ndarray,
    disease_maps: np.ndarray,
    *,
    threshold: float,
) -> pd.DataFrame:
    """Score maps of attribution against the true maps of the disease.

    Inside is where the true map, 0 to 1, is at least ``threshold``; the brain is where the image is
    above 0. Maps are enlarged to the size of the images first.

    Parameters
    ----------
    attribution
        Table ``attribution``; maps under every cluster's effects are not scored.
    samples
        Table ``samples``.
    images, disease_maps : ndarray, shape (samples, 1, size, size)
        In the order of the samples; ``disease_maps`` NaN where it was not asked for.
    threshold
        Above 0.

    Returns
    -------
    DataFrame
        Table ``attribution_scores``.

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
    own = attribution[attribution["cluster"].astype(str) == ""]
    return pd.concat(
        [
            _score_model(part, samples, images, disease_maps, threshold)
            for _, part in own.groupby("model", sort=False, observed=True)
        ],
        ignore_index=True,
    )


def _score_model(
    table: pd.DataFrame,
    samples: pd.DataFrame,
    images: np.ndarray,
    truth: np.ndarray,
    threshold: float,
) -> pd.DataFrame:
    keys, maps = to_maps(table)
    names = pd.Index(samples["sample"].astype(str).to_numpy(dtype=object))
    place = codes_of(keys["sample"], names)
    values: list[Any] = []
    for row, small in zip(tqdm(place, desc="scoring", unit="map"), maps, strict=True):
        known = truth[row, 0]
        if row < 0 or not np.isfinite(known).all():
            raise DataError(
                f"sample '{keys['sample'].iloc[len(values)]}' has attribution and no true map, expected "
                "both; delete disease_maps.npy and run the workflow again"
            )
        (large,) = enlarge(small[None], known.shape[-1])
        inside = known >= threshold
        share, even = inside_share(large, inside), float(inside.mean())
        values.append((share, even, auroc(large, inside, images[row, 0] > 0), not small.any()))
    scores = pd.DataFrame(values, columns=["inside", "uniform", "auroc", "empty"])
    outcome = samples["outcome"].to_numpy()[place]
    return pd.concat([keys[KEYS].assign(outcome=outcome), scores], axis=1)
