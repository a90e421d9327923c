"""Is attribution where the disease is? Scores of maps against the true ones, and their means."""

from typing import Any, cast

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed.errors import DataError
from armed_study.data.pictures import enlarge
from armed_study.data.sample_index import codes_of
from armed_study.interpretation.attribution.maps import to_maps
from armed_study.io.schemas import TABLES
from armed_study.statistics.auroc import Ranking
from armed_study.statistics.intervals import NO_SPREAD, t_interval
from armed_study.vocabulary.formatting import interval_text, number_text
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES

_KEYS = ["model", "partition", "effect"]


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
    """Make table ``attribution_scores``: maps of attribution against the true maps of the disease.

    Inside is where the true map, 0 to 1, is at least ``threshold``; the brain is where the image is
    above 0. Maps are enlarged to the size of the images first.

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
    parts = []
    own = attribution[attribution["cluster"].astype(str) == ""]
    for _, table in own.groupby("model", sort=False, observed=True):
        keys, maps = to_maps(table)
        place = codes_of(keys["sample"], names)
        values: list[tuple[float, float, float, bool]] = []
        for row, small in zip(tqdm(place, desc="scoring", unit="map"), maps, strict=True):
            known = disease_maps[row, 0]
            if row < 0 or not np.isfinite(known).all():
                raise DataError(
                    f"sample '{keys['sample'].iloc[len(values)]}' has attribution and no true map, "
                    "expected both; delete disease_maps.npy and run the workflow again"
                )
            (large,) = enlarge(small[None], known.shape[-1])
            inside = known >= threshold
            share, even = inside_share(large, inside), float(inside.mean())
            values.append((share, even, auroc(large, inside, images[row, 0] > 0), not small.any()))
        scores = pd.DataFrame(values, columns=["inside", "uniform", "auroc", "empty"])
        keys["outcome"] = samples["outcome"].to_numpy()[place]
        parts.append(pd.concat([keys, scores], axis=1))
    return pd.concat(parts, ignore_index=True)


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Average table ``attribution_scores`` over samples, seeds and folds, with t intervals over folds.

    Returns
    -------
    pd.DataFrame
        `kind` is ``summary`` (with the interval, the number of `folds` and of `maps` behind it) or
        ``fold`` (mean over its samples and seeds). `chance` is the value of even attribution.
    """
    frame = scores.astype(dict.fromkeys(_KEYS, str)).assign(empty=scores["empty"].astype(float))
    means = frame.groupby([*_KEYS, "fold", "seed"])[[*ATTRIBUTION_SCORES, "uniform"]].mean()
    folds = means.groupby(level=[*_KEYS, "fold"]).mean()
    counts = frame.groupby(_KEYS).size()
    rows = []
    key: Any
    for key, part in folds.groupby(level=_KEYS):
        chances = {"auroc": 0.5, "inside": float(part["uniform"].mean()), "empty": np.nan}
        for metric, chance in chances.items():
            values = part[metric].dropna()
            same = {**dict(zip(_KEYS, key, strict=True)), "metric": metric, "chance": chance}
            vary = len(values) > 1 and float(np.ptp(values)) > NO_SPREAD
            low, high = np.clip(t_interval(values.to_numpy()), 0, 1) if vary else (np.nan, np.nan)
            rows.append({**same, "kind": "summary", "value": values.mean(), "low": low, "high": high,
                         "folds": len(values), "maps": int(counts[key])})  # fmt: skip
            rows += [
                {**same, "kind": "fold", "fold": fold, "value": value}
                for fold, value in zip(values.index.get_level_values("fold"), values, strict=True)
            ]
    result = pd.DataFrame(rows, columns=TABLES["attribution_summary"].names)
    result[["fold", "folds", "maps"]] = result[["fold", "folds", "maps"]].astype("Int64")
    place = order_models(result["model"]).index
    return result.sort_values("model", key=lambda names: names.map(place), kind="stable",
                              ignore_index=True)  # fmt: skip


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with a row for each model and output, for the report's page."""
    summary = table[table["kind"] == "summary"]
    rows = []
    for (partition, model, effect), part in summary.groupby(
        ["partition", "model", "effect"], sort=False
    ):
        by = part.set_index("metric")
        cells = by.apply(lambda row: interval_text(row["value"], row["low"], row["high"]), axis=1)
        rows.append(
            {
                "partition": partition,
                "model": model,
                "output": effect,
                "AUROC (interval)": cells["auroc"],
                "share inside (interval)": cells["inside"],
                "share inside by chance": number_text(cast(float, by.at["inside", "chance"])),
                "maps": int(cast(int, by.at["auroc", "maps"])),
                "of these empty": number_text(cast(float, by.at["empty", "value"])),
            }
        )
    return pd.DataFrame(rows).sort_values("partition", kind="stable", ignore_index=True)
