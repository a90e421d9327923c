"""Which settings a search found best."""

import json
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

import pandas as pd

from armed_study.io.tables import cast_table, read_table
from armed_study.training.fold_data import Replica
from armed_study.vocabulary.formatting import interval_text, number_text

LOSSES = ("left_out_clusters", "random_split")


def selected(trials: pd.DataFrame, select_by: str) -> dict[int, dict[str, Any]]:
    """Return the settings of the trial of the smallest loss by fold, of the first one of several.

    ``trials`` are those of a model, ``select_by`` one of `LOSSES`.
    """
    best = _best(trials, select_by)
    pairs = zip(best["fold"], best["settings"].astype(str), strict=True)
    return {int(fold): json.loads(settings) for fold, settings in pairs}


def _best(trials: pd.DataFrame, select_by: str) -> pd.DataFrame:
    ordered = trials.sort_values(["fold", "trial"], kind="stable").reset_index(drop=True)
    return ordered.loc[ordered.groupby("fold")[select_by].idxmin()]


def read_changes(
    files: Sequence[str], select_by: str
) -> Callable[[Replica], dict[str, Any]] | None:
    """Return the settings of each replica as selected for its fold; None without files of trials."""
    if not files:
        return None
    by_fold = selected(read_table(list(files), "trials"), select_by)

    def changes(replica: Replica) -> dict[str, Any]:
        return by_fold[replica.fold.fold]

    return changes


def tabulate(
    trials: pd.DataFrame, searches: Mapping[str, Mapping[str, Any]]
) -> dict[str, pd.DataFrame]:
    """Return tables ``tuned_settings`` and ``tuning_trials`` of a study.

    ``trials`` are those of all its models, ``searches`` their blocks ``tuning``, each with the values that
    are ``configured``.
    """
    settings, losses = [], []
    for model, search in searches.items():
        own = trials[trials["model"].astype(str) == model]
        who = {"study": str(own["study"].iloc[0]), "model": model}
        found = {by: list(selected(own, by).values()) for by in LOSSES}
        for name, values in search["space"].items():
            configured = search["configured"][name]
            row = {"setting": name, "space": _space(values), "trials": search["trials"]}
            row |= {"configured": None if configured is None else _text(configured)}
            row |= {by: _over_folds([f.get(name) for f in folds]) for by, folds in found.items()}
            settings.append({**who, **row, "selected_by": search["select_by"]})
        losses += [{**who, **row} for row in _losses(own)]
    made = {"tuned_settings": pd.DataFrame(settings), "tuning_trials": pd.DataFrame(losses)}
    return {name: cast_table(frame, name) for name, frame in made.items()}


def _losses(trials: pd.DataFrame) -> list[dict[str, Any]]:
    """Mean losses of each trial of a model, and in how many folds it is the best."""
    means = trials.groupby("trial")[list(LOSSES)].mean()
    first = trials.drop_duplicates("trial").set_index("trial")["settings"].astype(str)
    best = {by: _best(trials, by)["trial"].value_counts() for by in LOSSES}
    names = dict(zip(LOSSES, ("best_left_out", "best_random"), strict=True))
    return [
        {
            "trial": trial,
            "settings": first[trial],
            **{by: float(means.loc[trial, by]) for by in LOSSES},
            **{name: int(best[by].get(trial, 0)) for by, name in names.items()},
        }
        for trial in means.index
    ]


def _space(values: Mapping[str, Any]) -> str:
    if "choices" in values:
        return " or ".join(map(_text, values["choices"]))
    return f"{values['low']:g} to {values['high']:g}" + (", log" if values["log"] else "")


def _text(value: Any) -> str:
    return number_text(value) if isinstance(value, float) else json.dumps(value)


def _over_folds(values: Sequence[Any]) -> str:
    """Median and range of numbers; of other values the most frequent one, and of how many folds it is."""
    if all(isinstance(value, float) for value in values):
        return interval_text(median(values), min(values), max(values))
    texts = [_text(value) for value in values]
    most = max(dict.fromkeys(texts), key=texts.count)
    return f"{most} ({texts.count(most)} of {len(texts)} folds)"
