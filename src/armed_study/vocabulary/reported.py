"""Which output a model is reported by, and the rows of a study's tables that are shown for it."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

#: Partitions that models are reported on, and which z they are reported with: the first there is.
REPORTED = {
    "test": ("known", "none", "average", "zero", "random"),
    "unseen": ("membership", "none", "average", "marginal", "zero", "random"),
}
#: What is shown in addition: what a model's random effects are worth is its own cluster less these.
SHOWN = {"test": ("known", "average", "zero"), "unseen": ("membership", "average", "zero")}

# Assignments of a partition to choose from: the first of which a model has any.
_Choices = dict[str, list[tuple[str, ...]]]
_FIRST: _Choices = {name: [(item,) for item in order] for name, order in REPORTED.items()}


def reported(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that models are reported by: see `reported_effect`, `reported_assignment`."""
    return reported_assignment(reported_effect(frame))


def reported_effect(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the mixed output of every model that has one, the fixed output of the others.

    Parameters
    ----------
    frame
        Long table with ``model``, ``effect`` (``fixed`` or ``mixed``) and ``mean`` or ``value``.
    """
    number = "mean" if "mean" in frame else "value"
    effect, model = frame["effect"].astype(str), frame["model"].astype(str)
    if "study" in frame:
        model = frame["study"].astype(str) + "/" + model
    mixed = set(model[(effect == "mixed") & frame[number].notna()])
    return frame[effect == model.map(lambda name: "mixed" if name in mixed else "fixed")]


def reported_assignment(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep one assignment for each model and partition: the first there is of `REPORTED`.

    Partitions other than ``test`` and ``unseen`` are dropped.
    """
    return _keep(frame, _FIRST)


def shown_assignments(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep all of `SHOWN` there are; of a model without any the assignment it is reported by."""
    return _keep(frame, {name: [some, ("none",), ("random",)] for name, some in SHOWN.items()})


def first_reported(partition: str, available: Iterable[str]) -> str:
    """Give the assignment that a model is reported with, of those that it has on a partition."""
    return min(available, key=REPORTED[partition].index)


def true_values(cluster_truth: pd.DataFrame | None, quantity: str) -> dict[str, float]:
    """Give the true value of a quantity by cluster; empty where the truth is not known."""
    if cluster_truth is None or cluster_truth.empty:
        return {}
    rows = cluster_truth[cluster_truth["quantity"].astype(str) == quantity]
    return dict(zip(rows["cluster"].astype(str), rows["value"].astype(float), strict=True))


def _keep(frame: pd.DataFrame, choices: _Choices) -> pd.DataFrame:
    names = [name for name in ("study", "model", "partition") if name in frame]
    keys = frame[[*names, "assignment"]].astype(str).drop_duplicates()
    kept = set()
    key: Any
    for key, present in keys.groupby(names)["assignment"].agg(set).items():
        options = choices.get(key[-1], [])
        selected = next((set(option) for option in options if present & set(option)), set())
        kept |= {(*key, assignment) for assignment in selected}
    rows = frame[[*names, "assignment"]].astype(str).itertuples(index=False, name=None)
    return frame[[row in kept for row in rows]]
