"""Compare settings of a study's network on its training clusters alone, some of them left out.

``python benchmarks/left_out.py STUDY MODEL SETTINGS...``, each of ``SETTINGS`` YAML that is laid over those
of the model, such as ``'{}' '{training: {epochs: 20}}'``, for a study of binary outcomes of
`config/config.yaml` (``--config``: another) that was prepared before: ``snakemake
results/STUDY/features.npy``, or of images ``splits.parquet`` (``--results``: where).

Of the training and validation samples of its first fold the clusters are dealt to a few parts; each part in
turn is left out, and networks of all settings are trained on the others. Printed are the log loss and the
AUROC, pooled and within clusters, of the fixed effects for the clusters left out. The rule: of settings in
the order of what is wanted, the last one whose log loss exceeds the least by no more than one standard error
of that difference over the parts and seeds. No test sample and no unseen cluster takes part.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.metrics import log_loss, roc_auc_score

from armed import methods
from armed.data.lazy_rows import pick
from armed_study.config import checks, planning
from armed_study.training import load
from armed_study.training.batched_inference import predict
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.replicas import train_replicas

CONFIG = Path(__file__).parents[1] / "config" / "config.yaml"


def chosen(losses: Sequence[np.ndarray]) -> int:
    """Number of the last settings whose losses (replicas,) are within a standard error of the least."""
    best = min(losses, key=np.mean)
    differences = [values - best for values in losses]
    near = [d.mean() <= d.std(ddof=1) / np.sqrt(len(d)) for d in differences]
    return int(np.flatnonzero(near)[-1])


def left_out(fold: FoldData, parts: int) -> Iterator[FoldData]:
    """Give the fold without its test and unseen samples, some clusters in the place of the latter."""
    own = fold.rows("train", "validation")
    clusters = np.random.default_rng(0).permutation(np.unique(fold.z[own]))
    for number, part in enumerate(np.array_split(clusters, parts)):
        partition = np.where(np.isin(fold.partition, ("train", "validation")), fold.partition, "")
        partition[own[np.isin(fold.z[own], part)]] = "unseen"
        yield replace(fold, fold=number, partition=partition)


def within(y: np.ndarray, score: np.ndarray, z: np.ndarray) -> float:
    """AUROC of pairs within a cluster, each pair as much."""
    each = [(y[z == k], score[z == k]) for k in np.unique(z)]
    pairs = np.array([own.sum() * (1 - own).sum() for own, _ in each], dtype=float)
    values = [roc_auc_score(*pair) if n else 0.0 for pair, n in zip(each, pairs, strict=True)]
    return float(np.average(values, weights=pairs)) if pairs.any() else np.nan


def scores_of(study: StudyFolds, method: str, settings: Mapping[str, Any]) -> np.ndarray:
    """Log loss, AUROC and AUROC within clusters for the clusters left out, (replicas, 3)."""
    replicas, found = study.replicas("left_out"), []
    stop_by = "validation" if settings["training"].get("patience") else None
    for group, fitted in train_replicas(
        study, replicas, methods.load(method), settings, stop_by=stop_by
    ):
        rows = [replica.fold.rows("unseen") for replica in group]
        none = [np.zeros((len(own), len(study.clusters)), np.float32) for own in rows]
        x = [pick(replica.fold.x, own) for replica, own in zip(group, rows, strict=True)]
        scores = predict(fitted.ensemble, list(zip(x, none, strict=True)))
        for replica, own, (fixed, _) in zip(group, rows, scores, strict=True):
            y, p = replica.fold.y[own], np.clip(fixed.astype(float), 1e-6, 1 - 1e-6)
            loss = log_loss(y, p, labels=[0, 1])
            found.append((loss, roc_auc_score(y, p), within(y, p, replica.fold.z[own])))
    return np.array(found)


def overlaid(settings: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with others laid over them, block by block."""
    made = dict(settings)
    for name, value in over.items():
        inner = isinstance(value, Mapping) and isinstance(made.get(name), Mapping)
        made[name] = overlaid(made[name], value) if inner else value
    return made


def main() -> None:
    """Print the scores of all settings, and the settings that the rule chooses."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("study")
    parser.add_argument("model")
    parser.add_argument("settings", nargs="+")
    parser.add_argument("--results", default="results")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--parts", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    config = checks.read(yaml.safe_load(asked.config.read_text(encoding="utf-8")))
    study = planning.plan(config)[asked.study]
    paths = {n: p.replace("<results>", asked.results) for n, p in study.fold_files.items()}
    read = {"scatteritem": "1-of-1", "seeds": asked.seeds, "config_seed": study.seed}
    whole = load.read_study(paths, **read)
    folds = replace(whole, folds=tuple(left_out(whole.folds[0], asked.parts)), train_sizes=())
    method, own = study.method(asked.model).name, study.model_settings(asked.model)
    found = []
    for text in asked.settings:
        found.append(scores_of(folds, method, overlaid(own, yaml.safe_load(text))))
        loss, auroc, inside = found[-1].mean(0)
        print(
            f"{asked.study} {asked.model} {text}: log loss {loss:.4f}, AUROC {auroc:.3f}, within "
            f"clusters {inside:.3f}",
            flush=True,
        )
    last = chosen([scores[:, 0] for scores in found])
    print(f"{asked.study} {asked.model} chosen: {asked.settings[last]}")


if __name__ == "__main__":
    main()
