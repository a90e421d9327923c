"""What another protocol makes of the same study: its scores against those of the proposed one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.reported import reported

_KEYS = ["partition", "metric", "model"]
_SIDES = ("proposed", "published")


def optimism(
    proposed: pd.DataFrame, published: pd.DataFrame, *, metrics: Sequence[str]
) -> pd.DataFrame:
    """Set the scores of each model under both protocols side by side.

    Parameters
    ----------
    proposed, published
        Tables `summary` of the study under the proposed protocol and under the published one.
    metrics
        Which metrics, in order.

    Returns
    -------
    DataFrame
        partition, metric, model; mean, low and high of each with the suffixes ``_proposed`` and
        ``_published``; ``optimism`` (published minus proposed) with ``low`` and ``high``: half its
        width is the root of the summed squares of both half widths, as if the protocols had no
        subject in common, so that it is too wide rather than too narrow.
    """
    both = _shown(proposed, metrics).merge(
        _shown(published, metrics), on=_KEYS, suffixes=("_proposed", "_published"), how="left"
    )
    half = {side: (both[f"high_{side}"] - both[f"low_{side}"]) / 2 for side in _SIDES}
    width = np.hypot(half["proposed"], half["published"])
    both["optimism"] = both["mean_published"] - both["mean_proposed"]
    return both.assign(low=both["optimism"] - width, high=both["optimism"] + width)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Each number with its interval as text."""
    columns = {
        "proposed protocol": [f"{name}_proposed" for name in ("mean", "low", "high")],
        "published protocol": [f"{name}_published" for name in ("mean", "low", "high")],
        "optimism": ["optimism", "low", "high"],
    }
    texts = {
        name: [interval_text(*row) for row in table[names].itertuples(index=False)]
        for name, names in columns.items()
    }
    return table[_KEYS].assign(**texts)


def _shown(summary: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    shown = reported(summary).astype(dict.fromkeys(_KEYS, str))
    parts = [
        shown[(shown["partition"] == partition) & (shown["metric"] == metric)]
        for partition in ("test", "unseen")
        for metric in metrics
    ]
    return pd.concat(parts, ignore_index=True)[[*_KEYS, "mean", "low", "high"]]
