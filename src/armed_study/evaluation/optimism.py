"""What another protocol makes of the same study: its scores against those of the proposed one."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.reported import reported, reported_effect
from armed_study.vocabulary.terms import ORACLES

_KEYS = ["partition", "metric", "model"]
_NUMBERS = ["mean", "low", "high"]
_STOPPING = ["stopping", "low_stopping", "high_stopping"]
# Assignments of the validation part: the cluster's own, and that of a model that uses no cluster.
_OWN = ("known", "none")


def optimism(
    proposed: pd.DataFrame,
    published: pd.DataFrame,
    *,
    metrics: Sequence[str],
    stopped: Collection[str] = (),
    more_rows: bool = False,
    relabelled: bool = False,
) -> pd.DataFrame:
    """Set the scores of each model under both protocols side by side, and say what differs.

    The protocols differ in up to three ways. Oracles are not trained, so only the labels change them,
    and models without early stopping are not affected by the fold that stops training. What other labels
    make of a network, a study of protocol ``published_labels`` tells, which differs by nothing else. The
    effect of stopping on the reported fold, with the same labels and training samples, is visible within
    the proposed protocol: the score on the part that stopped training less that on the test part.
    What is left of the optimism is not set down as that of more training samples: a network cannot stop
    by a part that it trains on, and parts of another size make early stopping another amount optimistic.

    Parameters
    ----------
    proposed, published
        Tables `summary` of the study under the proposed protocol (or the one that it is compared
        with) and under the published one.
    metrics
        Which metrics, in order.
    stopped
        Models whose training stops early, published by the test fold.
    more_rows
        Whether published training parts hold what the proposed protocol keeps for validation.
    relabelled
        Whether the published protocol labels samples by a rule of its own.

    Returns
    -------
    DataFrame
        partition, metric, model; mean, low and high of each with the suffixes ``_proposed`` and
        ``_published``; ``optimism`` (published minus proposed) with ``low`` and ``high``: half its
        width is the root of the summed squares of both half widths, as if the protocols had no
        subject in common, so that it is too wide rather than too narrow; ``stopping`` (validation
        less test part under the proposed protocol, test rows only) with ``low_stopping`` and
        ``high_stopping``, made alike; and ``differs_by``, in words.
    """
    validation = (proposed["partition"] == "validation") & proposed["assignment"].isin(_OWN)
    sides = {
        "proposed": reported(proposed),
        "published": reported(published),
        "watched": reported_effect(proposed[validation]).assign(partition="test"),
    }
    both = _shown(sides["proposed"], metrics)[_KEYS]
    for side, rows in sides.items():
        named = _shown(rows, metrics).rename(columns={name: f"{name}_{side}" for name in _NUMBERS})
        both = both.merge(named, on=_KEYS, how="left")
    both[["optimism", "low", "high"]] = _difference(both, "published", "proposed")
    both[_STOPPING] = _difference(both, "watched", "proposed")
    both["differs_by"] = [
        _differences(partition, model in stopped, more_rows and model not in ORACLES, relabelled)
        for partition, model in zip(both["partition"], both["model"], strict=True)
    ]
    return both.drop(columns=[f"{name}_watched" for name in _NUMBERS])


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Each number with its interval as text."""
    columns = {
        "compared protocol": [f"{name}_proposed" for name in ("mean", "low", "high")],
        "this protocol": [f"{name}_published" for name in ("mean", "low", "high")],
        "optimism": ["optimism", "low", "high"],
        "validation less test part (compared)": _STOPPING,
    }
    texts = {
        name: [interval_text(*row) for row in table[names].itertuples(index=False)]
        for name, names in columns.items()
    }
    return table[_KEYS].assign(**texts, **{"differs by": table["differs_by"]})


def _difference(table: pd.DataFrame, side: str, other: str) -> np.ndarray:
    """Means of one side less those of the other and ends of the interval, (rows, 3)."""
    half = [(table[f"high_{name}"] - table[f"low_{name}"]) / 2 for name in (side, other)]
    mean, width = table[f"mean_{side}"] - table[f"mean_{other}"], np.hypot(half[0], half[1])
    return np.column_stack([mean, mean - width, mean + width])


def _differences(partition: str, stopped: bool, more_rows: bool, relabelled: bool) -> str:
    """What the protocols do differently of a row, in words."""
    fold = "the reported fold" if partition == "test" else "a test fold"
    present = {
        f"stopping by {fold}": stopped,
        "more training rows": more_rows,
        "label rule": relabelled,
    }
    return ", ".join(name for name, is_so in present.items() if is_so) or "nothing"


def _shown(rows: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    shown = rows.astype(dict.fromkeys(_KEYS, str))
    parts = [
        shown[(shown["partition"] == partition) & (shown["metric"] == metric)]
        for partition in ("test", "unseen")
        for metric in metrics
    ]
    return pd.concat(parts, ignore_index=True)[[*_KEYS, *_NUMBERS]]
