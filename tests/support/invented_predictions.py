"""Predictions of an invented study: no model, only scores that lean towards the outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd


@dataclass
class Invented:
    samples: pd.DataFrame
    truth: pd.DataFrame
    splits: pd.DataFrame
    predictions: pd.DataFrame

    def rows(self, **where: object) -> pd.DataFrame:
        """Predictions of one block, with outcome and cluster."""
        chosen = np.logical_and.reduce([self.predictions[k] == v for k, v in where.items()])
        return self.predictions[chosen].merge(self.samples, on="sample").sort_values("sample")

    def shuffled(self) -> Invented:
        """The same study, rows of samples and predictions in another order."""
        samples = self.samples.sample(frac=1, random_state=2)
        return replace(
            self, samples=samples, predictions=self.predictions.sample(frac=1, random_state=1)
        )


def invent(
    *, models: dict[str, float], folds=3, seeds=2, seen=4, unseen=6, size=40, leave_out=0, seed=0
) -> Invented:
    """Invent a study; a model is given by its noise. Scores have two digits, so there are ties.

    With `leave_out` folds the unseen clusters are dealt to that many further folds, in which they
    are unseen, instead of being unseen in all folds.
    """
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(seen + unseen), size)
    shift = generator.normal(0, 1, seen + unseen)
    logit = generator.normal(0, 1, len(cluster)) + shift[cluster]
    truth = 1 / (1 + np.exp(-logit))
    names = np.array([f"s{i}" for i in range(len(cluster))])
    outcome = (generator.random(len(cluster)) < truth).astype(np.float32)
    samples = pd.DataFrame(
        {"sample": names, "cluster": [f"c{c}" for c in cluster], "outcome": outcome}
    )
    known = pd.DataFrame({"sample": names, "oracle": truth, "oracle_no_cluster": truth * 0.5 + 0.2})
    splits = _splits(names, cluster, folds, seen, unseen, leave_out)
    parts = []
    for model, noise in models.items():
        for seed_number in range(seeds):
            for assignment, partitions in (
                ("known", ("train", "test")),
                ("random", ("test", "unseen")),
                ("membership", ("unseen",)),
            ):
                about = {"assignment": assignment, "seed": seed_number, "model": model}
                part = splits[splits["partition"].isin(partitions)]
                parts.append(part.assign(**about, noise=noise))
    table = pd.concat(parts, ignore_index=True)
    own = pd.Series(logit, index=names)[table["sample"]].to_numpy()
    for effect in ("fixed", "mixed"):
        noisy = own + table["noise"] * generator.normal(0, 1, len(table))
        table[effect] = np.round(1 / (1 + np.exp(-noisy)), 2).astype(np.float32)
    table.insert(0, "study", "invented")
    return Invented(samples, known, splits, table.drop(columns="noise"))


def _splits(
    names: np.ndarray, cluster: np.ndarray, folds: int, seen: int, unseen: int, leave_out: int
) -> pd.DataFrame:
    tables = []
    everyone = np.arange(len(names))
    for fold in range(folds):
        partition = np.where(everyone % max(folds, 2) == fold, "test", "train").astype(object)
        partition[cluster >= seen] = "unseen"
        table = pd.DataFrame({"fold": fold, "sample": names, "partition": partition})
        tables.append(table[partition != "unseen"] if leave_out else table)
    for part in range(leave_out):
        held = (cluster >= seen) & (cluster % leave_out == part)
        partition = np.where(held, "unseen", "train")
        tables.append(pd.DataFrame({"fold": folds + part, "sample": names, "partition": partition}))
    return pd.concat(tables, ignore_index=True)
