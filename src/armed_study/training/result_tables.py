"""The tables of a trained model, filled replica by replica."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import TrainingError
from armed_study.io.checkpoints import joined, write_state
from armed_study.io.tables import empty_table, write_table
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.few_shot.scores import Score, Scored, few_shot_scores, marginal_scores
from armed_study.training.fold_data import Replica, StudyFolds
from armed_study.vocabulary.terms import ASSIGNMENTS, PARTITIONS

TABLES = (
    "predictions", "few_shot_predictions", "display_predictions", "history", "random_effects",
    "variance_components", "importance", "hidden_features",
)  # fmt: skip
KINDS = ("average", "at_mean")

Effects = Mapping[str, tuple[np.ndarray, np.ndarray]]  # posterior mean and s.d., (K,), by name
Scores = tuple[np.ndarray, np.ndarray | None]
"""Fixed and mixed (or no mixed) predictions: P(y = 1) or mean of y, each (n,); of classes (n, classes)."""


class ModelResults:
    """Rows of the tables of a model on the folds of a study, as they are added, and its parameters."""

    def __init__(self, study: StudyFolds, model: str) -> None:
        self._study, self._model = study, model
        self._parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
        self._display: dict[int, list[Scores]] = {}
        self._states: list[dict[str, np.ndarray]] = []
        clusters = dict.fromkeys([*study.clusters, *chain(*study.factors.clusters.values())])
        self._samples, self._partitions, self._assignments, self._clusters = (
            pd.CategoricalDtype(pd.Index(list(names), dtype=str))
            for names in (study.samples, PARTITIONS, ASSIGNMENTS, clusters)
        )

    def add_predictions(self, replica: Replica, given: Assignment, scores: Scores) -> None:
        """Add the scores of some samples under one assignment; `TrainingError` if one is not a number."""
        for values in scores:
            if values is not None:
                self._check(values, replica, given.rows)
        fixed, mixed = scores
        rows, names = self._by_class(given.rows)
        assignment = np.full(len(rows), ASSIGNMENTS.index(given.name), dtype=np.int8)
        self._add(
            "predictions",
            replica,
            partition=pd.Categorical(replica.fold.partition[rows], dtype=self._partitions),
            assignment=_coded(assignment, self._assignments),
            sample=_coded(rows, self._samples),
            **names,
            trained=replica.fold.trained[rows],
            fixed=fixed.ravel().astype(np.float32),
            mixed=_or_nan(mixed, fixed.shape).ravel().astype(np.float32),
        )

    def add_new_clusters(self, replica: Replica, fixed: np.ndarray, score: Score) -> None:
        """Add marginal scores of unseen samples, of the population ``fixed`` (n, ...), and few-shot ones."""
        unseen = replica.fold.rows("unseen")
        marginal = marginal_scores(score, unseen)
        self.add_predictions(replica, Assignment("marginal", unseen, None), (fixed, marginal))
        if (few := self._study.few_shot.get(replica.fold.fold)) is None:
            return
        at = np.searchsorted(unseen, few.rows)
        without = [Scored("zero", 0, 0, fixed[at]), Scored("marginal", 0, 0, marginal[at])]
        for *given, scores in (*without, *few_shot_scores(score, few)):
            self._check(scores, replica, few.rows)
            rows, names = self._by_class(few.rows)
            how = dict(zip(("assignment", "shots", "draw"), given, strict=True))
            own = {"sample": _coded(rows, self._samples), **names}
            mixed = scores.ravel().astype(np.float32)
            self._add("few_shot_predictions", replica, **how, **own, mixed=mixed)

    def _by_class(self, rows: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Rows of samples, one for each class where there are any, and the column that names it."""
        classes = self._study.outcome.classes
        names = {"class": np.tile(classes, len(rows))} if classes else {}
        return np.repeat(rows, len(classes) or 1), names

    def _check(self, scores: np.ndarray, replica: Replica, rows: np.ndarray) -> None:
        model, classes = f"model '{self._model}'", self._study.outcome.classes
        shape = (len(rows), len(classes)) if classes else rows.shape
        if scores.shape != shape:
            raise ValueError(f"{model}: scores of shape {scores.shape}; expected {shape}")
        if not np.isfinite(scores).all():
            raise TrainingError(
                f"study '{self._study.name}', {model}, {replica}: "
                f"{np.sum(~np.isfinite(scores))} of {scores.size} scores are not numbers; expected "
                "predictions; look for extreme feature values or lower the learning rate"
            )

    def add_display(self, replica: Replica, scores: Scores) -> None:
        """Add the scores of the display points; the table has their mean over seeds."""
        if len(self._study.display_samples):
            self._display.setdefault(replica.fold.fold, []).append(scores)

    def add_history(self, replica: Replica, terms: Mapping[str, np.ndarray]) -> None:
        """Add the value of each loss term after each epoch, (epochs,); epochs count from 0."""
        sizes = [len(values) for values in terms.values()]
        self._add(
            "history",
            replica,
            epoch=np.concatenate([np.arange(size, dtype=np.int32) for size in sizes]),
            term=np.repeat(list(terms), sizes),
            value=np.concatenate(list(terms.values())).astype(np.float64),
        )

    def add_random_effects(self, replica: Replica, effects: Effects, factor: str = "") -> None:
        """Add random effects of the clusters of the training rows; ``factor``: of a further one."""
        seen = codes = replica.fold.seen
        if factor:
            seen, names = self._study.factors.trained(factor, replica.fold.rows("train"))
            codes = self._clusters.categories.get_indexer(pd.Index(names))
        if effects:
            self._add(
                "random_effects",
                replica,
                effect=np.repeat(list(effects), len(seen)),
                cluster=_coded(np.tile(codes, len(effects)), self._clusters),
                mean=np.concatenate([mean[seen] for mean, _ in effects.values()]).astype(float),
                sd=np.concatenate([sd[seen] for _, sd in effects.values()]).astype(float),
            )

    def add_variances(self, replica: Replica, components: Mapping[str, Any] | None) -> None:
        """Add the columns of `armed_study.training.fitted.variances.named_components`."""
        if components:
            self._add("variance_components", replica, **components)

    def add_importance(self, replica: Replica, average: np.ndarray, at_mean: np.ndarray) -> None:
        """Add ``|d yF / d x_j|``: mean over test samples, and at the mean input; (columns,)."""
        columns, probes = self._study.columns, np.array(self._study.probes, dtype=bool)
        who = {"kind": np.repeat(KINDS, len(columns)), "feature": np.tile(columns, 2)}
        values = np.concatenate([average, at_mean]).astype(np.float64)
        self._add("importance", replica, **who, probe=np.tile(probes, 2), importance=values)

    def add_features(self, replica: Replica, rows: np.ndarray, values: np.ndarray) -> None:
        """Add hidden features (rows, features) of some samples."""
        partition = pd.Categorical(replica.fold.partition[rows], dtype=self._partitions)
        who = {"partition": partition, "sample": _coded(rows, self._samples)}
        named = {f"feature_{number:03d}": own for number, own in enumerate(values.T)}
        self._add("hidden_features", replica, **who, **named)

    def add_parameters(
        self, replica: Replica, parameters: Mapping[str, np.ndarray], *, epochs: int = 0
    ) -> None:
        """Add the parameters, and the epoch from 1 that they are of; 0 if there are no epochs."""
        about = {"folds": replica.fold.fold, "seeds": replica.seed, "epochs": epochs}
        numbers = {name: np.array(value, dtype=np.int64) for name, value in about.items()}
        self._states.append({**numbers, **parameters})

    def _add(self, table: str, replica: Replica, **columns: Any) -> None:
        keys = {"fold": np.int16(replica.fold.fold), "seed": np.int16(replica.seed)}
        self._parts[table].append(pd.DataFrame({**keys, **columns}))

    def table(self, name: str) -> pd.DataFrame:
        """Return one of `TABLES`."""
        parts = self._parts[name]
        if name == "display_predictions":
            parts = [self._shown(fold, scores) for fold, scores in self._display.items()]
        if not parts:
            return empty_table(name)
        frame = pd.concat(parts, ignore_index=True)
        for key, value in (("model", self._model), ("study", self._study.name)):
            dtype = pd.CategoricalDtype(pd.Index([value], dtype=str))
            frame.insert(0, key, pd.Series(_coded(np.zeros(len(frame), dtype=np.int8), dtype)))
        return frame

    def _shown(self, fold: int, scores: Iterable[Scores]) -> pd.DataFrame:
        fixed = np.stack([fixed for fixed, _ in scores])
        mixed = np.stack([_or_nan(mixed, fixed.shape) for fixed, mixed in scores])
        both = {"fixed": fixed, "mixed": mixed}
        means = {name: scores.mean(axis=0, dtype=np.float64) for name, scores in both.items()}
        who = {"fold": np.int16(fold), "sample": self._study.display_samples}
        return pd.DataFrame({**who, **means})

    @property
    def state(self) -> dict[str, np.ndarray]:
        """Parameters by name, see `joined`; ``folds``, ``seeds`` and ``epochs`` say which replicas."""
        return joined(self._states)

    def write(self, files: Mapping[str, str]) -> None:
        """Write the tables, and the parameters last."""
        for name in TABLES:
            write_table(self.table(name), files[name.removesuffix("_predictions")], name)
        write_state(self.state, files["model"])


def _coded(codes: np.ndarray, dtype: pd.CategoricalDtype) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


def _or_nan(values: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    return np.full(shape, np.nan) if values is None else values
