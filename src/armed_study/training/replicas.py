"""Replicas (fold x seed) of a model: their seeds, and what a group of them predicts."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from armed.data.lazy_rows import LazyRows, read, rows_at_a_time
from armed.methods.base import Method
from armed.nn.stacking import can_stack
from armed.training.ensemble import Ensemble
from armed.training.fit import FitSettings, Monitor
from armed_study.statistics.auroc import Ranking
from armed_study.training.fold_data import FoldData, Problem, seed_of

Samples = torch.Tensor | LazyRows
"""Samples of a replica, (rows, ...): in memory, or where they are."""


def _log_likelihood(y: np.ndarray, score: np.ndarray) -> float:
    """Mean log likelihood of binary outcomes; probabilities are kept off 0 and 1."""
    tiny = np.finfo(np.float64).eps
    p = np.clip(np.asarray(score, dtype=np.float64), tiny, 1 - tiny)
    return float(np.log(np.where(y == 1, p, 1 - p)).mean())


# Every replica is judged after every epoch: scikit-learn's checks of its input took longer than the
# training of a small network.
MONITORS: dict[str, Monitor] = {
    "auprc": lambda y, score: Ranking.of(y, score).average_precision(),
    "auroc": lambda y, score: Ranking.of(y, score).auroc(),
    "log_loss": _log_likelihood,
}

Scores = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class Replica:
    """One training of a model: a fold and a seed."""

    study: str
    model: str
    fold: FoldData
    seed: int
    config_seed: int

    def seed_for(self, purpose: str) -> int:
        """Seed of one of its random streams."""
        return seed_of(
            self.config_seed,
            self.study,
            self.model,
            fold=self.fold.fold,
            seed=self.seed,
            purpose=purpose,
        )


def replicas_of(problem: Problem, model: str) -> list[Replica]:
    """Every seed of every fold."""
    return [
        Replica(problem.study, model, fold, seed, problem.config_seed)
        for fold in problem.folds
        for seed in range(problem.seeds)
    ]


def groups_of(replicas: list[Replica], first: Method) -> list[list[Replica]]:
    """Replicas to be trained together: all of them if their method allows it, else each alone.

    ``first`` is the method of one of them.
    """
    return [replicas] if can_stack(first) else [[replica] for replica in replicas]


def fit_settings(settings: Mapping[str, Any]) -> FitSettings:
    """Return the ``training`` block, without what the library does not hear of."""
    own = ("monitor", "stop_on")
    return FitSettings(**{k: v for k, v in settings["training"].items() if k not in own})


def monitor(settings: Mapping[str, Any]) -> Monitor:
    """Function that early stopping maximises on the validation rows."""
    return MONITORS[settings["training"].get("monitor", "auprc")]


def progress(
    study: str, model: str, replicas: Sequence[Replica], *, epochs: int
) -> Callable[[int, Mapping[str, float]], None]:
    """Progress bar over epochs on standard error, with the loss terms behind it."""
    first = replicas[0]
    alone = f"fold {first.fold.fold}, seed {first.seed}"
    which = f"{len(replicas)} replicas" if len(replicas) > 1 else alone
    bar = tqdm(total=epochs, desc=f"{study}, {model} ({which})", unit="epoch", file=sys.stderr)

    def show(epoch: int, terms: Mapping[str, float]) -> None:
        bar.set_postfix({name: f"{value:.4g}" for name, value in terms.items()}, refresh=False)
        bar.update()

    return show


def predict(
    ensemble: Ensemble, inputs: Sequence[tuple[Samples, np.ndarray | None]]
) -> list[Scores]:
    """Score each replica's own rows: fixed and (where there is one) mixed, each (rows,).

    Of replicas in a stack always as many rows at a time, so that a row's score does not depend, to
    the last bit, on its company.

    Parameters
    ----------
    ensemble
    inputs
        By replica ``x`` (rows, ...) and ``z``: indices (rows,), weights (rows, clusters) or None for
        a method that does not use it. Rows may differ in number, and be none.
    """
    longest, size = max(len(x) for x, _ in inputs), rows_at_a_time(inputs[0][0].shape[1:])
    parts: dict[str, list[np.ndarray]] = {}
    for start in range(0, longest, size):
        with torch.no_grad():
            scores = ensemble.predict(*_chunk(ensemble, inputs, start, size))
        for effect, values in scores.items():
            parts.setdefault(effect, []).append(values.cpu().numpy())
    joined = {effect: np.concatenate(values, axis=1) for effect, values in parts.items()}
    empty = np.empty((len(inputs), 0), dtype=np.float32)
    fixed, mixed = joined.get("fixed", empty), joined.get("mixed")
    return [
        (fixed[i, : len(x)], None if mixed is None else mixed[i, : len(x)])
        for i, (x, _) in enumerate(inputs)
    ]


def _chunk(
    ensemble: Ensemble,
    inputs: Sequence[tuple[Samples, np.ndarray | None]],
    start: int,
    size: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """``size`` rows of every replica from ``start``, on the device; those there are not are 0.

    Of a replica that is alone only those there are.
    """
    if not ensemble.stacked:
        size = min(size, len(inputs[0][0]) - start)
    shapes = {z.shape[1:] for _, z in inputs if z is not None}
    kind = np.float32 if shapes and len(next(iter(shapes))) else np.int64
    x = torch.zeros(len(ensemble.slots), size, *inputs[0][0].shape[1:])
    z = np.zeros((len(ensemble.slots), size, *next(iter(shapes), ())), dtype=kind)
    for i, (rows, clusters) in enumerate(inputs):
        some = read(rows[start : start + size])
        x[i, : len(some)] = some
        if clusters is not None:
            z[i, : len(some)] = clusters[start : start + size]
    device = ensemble.device
    return x.to(device), torch.from_numpy(z).to(device)


def importance(ensemble: Ensemble, inputs: Sequence[torch.Tensor]) -> np.ndarray:
    """Mean over each replica's rows of ``|d yF / d x_j|``, shape (replicas, columns)."""
    columns = inputs[0].shape[1]
    totals, size = np.zeros((len(inputs), columns)), rows_at_a_time((columns,))
    for start in range(0, max(len(x) for x in inputs), size):
        x, z = _chunk(ensemble, [(rows, None) for rows in inputs], start, size)
        x.requires_grad_()
        fixed = ensemble.predict(x, z)["fixed"]
        (gradient,) = torch.autograd.grad(fixed.sum(), x)
        sizes = [len(rows[start : start + size]) for rows in inputs]
        values = gradient.abs().cpu().numpy().astype(np.float64)
        totals += np.stack([values[i, :n].sum(axis=0) for i, n in enumerate(sizes)])
    counts = np.array([max(len(rows), 1) for rows in inputs])
    return totals / counts[:, None]
