"""Time the replicas of a method as one computation against one replica after the other.

``python benchmarks/replicas.py [--methods armed mldg lmmnn] [--epochs N] [--replicas 50]``

The spirals of `config/config.yaml` (scenario plain, 9,000 training samples), 10 folds x 5 seeds, on
one thread. All ways of training take the same minibatches in the same order:

one by one
    The same `fit` on each replica alone, without padding: the time to beat.
plain loop
    `armed` as an ordinary PyTorch loop, see `plain_armed.py`.
padded
    `fit` on some replicas alone, padded as a stack is: the same arithmetic, so the same result. The
    other two round differently, and thousands of steps of a network of 4 units magnify that
    (``--epochs 1`` shows them before).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from plain_armed import train_plainly
from sklearn.model_selection import StratifiedKFold

from armed import methods
from armed.data.samples import Samples
from armed.methods.base import Method
from armed.training.fit import FitSettings, fit
from armed_study.simulation.spirals import SpiralsSettings, draw_clusters
from armed_study.training.factory import build_method
from armed_study.training.replicas import fit_settings

CONFIG = Path(__file__).parents[1] / "config" / "config.yaml"
BLOCKS = ("network", "training", "adversary", "random_effects")
FOLDS = 10
TOLERANCE = 1e-5
CHECKED = 3


@dataclass(frozen=True)
class Task:
    """What all ways of training are given: samples and seed of each replica, settings."""

    name: str
    blocks: dict[str, Any]
    clusters: int
    train: list[Samples]
    test: list[Samples]
    settings: FitSettings
    steps: int

    def build(self, replica: int) -> Method:
        """Return the method of a replica before training."""
        return build_method(
            methods.load(self.name),
            self.blocks,
            shape=self.train[replica].x.shape[1:],
            clusters=self.clusters,
            seed=replica,
        )


def folds_of(data: dict[str, Any], seed: int) -> list[tuple[Samples, Samples]]:
    """Training and test samples of ten folds, stratified by class and cluster."""
    samples, _ = draw_clusters(replace(SpiralsSettings(**data), unseen_clusters=0), seed)
    z = samples["cluster"].astype("category").cat.codes.to_numpy(np.int64)
    x, y = samples[["x1", "x2"]].to_numpy(np.float32), samples["outcome"].to_numpy(np.float32)
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return [
        tuple(Samples(*(torch.from_numpy(part[rows]) for part in (x, y, z))) for rows in sides)
        for sides in splitter.split(x, 2 * z + y)
    ]


def make_task(name: str, config: dict[str, Any], *, epochs: int | None, replicas: int) -> Task:
    """Return the configured study's model with as many replicas as asked for."""
    study = config["studies"]["spirals_plain"]
    folds = folds_of(study["data"], config["seed"])
    blocks = {key: study[key] for key in BLOCKS} | study["models"].get(name, {})
    blocks.pop("method", None)
    # Effects that gradients move, as the plain loop has them; `estimated.py` times those that are estimated.
    blocks["random_effects"] = study["random_effects"] | {"estimated": False}
    settings = fit_settings(blocks)
    sides = [folds[replica % FOLDS] for replica in range(replicas)]
    return Task(
        name,
        blocks,
        clusters=study["data"]["clusters"],
        train=[train for train, _ in sides],
        test=[test for _, test in sides],
        settings=replace(settings, epochs=epochs or settings.epochs),
        steps=-(-max(len(train.y) for train, _ in folds) // settings.batch_size),
    )


def together(task: Task, which: list[int], **options: Any) -> list[Method]:
    """Train these replicas as one computation."""
    return fit(
        [task.build(replica) for replica in which],
        [task.train[replica] for replica in which],
        settings=task.settings,
        seeds=which,
        steps=task.steps,
        **options,
    ).methods


def one_by_one(task: Task, which: list[int], *, pad: bool = False) -> list[Method]:
    """Train each replica alone."""
    return [together(task, [replica], pad=pad)[0] for replica in which]


def plainly(task: Task, which: list[int]) -> list[Method]:
    """Train each replica by an ordinary loop."""
    return [
        train_plainly(
            task.build(replica),
            task.train[replica],
            settings=task.settings,
            seed=replica,
            steps=task.steps,
        )
        for replica in which
    ]


def timed(train: Callable[[Task, list[int]], list[Method]], task: Task, which: list[int]):
    """Return the trained methods and the seconds that they took."""
    start = time.perf_counter()
    trained = train(task, which)
    return trained, time.perf_counter() - start


def difference(task: Task, some: list[Method], others: list[Method], which: list[int]) -> float:
    """Return the largest difference between two predictions of a test sample."""
    largest = 0.0
    for replica, one, other in zip(which, some, others, strict=True):
        test = task.test[replica]
        with torch.no_grad():
            pairs = [method.eval().predict(test.x, test.z) for method in (one, other)]
        gaps = [(pairs[0][effect] - pairs[1][effect]).abs().max() for effect in pairs[0]]
        largest = max(largest, *(gap.item() for gap in gaps))
    return largest


def measure(task: Task, sample: int | None) -> bool:
    """Print a line for each baseline; whether the same arithmetic gave the same predictions."""
    everyone = list(range(len(task.train)))
    some = spread(everyone, sample or len(everyone))
    joint, seconds = timed(together, task, everyone)
    baselines = {"one by one": (one_by_one, some)}
    if task.name == "armed":
        baselines["plain loop"] = (plainly, some)
    baselines["padded"] = (partial(one_by_one, pad=True), spread(some, CHECKED))
    for label, (train, which) in baselines.items():
        apart, spent = timed(train, task, which)
        spent *= len(everyone) / len(which)
        gap = difference(task, [joint[replica] for replica in which], apart, which)
        note = "" if which == everyone else f"  (time scaled from {len(which)} replicas)"
        print(
            f"{task.name:<8}{len(everyone):>9}{seconds:>12.1f}  {label:<12}{spent:>9.1f}"
            f"{spent / seconds:>8.1f}{gap:>13.1e}{note}",
            flush=True,
        )
    return gap <= TOLERANCE


def spread(replicas: list[int], count: int) -> list[int]:
    """Return so many of the replicas, evenly spread."""
    return [replicas[i * len(replicas) // count] for i in range(min(count, len(replicas)))]


def main() -> int:
    """Print the table; exit code 1 where predictions differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--methods", nargs="+", default=["armed", "mldg", "lmmnn"])
    parser.add_argument("--epochs", type=int, help="default: as configured")
    parser.add_argument("--replicas", type=int, default=50)
    parser.add_argument("--sequential-sample", type=int, help="train so many alone and scale")
    given = parser.parse_args()
    torch.set_num_threads(1)
    config = yaml.safe_load(CONFIG.read_text())
    print(
        f"{'method':<8}{'replicas':>9}{'together, s':>12}  {'baseline':<12}{'s':>9}{'ratio':>8}"
        f"{'difference':>13}"
    )
    agree = [
        measure(
            make_task(name, config, epochs=given.epochs, replicas=given.replicas),
            given.sequential_sample,
        )
        for name in given.methods
    ]
    if not all(agree):
        print(f"predictions differ by more than {TOLERANCE:g}", file=sys.stderr)
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
