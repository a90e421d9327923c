"""The long tables of a trained model, made from arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from armed.errors import TrainingError
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.fold_data import FoldData, Problem
from armed_study.vocabulary.terms import ASSIGNMENTS, PARTITIONS

KINDS = ("average", "at_mean")


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of one replica under one assignment: probabilities of y = 1, each of shape (n,)."""

    fold: FoldData
    seed: int
    assignment: Assignment
    fixed: np.ndarray
    mixed: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Effect:
    """One random effect of one replica: posterior mean and s.d. of every cluster, shape (K,)."""

    fold: FoldData
    seed: int
    name: str
    mean: np.ndarray
    sd: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Importance:
    """|d yF / d x_j| of one replica: mean over test samples, and at the mean input; (columns,)."""

    fold: int
    seed: int
    average: np.ndarray
    at_mean: np.ndarray


@dataclass(frozen=True, eq=False)
class History:
    """Course of training of one replica: per term its value after each epoch, shape (epochs,)."""

    fold: int
    seed: int
    terms: Mapping[str, np.ndarray]


def predictions_frame(problem: Problem, model: str, scored: Iterable[Scored]) -> pd.DataFrame:
    """Table of predictions, a row per replica, assignment and sample, blocks in the given order.

    Raises
    ------
    TrainingError
        When a score is not a number; names the model, fold and seed.
    """
    blocks = list(scored)
    for block in blocks:
        _check_scores(problem.study, model, block)
    sizes = [len(block.assignment.rows) for block in blocks]
    code = {name: number for number, name in enumerate(PARTITIONS)}
    partition = {
        id(fold): np.array([code.get(name, -1) for name in fold.partition], dtype=np.int8)
        for fold in {id(block.fold): block.fold for block in blocks}.values()
    }
    names = [ASSIGNMENTS.index(block.assignment.name) for block in blocks]
    rows = _joined([block.assignment.rows for block in blocks], np.int64)
    columns = {
        "fold": np.repeat(np.array([block.fold.fold for block in blocks], np.int16), sizes),
        "seed": np.repeat(np.array([block.seed for block in blocks], np.int16), sizes),
        "partition": _coded(
            _joined([partition[id(b.fold)][b.assignment.rows] for b in blocks], np.int8), PARTITIONS
        ),
        "assignment": _coded(np.repeat(np.array(names, np.int8), sizes), ASSIGNMENTS),
        "sample": _coded(rows, problem.samples),
        "fixed": _joined([block.fixed for block in blocks], np.float32),
        "mixed": _joined([_or_nan(b.mixed, b.fixed.shape) for b in blocks], np.float32),
    }
    return _keyed(problem, model, columns)


def _check_scores(study: str, model: str, block: Scored) -> None:
    wanted = block.assignment.rows.shape
    for scores in (block.fixed, block.mixed):
        if scores is None:
            continue
        if scores.shape != wanted:
            raise ValueError(f"model '{model}': scores of shape {scores.shape}; expected {wanted}")
        if not np.isfinite(scores).all():
            raise TrainingError(
                f"study '{study}', model '{model}', fold {block.fold.fold}, seed {block.seed}: "
                f"{np.sum(~np.isfinite(scores))} of {scores.size} scores are not numbers; expected "
                "probabilities; look for extreme feature values or lower the learning rate"
            )


def display_frame(
    problem: Problem, model: str, scores: Mapping[int, tuple[np.ndarray, np.ndarray | None]]
) -> pd.DataFrame:
    """Table of display predictions, mean over seeds.

    ``scores`` maps a fold to its fixed and mixed (or no mixed) scores, each (seeds, points).
    """
    points = len(problem.display_samples)
    fixed = [each.mean(axis=0, dtype=np.float64) for each, _ in scores.values()]
    mixed = [_or_nan(m, f.shape).mean(axis=0, dtype=np.float64) for f, m in scores.values()]
    columns = {
        "fold": np.repeat(np.array(list(scores), dtype=np.int16), points),
        "sample": _coded(np.tile(np.arange(points), len(scores)), problem.display_samples),
        "fixed": _joined(fixed, np.float64),
        "mixed": _joined(mixed, np.float64),
    }
    return _keyed(problem, model, columns)


def random_effects_frame(problem: Problem, model: str, effects: Iterable[Effect]) -> pd.DataFrame:
    """Table of random effects, of the seen clusters of each fold only; s.d. NaN where unknown."""
    effects = list(effects)
    seen = [effect.fold.seen for effect in effects]
    names = list(dict.fromkeys(effect.name for effect in effects))
    columns = {
        **_keys([(effect.fold.fold, effect.seed) for effect in effects], [len(s) for s in seen]),
        "effect": _coded(
            np.repeat([names.index(e.name) for e in effects], [len(s) for s in seen]), names
        ),
        "cluster": _coded(_joined(seen, np.int64), problem.clusters),
        "mean": _joined([e.mean[s] for e, s in zip(effects, seen, strict=True)], np.float64),
        "sd": _joined(
            [_or_nan(e.sd, e.mean.shape)[s] for e, s in zip(effects, seen, strict=True)], np.float64
        ),
    }
    return _keyed(problem, model, columns)


def importance_frame(problem: Problem, model: str, entries: Iterable[Importance]) -> pd.DataFrame:
    """Table of feature importance, a row per replica, kind and encoded column."""
    entries, width = list(entries), len(problem.columns)
    columns = {
        **_keys([(entry.fold, entry.seed) for entry in entries], [2 * width] * len(entries)),
        "kind": _coded(np.tile(np.repeat([0, 1], width), len(entries)), KINDS),
        "feature": _coded(np.tile(np.arange(width), 2 * len(entries)), problem.columns),
        "probe": np.tile(np.array(problem.probes, dtype=bool), 2 * len(entries)),
        "importance": _joined([v for e in entries for v in (e.average, e.at_mean)], np.float64),
    }
    return _keyed(problem, model, columns)


def history_frame(problem: Problem, model: str, entries: Iterable[History]) -> pd.DataFrame:
    """Table of training histories; epochs count from 0."""
    entries = list(entries)
    curves = [(e, term, np.asarray(v)) for e in entries for term, v in e.terms.items()]
    names = list(dict.fromkeys(term for _, term, _ in curves))
    sizes = [len(values) for _, _, values in curves]
    columns = {
        **_keys([(entry.fold, entry.seed) for entry, _, _ in curves], sizes),
        "epoch": _joined([np.arange(size) for size in sizes], np.int32),
        "term": _coded(np.repeat([names.index(term) for _, term, _ in curves], sizes), names),
        "value": _joined([values for _, _, values in curves], np.float64),
    }
    return _keyed(problem, model, columns)


def _keys(replicas: Sequence[tuple[int, int]], sizes: Sequence[int]) -> dict[str, np.ndarray]:
    table = np.array(replicas, dtype=np.int16).reshape(-1, 2)
    counts = np.array(sizes, dtype=np.int64)
    return {"fold": np.repeat(table[:, 0], counts), "seed": np.repeat(table[:, 1], counts)}


def _or_nan(values: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    return np.full(shape, np.nan) if values is None else values


def _joined(parts: Sequence[np.ndarray], dtype: type[np.generic]) -> np.ndarray:
    return np.concatenate(parts).astype(dtype) if len(parts) else np.empty(0, dtype=dtype)


def _coded(codes: np.ndarray, names: Iterable[str]) -> pd.Categorical:
    dtype = pd.CategoricalDtype(pd.Index(list(names), dtype=str))
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), dtype=dtype, validate=False)


def _keyed(problem: Problem, model: str, columns: Mapping[str, object]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))  # type: ignore[arg-type]
    keys = {
        "study": _coded(np.zeros(rows, np.int64), [problem.study]),
        "model": _coded(np.zeros(rows, np.int64), [model]),
    }
    return pd.DataFrame({**keys, **columns})
