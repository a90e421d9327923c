"""Choose the weight of the adversary of a study on its training clusters alone.

``python benchmarks/adversary.py STUDY [--results results] [--model domain_adversarial] [--weights 0 0.1 1]``

for a study of binary outcomes of `config/config.yaml` (``--config``: another) that was prepared before
(``snakemake results/STUDY/features.npy``). Of the training and validation samples of its first fold the
clusters are dealt to a few parts; each part in turn is left out, and networks of every weight are trained on
the others. The rule: the largest weight whose log loss on the clusters left out exceeds the least by no more
than one standard error of that difference over the parts and seeds. No test sample and no unseen cluster
takes part.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from armed import methods
from armed.data.lazy_rows import pick
from armed_study.config import checks, planning
from armed_study.training import load
from armed_study.training.batched_inference import predict
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.replicas import train_replicas

CONFIG = Path(__file__).parents[1] / "config" / "config.yaml"


def chosen(losses: Mapping[float, np.ndarray]) -> float:
    """Return the largest weight whose losses (replicas,) are within a standard error of the least."""
    best = min(losses, key=lambda weight: losses[weight].mean())
    differences = {weight: values - losses[best] for weight, values in losses.items()}
    return max(
        weight
        for weight, values in differences.items()
        if values.mean() <= values.std(ddof=1) / np.sqrt(len(values))
    )


def left_out(fold: FoldData, parts: int) -> Iterator[FoldData]:
    """Give the fold without its test and unseen samples, some clusters in the place of the latter."""
    own = fold.rows("train", "validation")
    clusters = np.random.default_rng(0).permutation(np.unique(fold.z[own]))
    for number, part in enumerate(np.array_split(clusters, parts)):
        partition = np.where(np.isin(fold.partition, ("train", "validation")), fold.partition, "")
        partition[own[np.isin(fold.z[own], part)]] = "unseen"
        yield replace(fold, fold=number, partition=partition)


def losses_of(study: StudyFolds, method: str, settings: Mapping[str, Any]) -> np.ndarray:
    """Log loss on the clusters left out, of the fixed effects, (replicas,)."""
    replicas, found = study.replicas("weight"), []
    stop_by = "validation" if settings["training"].get("patience") else None
    for group, fitted in train_replicas(
        study, replicas, methods.load(method), settings, stop_by=stop_by
    ):
        rows = [replica.fold.rows("unseen") for replica in group]
        none = [np.zeros((len(own), len(study.clusters)), np.float32) for own in rows]
        x = [pick(replica.fold.x, own) for replica, own in zip(group, rows, strict=True)]
        scores = predict(fitted.ensemble, list(zip(x, none, strict=True)))
        for replica, own, (fixed, _) in zip(group, rows, scores, strict=True):
            p = np.clip(fixed.astype(float), 1e-6, 1 - 1e-6)
            found.append(-np.log(np.where(replica.fold.y[own] == 1, p, 1 - p)).mean())
    return np.array(found)


def main() -> None:
    """Print the log loss of every weight, and the weight that the rule chooses."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("study")
    parser.add_argument("--results", default="results")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--model", default="domain_adversarial")
    parser.add_argument("--weights", type=float, nargs="+", default=[0, 0.1, 0.3, 1, 3, 10])
    parser.add_argument("--parts", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--adversary", type=yaml.safe_load, default={}, help="{rate: 5} ...")
    asked = parser.parse_args()
    config = checks.read(yaml.safe_load(asked.config.read_text(encoding="utf-8")))
    study = planning.plan(config)[asked.study]
    paths = {n: p.replace("<results>", asked.results) for n, p in study.fold_files.items()}
    read = {"scatteritem": "1-of-1", "seeds": asked.seeds, "config_seed": study.seed}
    whole = load.read_study(paths, **read)
    folds = replace(whole, folds=tuple(left_out(whole.folds[0], asked.parts)), train_sizes=())
    method, settings = study.method(asked.model).name, study.model_settings(asked.model)
    settings["adversary"] = settings["adversary"] | asked.adversary
    losses = {}
    for weight in asked.weights:
        losses[weight] = losses_of(folds, method, settings | {"adversary_weight": weight})
        print(f"{asked.study} {asked.model} {weight:g} log loss {losses[weight].mean():.4f}")
    print(f"{asked.study} {asked.model} chosen {chosen(losses):g}")


if __name__ == "__main__":
    main()
